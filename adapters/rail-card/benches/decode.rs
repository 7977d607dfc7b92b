//! How fast what comes in is decoded.
//!
//! `cargo bench -p rail-card --bench decode` prints lines `BENCH {…}`: notifications and retrieved orders a second, and lines of
//! a settlement file a second.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use epay_money::{Money, RailId};
use epay_rail::{Ask, Collect, Header, Inbound, Order, Question};
use jiff::Timestamp;

const NOTIFICATION: &[u8] = include_bytes!("../tests/golden/notification.notice");
const RETRIEVED: &[u8] = include_bytes!("../tests/golden/order-captured-and-refunded.reply");
const MESSAGES: u64 = 100_000;
const LINES: u64 = 20_000;

fn question() -> Order {
    Order {
        header: Header {
            key: "EP0AB1CD2EF3GH4JK5MN-Q1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            nonce: [0; 16],
            kept: None,
            bearer: None,
        },
        collect: Collect {
            method: "card".to_owned(),
            payee: "TESTRVD01".to_owned(),
            amount: Money::hkd(372_000),
            amount_editable: false,
            reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
            bill_number: "1".to_owned(),
            bills: 1,
            description: String::new(),
            return_url: None,
            asked_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX,
        },
        ask: Ask::Query(Question::Collection),
    }
}

fn settlement() -> String {
    let mut file = "H,EPAY-CARD-SETTLEMENT,1,B-1,TESTTD,HKD,2026-01-22\n".to_owned();
    let at = "2026-01-20T15:45:20Z";
    for line in 0..LINES {
        let order = format!("EP{line:018}");
        writeln!(
            file,
            "T,CAPTURE,{order},{order}-C1,{at},{at},5074.00,45.67,5028.33,602015000123,"
        )
        .unwrap();
    }
    let dollars = |cents: u64| format!("{}.{:02}", cents * LINES / 100, cents * LINES % 100);
    let (collected, discount, net) = (dollars(507_400), dollars(4_567), dollars(502_833));
    writeln!(file, "Z,{LINES},{collected},{discount},{net}").unwrap();
    file
}

/// Things a second.
fn rate(things: u64, work: impl FnOnce()) -> u128 {
    let started = Instant::now();
    work();
    u128::from(things) * 1_000_000 / started.elapsed().as_micros().max(1)
}

fn main() {
    let rail = rail_card::open(&RailId::new("card").unwrap(), "").unwrap();
    let (order, file) = (question(), settlement());
    let notifications = rate(MESSAGES, || {
        for _message in 0..MESSAGES {
            black_box(
                rail.decode(&Inbound::notice(NOTIFICATION, Timestamp::UNIX_EPOCH))
                    .unwrap(),
            );
        }
    });
    let orders = rate(MESSAGES, || {
        for _message in 0..MESSAGES {
            let inbound = Inbound::reply(&order, 200, RETRIEVED, Timestamp::UNIX_EPOCH);
            black_box(rail.decode(&inbound).unwrap());
        }
    });
    let lines = rate(LINES, || {
        let inbound = Inbound::notice(file.as_bytes(), Timestamp::UNIX_EPOCH);
        assert_eq!(rail.decode(&inbound).unwrap().payouts.len(), 1);
    });
    for (what, value, unit) in [
        ("notification", notifications, "messages/s"),
        ("retrieved order", orders, "messages/s"),
        ("settlement file", lines, "lines/s"),
    ] {
        println!(r#"BENCH {{"name":"card: {what}","value":{value},"unit":"{unit}"}}"#);
    }
}
