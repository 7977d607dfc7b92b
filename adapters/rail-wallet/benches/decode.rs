//! How fast what each wallet tells is decoded; the notices of WeChat Pay are opened with AES-GCM on the way.
//!
//! `cargo bench -p rail-wallet --bench decode` prints a line `BENCH {…}` for each kind of message.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use epay_rail::{Inbound, Rail};
use jiff::Timestamp;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod support;

/// Time for each kind.
const EACH: Duration = Duration::from_secs(1);

fn measure(name: &str, rail: &dyn Rail, body: &[u8]) {
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

fn main() {
    let golden = |path: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        std::fs::read(folder.join(path)).unwrap()
    };
    let wallets = [
        ("wechat", support::wechat()),
        ("alipay", support::alipay()),
        ("payme", support::payme()),
        ("octopus", support::octopus()),
    ];
    for (wallet, rail) in &wallets {
        let notice = golden(&format!("{wallet}/notice-paid.txt"));
        measure(
            &format!("{wallet}: notice of a payment"),
            rail.as_ref(),
            &notice,
        );
    }
    let (_, any) = wallets.first().unwrap();
    let report = golden("alipay/settlement.txt");
    let name = "wallets: settlement report of three lines";
    measure(name, any.as_ref(), &report);
}
