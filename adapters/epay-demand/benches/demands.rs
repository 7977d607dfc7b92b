//! How many demands a second one processor lays out and writes: as SVG, and as PDF; and what the code alone costs.

#![allow(
    missing_docs,
    reason = "the macros of the harness write undocumented functions"
)]
#![expect(clippy::expect_used, reason = "a benchmark without its font must stop")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use emvqr::fps::{Currency, FpsRequest, Proxy};
use emvqr::render::{ErrorCorrection, Symbol};
use epay_demand::{
    Bilingual, Demand, PayRule, Press, Share, Slip, SlipCode, Typeface, Typefaces, lay_out, svg,
};
use epay_money::Money;
use jiff::civil::date;

fn faces() -> Typefaces {
    let face = |name: &str| {
        let path = format!("/usr/share/fonts/opentype/noto/{name}");
        let data = std::fs::read(path).expect("install fonts-noto-cjk");
        Typeface::new(data.into()).expect("a font of Debian can be read")
    };
    Typefaces {
        regular: face("NotoSansCJK-Regular.ttc"),
        bold: face("NotoSansCJK-Bold.ttc"),
    }
}

fn payload(number: u64) -> String {
    let payee = Proxy::fps_id("999900201").expect("nine digits");
    FpsRequest::new(payee)
        .amount(Currency::Hkd, 372_000)
        .bill_number(format!("{number:015}"))
        .build()
        .expect("a code of a bill")
}

/// The n-th demand of a quarter: another number, another amount, the same words.
fn demand(number: u64) -> Demand {
    let name = Bilingual::new(
        "測試 差餉物業估價署",
        "TEST Rating and Valuation Department",
    );
    let minor = 372_000_i64.saturating_add(i64::try_from(number).unwrap_or_default());
    let amount = Money::hkd(minor);
    let code = SlipCode {
        payload: payload(number),
        payee: name.clone(),
    };
    Demand {
        biller: name,
        kind: Bilingual::new("差餉及地租", "Rates and Government rent"),
        number_label: Bilingual::new("帳目編號", "Account number"),
        number: format!("{number:015}"),
        amount,
        paid_minor: 0,
        due_date: date(2026, 1, 30),
        description: "January to March 2026".to_owned(),
        shares: vec![Share {
            name: Bilingual::new("差餉", "Rates"),
            minor,
        }],
        reference_label: Bilingual::default(),
        parts: vec![],
        slips: vec![Slip {
            amount,
            due_date: date(2026, 1, 30),
            code: Some(code),
        }],
        rule: PayRule::InParts,
        late_rules: vec![Bilingual::new(
            "逾期繳款須付 5% 附加費",
            "5% surcharge when late",
        )],
        pages_address: Some("pay.example.hk".to_owned()),
        methods: vec!["FPS".to_owned(), "PPS".to_owned()],
        printed_on: date(2026, 1, 2),
    }
}

fn demands(c: &mut Criterion) {
    let faces = faces();
    let mut group = c.benchmark_group("epay-demand");
    group.throughput(Throughput::Elements(1));
    let mut number = 0_u64;
    let mut next = move || {
        number = number.wrapping_add(1);
        number
    };
    group.bench_function("control: the code alone", |b| {
        b.iter(|| Symbol::encode(&payload(next()), ErrorCorrection::Medium))
    });
    group.bench_function("a demand as SVG", |b| {
        b.iter(|| {
            let sheets = lay_out(&demand(next()), &faces).unwrap_or_default();
            sheets
                .iter()
                .map(|sheet| svg(black_box(sheet), "demand").len())
                .sum::<usize>()
        });
    });
    let mut press = Press::new(&faces);
    group.bench_function("a demand as PDF", |b| {
        b.iter(|| {
            let demand = demand(next());
            let sheets = lay_out(&demand, &faces).unwrap_or_default();
            press
                .pdf(&sheets, "demand", demand.printed_on)
                .map(|bytes| bytes.len())
        });
    });
    group.finish();
}

// Seconds that are enough here: the whole table of the quick benchmarks is for ten minutes.
criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = demands
}
criterion_main!(benches);
