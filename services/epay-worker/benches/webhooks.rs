//! How fast webhooks are delivered, and what a dead receiver costs the others, on a private cluster and real sockets.
//!
//! A hundred receivers of five departments on one sink of this process, so many events for each ([`EVENTS`]), in three
//! parts: all receivers are well; one of them answers 500; one of them never answers. Each part counts from the first look
//! to the moment when the well ones have everything, which includes signing, the call, and all writing before that. Parts take turns,
//! ratios are taken within a round, and the median of the rounds counts. In the end the database must say that each well
//! receiver's deliveries are done, in one attempt each.
//!
//! `cargo bench -p epay-worker --bench webhooks`. `EPAY_BENCH_EVENTS` and `EPAY_BENCH_ROUNDS` change its length.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark prints its result and stops at the first error"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use deadpool_postgres::Pool;
use epay_domain::webhook::{Endpoint, EndpointState};
use epay_engine::{SystemClock, V7Ids, key_place};
use epay_money::{BillerId, WebhookEndpointId};
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, migrate};
use epay_store::webhook::{StoredKey, insert_endpoint_in, insert_key_in};
use epay_webhook::{Guard, KEY_BYTES, Lane, NONCE_BYTES, SigningKey, Vault};
use epay_worker::{Deliverer, DelivererOptions, SystemLookup};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Receivers; one of them is ill in two parts of three.
const RECEIVERS: u64 = 100;
/// Events for each.
const EVENTS: u64 = 200;
const ROUNDS: u64 = 3;

/// How the ill one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ill {
    None,
    Fails,
    Hangs,
}

/// Counts what the well receivers hear.
#[derive(Debug, Default)]
struct Sink {
    heard: AtomicU64,
    wanted: AtomicU64,
    enough: Notify,
}

async fn take(State(sink): State<Arc<Sink>>, uri: Uri) -> StatusCode {
    match uri.path() {
        "/fails" => StatusCode::INTERNAL_SERVER_ERROR,
        "/hangs" => {
            std::future::pending::<()>().await;
            StatusCode::OK
        }
        _ => {
            let heard = sink.heard.fetch_add(1, Ordering::SeqCst) + 1;
            if heard == sink.wanted.load(Ordering::SeqCst) {
                sink.enough.notify_one();
            }
            StatusCode::NO_CONTENT
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::main]
async fn main() {
    let events = setting("EPAY_BENCH_EVENTS", EVENTS);
    let rounds = setting("EPAY_BENCH_ROUNDS", ROUNDS);
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("epay").await.expect("a database");
    let config = cluster.config("epay");
    let sets = [epay_ledger_pg::MIGRATIONS, epay_store::MIGRATIONS];
    migrate(&config, &sets).await.expect("migrates");
    let pool = build_pool(&config, &PoolOptions::named("bench")).expect("a pool");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let sink = Arc::new(Sink::default());
    let router = Router::new().fallback(take).with_state(Arc::clone(&sink));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let vault = Arc::new(Vault::new([("bench".to_owned(), [7_u8; 32].as_slice())]).expect("a key"));

    let (mut well, mut fails, mut hangs) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fails_ratio, mut hangs_ratio) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let mut rates = Vec::new();
        for ill in [Ill::None, Ill::Fails, Ill::Hangs] {
            prepare(&pool, &vault, port, ill, events).await;
            let options = DelivererOptions {
                vault: Arc::clone(&vault),
                guard: Guard {
                    loopback: true,
                    ..Guard::default()
                },
                lookup: Arc::new(SystemLookup),
                clock: Arc::new(SystemClock),
                ids: Arc::new(V7Ids::default()),
            };
            let deliverer = Deliverer::new(&config, options).expect("a deliverer");
            let wanted = events * (RECEIVERS - u64::from(ill != Ill::None));
            let took = run(deliverer, &sink, wanted).await;
            check(&pool, wanted).await;
            let rate = u128::from(wanted) * 1_000_000 / took.as_micros().max(1);
            println!("round {round} of {rounds}: {ill:?} {rate}/s");
            rates.push(rate);
        }
        let [none, failing, hanging] = rates.as_slice() else {
            continue;
        };
        well.push(*none);
        fails.push(*failing);
        hangs.push(*hanging);
        fails_ratio.push(failing * 100 / none);
        hangs_ratio.push(hanging * 100 / none);
    }
    figure("webhooks: all receivers well", &mut well, None);
    figure(
        "webhooks: 1 % of receivers fail",
        &mut fails,
        Some(&mut fails_ratio),
    );
    figure(
        "webhooks: 1 % of receivers hang",
        &mut hangs,
        Some(&mut hangs_ratio),
    );
    cluster.stop().await.expect("stops");
}

fn median(numbers: &mut [u128]) -> u128 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

fn figure(name: &str, rates: &mut [u128], ratio: Option<&mut Vec<u128>>) {
    let value = median(rates);
    let ratio = ratio.map_or_else(String::new, |hundredths| {
        let hundredths = median(hundredths);
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        format!(r#","ratio_to":"webhooks: all receivers well","ratio":{whole}.{rest:02}"#)
    });
    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"deliveries/s"{ratio}}}"#);
}

/// Delivers until the well ones have heard everything.
async fn run(deliverer: Deliverer, sink: &Sink, wanted: u64) -> Duration {
    sink.heard.store(0, Ordering::SeqCst);
    sink.wanted.store(wanted, Ordering::SeqCst);
    let stop = CancellationToken::new();
    let started = Instant::now();
    let running = tokio::spawn(deliverer.run(stop.clone()));
    sink.enough.notified().await;
    let took = started.elapsed();
    stop.cancel();
    running.await.expect("an orderly end");
    took
}

/// An empty house with so many receivers, and events that wait for each.
async fn prepare(pool: &Pool, vault: &Vault, port: u16, ill: Ill, events: u64) {
    let mut client = pool.get().await.expect("a connection");
    let tx = client.transaction().await.expect("begins");
    tx.batch_execute("TRUNCATE webhook.endpoint, webhook.signing_key, webhook.event, webhook.delivery, webhook.attempt")
        .await
        .expect("empties");
    let now = jiff::Timestamp::now();
    for number in 0..RECEIVERS {
        let path = match (number, ill) {
            (0, Ill::Fails) => "fails",
            (0, Ill::Hangs) => "hangs",
            _ => "well",
        };
        let endpoint = Endpoint {
            id: WebhookEndpointId::new(Uuid::from_u128(u128::from(number))),
            biller: BillerId::new(&format!("d{}", number / 20)).expect("a word"),
            url: format!("http://127.0.0.1:{port}/{path}"),
            description: String::new(),
            event_types: vec![],
            state: EndpointState::Enabled,
            lane: Lane::default(),
            created_at: now,
            changed_at: now,
            version: 1,
        };
        insert_endpoint_in(&tx, &endpoint).await.expect("inserts");
        let key = Uuid::from_u128(1);
        let bytes = [3_u8; KEY_BYTES];
        let place = key_place(&endpoint.biller, endpoint.id, key);
        let stored = StoredKey {
            id: key,
            sealed: vault
                .seal(&place, &bytes, [1; NONCE_BYTES])
                .expect("it seals"),
            public_key: SigningKey::from_bytes(&bytes).expect("a key").public_key(),
            created_at: now,
            expires_at: None,
        };
        insert_key_in(&tx, &endpoint, &stored)
            .await
            .expect("inserts");
    }
    let events = i64::try_from(events).expect("fits");
    tx.execute(
        "WITH event AS (INSERT INTO webhook.event (biller_id, event_id, type, at, body) \
         SELECT 'd' || d, 'evt_' || n, 'bill.paid', now(), repeat('x', 600) FROM generate_series(0, 4) AS d, \
         generate_series(1, $1::int8) AS n RETURNING biller_id, event_id) \
         INSERT INTO webhook.delivery (biller_id, endpoint_id, event_id, state, next_at, created_at) \
         SELECT biller_id, endpoint_id, event_id, 'waiting', now() - interval '1 second', now() \
         FROM webhook.endpoint JOIN event USING (biller_id)",
        &[&events],
    )
    .await
    .expect("inserts");
    tx.commit().await.expect("commits");
    client
        .batch_execute("VACUUM ANALYZE webhook.endpoint, webhook.event, webhook.delivery")
        .await
        .expect("analyses");
}

/// What was fast must also be right.
async fn check(pool: &Pool, wanted: u64) {
    let client = pool.get().await.expect("a connection");
    let query = "SELECT count(*) FROM webhook.delivery JOIN webhook.endpoint USING (biller_id, endpoint_id) \
         WHERE url LIKE '%/well' AND delivery.state = 'delivered' AND attempts = 1";
    let row = client.query_one(query, &[]).await.expect("counts");
    let done: i64 = row.get(0);
    assert_eq!(u64::try_from(done), Ok(wanted));
}
