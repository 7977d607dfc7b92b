//! Which screen a payment shows, as a table.

use super::*;
use crate::view::{Code, Credit};
use epay_money::{BillerId, Currency};
use jiff::civil::date;

fn now() -> Timestamp {
    "2026-01-20T08:00:00Z".parse().unwrap()
}

fn payment(state: PaymentState) -> Payment {
    Payment {
        biller: BillerId::new("rvd").unwrap(),
        id: "01981a2b-0000-7000-8000-000000000001".parse().unwrap(),
        bill: "billers/rvd/bills/01981a2b-0000-7000-8000-000000000002".into(),
        reference: "EP0123456789ABCDEFGH".into(),
        rail: "some-rail".into(),
        amount: Money::hkd(372_000),
        state,
        expires_at: Some("2026-01-20T08:15:00Z".parse().unwrap()),
        code: Some(Code {
            payload: "000201".into(),
            payee_name: None,
            amount_editable: false,
        }),
        credits: Vec::new(),
        version: 2,
        is_final: false,
        kind: "rvd-rates".into(),
        bill_number: "••••9011".into(),
    }
}

/// A credit: what arrived, then what was applied, overpaid, duplicate and unapplied, in cents.
fn credit(arrived: i64, applied: i64, overpaid: i64, duplicate: i64, unapplied: i64) -> Credit {
    Credit {
        rail: "some-rail".into(),
        rail_reference: "FRN1".into(),
        amount: Money::hkd(arrived),
        applied: Money::hkd(applied),
        overpaid: Money::hkd(overpaid),
        duplicate: Money::hkd(duplicate),
        unapplied: Money::hkd(unapplied),
        instructed_at: now(),
        business_date: date(2026, 1, 20),
        on_time: true,
    }
}

#[test]
fn without_money_the_state_decides() {
    let cases = [
        (PaymentState::AwaitingPayer, Screen::Scan),
        (PaymentState::Unclear, Screen::Checking),
        (PaymentState::Settled, Screen::Received),
        (PaymentState::Failed, Screen::Failed),
        (PaymentState::Expired, Screen::Expired),
        (PaymentState::Cancelled, Screen::Cancelled),
    ];
    for (state, expected) in cases {
        assert_eq!(payment(state).screen(now()), expected, "{state:?}");
    }
}

#[test]
fn a_code_is_covered_from_the_instant_it_expires() {
    let waiting = payment(PaymentState::AwaitingPayer);
    let expires_at = waiting.expires_at.unwrap();
    let before = expires_at - jiff::SignedDuration::from_millis(1);
    assert_eq!(waiting.screen(before), Screen::Scan);
    assert_eq!(waiting.screen(expires_at), Screen::Expired);
}

#[test]
fn a_code_that_is_not_there_is_not_shown() {
    let mut waiting = payment(PaymentState::AwaitingPayer);
    waiting.code = None;
    assert_eq!(waiting.screen(now()), Screen::Checking);
}

#[test]
fn money_that_arrived_decides_whatever_the_state_is() {
    let cases = [
        (vec![credit(372_000, 372_000, 0, 0, 0)], Screen::Received),
        (
            vec![credit(400_000, 372_000, 28_000, 0, 0)],
            Screen::Received,
        ),
        (
            vec![
                credit(372_000, 372_000, 0, 0, 0),
                credit(372_000, 0, 0, 372_000, 0),
            ],
            Screen::Received,
        ),
        (vec![credit(100_000, 100_000, 0, 0, 0)], Screen::Part),
        (vec![credit(372_000, 0, 0, 372_000, 0)], Screen::Held),
        (vec![credit(372_000, 0, 0, 0, 372_000)], Screen::Held),
    ];
    let states = [
        PaymentState::Settled,
        PaymentState::Expired,
        PaymentState::Cancelled,
        PaymentState::Failed,
    ];
    for state in states {
        for (credits, expected) in &cases {
            let mut payment = payment(state);
            payment.credits.clone_from(credits);
            assert_eq!(payment.screen(now()), *expected, "{state:?} {credits:?}");
        }
    }
}

#[test]
fn two_currencies_in_one_payment_ask_nobody_to_pay_again() {
    let mut strange = payment(PaymentState::Settled);
    let mut other = credit(100, 100, 0, 0, 0);
    other.amount = Money::new(100, Currency::Cny);
    strange.credits = vec![credit(372_000, 372_000, 0, 0, 0), other];
    assert_eq!(strange.screen(now()), Screen::Checking);
}

#[test]
fn a_screen_on_which_money_may_still_come_is_kept_up_to_date() {
    for screen in Screen::ALL {
        let expected = match screen {
            Screen::Scan | Screen::Checking => Live::Events,
            Screen::Expired | Screen::Cancelled => Live::Poll,
            Screen::Part | Screen::Received | Screen::Held | Screen::Failed => Live::Still,
        };
        assert_eq!(screen.live(), expected, "{screen:?}");
    }
}
