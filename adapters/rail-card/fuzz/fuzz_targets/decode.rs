//! Any bytes are decoded or refused, the same way twice, as a notice and as the answer to every order; every report
//! obeys the contract. The first byte chooses the order, the second the status.
//!
//! Run from `adapters/rail-card`: `cargo +nightly fuzz run decode fuzz/corpus/decode tests/golden`.
#![no_main]

use epay_money::{Money, RailId};
use epay_rail::{Ask, Collect, Header, Inbound, Order, Question, Refund, is_reference};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fn order(choice: u8) -> Order {
    let amount = Money::hkd(372_000);
    let ask = match choice % 6 {
        0 => Ask::Collect,
        1 => Ask::Query(Question::Collection),
        2 => Ask::Capture { amount },
        3 => Ask::Void,
        4 => Ask::Query(Question::Order {
            key: "EP0AB1CD2EF3GH4JK5MN-C1".to_owned(),
            kind: epay_rail::OrderKind::Capture,
        }),
        _ => Ask::Refund(Refund {
            amount,
            original_rail_reference: "R".to_owned(),
            account: None,
            reason: String::new(),
        }),
    };
    Order {
        header: Header {
            key: "EP0AB1CD2EF3GH4JK5MN-C1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            nonce: [0; 16],
            kept: None,
            bearer: None,
        },
        collect: Collect {
            method: "card".to_owned(),
            payee: "TESTRVD01".to_owned(),
            amount,
            amount_editable: false,
            reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
            bill_number: "1".to_owned(),
            bills: 1,
            description: String::new(),
            return_url: None,
            asked_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        },
        ask,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let id = RailId::new("card").expect("the name is an id");
    let rail = rail_card::open(&id, "").expect("the default settings open");
    let (choice, bytes) = bytes.split_first().unwrap_or((&0, bytes));
    let (status, body) = bytes.split_first().unwrap_or((&0, bytes));
    let order = order(*choice);
    let status = u16::from(status % 4) * 100 + 200;
    for inbound in [
        Inbound::notice(body, Timestamp::UNIX_EPOCH),
        Inbound::reply(&order, status, body, Timestamp::UNIX_EPOCH),
    ] {
        let answer = rail.decode(&inbound);
        assert_eq!(answer, rail.decode(&inbound));
        for report in answer.iter().flat_map(|decoded| &decoded.reports) {
            assert!(report.amount.is_positive());
            assert!(!report.rail_account.is_empty() && !report.rail_reference.is_empty());
            assert!(report.reference.as_deref().is_none_or(is_reference));
        }
        for payout in answer.iter().flat_map(|decoded| &decoded.payouts) {
            assert_eq!(payout.gross.minor() - payout.fee.minor(), payout.net.minor());
        }
    }
});
