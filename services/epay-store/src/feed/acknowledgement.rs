//! What departments say of files: append only.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::FeedKey;
use crate::StoreError;
use crate::row::Reading;

/// What was said of a file, beside what the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedVerdict {
    /// It was taken, as it is.
    Accepted,
    /// It was taken with another count or net than it has.
    Differs,
    /// It was not taken.
    Refused,
}

impl FeedVerdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Differs, Self::Refused];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Differs => "differs",
            Self::Refused => "refused",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAcknowledgement {
    /// Its id.
    pub id: Uuid,
    /// Of which feed.
    pub key: FeedKey,
    /// Of which file.
    pub sequence: i64,
    /// What.
    pub verdict: FeedVerdict,
    /// The count and net that the department found, where it took the file.
    pub found: Option<(i64, i64)>,
    /// At which line and why it did not.
    pub refusal: Option<(i32, String)>,
    /// Who said it.
    pub caller: String,
    /// When.
    pub at: Timestamp,
}

/// Records what was said.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_acknowledgement(
    client: &impl GenericClient,
    said: &StoredAcknowledgement,
) -> Result<(), StoreError> {
    let insert = client
        .prepare_cached(
            "INSERT INTO feed.acknowledgement (biller_id, acknowledgement_id, currency, sequence, verdict, rows, net_minor, \
             line, reason, caller, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .await?;
    let (rows, net) = said.found.unzip();
    let (line, reason) = said.refusal.clone().unzip();
    let parameters: [&(dyn ToSql + Sync); 11] = [
        &said.key.biller.as_str(),
        &said.id,
        &said.key.currency.code(),
        &said.sequence,
        &said.verdict.as_str(),
        &rows,
        &net,
        &line,
        &reason,
        &said.caller,
        &said.at,
    ];
    client.execute(&insert, &parameters).await?;
    Ok(())
}

/// Everything that was said of a file, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn acknowledgements(
    client: &impl GenericClient,
    key: &FeedKey,
    sequence: i64,
) -> Result<Vec<StoredAcknowledgement>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM feed.acknowledgement WHERE biller_id = $1 AND currency = $2 AND sequence = $3 \
             ORDER BY acknowledgement_id DESC",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 3] =
        [&key.biller.as_str(), &key.currency.code(), &sequence];
    let rows = client.query(&select, &parameters).await?;
    let table = "acknowledgement";
    rows.iter()
        .map(|row| {
            let reading = Reading { table, row };
            let verdict: &str = reading.get("verdict")?;
            let found = (reading.get("rows")?, reading.get("net_minor")?);
            let refusal = (reading.get("line")?, reading.get("reason")?);
            Ok(StoredAcknowledgement {
                id: reading.get("acknowledgement_id")?,
                key: key.clone(),
                sequence,
                verdict: FeedVerdict::named(verdict).ok_or(StoreError::Unknown {
                    table,
                    column: "verdict",
                })?,
                found: Option::zip(found.0, found.1),
                refusal: Option::zip(refusal.0, refusal.1),
                caller: reading.get("caller")?,
                at: reading.get("at")?,
            })
        })
        .collect()
}
