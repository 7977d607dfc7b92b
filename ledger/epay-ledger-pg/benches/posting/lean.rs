//! The floors, by bare loops that check nothing and fold their balances: one row a transfer in a table with nothing but its key; and the
//! rows of a ledger that is audited: a journal and two entries with the ledger's own indexes, so that what is left between this and the
//! crate is what its checks cost.

use std::pin::pin;
use std::time::{Duration, Instant};

use epay_pg::connect;
use futures_util::future::join_all;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Transaction};
use uuid::Uuid;

use crate::report::rate;

const BATCH: usize = 1_000;
const ACCOUNTS: i32 = 1_000;

const TABLES: &str = "CREATE SCHEMA lean;
    CREATE TABLE lean.transfer (amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), id uuid PRIMARY KEY,
        debit int NOT NULL, credit int NOT NULL);
    CREATE TABLE lean.balance (account int PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 50);
    INSERT INTO lean.balance SELECT n, 0 FROM generate_series(0, 999) n;
    CREATE TABLE lean.journal (LIKE ledger.journal INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE lean.entry (LIKE ledger.entry INCLUDING INDEXES);";

/// What a bare loop writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// One row a transfer.
    Transfers,
    /// A journal and its two entries.
    Journals,
}

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
pub(crate) async fn run(config: &Config, floor: Floor, posters: usize, slice: Duration) -> u64 {
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
                    batch(session.client_mut(), floor, &mut random).await;
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

async fn batch(client: &mut Client, floor: Floor, random: &mut crate::ours::Random) {
    let transfers: Vec<(Uuid, i32, i32)> = (0..BATCH)
        .map(|_| {
            (
                Uuid::now_v7(),
                random.below(ACCOUNTS),
                random.below(ACCOUNTS),
            )
        })
        .collect();
    let mut change = std::collections::BTreeMap::<i32, i64>::new();
    for (_, debit, credit) in &transfers {
        *change.entry(*debit).or_default() += 100;
        *change.entry(*credit).or_default() -= 100;
    }
    let tx = client.transaction().await.expect("begins");
    match floor {
        Floor::Transfers => copy_transfers(&tx, &transfers).await,
        Floor::Journals => {
            copy_journals(&tx, &transfers).await;
            copy_entries(&tx, &transfers).await;
        }
    }
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

async fn writer(tx: &Transaction<'_>, columns: &str, types: &[Type]) -> BinaryCopyInWriter {
    let copy = format!("COPY lean.{columns} FROM STDIN (FORMAT binary)");
    let sink = tx.copy_in(&copy).await.expect("copies");
    BinaryCopyInWriter::new(sink, types)
}

async fn copy_transfers(tx: &Transaction<'_>, transfers: &[(Uuid, i32, i32)]) {
    let types = [Type::INT8, Type::UUID, Type::INT4, Type::INT4];
    let mut rows = pin!(writer(tx, "transfer (amount, id, debit, credit)", &types).await);
    for (id, debit, credit) in transfers {
        rows.as_mut()
            .write(&[&100_i64, id, debit, credit])
            .await
            .expect("a row");
    }
    rows.finish().await.expect("copies");
}

async fn copy_journals(tx: &Transaction<'_>, transfers: &[(Uuid, i32, i32)]) {
    let columns = "journal (posted_at, id, business_date, kind, book, source)";
    // A label travels as a text does.
    let types = [
        Type::TIMESTAMPTZ,
        Type::UUID,
        Type::DATE,
        Type::TEXT,
        Type::INT2,
        Type::TEXT,
    ];
    let mut rows = pin!(writer(tx, columns, &types).await);
    let (now, day) = (jiff::Timestamp::now(), jiff::civil::date(2026, 11, 23));
    for (id, _, _) in transfers {
        let source = id.to_string();
        rows.as_mut()
            .write(&[&now, id, &day, &"receipt", &1_i16, &source])
            .await
            .expect("a row");
    }
    rows.finish().await.expect("copies");
}

async fn copy_entries(tx: &Transaction<'_>, transfers: &[(Uuid, i32, i32)]) {
    let columns = "entry (amount, journal_id, account, book, line)";
    let types = [Type::INT8, Type::UUID, Type::INT4, Type::INT2, Type::INT2];
    let mut rows = pin!(writer(tx, columns, &types).await);
    for (id, debit, credit) in transfers {
        for (amount, account, line) in [(100_i64, debit, 1_i16), (-100, credit, 2)] {
            rows.as_mut()
                .write(&[&amount, id, account, &1_i16, &line])
                .await
                .expect("a row");
        }
    }
    rows.finish().await.expect("copies");
}
