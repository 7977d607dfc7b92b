//! The worked journals of `data/worked.txt`: the recipes must write exactly what a clerk would, and in the end each
//! account must stand where the clerk says.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test stops it as the test itself would"
)]

use std::collections::BTreeMap;

use epay_ledger::balances::{Balances, breaches, fold};
use epay_ledger::recipes::{
    self, Line, RailAccounts, ReceiptParts, ReturnedParts, SettlementParts,
};
use epay_ledger::{AccountCode, Draft, Journal, LedgerError, Side, reversal};
use epay_money::{BillerId, Currency, JournalId, Money};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

const WORKED: &str = include_str!("data/worked.txt");

fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect(text)
}

fn cents(text: &str) -> i64 {
    Money::parse(text, Currency::Hkd).expect(text).minor()
}

fn accounts(clearing: &str, name: &str) -> RailAccounts {
    RailAccounts {
        clearing: code(clearing),
        fee_expense: code(&format!("5010.{name}")),
        fee_accrued: code(&format!("2310.{name}")),
    }
}

fn rail() -> RailAccounts {
    accounts("1110", "fps")
}

/// The rail of a call such as `card_settlement`, and the recipe without it; the first rail where none is named.
fn rail_of(call: &str) -> (RailAccounts, &str) {
    let rails = [
        ("card_", "1120"),
        ("pps_", "1130"),
        ("wallet_", "1140"),
        ("cheque_", "1150"),
        ("told_", "1180"),
    ];
    for (prefix, clearing) in rails {
        if let Some(recipe) = call.strip_prefix(prefix) {
            return (accounts(clearing, prefix.trim_end_matches('_')), recipe);
        }
    }
    (rail(), call)
}

/// A line of the clerk: side, account, cents.
type Written = (Side, AccountCode, i64);

fn written(side: &str, account: &str, amount: &str) -> Written {
    let side = match side {
        "Dr" => Side::Debit,
        "Cr" => Side::Credit,
        other => panic!("{other} is no side"),
    };
    (side, code(account), cents(amount))
}

/// One book of the file under test.
struct Case<'a> {
    name: &'a str,
    book: BillerId,
    journals: Vec<Journal>,
    /// What the recipe of the last call wrote and the clerk has not yet confirmed.
    open: Vec<Written>,
    left: BTreeMap<AccountCode, i64>,
}

impl<'a> Case<'a> {
    fn new(name: &'a str, book: &str) -> Self {
        let book = BillerId::new(book).expect(book);
        Self {
            name,
            book,
            journals: Vec::new(),
            open: Vec::new(),
            left: BTreeMap::new(),
        }
    }

    /// Runs a recipe; what the one before wrote must have been confirmed to the last line.
    fn call(&mut self, words: &[&str]) {
        assert_eq!(
            self.open,
            [],
            "{}: lines the clerk did not write",
            self.name
        );
        let draft = draft(words, self.journals.last());
        let place = u128::try_from(self.journals.len()).expect("small");
        let id = JournalId::new(Uuid::from_u128(place + 1));
        let journal = draft
            .journal(
                id,
                self.book.clone(),
                Timestamp::UNIX_EPOCH,
                date(2026, 1, 20),
                "worked",
            )
            .expect("a journal");
        self.open = journal
            .postings()
            .iter()
            .map(|posting| (posting.side, posting.account.clone(), posting.minor))
            .rev()
            .collect();
        self.journals.push(journal);
    }

    fn line(&mut self, line: &Written) {
        assert_eq!(self.open.pop().as_ref(), Some(line), "{}", self.name);
    }

    fn finish(&self) {
        assert_eq!(
            self.open,
            [],
            "{}: lines the clerk did not write",
            self.name
        );
        let balances: Balances = fold(&self.journals).expect("adds up");
        let found: BTreeMap<AccountCode, i64> = balances
            .into_iter()
            .map(|(key, totals)| (key.account, totals.balance(Side::Debit)))
            .filter(|(_, balance)| *balance != 0)
            .collect();
        assert_eq!(found, self.left, "{}: what is left", self.name);
        let all = fold(&self.journals).expect("adds up");
        assert_eq!(breaches(&all).expect("adds up"), [], "{}", self.name);
    }
}

fn draft(words: &[&str], last: Option<&Journal>) -> Draft {
    let (hkd, bank) = (Currency::Hkd, code("1010"));
    let line = |account: &str, amount: &str| Line {
        account: code(account),
        minor: cents(amount),
    };
    let (call, rest) = words.split_first().expect("a call");
    let (rail, recipe) = rail_of(call);
    let words: Vec<&str> = [recipe].into_iter().chain(rest.iter().copied()).collect();
    let made = match *words.as_slice() {
        ["receipt", ref parts @ ..] => recipes::receipt(&rail, hkd, &receipt_parts(parts)),
        ["conditional_receipt", ref parts @ ..] => {
            recipes::conditional_receipt(hkd, &receipt_parts(parts))
        }
        ["authorisation", amount] => recipes::authorisation(hkd, cents(amount)),
        ["conditional", amount] => {
            recipes::conditional(&accounts("1150", "cheque"), hkd, cents(amount))
        }
        ["promise_honoured", amount] => recipes::promise_honoured(&rail, hkd, cents(amount)),
        ["returned_unpaid", from, due, overpaid, duplicate] => {
            let parts = ReturnedParts {
                due_minor: cents(due),
                overpaid_minor: cents(overpaid),
                duplicate_minor: cents(duplicate),
                unapplied_minor: 0,
            };
            recipes::returned_unpaid(&code(from), hkd, parts)
        }
        ["settlement", gross, fee, seen] => {
            let parts = SettlementParts {
                gross_minor: cents(gross),
                fee_minor: cents(fee),
                seen_minor: cents(seen),
            };
            recipes::settlement(&rail, &bank, hkd, parts)
        }
        ["chargeback", amount, fee] => {
            recipes::chargeback(&accounts("1120", "card"), hkd, cents(amount), cents(fee))
        }
        ["chargeback_reversed", amount, fee] => {
            recipes::chargeback_reversed(&accounts("1120", "card"), hkd, cents(amount), cents(fee))
        }
        ["fee_accrual", amount] => recipes::fee_accrual(&rail, hkd, cents(amount)),
        ["sweep", amount] => recipes::sweep(&rail, &bank, hkd, cents(amount)),
        ["match_unapplied", account, amount] => {
            recipes::match_unapplied(hkd, &[line(account, amount)])
        }
        ["credit_forward", account, amount] => recipes::credit_forward(hkd, &line(account, amount)),
        ["refund_approved", from, amount] => {
            recipes::refund_approved(&code(from), hkd, cents(amount))
        }
        ["refund_of_applied", from, amount] => {
            recipes::refund_of_applied(&code(from), hkd, cents(amount))
        }
        ["refund_netted", amount] => recipes::refund_netted(&rail, hkd, cents(amount)),
        ["clawback", from, account, amount] => {
            recipes::clawback(&code(from), hkd, &[line(account, amount)])
        }
        ["refund_came_back", amount] => {
            recipes::refund_came_back(&code("1180"), hkd, cents(amount))
        }
        ["refund_sent", amount] => recipes::refund_sent(hkd, cents(amount)),
        ["refund_debited", amount] => recipes::refund_debited(&bank, hkd, cents(amount)),
        ["refund_rejected", amount] => recipes::refund_rejected(hkd, cents(amount)),
        ref other => reconciled(other, &rail, last),
    };
    made.expect("a draft")
}

/// The recipes of statements and of what people decide about differences.
fn reconciled(
    words: &[&str],
    rail: &RailAccounts,
    last: Option<&Journal>,
) -> Result<Draft, LedgerError> {
    let (hkd, bank) = (Currency::Hkd, code("1010"));
    match *words {
        ["shortfall_received", amount] => {
            recipes::shortfall_received(rail, &bank, hkd, cents(amount))
        }
        ["surplus_returned", amount] => recipes::surplus_returned(rail, &bank, hkd, cents(amount)),
        ["unidentified_credit", amount] => recipes::unidentified_credit(&bank, hkd, cents(amount)),
        ["unexpected_debit", amount] => recipes::unexpected_debit(&bank, hkd, cents(amount)),
        ["credit_identified", amount] => {
            let parts = SettlementParts {
                gross_minor: cents(amount),
                fee_minor: 0,
                seen_minor: cents(amount),
            };
            recipes::settlement(rail, &code("2190"), hkd, parts)
        }
        ["return_debited", from, amount] => {
            recipes::return_debited(&code(from), hkd, cents(amount))
        }
        ["debit_short", told, amount] => recipes::debit_short(&code(told), hkd, cents(amount)),
        ["debit_was_fee_invoice", amount] => {
            recipes::debit_was_fee_invoice(rail, hkd, cents(amount))
        }
        ["debit_was_remittance", account, amount] => {
            let line = Line {
                account: code(account),
                minor: cents(amount),
            };
            recipes::debit_was_remittance(hkd, &[line])
        }
        ["held_to_suspense", from, amount] => {
            recipes::held_to_suspense(&code(from), hkd, cents(amount))
        }
        ["write_off", from, amount] => recipes::write_off(&code(from), hkd, cents(amount)),
        ["department_claim", department, from, amount] => {
            recipes::department_claim(&code(department), &code(from), hkd, cents(amount))
        }
        ["chargeback_lost", department, amount] => {
            recipes::chargeback_lost(&code(department), hkd, cents(amount))
        }
        ["fee_claimed", amount] => recipes::fee_claimed(rail, hkd, cents(amount)),
        ["reversal"] => Ok(reversal(last.expect("something to reverse"))),
        ref other => panic!("{other:?} is no recipe"),
    }
}

fn receipt_parts(words: &[&str]) -> ReceiptParts {
    let mut parts = ReceiptParts::default();
    let mut rest = words;
    loop {
        rest = match *rest {
            [] => return parts,
            ["applied", account, amount, ref rest @ ..] => {
                parts.applied.push(Line {
                    account: code(account),
                    minor: cents(amount),
                });
                rest
            }
            ["forward", account, amount, ref rest @ ..] => {
                parts.credit_forward = Some(Line {
                    account: code(account),
                    minor: cents(amount),
                });
                rest
            }
            ["overpaid", amount, ref rest @ ..] => {
                parts.overpaid_minor = cents(amount);
                rest
            }
            ["duplicate", amount, ref rest @ ..] => {
                parts.duplicate_minor = cents(amount);
                rest
            }
            ["unapplied", amount, ref rest @ ..] => {
                parts.unapplied_minor = cents(amount);
                rest
            }
            ref other => panic!("{other:?} is no part of a receipt"),
        };
    }
}

#[test]
fn the_recipes_write_what_a_clerk_would() {
    let mut names = Vec::new();
    let mut case: Option<Case<'_>> = None;
    for text in WORKED
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let words: Vec<&str> = text.split_whitespace().collect();
        match (words.as_slice(), &mut case) {
            (["book", name, book], before) => {
                if let Some(before) = before {
                    before.finish();
                }
                names.push(*name);
                case = Some(Case::new(name, book));
            }
            (["=", call @ ..], Some(case)) => case.call(call),
            (["left", account, side, amount], Some(case)) => {
                let (side, account, minor) = written(side, account, amount);
                let signed = if side == Side::Debit { minor } else { -minor };
                case.left.insert(account, signed);
            }
            ([side, account, amount], Some(case)) => case.line(&written(side, account, amount)),
            (other, _) => panic!("{other:?} cannot be read"),
        }
    }
    case.expect("a book").finish();
    for wanted in [
        "J01", "J02", "J03", "J04", "J05", "J06", "J07", "J08", "J09", "J10", "J10-lost", "J11",
        "J12", "J13", "J14", "J15",
    ] {
        assert!(names.contains(&wanted), "{wanted} is not worked");
    }
}
