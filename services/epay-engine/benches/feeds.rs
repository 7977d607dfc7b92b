//! A day of a million payments, from the ledger to sealed files: how fast it is closed, how fast its file is read in each
//! shape, and that memory stays flat while it is. On a private cluster with full durability.
//!
//! In this order: journals and receipts are written as posting writes them; the day is closed, which gathers, sums and digests
//! the rows and writes every shape once; then the file is read in each shape. Each reading is compared with its seal by the
//! engine, and the totals with what was written: what was fast must also be right. Memory is the largest resident size of
//! this process (`VmHWM`), the engine and its pool included.
//!
//! `cargo bench -p epay-engine --bench feeds`. `EPAY_BENCH_ROWS` changes the number of payments.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark prints its result and stops at the first error"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use epay_engine::{CloseDay, Commits, Engine, EngineOptions, FactorKeys, SystemClock, V7Ids};
use epay_feed::Shape;
use epay_money::{BillerId, BusinessCalendar, RailId};
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, migrate};
use epay_rail_kit::transport::Transport;
use epay_rails::Registry;
use jiff::civil::date;

const ROWS: i64 = 1_000_000;
/// Journals of one transaction.
const CHUNK: i64 = 10_000;
const BILL_TYPES: &str = include_str!("../../../deploy/demo/bill-types.json");

const BOOK: &str = "INSERT INTO ledger.book (biller_id, currency) VALUES ('rvd', 'HKD');
    INSERT INTO ledger.account (book, code) SELECT id, code FROM ledger.book, unnest('{1110,2010.rvd.main}'::text[]) AS a(code)";

/// Ids that sort by number, of version 7.
const JOURNALS: &str = "INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source)
    SELECT '2026-01-21T03:00:00Z', ('01940000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, '2026-01-21', 'receipt', k.id,
           '01940000-0001-7000-8000-' || lpad(to_hex(i), 12, '0')
      FROM ledger.book AS k, generate_series($1::bigint, $2::bigint) AS i";
const ENTRIES: &str = "INSERT INTO ledger.entry (amount, journal_id, account, book, line)
    SELECT CASE a.code WHEN '1110' THEN 100 + i ELSE -100 - i END,
           ('01940000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, a.id, a.book, CASE a.code WHEN '1110' THEN 1 ELSE 2 END
      FROM ledger.account AS a, generate_series($1::bigint, $2::bigint) AS i";
const RECEIPTS: &str = "INSERT INTO epay.receipt (biller_id, receipt_id, rail, rail_account, rail_reference, message_id, matched_by,
        currency, amount_minor, applied_minor, overpaid_minor, forwarded_minor, duplicate_minor, unapplied_minor, instructed_at,
        receipt_business_date, value_date, journal_id, created_at, payment_id)
    SELECT 'rvd', ('01940000-0001-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'fps', '999000000201', 'FPS' || i,
           '01940000-0000-7000-8000-000000000000', 'reference', 'HKD', 100 + i, 100 + i, 0, 0, 0, 0, '2026-01-21T02:00:00Z',
           '2026-01-21', '2026-01-21', ('01940000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, '2026-01-21T03:00:00Z',
           ('01940000-0002-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid
      FROM generate_series($1::bigint, $2::bigint) AS i";

#[tokio::main]
async fn main() {
    let rows = std::env::var("EPAY_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("epay").await.expect("a database");
    let config = cluster.config("epay");
    let sets = [epay_ledger_pg::MIGRATIONS, epay_store::MIGRATIONS];
    migrate(&config, &sets).await.expect("migrates");
    let owner = build_pool(&config, &PoolOptions::named("bench")).expect("a pool");
    let total = write(&owner, rows).await;
    let pool = build_pool(&config, &PoolOptions::named("bench").as_service()).expect("a pool");
    let engine = engine(pool).await;

    let before = peak_kib();
    let started = Instant::now();
    let command = CloseDay {
        biller: BillerId::new("rvd").expect("a department"),
        day: date(2026, 1, 21),
        late: vec![RailId::new("pps").expect("a rail")],
        reason: Some("a benchmark".to_owned()),
        caller: "bench".to_owned(),
    };
    let view = engine.close_day(&command).await.expect("it is closed");
    figure(
        "feed: day closed",
        per_second(rows, started.elapsed()),
        "rows/s",
    );
    let file = view.files.first().expect("a file");
    assert_eq!(file.totals.rows, u64::try_from(rows).expect("fits"));
    assert_eq!(file.totals.credits_minor, total);
    for shape in Shape::ALL {
        let started = Instant::now();
        let mut pieces = engine.feed_bytes(file, shape);
        while let Some(piece) = pieces.recv().await {
            piece.expect("it is what it was at its seal");
        }
        let name = format!("feed: {}", shape.as_str());
        figure(&name, per_second(rows, started.elapsed()), "rows/s");
    }
    figure("feed: peak memory", u128::from(peak_kib() / 1_024), "MiB");
    let growth = (peak_kib() - before) / 1_024;
    figure("feed: peak growth", u128::from(growth), "MiB");
    engine.drain().await;
    cluster.stop().await.expect("stops");
}

/// Writes so many payments; answers what they sum to in cents.
async fn write(pool: &deadpool_postgres::Pool, rows: i64) -> i64 {
    let mut client = pool.get().await.expect("a connection");
    let kinds: Vec<epay_domain::BillType> = serde_json::from_str(BILL_TYPES).expect("they read");
    let tx = client.transaction().await.expect("begins");
    epay_store::put_bill_types(&tx, &kinds)
        .await
        .expect("kinds of bill");
    tx.batch_execute(BOOK).await.expect("a book");
    tx.commit().await.expect("commits");
    let mut first = 1;
    while first <= rows {
        let last = rows.min(first + CHUNK - 1);
        let tx = client.transaction().await.expect("begins");
        for insert in [JOURNALS, ENTRIES, RECEIPTS] {
            tx.execute(insert, &[&first, &last])
                .await
                .expect("they are written");
        }
        tx.commit().await.expect("commits");
        first = last + 1;
    }
    client.batch_execute("ANALYZE").await.expect("statistics");
    (1..=rows).map(|row| 100 + row).sum()
}

async fn engine(pool: deadpool_postgres::Pool) -> Engine {
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Engine::start(EngineOptions {
        pool,
        rails: Registry::with_defaults().expect("the usual rails"),
        transport: Transport::new(BTreeMap::new()).expect("a transport"),
        calendar: BusinessCalendar::vendored().expect("a calendar"),
        factor_keys: FactorKeys::default(),
        commits: Commits::Shared { committers: 1 },
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .expect("starts")
}

fn per_second(rows: i64, took: Duration) -> u128 {
    u128::from(rows.unsigned_abs()) * 1_000_000 / took.as_micros().max(1)
}

fn figure(name: &str, value: u128, unit: &str) {
    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}"}}"#);
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}
