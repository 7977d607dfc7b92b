//! How fast a quarter's demands become notices, and notices messages: imported, planned, sent, on a private cluster and a real socket.
//!
//! 1. People subscribe, each to [`ACCOUNTS`] accounts; one demand an account is imported from a file that is never whole in memory.
//! 2. Everything is planned: how many demands, and how many notices, a second.
//! 3. The notices that are due, one a demand, are sent to a sink of this process by as many calls at once as a lane has; the same calls
//!    without a database beside it, in the same run, say how much of that is ours.
//! 4. Each demand must have been told of once. Peak memory is read after a tenth and at the end; the size in the database, at the end.
//!
//! `cargo bench --workspace --bench notices`. `EPAY_BENCH_DEMANDS` changes its length: 2,500,000 are a quarter of rates.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark prints its result and stops at the first error"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use deadpool_postgres::Pool;
use epay_bill_file::Format;
use epay_channels::{Address, Channels, ChannelsOptions, Message, SmsOptions};
use epay_contact::{
    CONTACT_ROLE, Consent, ContactKeys, Contacts, NewPerson, NewSubscription, Point,
};
use epay_domain::notification::Preferences;
use epay_domain::{BillType, CheckDigit};
use epay_engine::{Commits, Engine, EngineOptions, FactorKeys, SystemClock, V7Ids};
use epay_money::{BillerId, BusinessCalendar, Language, PersonId};
use epay_notice::{Channel, Shelf, Tongue};
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, migrate};
use epay_rail_kit::transport::{ChannelKey, Transport};
use epay_rails::Registry;
use epay_worker::{AT_ONCE_MAX, Planner, SenderOptions, install_queue, send_notices};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const DEMANDS: u64 = 20_000;
/// Accounts of one person.
const ACCOUNTS: u64 = 50;
/// Calls of the bare loop, at most.
const BARE_MAX: u64 = 20_000;
/// People written at once.
const WRITERS: usize = 16;
/// Bytes of the file that are given at once.
const PIECE_BYTES: usize = 65_536;
const LAST_DAY: &str = "2027-01-29";
const BILL_TYPES: &str = include_str!("../../../deploy/demo/bill-types.json");
const HEADER: &str =
    "document,revision,action,bill_type,number,amount,due_date,description,lines\n";

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
    install_queue(&config).await.expect("a queue");
    let pool = build_pool(&config, &PoolOptions::named("bench")).expect("a pool");
    let kind = load_kinds(&pool).await;
    let engine = start(&config).await;
    let contacts = contacts(&config);
    let started = Instant::now();
    subscribe(&contacts, &kind, demands).await;
    println!(
        "{demands} accounts subscribed to in {:?}",
        started.elapsed()
    );

    let imported = import(&engine, demands / 10, 1).await;
    plan(&config, &pool, &contacts, &engine).await;
    let early = peak_kilobytes();
    let rest = import(&engine, demands, demands / 10 + 1).await;
    rate(
        "notices: demands imported",
        demands,
        imported + rest,
        "demands/s",
        None,
    );
    let took = plan(&config, &pool, &contacts, &engine).await;
    let planned = count(&pool, "SELECT count(*) FROM epay.notice").await;
    let share = demands - demands / 10;
    rate("notices: demands planned", share, took, "demands/s", None);
    rate(
        "notices: planned",
        planned * share / demands,
        took,
        "notices/s",
        None,
    );

    let (sink, channels) = Sink::open().await;
    let bare = bare(&sink, &channels, demands.min(BARE_MAX)).await;
    let sent = send(&config, &engine, (contacts, channels), (&sink, demands)).await;
    let ratio = (sent * 100 / bare.max(1), "notices: bare calls");
    figure("notices: bare calls", bare, "calls/s", None);
    figure("notices: sent", sent, "notices/s", Some(ratio));
    check(&pool, demands).await;

    size_and_memory(&pool, early, planned).await;
    engine.drain().await;
    cluster.stop().await.expect("stops");
}

/// What a notice takes in the database, and whether memory grew with their number.
async fn size_and_memory(pool: &Pool, early: u64, planned: u64) {
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
    let bytes = "SELECT pg_total_relation_size('epay.notice') + pg_total_relation_size('epay.notice_event')";
    let bytes = count(pool, bytes).await;
    figure(
        "notices: size of a notice in the database",
        bytes / planned.max(1),
        "bytes",
        None,
    );
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

fn rate(name: &str, count: u64, took: Duration, unit: &str, ratio: Option<(u64, &str)>) {
    figure(name, per_second(count, took), unit, ratio);
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

fn contacts(config: &Config) -> Contacts {
    let options = PoolOptions {
        size: WRITERS,
        role: Some(CONTACT_ROLE.to_owned()),
        ..PoolOptions::named("bench contacts")
    };
    let pool = build_pool(config, &options).expect("a pool");
    Contacts::new(pool, ContactKeys::new(&[vec![5; 32].into()]).expect("keys"))
}

/// The number of the n-th account, with its check digit.
fn number(n: u64) -> String {
    let body = format!("{n:014}");
    let digit = CheckDigit::Mod11Radix10.of(&body).expect("digits");
    format!("{body}{digit}")
}

async fn subscribe(contacts: &Contacts, kind: &BillType, demands: u64) {
    let people = demands.div_ceil(ACCOUNTS);
    futures_util::stream::iter(0..people)
        .for_each_concurrent(WRITERS, async |person| {
            let first = person * ACCOUNTS + 1;
            let last = (first + ACCOUNTS - 1).min(demands);
            subscribe_one(contacts, kind, (person, first, last)).await;
        })
        .await;
}

async fn subscribe_one(
    contacts: &Contacts,
    kind: &BillType,
    (person, first, last): (u64, u64, u64),
) {
    let at = jiff::Timestamp::now();
    let id = PersonId::new(Uuid::from_u128(u128::from(person) + 1));
    let telephone = format!("+85260{person:06}");
    let new = NewPerson {
        id,
        points: vec![Point::read(Channel::Sms, &telephone).expect("a number")],
        preferences: Preferences {
            tongue: Tongue::One(Language::Traditional),
            channels: vec![Channel::Sms],
            reminders: true,
            quiet: None,
        },
        consent: Consent {
            id: Uuid::from_u128(u128::from(person) + 1),
            words: "2026-11".to_owned(),
            at,
        },
        client: "bench".to_owned(),
        at,
    };
    contacts.create(&new).await.expect("a person");
    for account in first..=last {
        let wish = NewSubscription {
            id: Uuid::from_u128(u128::from(account)),
            person: id,
            kind,
            number: &number(account),
            at,
        };
        contacts.subscribe(&wish).await.expect("a subscription");
    }
}

/// Takes in one demand an account, from `first` to `last`.
async fn import(engine: &Engine, last: u64, first: u64) -> Duration {
    let started = Instant::now();
    let biller = BillerId::new("rvd").expect("a word");
    let mut import = engine.import_bills(biller, Format::Csv);
    let mut piece = HEADER.to_owned();
    for account in first..=last {
        let number = number(account);
        piece.push_str(&format!(
            "D-{account},,,rvd-rates,{number},3720.00,{LAST_DAY},quarter,\n"
        ));
        if piece.len() >= PIECE_BYTES {
            import.feed(piece.as_bytes()).await.expect("takes it");
            piece.clear();
        }
    }
    import.feed(piece.as_bytes()).await.expect("takes it");
    let (done, _end) = import.end().await.expect("ends");
    assert_eq!(done.issued, last + 1 - first, "{:?}", done.faults.first());
    started.elapsed()
}

/// Notes all news that nobody has noted, as performing the outbox does, and plans them.
async fn plan(config: &Config, pool: &Pool, contacts: &Contacts, engine: &Engine) -> Duration {
    let client = pool.get().await.expect("a connection");
    let started = Instant::now();
    client
        .execute(
            "WITH new AS (UPDATE epay.outbox_batch SET performed_at = now() WHERE performed_at IS NULL RETURNING batch_id) \
             INSERT INTO epay.notice_news (batch_id) SELECT batch_id FROM new ORDER BY batch_id",
            &[],
        )
        .await
        .expect("notes");
    let ids = Box::new(V7Ids::default());
    let planner = Planner::new(config, contacts.clone(), engine.clone(), ids).expect("a planner");
    while planner.round().await.expect("plans") > 0 {}
    let took = started.elapsed();
    client
        .batch_execute("VACUUM ANALYZE epay.notice")
        .await
        .expect("analyses");
    took
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
    per_second(calls, started.elapsed())
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
