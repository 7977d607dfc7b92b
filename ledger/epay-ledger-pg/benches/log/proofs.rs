//! Proofs in a large log: leaves and subtrees are copied in as sealing would have written them.

use std::pin::pin;
use std::time::Instant;

use epay_ledger::log::{Frontier, LogHash, Subtree};
use epay_ledger_pg::{consistency_proof, inclusion_proof};
use epay_money::{BillerId, JournalId};
use epay_pg::connect;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config};
use uuid::Uuid;

use crate::ours::Random;

/// Proofs of each kind that are timed.
const PROOFS: usize = 2_000;
/// The same indexes as the migration's, built once instead of row by row.
const WITHOUT_INDEXES: &str =
    "ALTER TABLE ledger.log_leaf DROP CONSTRAINT log_leaf_pkey, DROP CONSTRAINT log_leaf_once;
    INSERT INTO ledger.book (biller_id, currency) VALUES ('rvd', 'HKD')";
const WITH_INDEXES: &str = "SET maintenance_work_mem = '256MB';
    ALTER TABLE ledger.log_leaf ADD CONSTRAINT log_leaf_pkey PRIMARY KEY (leaf_index),
        ADD CONSTRAINT log_leaf_once UNIQUE (book, journal_id);
    ANALYZE ledger.log_leaf; ANALYZE ledger.log_subtree";

fn leaf(n: u64) -> LogHash {
    LogHash::of_leaf(&n.to_be_bytes())
}

/// Ids in the order of time, as version 7 has them.
fn id(n: u64) -> Uuid {
    Uuid::from_u128((0x0198_0000_0000_7000_8000_u128 << 48) | u128::from(n))
}

async fn fill(client: &Client, leaves: u64) -> LogHash {
    client
        .batch_execute(WITHOUT_INDEXES)
        .await
        .expect("prepares");
    let mut frontier = Frontier::default();
    let mut subtrees: Vec<(Subtree, LogHash)> = Vec::new();
    let sink = client
        .copy_in(
            "COPY ledger.log_leaf (leaf_index, journal_id, book, hash) FROM STDIN (FORMAT binary)",
        )
        .await
        .expect("copies");
    let types = [Type::INT8, Type::UUID, Type::INT2, Type::BYTEA];
    let mut rows = pin!(BinaryCopyInWriter::new(sink, &types));
    for n in 0..leaves {
        let hash = leaf(n);
        let index = i64::try_from(n).expect("small");
        let bytes = hash.as_bytes().as_slice();
        rows.as_mut()
            .write(&[&index, &id(n), &1_i16, &bytes])
            .await
            .expect("a row");
        frontier
            .append(hash, |subtree, hash| subtrees.push((subtree, hash)))
            .expect("room");
    }
    rows.finish().await.expect("copies");
    let sink = client
        .copy_in("COPY ledger.log_subtree (level, subtree_index, hash) FROM STDIN (FORMAT binary)")
        .await
        .expect("copies");
    let mut rows = pin!(BinaryCopyInWriter::new(
        sink,
        &[Type::INT2, Type::INT8, Type::BYTEA]
    ));
    for (subtree, hash) in subtrees {
        let index = i64::try_from(subtree.index).expect("small");
        let bytes = hash.as_bytes().as_slice();
        rows.as_mut()
            .write(&[&i16::from(subtree.level), &index, &bytes])
            .await
            .expect("a row");
    }
    rows.finish().await.expect("copies");
    client.batch_execute(WITH_INDEXES).await.expect("indexes");
    frontier.root()
}

pub(crate) async fn run(config: &Config, leaves: u64) {
    let session = connect(config).await.expect("connects");
    let client = session.client();
    let begun = Instant::now();
    let root = fill(client, leaves).await;
    println!("{leaves} leaves laid in {} s", begun.elapsed().as_secs());
    let book = BillerId::new("rvd").expect("a biller");
    let mut random = Random::new(7);
    let bound = i32::try_from(leaves).expect("below an i32");
    let (mut inclusion, mut consistency, mut longest) = (vec![], vec![], 0);
    for _ in 0..PROOFS {
        let n = u64::try_from(random.below(bound)).expect("not below zero");
        let begun = Instant::now();
        let proof = inclusion_proof(client, &book, JournalId::new(id(n)), leaves).await;
        inclusion.push(begun.elapsed());
        let proof = proof.expect("reads").expect("it is in the log");
        proof.verify(&leaf(n), &root).expect("it holds");
        longest = longest.max(proof.path.len());
        let begun = Instant::now();
        let proof = consistency_proof(client, n.max(1), leaves).await;
        consistency.push(begun.elapsed());
        longest = longest.max(proof.expect("reads").expect("in order").path.len());
    }
    for (name, mut times) in [("inclusion", inclusion), ("consistency", consistency)] {
        times.sort_unstable();
        for (which, place) in [("p50", PROOFS / 2), ("p99", PROOFS * 99 / 100)] {
            let micros = times.get(place).map_or(0, |time| time.as_micros());
            println!(
                r#"BENCH {{"name":"log: {name} proof in {leaves}, {which}","value":{micros},"unit":"µs"}}"#
            );
        }
    }
    println!(
        r#"BENCH {{"name":"log: longest proof in {leaves}","value":{},"unit":"bytes"}}"#,
        longest * 32
    );
    session.close().await;
}
