//! What choosing a rail among eight adds to a payment: criterion's mean, and the 50th and 99th percentile of single
//! decisions as lines that the table of figures takes up.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark may fail, and prints its figures"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use epay_domain::routing::{Candidate, Condition, Wanted, decide};
use epay_money::{Money, RailId};
use epay_rail::{Fee, FeePaid, Hours, Profile, RailAccountCodes};
use jiff::civil::time;

/// Single decisions that are timed one by one.
const DECISIONS: usize = 200_000;

fn profiles() -> Vec<Profile> {
    (0_u32..8)
        .map(|number| {
            let accounts = RailAccountCodes {
                clearing: "1110".to_owned(),
                fee_expense: "5010.test".to_owned(),
                fee_accrued: "2310.test".to_owned(),
            };
            let id = RailId::new(&format!("rail-{number}")).unwrap();
            let mut profile = Profile::new(id, "TEST", accounts);
            profile.methods = &["card", "apple_pay", "google_pay", "wallet"];
            profile.hours = Some(Hours {
                from: time(6, 0, 0, 0),
                until: time(2, 0, 0, 0),
            });
            profile.fee = Fee {
                per_item_minor: i64::from(number) * 10,
                basis_points: 150 - number,
                paid: FeePaid::ByInvoice,
            };
            profile
        })
        .collect()
}

fn routing(bench: &mut Criterion) {
    let profiles = profiles();
    let candidates: Vec<Candidate<'_>> = profiles
        .iter()
        .map(|profile| Candidate {
            profile,
            has_payee: true,
            bills_max: 20,
            condition: Condition {
                left_alone: false,
                calls: 64,
                failures: 3,
            },
        })
        .collect();
    let wanted = Wanted {
        method: Some("wallet"),
        rail: None,
        tried: &[],
        amount: Money::hkd(372_000),
        bills: 1,
        at: "2026-11-23T03:00:00Z".parse().unwrap(),
    };
    bench.bench_function("routing: decide among 8", |bench| {
        bench.iter(|| decide(black_box(&candidates), black_box(wanted)));
    });
    let mut nanos: Vec<u128> = (0..DECISIONS)
        .map(|_| {
            let started = Instant::now();
            black_box(decide(black_box(&candidates), black_box(wanted)));
            started.elapsed().as_nanos()
        })
        .collect();
    nanos.sort_unstable();
    for (name, place) in [("p50", DECISIONS / 2), ("p99", DECISIONS / 100 * 99)] {
        let value = nanos[place];
        println!(
            r#"BENCH {{"name":"routing: decide among 8, {name}","value":{value},"unit":"ns"}}"#
        );
    }
}

criterion_group!(benches, routing);
criterion_main!(benches);
