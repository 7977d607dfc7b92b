//! Balances and invariants: whatever is posted by recipes, the books stay in balance.
#![expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]

use epay_ledger::balances::{AccountKey, Balances, Breach, Totals, breaches, fold};
use epay_ledger::recipes::{self, Line, RailAccounts, ReceiptParts};
use epay_ledger::{AccountCode, Draft, Journal, JournalKind, Posting, Side, reversal};
use epay_money::{BillerId, Currency, JournalId};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect(text)
}

fn journal(n: usize, book: &str, draft: Draft) -> Journal {
    let id = JournalId::new(Uuid::from_u128(u128::try_from(n).expect("small")));
    let book = BillerId::new(book).expect(book);
    draft
        .journal(id, book, Timestamp::UNIX_EPOCH, date(2026, 1, 20), "test")
        .expect("a journal")
}

fn key(book: &str, account: &str, currency: Currency) -> AccountKey {
    AccountKey {
        book: BillerId::new(book).expect(book),
        account: code(account),
        currency,
    }
}

/// Any receipt: its parts, a currency and a book.
fn any_receipt() -> impl Strategy<Value = (Draft, &'static str)> {
    let part = 0_i64..1_000_000;
    let lines = prop::collection::vec(
        (
            prop::sample::select(vec!["2010.rvd.02-gr", "2010.wsd.10-water"]),
            1_i64..1_000_000,
        ),
        0..4,
    );
    let book = prop::sample::select(vec!["rvd", "wsd", "ird"]);
    let currency = prop::sample::select(Currency::ALL.to_vec());
    (
        lines,
        part.clone(),
        part.clone(),
        1_i64..1_000_000,
        book,
        currency,
    )
        .prop_map(
            |(lines, overpaid_minor, duplicate_minor, unapplied_minor, book, currency)| {
                let applied = lines
                    .into_iter()
                    .map(|(account, minor)| Line {
                        account: code(account),
                        minor,
                    })
                    .collect();
                let parts = ReceiptParts {
                    applied,
                    overpaid_minor,
                    duplicate_minor,
                    unapplied_minor,
                    credit_forward: None,
                };
                let rail = RailAccounts {
                    clearing: code("1110"),
                    fee_expense: code("5010.fps"),
                    fee_accrued: code("2310.fps"),
                };
                (
                    recipes::receipt(&rail, currency, &parts).expect("a draft"),
                    book,
                )
            },
        )
}

fn any_journals() -> impl Strategy<Value = Vec<Journal>> {
    prop::collection::vec(any_receipt(), 0..20).prop_map(|drafts| {
        drafts
            .into_iter()
            .enumerate()
            .map(|(n, (draft, book))| journal(n, book, draft))
            .collect()
    })
}

proptest! {
    #[test]
    fn receipts_keep_every_book_in_balance(journals in any_journals()) {
        let balances = fold(&journals).expect("adds up");
        prop_assert_eq!(breaches(&balances).expect("adds up"), []);
        let debits: i64 = balances.values().map(|totals| totals.debit).sum();
        let credits: i64 = balances.values().map(|totals| totals.credit).sum();
        prop_assert_eq!(debits, credits);
    }

    #[test]
    fn the_order_of_journals_does_not_matter(journals in any_journals(), turn in 0_usize..20) {
        let mut turned = journals.clone();
        turned.rotate_left(turn.min(journals.len()));
        prop_assert_eq!(fold(&journals), fold(&turned));
    }

    #[test]
    fn a_journal_and_its_reversal_leave_nothing(journals in any_journals()) {
        let mirrors: Vec<Journal> =
            journals.iter().enumerate().map(|(n, of)| journal(1_000 + n, of.book().as_str(), reversal(of))).collect();
        let balances = fold(journals.iter().chain(&mirrors)).expect("adds up");
        prop_assert!(balances.values().all(|totals| totals.balance(Side::Debit) == 0));
    }

    #[test]
    fn folding_in_two_parts_is_folding_at_once(journals in any_journals(), cut in 0_usize..20) {
        let (first, second) = journals.split_at(cut.min(journals.len()));
        let mut both = fold(first).expect("adds up");
        for (key, totals) in fold(second).expect("adds up") {
            let sum = both.entry(key).or_default();
            *sum = sum.plus(totals).expect("adds up");
        }
        prop_assert_eq!(both, fold(&journals).expect("adds up"));
    }
}

#[test]
fn two_currencies_of_one_code_are_two_accounts() {
    let draft = |currency| {
        let postings = vec![
            Posting::debit(code("1110"), 5),
            Posting::credit(code("2110"), 5),
        ];
        Draft::new(JournalKind::Receipt, currency, postings).expect("a draft")
    };
    let balances = fold(&[
        journal(1, "rvd", draft(Currency::Hkd)),
        journal(2, "rvd", draft(Currency::Cny)),
    ])
    .expect("adds up");
    assert_eq!(balances.len(), 4);
}

#[test]
fn each_broken_rule_is_named() {
    let hkd = Currency::Hkd;
    let book = || BillerId::new("rvd").expect("a biller");
    let debit = |debit| Totals { debit, credit: 0 };
    let credit = |credit| Totals { debit: 0, credit };
    for (name, accounts, expected) in [
        (
            "health",
            vec![("1110", debit(5)), ("2010.rvd", credit(5))],
            vec![],
        ),
        (
            "a trial balance",
            vec![("1110", debit(5)), ("2010.rvd", credit(4))],
            vec![Breach::TrialBalance {
                book: book(),
                currency: hkd,
                totals: Totals {
                    debit: 5,
                    credit: 4,
                },
            }],
        ),
        (
            "suspense below zero",
            vec![("2110", debit(5)), ("2010.rvd", credit(5))],
            vec![Breach::Negative {
                key: key("rvd", "2110", hkd),
                balance_minor: -5,
            }],
        ),
        (
            "a conditional receipt without its cheque",
            vec![("1110", debit(5)), ("2160", credit(5))],
            vec![Breach::Unequal {
                book: book(),
                currency: hkd,
                left: ("1150", 0),
                right: ("2160", 5),
            }],
        ),
        (
            "an authorisation without its contra",
            vec![("9010", debit(5)), ("2010.rvd", credit(5))],
            vec![Breach::Unequal {
                book: book(),
                currency: hkd,
                left: ("9010", 5),
                right: ("9020", 0),
            }],
        ),
        (
            "both sides of a pair",
            vec![("1150", debit(5)), ("2160", credit(5))],
            vec![],
        ),
        // Money owed by a department is a claim, not a breach.
        (
            "a department below zero",
            vec![("2010.rvd", debit(5)), ("1010", credit(5))],
            vec![],
        ),
    ] {
        let balances: Balances = accounts
            .into_iter()
            .map(|(account, totals)| (key("rvd", account, hkd), totals))
            .collect();
        assert_eq!(breaches(&balances).expect("adds up"), expected, "{name}");
    }
}

#[test]
fn a_breach_reads_as_a_sentence() {
    let breach = Breach::Negative {
        key: key("rvd", "2110", Currency::Hkd),
        balance_minor: -5,
    };
    assert_eq!(
        breach.to_string(),
        "account rvd 2110 (HKD) may not be negative and stands at -5 cents"
    );
}
