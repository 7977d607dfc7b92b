//! A draft exists only when it is right; a journal keeps what it was given; codes mean what they say.
#![expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]

use epay_ledger::recipes::{self, Line, RailAccounts, ReceiptParts};
use epay_ledger::{
    ACCOUNT_CODE_LENGTH_MAX, AccountClass, AccountCode, Draft, JournalKind, LedgerError,
    POSTINGS_MAX, Posting, SOURCE_LENGTH_MAX, Side, chart, reversal,
};
use epay_money::{BillerId, Currency, JournalId};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect(text)
}

fn debit(account: &str, minor: i64) -> Posting {
    Posting::debit(code(account), minor)
}

fn credit(account: &str, minor: i64) -> Posting {
    Posting::credit(code(account), minor)
}

fn rail() -> RailAccounts {
    RailAccounts {
        clearing: code("1110"),
        fee_expense: code("5010.fps"),
        fee_accrued: code("2310.fps"),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a case")]
fn only_balanced_postings_of_known_accounts_make_a_draft() {
    let many = |count: usize| {
        let lines = (1..count).map(|_| credit("2010.rvd", 1));
        let total = i64::try_from(count).expect("small") - 1;
        [debit("1110", total)]
            .into_iter()
            .chain(lines)
            .collect::<Vec<_>>()
    };
    let not_positive = |minor| LedgerError::NotPositive {
        account: code("1110"),
        minor,
    };
    for (name, postings, expected) in [
        ("balanced", vec![debit("1110", 5), credit("2110", 5)], None),
        ("the most postings", many(POSTINGS_MAX), None),
        (
            "none",
            vec![],
            Some(LedgerError::TooFewPostings { count: 0 }),
        ),
        (
            "one",
            vec![debit("1110", 5)],
            Some(LedgerError::TooFewPostings { count: 1 }),
        ),
        (
            "too many",
            many(POSTINGS_MAX + 1),
            Some(LedgerError::TooManyPostings {
                count: POSTINGS_MAX + 1,
            }),
        ),
        (
            "zero",
            vec![debit("1110", 0), credit("2110", 0)],
            Some(not_positive(0)),
        ),
        (
            "less than zero",
            vec![debit("1110", -5), credit("2110", -5)],
            Some(not_positive(-5)),
        ),
        (
            "unbalanced",
            vec![debit("1110", 5), credit("2110", 4)],
            Some(LedgerError::Unbalanced {
                currency: Currency::Hkd,
                debit_minor: 5,
                credit_minor: 4,
            }),
        ),
        (
            "one side only",
            vec![debit("1110", 5), debit("2110", 5)],
            Some(LedgerError::Unbalanced {
                currency: Currency::Hkd,
                debit_minor: 10,
                credit_minor: 0,
            }),
        ),
        (
            "outside the chart",
            vec![debit("1110", 5), credit("3000", 5)],
            Some(LedgerError::UnknownAccount {
                account: code("3000"),
            }),
        ),
        (
            "too large",
            vec![debit("1110", i64::MAX), debit("1110", 1), credit("2110", 1)],
            Some(LedgerError::Overflow),
        ),
    ] {
        let found = Draft::new(JournalKind::Receipt, Currency::Hkd, postings);
        assert_eq!(found.as_ref().err(), expected.as_ref(), "{name}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a case")]
fn an_account_stands_only_where_its_recipe_lets_it() {
    let hkd = Currency::Hkd;
    let line = |account: &str| Line {
        account: code(account),
        minor: 100,
    };
    let wrong_rail = |clearing: &str, expense: &str, accrued: &str| RailAccounts {
        clearing: code(clearing),
        fee_expense: code(expense),
        fee_accrued: code(accrued),
    };
    for (name, found, account) in [
        (
            "a bill paid from the bank",
            recipes::receipt(
                &wrong_rail("1010", "5010", "2310"),
                hkd,
                &one_line("2010.rvd"),
            ),
            "1010",
        ),
        (
            "a receipt into suspense as a line",
            recipes::receipt(&rail(), hkd, &one_line("2110")),
            "2110",
        ),
        (
            "a fee that is no expense",
            recipes::fee_accrual(&wrong_rail("1110", "2310", "2310"), hkd, 1),
            "2310",
        ),
        (
            "a fee owed to nobody",
            recipes::fee_accrual(&wrong_rail("1110", "5010", "5010"), hkd, 1),
            "5010",
        ),
        (
            "a sweep into another account",
            recipes::sweep(&rail(), &code("1110"), hkd, 1),
            "1110",
        ),
        (
            "a remittance of suspense",
            recipes::debit_was_remittance(hkd, &[line("2110")]),
            "2110",
        ),
        (
            "a match to the bank",
            recipes::match_unapplied(hkd, &[line("1010")]),
            "1010",
        ),
        (
            "a refund of applied money",
            recipes::refund_approved(&code("2010.rvd"), hkd, 1),
            "2010.rvd",
        ),
        (
            "a refund debited elsewhere",
            recipes::refund_debited(&code("1110"), hkd, 1),
            "1110",
        ),
        (
            "credit forward to suspense",
            recipes::credit_forward(hkd, &line("2120")),
            "2120",
        ),
    ] {
        assert!(
            matches!(&found, Err(LedgerError::WrongAccount { account: refused, .. }) if refused.as_str() == account),
            "{name}: {found:?}"
        );
    }
    assert_eq!(rail().check(), Ok(()));
    assert!(wrong_rail("2110", "5010", "2310").check().is_err());
}

fn one_line(account: &str) -> ReceiptParts {
    ReceiptParts {
        applied: vec![Line {
            account: code(account),
            minor: 100,
        }],
        ..ReceiptParts::default()
    }
}

#[test]
fn a_receipt_of_nothing_or_less_is_refused() {
    let parts = ReceiptParts::default();
    let nothing = recipes::receipt(&rail(), Currency::Hkd, &parts);
    assert_eq!(nothing, Err(LedgerError::TooFewPostings { count: 1 }));
    let parts = ReceiptParts {
        overpaid_minor: -1,
        unapplied_minor: 2,
        ..ReceiptParts::default()
    };
    let negative = recipes::receipt(&rail(), Currency::Hkd, &parts);
    assert_eq!(
        negative,
        Err(LedgerError::NotPositive {
            account: code("2120"),
            minor: -1
        })
    );
    let parts = ReceiptParts {
        overpaid_minor: i64::MAX,
        unapplied_minor: 1,
        ..ReceiptParts::default()
    };
    assert_eq!(
        recipes::receipt(&rail(), Currency::Hkd, &parts),
        Err(LedgerError::Overflow)
    );
}

#[test]
fn an_account_code_is_four_digits_and_parts() {
    let longest = format!("2010.{}.{}", "b".repeat(32), "l".repeat(32));
    assert_eq!(longest.len(), ACCOUNT_CODE_LENGTH_MAX);
    for good in ["1110", "5010.fps", "2010.rvd.02-gr", "9010.a.b.c", &longest] {
        let read: AccountCode = good.parse().expect(good);
        assert_eq!(read.to_string(), good);
        assert!(good.starts_with(read.head()) && read.head().len() == 4);
        assert_eq!(
            read.parts().collect::<Vec<_>>(),
            good.split('.').skip(1).collect::<Vec<_>>()
        );
    }
    let too_long = format!("{longest}x");
    for bad in [
        "",
        "111",
        "11100",
        "111a",
        "1110.",
        "1110..a",
        ".1110",
        "1110.RVD",
        "1110.a b",
        "1110.é",
        "１１１０",
        &too_long,
    ] {
        assert!(bad.parse::<AccountCode>().is_err(), "{bad:?}");
    }
    assert_eq!(
        code("2010")
            .child("rvd")
            .and_then(|account| account.child("02-gr")),
        Ok(code("2010.rvd.02-gr"))
    );
    assert!(code("2010").child("").is_err());
}

#[test]
fn the_chart_is_in_order_and_agrees_with_its_classes() {
    let codes: Vec<&str> = chart::CHART.iter().map(|row| row.code).collect();
    assert!(codes.is_sorted_by(|left, right| left < right), "{codes:?}");
    for row in chart::CHART {
        assert!(
            AccountCode::new(row.code).is_ok_and(|account| account == row.account()),
            "{}",
            row.code
        );
        let class = match row.code.as_bytes().first() {
            Some(b'1') => AccountClass::Asset,
            Some(b'2') => AccountClass::Liability,
            Some(b'5') => AccountClass::Expense,
            _ => AccountClass::Memorandum,
        };
        assert_eq!(row.class, class, "{}", row.code);
        assert!(
            class.natural_side().is_none_or(|side| side == row.natural),
            "{}",
            row.code
        );
        let holds_money = ("2110".."2170").contains(&row.code);
        assert_eq!(row.never_negative, holds_money, "{}", row.code);
        assert_eq!(chart::chart_row(&row.account()), Some(row));
    }
    assert_eq!(
        chart::chart_row(&code("2010.rvd.02-gr")).map(|row| row.code),
        Some("2010")
    );
    assert_eq!(chart::chart_row(&code("4000")), None);
}

#[test]
fn kinds_have_stable_codes() {
    for kind in JournalKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        assert_eq!(kind.to_string(), kind.as_str());
    }
    assert!("Receipt".parse::<JournalKind>().is_err());
}

#[test]
fn a_journal_keeps_what_it_was_given_and_its_mirror_names_it() {
    let draft =
        || recipes::receipt(&rail(), Currency::Hkd, &one_line("2010.rvd")).expect("a draft");
    let book = BillerId::new("rvd").expect("a biller");
    let id = JournalId::new(Uuid::from_u128(7));
    let at: Timestamp = "2026-01-20T15:58:00.123456789Z"
        .parse()
        .expect("an instant");
    let journal = draft()
        .journal(id, book.clone(), at, date(2026, 1, 21), "receipt-7")
        .expect("a journal");
    assert_eq!(journal.id(), id);
    assert_eq!(journal.book(), &book);
    assert_eq!(journal.source(), "receipt-7");
    assert_eq!(journal.total_minor(), 100);
    assert_eq!(
        journal.posted_at().to_string(),
        "2026-01-20T15:58:00.123456Z"
    );
    assert_eq!(journal.reverses(), None);

    let mirror = reversal(&journal);
    assert_eq!(
        (mirror.kind(), mirror.reverses()),
        (JournalKind::Reversal, Some(id))
    );
    let sides = |postings: &[Posting]| {
        postings
            .iter()
            .map(|posting| posting.side)
            .collect::<Vec<Side>>()
    };
    assert_eq!(sides(journal.postings()), [Side::Debit, Side::Credit]);
    assert_eq!(sides(mirror.postings()), [Side::Credit, Side::Debit]);

    for length in [0, SOURCE_LENGTH_MAX + 1] {
        let refused = draft().journal(id, book.clone(), at, date(2026, 1, 21), "é".repeat(length));
        assert_eq!(refused, Err(LedgerError::SourceLength { length }));
    }
    assert!(
        draft()
            .journal(
                id,
                book,
                at,
                date(2026, 1, 21),
                "é".repeat(SOURCE_LENGTH_MAX)
            )
            .is_ok()
    );
}
