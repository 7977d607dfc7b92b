//! How many cheques a second one core judges: `cargo bench -p rail-echeque`.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epay_money::Money;
use epay_rail::{Ask, Collect, Inbound, Instrument, Order};
use jiff::{SignedDuration, Timestamp};

fn order(at: Timestamp, bytes: Vec<u8>) -> Order {
    let mut order = Order::collect(Collect {
        method: "echeque".to_owned(),
        payee: "012888000654321".to_owned(),
        amount: Money::hkd(670_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 2,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: at,
        expires_at: at.saturating_add(SignedDuration::from_hours(1)).unwrap(),
    });
    order.ask = Ask::Tender(Instrument {
        kind: rail_echeque::INSTRUMENT.to_owned(),
        bytes,
    });
    order
}

fn judge(c: &mut Criterion) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |file: &str| std::fs::read(tests.join(file)).unwrap();
    let settings = String::from_utf8(read("cheques/settings.toml")).unwrap();
    let rail = rail_echeque::open(&"echeque".parse().unwrap(), &settings).unwrap();
    let manifest: serde_json::Value =
        serde_json::from_slice(&read("cheques/manifest.json")).unwrap();
    let at = manifest
        .get("at")
        .unwrap()
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut group = c.benchmark_group("echeque");
    for (name, file) in [
        ("taken", "cheques/valid.pdf"),
        ("taken-rsa", "cheques/valid-pkcs7.pdf"),
        ("refused-stranger", "cheques/unknown-authority.pdf"),
    ] {
        let bytes = read(file);
        group.throughput(Throughput::Bytes(u64::try_from(bytes.len()).unwrap()));
        let order = order(at, bytes);
        group.bench_function(name, |b| b.iter(|| rail.encode(black_box(&order))));
    }
    let notice = read("golden/honoured.xml");
    group.throughput(Throughput::Elements(1));
    group.bench_function("notice", |b| {
        b.iter(|| rail.decode(&Inbound::notice(black_box(&notice), at)));
    });
    group.finish();
}

// Seconds that are enough here: the whole table of the quick benchmarks is for ten minutes.
criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = judge
}
criterion_main!(benches);
