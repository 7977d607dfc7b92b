//! Files of acknowledgements that were taken in: append only.

use deadpool_postgres::GenericClient;
use epay_money::BillerId;
use jiff::Timestamp;
use tokio_postgres::types::ToSql;

use crate::StoreError;

/// A file of acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementFile {
    /// The department.
    pub biller: BillerId,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// How many lines it has.
    pub lines: i32,
    /// Why it was set apart; nothing where it was taken.
    pub problem: Option<String>,
}

/// What became of a file of this name and these bytes before; nothing where it was never taken in.
///
/// # Errors
/// [`StoreError`].
pub async fn acknowledgement_file(
    client: &impl GenericClient,
    (biller, name): (&BillerId, &str),
    digest: [u8; 32],
) -> Result<Option<AcknowledgementFile>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT taken_at, lines, problem FROM feed.acknowledgement_file \
             WHERE biller_id = $1 AND name = $2 AND digest = $3",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 3] = [&biller.as_str(), &name, &digest.as_slice()];
    let Some(row) = client.query_opt(&select, &parameters).await? else {
        return Ok(None);
    };
    Ok(Some(AcknowledgementFile {
        biller: biller.clone(),
        name: name.to_owned(),
        digest,
        taken_at: row.try_get("taken_at")?,
        lines: row.try_get("lines")?,
        problem: row.try_get("problem")?,
    }))
}

/// Keeps what became of a file; the first word stands.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_acknowledgement_file(
    client: &impl GenericClient,
    file: &AcknowledgementFile,
) -> Result<(), StoreError> {
    let insert = client
        .prepare_cached(
            "INSERT INTO feed.acknowledgement_file (biller_id, name, digest, taken_at, lines, problem) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &file.biller.as_str(),
        &file.name,
        &file.digest.as_slice(),
        &file.taken_at,
        &file.lines,
        &file.problem,
    ];
    client.execute(&insert, &parameters).await?;
    Ok(())
}
