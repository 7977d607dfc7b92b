//! Credits as tables: what comes, to which bill, and where every cent goes (worked journals J01, J07, J08,
//! J11, J15 of the accounting page, and the ways in which money can be wrong).

use crate::support::{self, EXACT, FORWARD, PART, WHOLE, at, id};
use epay_domain::bill::{BillState, split_over_lines};
use epay_domain::credit::{Credit, Debit, Decision, FeesDue, Match, decide, fees_journal};
use epay_domain::payment::PaymentState;
use epay_domain::{MatchedBy, Policy};
use epay_ledger::recipes::RailAccounts;
use epay_ledger::{AccountCode, Journal, Side};
use epay_money::{BillerId, Currency, JournalId, MessageId, Money, RailId, ReceiptId};
use proptest::prelude::*;

fn accounts() -> RailAccounts {
    let code = |text: &str| AccountCode::new(text).unwrap();
    RailAccounts {
        clearing: code("1110"),
        fee_expense: code("5010.test"),
        fee_accrued: code("2310.test"),
    }
}

fn credit<'a>(accounts: &'a RailAccounts, amount: Money, instructed_at: &str) -> Credit<'a> {
    Credit {
        receipt: ReceiptId::new(id(10)),
        journal: JournalId::new(id(11)),
        fee_journal: JournalId::new(id(12)),
        book: BillerId::new("rvd").unwrap(),
        rail: RailId::new("test").unwrap(),
        accounts,
        fee_minor: 80,
        part: 1,
        tell_minor: Some(amount.minor()),
        debit: Debit::Clearing,
        message: MessageId::new(id(13)),
        rail_account: "999000000201".into(),
        rail_reference: "BANK-1".into(),
        amount,
        instructed_at: at(instructed_at),
        receipt_business_date: "2026-01-21".parse().unwrap(),
        value_date: "2026-01-21".parse().unwrap(),
    }
}

/// "Dr 1110 3720.00 | Cr 2010.rvd.02-gr 3720.00"
fn journal_text(decision: &Decision) -> String {
    text_of(&decision.journals[0])
}

fn text_of(journal: &Journal) -> String {
    let lines: Vec<String> = journal
        .postings()
        .iter()
        .map(|posting| {
            let side = match posting.side {
                Side::Debit => "Dr",
                Side::Credit => "Cr",
            };
            format!(
                "{side} {} {}",
                posting.account,
                Money::hkd(posting.minor).to_decimal()
            )
        })
        .collect();
    lines.join(" | ")
}

fn run(bill_minor: i64, before: i64, state: BillState, policy: Policy, paid: Money) -> Decision {
    let mut bill = support::bill(bill_minor);
    bill.applied_minor = before;
    bill.state = state;
    let kind = support::bill_type(policy);
    let accounts = accounts();
    let credit = credit(&accounts, paid, "2026-01-20T08:00:00Z");
    let matched = Match {
        bill: Some((&bill, &kind)),
        payment: None,
        by: MatchedBy::BillNumber,
    };
    decide(&credit, matched, support::now()).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a case")]
fn every_cent_of_a_credit_is_booked_where_the_policy_says() {
    use BillState::{Open, Paid, PartPaid, Withdrawn};
    let hkd = Money::hkd;
    type Row = (i64, i64, BillState, Policy, Money, BillState, &'static str);
    let rows: &[Row] = &[
        // J01: all of it.
        (
            372_000,
            0,
            Open,
            PART,
            hkd(372_000),
            Paid,
            "Dr 1110 3720.00 | Cr 2010.rvd.02-gr 3720.00",
        ),
        // J15: a part.
        (
            2_700_000,
            0,
            Open,
            PART,
            hkd(2_000_000),
            PartPaid,
            "Dr 1110 20000.00 | Cr 2010.rvd.02-gr 20000.00",
        ),
        (
            2_700_000,
            2_000_000,
            PartPaid,
            PART,
            hkd(700_000),
            Paid,
            "Dr 1110 7000.00 | Cr 2010.rvd.02-gr 7000.00",
        ),
        // J07: too much.
        (
            36_003,
            0,
            Open,
            PART,
            hkd(50_000),
            Paid,
            "Dr 1110 500.00 | Cr 2010.rvd.02-gr 360.03 | Cr 2120 139.97",
        ),
        (
            36_003,
            0,
            Open,
            FORWARD,
            hkd(50_000),
            Paid,
            "Dr 1110 500.00 | Cr 2010.rvd.02-gr 360.03 | Cr 2010.rvd.02-gr 139.97",
        ),
        // J08: paid already.
        (
            372_000,
            372_000,
            Paid,
            PART,
            hkd(372_000),
            Paid,
            "Dr 1110 3720.00 | Cr 2130 3720.00",
        ),
        (
            372_000,
            372_000,
            Paid,
            EXACT,
            hkd(100),
            Paid,
            "Dr 1110 1.00 | Cr 2130 1.00",
        ),
        // Less than a bill that must be paid whole, and not exactly what only the exact amount discharges.
        (
            372_000,
            0,
            Open,
            WHOLE,
            hkd(372_000),
            Paid,
            "Dr 1110 3720.00 | Cr 2010.rvd.02-gr 3720.00",
        ),
        (
            372_000,
            0,
            Open,
            WHOLE,
            hkd(371_999),
            Open,
            "Dr 1110 3719.99 | Cr 2110 3719.99",
        ),
        (
            40_000,
            0,
            Open,
            EXACT,
            hkd(40_000),
            Paid,
            "Dr 1110 400.00 | Cr 2010.rvd.02-gr 400.00",
        ),
        (
            40_000,
            0,
            Open,
            EXACT,
            hkd(40_001),
            Open,
            "Dr 1110 400.01 | Cr 2110 400.01",
        ),
        (
            40_000,
            0,
            Open,
            EXACT,
            hkd(39_999),
            Open,
            "Dr 1110 399.99 | Cr 2110 399.99",
        ),
        // Withdrawn, or in another currency.
        (
            372_000,
            0,
            Withdrawn,
            PART,
            hkd(372_000),
            Withdrawn,
            "Dr 1110 3720.00 | Cr 2110 3720.00",
        ),
        (
            372_000,
            0,
            Open,
            PART,
            Money::new(372_000, Currency::Cny),
            Open,
            "Dr 1110 3720.00 | Cr 2110 3720.00",
        ),
    ];
    for (amount, before, state, policy, paid, expected_state, expected) in rows {
        let decision = run(*amount, *before, *state, *policy, *paid);
        let (bill, _events) = decision.bill.as_ref().unwrap();
        assert_eq!(journal_text(&decision), *expected);
        assert_eq!(bill.state, *expected_state, "{expected}");
        assert_eq!(decision.journals.len(), 1);
        let receipt = &decision.receipt;
        assert_eq!(
            (receipt.fee_minor, receipt.fee_journal),
            (80, Some(JournalId::new(id(12))))
        );
    }
}

#[test]
fn fees_of_many_receipts_are_accrued_by_one_journal() {
    let accounts = accounts();
    let due = FeesDue {
        book: &BillerId::new("rvd").unwrap(),
        rail: &RailId::new("test").unwrap(),
        accounts: &accounts,
        currency: Currency::Hkd,
        receipt_business_date: "2026-01-21".parse().unwrap(),
        minor: 3 * 80,
    };
    let journal = fees_journal(JournalId::new(id(12)), &due, support::now()).unwrap();
    assert_eq!(
        text_of(&journal),
        "Dr 5010.test 2.40 | Cr 2310.test 2.40",
        "J01, second part, for three items"
    );
    assert_eq!(journal.source(), "fees:test:2026-01-21");
    let nothing = FeesDue { minor: 0, ..due };
    assert!(fees_journal(JournalId::new(id(12)), &nothing, support::now()).is_err());
}

#[test]
fn a_rail_that_charges_nothing_has_no_fee_journal() {
    let accounts = accounts();
    let free = Credit {
        fee_minor: 0,
        ..credit(&accounts, Money::hkd(100), "2026-01-20T08:00:00Z")
    };
    let nothing = Match {
        bill: None,
        payment: None,
        by: MatchedBy::None,
    };
    let receipt = decide(&free, nothing, support::now()).unwrap().receipt;
    assert_eq!((receipt.fee_minor, receipt.fee_journal), (0, None));
}

#[test]
fn an_unidentified_credit_waits_in_suspense() {
    let accounts = accounts();
    let credit = credit(&accounts, Money::hkd(2_700_000), "2026-01-20T08:00:00Z");
    let nothing = Match {
        bill: None,
        payment: None,
        by: MatchedBy::None,
    };
    let decision = decide(&credit, nothing, support::now()).unwrap();
    assert_eq!(
        journal_text(&decision),
        "Dr 1110 27000.00 | Cr 2110 27000.00"
    );
    assert_eq!(
        decision.receipt.hold_reason.unwrap().as_str(),
        "unidentified"
    );
    assert!(decision.effects.is_empty() && decision.bill.is_none());
}

#[test]
fn lateness_is_judged_by_the_instruction_in_hong_kong_time() {
    let kind = support::bill_type(PART);
    let bill = support::bill(372_000); // due 30 January
    let accounts = accounts();
    for (instructed_at, on_time) in [
        ("2026-01-20T08:00:00Z", true),
        ("2026-01-30T15:59:59Z", true),
        ("2026-01-30T16:00:00Z", false),
    ] {
        let credit = credit(&accounts, Money::hkd(372_000), instructed_at);
        let matched = Match {
            bill: Some((&bill, &kind)),
            payment: None,
            by: MatchedBy::BillNumber,
        };
        let decision = decide(&credit, matched, support::now()).unwrap();
        assert_eq!(decision.receipt.on_time, Some(on_time), "{instructed_at}");
        assert_eq!(
            decision.bill.unwrap().0.state,
            BillState::Paid,
            "late money is applied all the same"
        );
    }
}

#[test]
fn a_payment_hears_of_its_money_in_every_state() {
    let kind = support::bill_type(PART);
    let bill = support::bill(372_000);
    let accounts = accounts();
    for (state, event) in [
        (PaymentState::AwaitingPayer, "settled"),
        (PaymentState::Unclear, "settled"),
        (PaymentState::Expired, "funds_arrived_late"),
        (PaymentState::Cancelled, "funds_arrived_late"),
        (PaymentState::Failed, "funds_arrived_late"),
        (PaymentState::Settled, "paid_again"),
    ] {
        let payment = support::payment(state);
        let credit = credit(&accounts, Money::hkd(372_000), "2026-01-20T08:00:00Z");
        let matched = Match {
            bill: Some((&bill, &kind)),
            payment: Some(&payment),
            by: MatchedBy::Reference,
        };
        let (after, events) = decide(&credit, matched, support::now())
            .unwrap()
            .payment
            .unwrap();
        assert_eq!(events[0].kind(), event, "{}", state.as_str());
        assert_eq!(after.state, PaymentState::Settled);
        assert_eq!(after.received_minor, 372_000);
    }
}

#[test]
fn receipts_clear_revenue_lines_in_the_order_of_the_bill() {
    let mut licence = support::bill(507_400);
    licence.lines = vec![
        epay_domain::bill::RevenueLine {
            code: "11-vl".into(),
            minor: 496_000,
        },
        epay_domain::bill::RevenueLine {
            code: "dep-tavaf".into(),
            minor: 11_400,
        },
    ];
    for (before, paid, expected) in [
        (0, 507_400, "11-vl 496000, dep-tavaf 11400"),
        (0, 400_000, "11-vl 400000"),
        (400_000, 107_400, "11-vl 96000, dep-tavaf 11400"),
        (496_000, 400, "dep-tavaf 400"),
    ] {
        let parts: Vec<String> = split_over_lines(&licence, before, paid)
            .into_iter()
            .map(|(code, minor)| format!("{code} {minor}"))
            .collect();
        assert_eq!(parts.join(", "), expected);
    }
}

proptest! {
    #[test]
    fn the_parts_of_any_credit_add_up_and_the_bill_is_never_overfilled(
        amount in 1_i64..10_000_000,
        before_share in 0_i64..=100,
        paid in 1_i64..20_000_000,
        policy in prop::sample::select(vec![PART, WHOLE, EXACT, FORWARD]),
    ) {
        let before = amount * before_share / 100;
        let state = if before == amount { BillState::Paid } else if before > 0 { BillState::PartPaid } else { BillState::Open };
        let decision = run(amount, before, state, policy, Money::hkd(paid));
        let receipt = &decision.receipt;
        prop_assert_eq!(
            receipt.applied_minor + receipt.overpaid_minor + receipt.forwarded_minor + receipt.duplicate_minor + receipt.unapplied_minor,
            paid
        );
        let (bill, _events) = decision.bill.as_ref().unwrap();
        prop_assert!(bill.applied_minor <= amount);
        prop_assert_eq!(decision.journals[0].total_minor(), paid);
        prop_assert_eq!(bill.state == BillState::Paid, bill.applied_minor == amount);
    }
}
