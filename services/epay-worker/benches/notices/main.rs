//! How fast a quarter's demands become notices, and notices messages: imported, rendered as codes, planned, sent, on a private cluster and a
//! real socket.
//!
//! 1. People subscribe, each to some accounts; one demand an account is imported from a file that is never whole in memory.
//! 2. Every demand is read back and given the code that is printed on it; each code is checked to name its demand.
//! 3. Everything is planned: how many demands, and how many notices, a second.
//! 4. The notices that are due, one a demand, are sent to a sink of this process by as many calls at once as a lane has; the same calls
//!    without a database beside it, in the same run, say how much of that is ours.
//! 5. Each demand must have been told of once. Peak memory is read after a tenth and at the end; what the database takes, at the end.
//!
//! `cargo bench --workspace --bench notices`. `EPAY_BENCH_DEMANDS` changes its length: 2,500,000 are a quarter of rates.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark prints its result and stops at the first error"
)]

mod demands;
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use deadpool_postgres::Pool;
use epay_channels::{Address, Channels, ChannelsOptions, Message, SmsOptions};
use epay_contact::Contacts;
use epay_domain::BillType;
use epay_engine::{Commits, Engine, EngineOptions, FactorKeys, SystemClock, V7Ids};
use epay_money::{BusinessCalendar, Language, RailId};
use epay_notice::{Shelf, Tongue};
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, migrate};
use epay_rail_kit::transport::{ChannelKey, Transport};
use epay_rails::Registry;
use epay_worker::{AT_ONCE_MAX, SenderOptions, send_notices};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::demands::{codes, import, plan};
use crate::people::{contacts, subscribe};

const DEMANDS: u64 = 10_000;
/// Calls of the bare loop, at most.
const BARE_MAX: u64 = 10_000;
/// What scans codes from paper.
const SCANNED: &str = "fps";
const BILL_TYPES: &str = include_str!("../../../../deploy/demo/bill-types.json");

/// Counts what it is asked, and takes it.
#[derive(Debug, Default)]
struct Sink {
    taken: AtomicU64,
    wanted: AtomicU64,
    enough: Notify,
}

async fn take(State(sink): State<Arc<Sink>>, _order: Json<Value>) -> (StatusCode, Json<Value>) {
    let taken = sink.taken.fetch_add(1, Ordering::SeqCst) + 1;
    if taken == sink.wanted.load(Ordering::SeqCst) {
        sink.enough.notify_one();
    }
    (
        StatusCode::ACCEPTED,
        Json(json!({"providerReference": taken.to_string()})),
    )
}

impl Sink {
    async fn open() -> (Arc<Self>, Channels) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let sink = Arc::new(Self::default());
        let router = Router::new().fallback(take).with_state(Arc::clone(&sink));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let sms = SmsOptions {
            endpoint: format!("http://127.0.0.1:{port}/").parse().expect("a URL"),
            key: ChannelKey {
                id: "bench".to_owned(),
                secrets: vec![vec![3; 32].into()],
            },
            sender: "#TEST-Pay".parse().expect("a sender"),
        };
        let options = ChannelsOptions {
            sms: Some(sms),
            ..ChannelsOptions::default()
        };
        (sink, Channels::open(options).expect("channels"))
    }

    fn want(&self, count: u64) {
        self.taken.store(0, Ordering::SeqCst);
        self.wanted.store(count, Ordering::SeqCst);
    }
}

#[tokio::main]
async fn main() {
    let demands = std::env::var("EPAY_BENCH_DEMANDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(DEMANDS);
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("epay").await.expect("a database");
    let config = cluster.config("epay");
    let sets = [
        epay_ledger_pg::MIGRATIONS,
        epay_store::MIGRATIONS,
        epay_contact::MIGRATIONS,
    ];
    migrate(&config, &sets).await.expect("migrates");
    let pool = build_pool(&config, &PoolOptions::named("bench")).expect("a pool");
    let kind = load_kinds(&pool).await;
    let engine = start(&config).await;
    let took = people_come(&config, &pool, (&kind, demands)).await;
    println!("{demands} accounts subscribed to in {took:?}");
    let contacts = contacts(&config);

    let tenth = demands / 10;
    let imported = import(&engine, tenth, 1).await;
    plan(&config, &pool, &contacts, &engine).await;
    let early = peak_kilobytes();
    let imported = imported + import(&engine, demands, tenth + 1).await;
    rate("notices: demands imported", demands, imported, "demands/s");
    rendered(&engine, &kind, demands).await;
    let took = plan(&config, &pool, &contacts, &engine).await;
    let planned = count(&pool, "SELECT count(*) FROM epay.notice").await;
    let share = demands - tenth;
    rate("notices: demands planned", share, took, "demands/s");
    let planned_now = planned * share / demands;
    rate("notices: planned", planned_now, took, "notices/s");

    let (sink, channels) = Sink::open().await;
    let bare = bare(&sink, &channels, demands.min(BARE_MAX)).await;
    let sent = send(&config, &engine, (contacts, channels), (&sink, demands)).await;
    let ratio = (sent * 100 / bare.max(1), "notices: bare calls");
    figure("notices: bare calls", bare, "calls/s", None);
    figure("notices: sent", sent, "notices/s", Some(ratio));
    check(&pool, demands).await;

    memory(early);
    size(&pool, (demands, planned)).await;
    engine.drain().await;
    cluster.stop().await.expect("stops");
}

/// People subscribe. That is not measured, so nobody waits for the disk until they are all there.
async fn people_come(config: &Config, pool: &Pool, (kind, demands): (&BillType, u64)) -> Duration {
    let client = pool.get().await.expect("a connection");
    let set = async |word: &str| {
        let statement = format!("ALTER DATABASE epay {word}");
        client.batch_execute(&statement).await.expect("sets");
    };
    set("SET synchronous_commit = off").await;
    let took = subscribe((config, pool), kind, demands).await;
    set("RESET synchronous_commit").await;
    took
}

/// The codes that are printed on the demands.
async fn rendered(engine: &Engine, kind: &BillType, demands: u64) {
    let rails = Registry::with_defaults().expect("rails");
    let scanned = RailId::new(SCANNED).expect("a word");
    let rail = rails.get(&scanned).expect("the rail");
    let (read, written) = codes(engine, (kind, rail.as_ref()), demands).await;
    rate("notices: codes of demands", demands, written, "codes/s");
    let both = read + written;
    rate(
        "notices: demands read and rendered",
        demands,
        both,
        "demands/s",
    );
}

/// Whether memory grew with the number of demands.
fn memory(early: u64) {
    let late = peak_kilobytes();
    let flat = (
        late * 100 / early.max(1),
        "notices: peak memory after a tenth",
    );
    figure(
        "notices: peak memory after a tenth",
        early / 1_024,
        "MiB",
        None,
    );
    figure("notices: peak memory", late / 1_024, "MiB", Some(flat));
}

/// What a notice takes in the database, and what a demand takes with everything that came of it: events, outbox, people, notices.
async fn size(pool: &Pool, (demands, planned): (u64, u64)) {
    let notices = "SELECT pg_total_relation_size('epay.notice') + pg_total_relation_size('epay.notice_event')";
    let whole = "SELECT pg_database_size(current_database())";
    let (notices, whole) = (count(pool, notices).await, count(pool, whole).await);
    let rows = [
        (
            "notices: size of a notice in the database",
            notices / planned.max(1),
            "bytes",
        ),
        (
            "notices: size of a demand with all of it",
            whole / demands.max(1),
            "bytes",
        ),
        ("notices: size of the database", whole / 1_048_576, "MiB"),
    ];
    for (name, value, unit) in rows {
        figure(name, value, unit, None);
    }
}

fn figure(name: &str, value: u64, unit: &str, ratio: Option<(u64, &str)>) {
    let ratio = ratio.map_or_else(String::new, |(hundredths, to)| {
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        format!(r#","ratio_to":"{to}","ratio":{whole}.{rest:02}"#)
    });
    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}"{ratio}}}"#);
}

fn per_second(count: u64, took: Duration) -> u64 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000_000) / micros
}

fn rate(name: &str, count: u64, took: Duration, unit: &str) {
    figure(name, per_second(count, took), unit, None);
}

/// The most memory that this process ever had.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

async fn count(pool: &Pool, query: &str) -> u64 {
    let client = pool.get().await.expect("a connection");
    let found: i64 = client.query_one(query, &[]).await.expect("counts").get(0);
    u64::try_from(found).unwrap_or(0)
}

/// The kinds of the demo; answers the one that is demanded.
async fn load_kinds(pool: &Pool) -> BillType {
    let kinds: Vec<BillType> = serde_json::from_str(BILL_TYPES).expect("kinds");
    let mut client = pool.get().await.expect("a connection");
    let tx = client.transaction().await.expect("begins");
    epay_store::put_bill_types(&tx, &kinds)
        .await
        .expect("kinds");
    tx.commit().await.expect("commits");
    let kind = kinds
        .into_iter()
        .find(|kind| kind.code.as_str() == "rvd-rates");
    kind.expect("a kind of the demo")
}

async fn start(config: &Config) -> Engine {
    let options = PoolOptions {
        size: 12,
        ..PoolOptions::named("bench engine").as_service()
    };
    Engine::start(EngineOptions {
        pool: build_pool(config, &options).expect("a pool"),
        rails: Registry::with_defaults().expect("rails"),
        transport: Transport::new(BTreeMap::new()).expect("a transport"),
        calendar: BusinessCalendar::vendored().expect("a calendar"),
        factor_keys: FactorKeys::new(&[vec![7; 32].into()]).expect("keys"),
        commits: Commits::Shared { committers: 3 },
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .expect("an engine")
}

/// The same calls with nothing behind them: answers how many a second.
async fn bare(sink: &Sink, channels: &Channels, calls: u64) -> u64 {
    sink.want(calls);
    let started = Instant::now();
    futures_util::stream::iter(0..calls)
        .for_each_concurrent(AT_ONCE_MAX, async |call| {
            let message = Message {
                id: Uuid::from_u128(u128::from(call)),
                to: Address::Sms("+85260000000".to_owned().into()),
                title: None,
                body: "x".repeat(120),
                tongue: Tongue::One(Language::Traditional),
            };
            let _sent = channels.send(&message).await;
        })
        .await;
    let took = started.elapsed();
    // The sink has said that it has enough: the next to wait for it must not hear of this.
    sink.enough.notified().await;
    per_second(calls, took)
}

/// Sends what is due: answers how many a second.
async fn send(
    config: &Config,
    engine: &Engine,
    (contacts, channels): (Contacts, Channels),
    (sink, demands): (&Sink, u64),
) -> u64 {
    sink.want(demands);
    let options = SenderOptions {
        contacts,
        channels,
        shelf: Arc::new(Shelf::built_in().expect("texts")),
        at_once: AT_ONCE_MAX,
    };
    let stop = CancellationToken::new();
    let started = Instant::now();
    let (config, engine, stopped) = (config.clone(), engine.clone(), stop.clone());
    let running =
        tokio::spawn(async move { send_notices(&config, engine, options, stopped).await });
    sink.enough.notified().await;
    let took = started.elapsed();
    stop.cancel();
    running.await.expect("an orderly end").expect("lanes");
    per_second(demands, took)
}

/// What was fast must also be right.
async fn check(pool: &Pool, demands: u64) {
    let told = "SELECT count(*) FROM epay.notice WHERE kind = 'bill_ready' AND state = 'sending' AND attempts = 1";
    assert_eq!(
        count(pool, told).await,
        demands,
        "each demand is told of once"
    );
    let read = "SELECT count(*) FROM contact.read";
    assert!(count(pool, read).await > 0, "every opening is written down");
}
