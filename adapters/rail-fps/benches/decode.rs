//! How fast what a bank tells is decoded.
//!
//! `cargo bench -p rail-fps --bench decode` prints a line `BENCH {…}` for each kind of message.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use epay_rail::Inbound;
use jiff::Timestamp;

/// Time for each kind.
const EACH: Duration = Duration::from_secs(1);
const MESSAGES: [(&str, &[u8]); 2] = [
    (
        "fps: camt.054 with one credit",
        include_bytes!("../tests/golden/credit-08.xml"),
    ),
    (
        "fps: camt.054 with a batch of credits",
        include_bytes!("../tests/golden/batch-08.xml"),
    ),
];

fn main() {
    let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
    for (name, body) in MESSAGES {
        let inbound = Inbound::notice(body, Timestamp::UNIX_EPOCH);
        let started = Instant::now();
        let mut count = 0_u128;
        while started.elapsed() < EACH {
            black_box(rail.decode(&inbound).unwrap());
            count += 1;
        }
        let rate = count * 1_000_000 / started.elapsed().as_micros();
        println!(r#"BENCH {{"name":"{name}","value":{rate},"unit":"messages/s"}}"#);
    }
}
