//! Which screen a payment shows, as a table.

use super::*;
use crate::view::{Code, Credit, Handover, PaidBill};
use epay_money::{BillerId, Currency};
use jiff::civil::date;

/// The one bill that is paid.
const BILL: &str = "billers/rvd/bills/01981a2b-0000-7000-8000-000000000002";

fn now() -> Timestamp {
    "2026-01-20T08:00:00Z".parse().unwrap()
}

fn payment(state: PaymentState) -> Payment {
    Payment {
        biller: BillerId::new("rvd").unwrap(),
        id: "01981a2b-0000-7000-8000-000000000001".parse().unwrap(),
        bills: vec![PaidBill {
            name: BILL.into(),
            number: "••••9011".into(),
            amount: Money::hkd(372_000),
        }],
        reference: "EP0123456789ABCDEFGH".into(),
        method: "fps_qr".into(),
        amount: Money::hkd(372_000),
        state,
        conditional: false,
        failure: None,
        due_date: Some(date(2026, 1, 30)),
        created_at: Some(now()),
        expires_at: Some("2026-01-20T08:15:00Z".parse().unwrap()),
        next: Some(Next::Scan(Code {
            payload: "000201".into(),
            payee_name: None,
            amount_editable: false,
            app_link: None,
        })),
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
        bill: BILL.into(),
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
        (PaymentState::Sending, Screen::Sending),
        (PaymentState::Closing, Screen::Closing),
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
    waiting.next = None;
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
            Screen::Scan
            | Screen::Leave
            | Screen::Hand
            | Screen::Sending
            | Screen::Checking
            | Screen::Closing => Live::Events,
            Screen::Instruct | Screen::Clearing | Screen::Expired | Screen::Cancelled => Live::Poll,
            Screen::Part | Screen::Received | Screen::Held | Screen::Failed => Live::Still,
        };
        assert_eq!(screen.live(), expected, "{screen:?}");
    }
}

#[test]
fn what_the_payer_must_do_decides_and_only_a_page_of_the_rail_leaves_a_doubt_when_time_runs_out() {
    let fields = vec![("merchant_code".to_owned(), "9999".to_owned())];
    let table = [
        (
            Next::Redirect {
                url: "https://pay.example/1".into(),
            },
            Screen::Leave,
            Screen::Checking,
        ),
        (
            Next::Form {
                action: "https://pay.example/form".into(),
                fields: fields.clone(),
            },
            Screen::Leave,
            Screen::Checking,
        ),
        (
            Next::Instructions { fields },
            Screen::Instruct,
            Screen::Expired,
        ),
        (
            Next::Hand(Handover {
                what: "echeque".into(),
                media_type: "application/pdf".into(),
                bytes_max: 2_097_152,
                request_json: String::new(),
            }),
            Screen::Hand,
            Screen::Expired,
        ),
    ];
    for (next, in_time, late) in table {
        let mut waiting = payment(PaymentState::AwaitingPayer);
        waiting.next = Some(next);
        let expires_at = waiting.expires_at.unwrap();
        assert_eq!(waiting.screen(now()), in_time, "{:?}", waiting.next);
        assert_eq!(waiting.screen(expires_at), late, "{:?}", waiting.next);
    }
}

#[test]
fn a_promise_is_no_receipt_until_it_is_honoured() {
    let mut promised = payment(PaymentState::Sending);
    promised.conditional = true;
    promised.credits = vec![credit(372_000, 372_000, 0, 0, 0)];
    assert_eq!(promised.screen(now()), Screen::Clearing);
    promised.state = PaymentState::Settled;
    assert_eq!(promised.screen(now()), Screen::Received);
    promised.credits.clear();
    promised.state = PaymentState::Failed;
    assert_eq!(promised.screen(now()), Screen::Failed);
}
