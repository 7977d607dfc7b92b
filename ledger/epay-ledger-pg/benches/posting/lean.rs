//! The floor: one row a transfer in a table with nothing but its key, balances folded, no check of anything.

use std::pin::pin;
use std::time::{Duration, Instant};

use epay_pg::connect;
use futures_util::future::join_all;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config};
use uuid::Uuid;

use crate::report::rate;

const BATCH: usize = 1_000;
const ACCOUNTS: i32 = 1_000;

const TABLES: &str = "CREATE SCHEMA lean;
    CREATE TABLE lean.transfer (amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), id uuid PRIMARY KEY,
        debit int NOT NULL, credit int NOT NULL);
    CREATE TABLE lean.balance (account int PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 50);
    INSERT INTO lean.balance SELECT n, 0 FROM generate_series(0, 999) n;";

pub(crate) async fn prepare(config: &Config) {
    let session = connect(config).await.expect("connects");
    session
        .client()
        .batch_execute(TABLES)
        .await
        .expect("tables");
    session.close().await;
}

/// Transfers a second.
pub(crate) async fn run(config: &Config, posters: usize, slice: Duration) -> u64 {
    let sessions = join_all((0..posters).map(|_| connect(config))).await;
    let mut sessions: Vec<_> = sessions
        .into_iter()
        .map(|session| session.expect("connects"))
        .collect();
    let begun = Instant::now();
    let counts = join_all(
        sessions
            .iter_mut()
            .zip(0_u64..)
            .map(|(session, seed)| async move {
                let mut count = 0_u64;
                let mut random = crate::ours::Random::new(seed);
                while begun.elapsed() < slice {
                    batch(session.client_mut(), &mut random).await;
                    count += BATCH as u64;
                }
                count
            }),
    )
    .await;
    let taken = begun.elapsed();
    for session in sessions {
        session.close().await;
    }
    rate(counts.iter().sum(), taken)
}

async fn batch(client: &mut Client, random: &mut crate::ours::Random) {
    let tx = client.transaction().await.expect("begins");
    let sink = tx
        .copy_in("COPY lean.transfer (amount, id, debit, credit) FROM STDIN (FORMAT binary)")
        .await
        .expect("copies");
    let mut rows = pin!(BinaryCopyInWriter::new(
        sink,
        &[Type::INT8, Type::UUID, Type::INT4, Type::INT4]
    ));
    let mut change = std::collections::BTreeMap::<i32, i64>::new();
    for _ in 0..BATCH {
        let (debit, credit) = (random.below(ACCOUNTS), random.below(ACCOUNTS));
        *change.entry(debit).or_default() += 100;
        *change.entry(credit).or_default() -= 100;
        rows.as_mut()
            .write(&[&100_i64, &Uuid::now_v7(), &debit, &credit])
            .await
            .expect("a row");
    }
    rows.finish().await.expect("copies");
    let (accounts, amounts): (Vec<i32>, Vec<i64>) = change.into_iter().unzip();
    tx.execute_typed(
        "UPDATE lean.balance b SET amount = b.amount + d.amount
           FROM unnest($1::int[], $2::bigint[]) AS d(account, amount) WHERE b.account = d.account",
        &[(&accounts, Type::INT4_ARRAY), (&amounts, Type::INT8_ARRAY)],
    )
    .await
    .expect("adds");
    tx.commit().await.expect("commits");
}
