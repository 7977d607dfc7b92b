//! The first answer to every command that carried a key: kept as long as what it made.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::BillerId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// A key, in the scope of the caller and the kind of command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey {
    /// The department.
    pub biller: BillerId,
    /// Who asked, and for what.
    pub scope: String,
    /// The key that the caller chose.
    pub key: String,
}

/// What was answered first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAnswer {
    /// The key.
    pub key: IdempotencyKey,
    /// SHA-256 of what was asked.
    pub digest: Vec<u8>,
    /// The bill or payment that was made or changed.
    pub answer: Uuid,
    /// Its version in that answer.
    pub version: i32,
}

/// First answers of these keys, where there are any.
///
/// # Errors
/// [`StoreError`].
pub async fn first_answers(
    client: &impl GenericClient,
    keys: &[IdempotencyKey],
) -> Result<Vec<FirstAnswer>, StoreError> {
    columns!(
        keys,
        billers = |key| key.biller.as_str(),
        scopes = |key| key.scope.as_str(),
        words = |key| key.key.as_str(),
    );
    let statement = client
        .prepare_cached(
            "SELECT known.* FROM epay.idempotency AS known \
             JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (biller_id, scope, key) \
             USING (biller_id, scope, key)",
        )
        .await?;
    let rows = client
        .query(&statement, &[&billers, &scopes, &words])
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "idempotency",
                row,
            };
            Ok(FirstAnswer {
                key: IdempotencyKey {
                    biller: reading.biller()?,
                    scope: reading.get("scope")?,
                    key: reading.get("key")?,
                },
                digest: reading.get("digest")?,
                answer: reading.get("answer_id")?,
                version: reading.get("version")?,
            })
        })
        .collect()
}

/// Keeps first answers.
///
/// # Errors
/// [`StoreError`]; a key that exists already means that another node answered first.
pub async fn insert_answers_in(
    tx: &Transaction<'_>,
    answers: &[FirstAnswer],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        answers,
        billers = |answer| answer.key.biller.as_str(),
        scopes = |answer| answer.key.scope.as_str(),
        words = |answer| answer.key.key.as_str(),
        digests = |answer| answer.digest.as_slice(),
        ids = |answer| answer.answer,
        versions = |answer| answer.version,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.idempotency (biller_id, scope, key, digest, answer_id, version, created_at) \
             SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::uuid[], $6::int4[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[&billers, &scopes, &words, &digests, &ids, &versions, &now],
    )
    .await?;
    Ok(())
}
