//! What reading and writing a payload costs, beside a control: the checksum alone, which every reader has to pay.

#![allow(
    missing_docs,
    reason = "the macros of the harness write undocumented functions"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use emvqr::fps::{Currency, FpsRequest, FpsView, Proxy};
use emvqr::{Profile, checksum, parse};

const BILL: &str = "00020101021226480012hk.com.hkicl02071234567051226123123595906011520400005802HK5902NA6002HK\
                    5303344540599.346215011112345678901630485FA";
const CHINESE: &str = "00020101021229300012D156000000000510A93FO3230Q31280012D1560000000103081234567852044111580\
                       2CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030\
                       412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A";

fn codec(c: &mut Criterion) {
    let mut group = c.benchmark_group("emvqr");
    group.bench_function("control: checksum of the bill", |b| {
        b.iter(|| checksum(black_box(BILL)))
    });
    group.bench_function("parse the bill", |b| {
        b.iter(|| parse(black_box(BILL), Profile::Strict))
    });
    group.bench_function("parse and read FPS", |b| {
        b.iter(|| FpsView::read(parse(black_box(BILL), Profile::Strict).document()));
    });
    group.bench_function("parse EMVCo's example", |b| {
        b.iter(|| parse(black_box(CHINESE), Profile::Strict))
    });
    let request = Proxy::fps_id("1234567").map(|proxy| {
        FpsRequest::new(proxy)
            .amount(Currency::Hkd, 12_500)
            .bill_number("11234567890")
    });
    group.bench_function("build the bill", |b| {
        b.iter(|| black_box(&request).as_ref().map(FpsRequest::build))
    });
    group.finish();
}

// Seconds that are enough here: the whole table of the quick benchmarks is for ten minutes.
criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = codec
}
criterion_main!(benches);
