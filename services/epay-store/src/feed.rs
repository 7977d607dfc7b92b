//! Feeds: sealed files (`rows` has their rows), how they are brought to departments, and what departments say of them.

mod acknowledgement;
mod acknowledgement_file;
mod balance;
mod delivery;
mod rows;

pub use acknowledgement::{
    FeedVerdict, StoredAcknowledgement, acknowledgements, insert_acknowledgement,
};
pub use acknowledgement_file::{
    AcknowledgementFile, acknowledgement_file, insert_acknowledgement_file,
};
pub use balance::{FeedBalance, PassedOver, feed_balance};
pub use delivery::{
    DeliveryKey, DeliveryNote, DeliveryPlan, FeedDelivery, FeedDeliveryAttempt, FeedDeliveryFilter,
    TakenDelivery, deliveries_for_attention, feed_deliveries, keep_delivery, note_delivery,
    plan_deliveries, redeliver, take_deliveries,
};
pub use rows::{
    FeedPosition, feed_rows, feed_rows_after, feed_rows_in, gather_feed_rows_in, looked_until_in,
};

use deadpool_postgres::{GenericClient, Transaction};
use epay_feed::{FeedHead, Shape, Totals};
use epay_money::{BillerId, Currency};
use jiff::Timestamp;
use jiff::civil::Date;
use postgres_types::Json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

const TABLE: &str = "file";

/// A feed: the files of a department in one currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedKey {
    /// The department.
    pub biller: BillerId,
    /// The currency.
    pub currency: Currency,
}

/// Where a feed stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Which feed.
    pub key: FeedKey,
    /// The last file's number; 0 before the first.
    pub last_sequence: i64,
    /// The net of all files, in minor units.
    pub closing_minor: i64,
    /// Every entry of a journal up to this id is in a file.
    pub looked_until: Uuid,
}

/// What the bytes of a file are in one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeSeal {
    /// The shape.
    pub shape: Shape,
    /// How many.
    pub bytes: i64,
    /// SHA-256 of them.
    pub digest: [u8; 32],
}

/// A sealed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedFile {
    /// Of which feed.
    pub key: FeedKey,
    /// Its number.
    pub sequence: i64,
    /// The day that was closed.
    pub day: Date,
    /// What its rows come to.
    pub totals: Totals,
    /// The net of all files before it.
    pub opening_minor: i64,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// The last day on which it is acknowledged in time.
    pub ack_due_on: Date,
    /// Its bytes in each shape.
    pub shapes: Vec<ShapeSeal>,
    /// What the department said last.
    pub acknowledged: Option<FeedVerdict>,
}

impl FeedFile {
    /// What stands before its rows.
    #[must_use]
    pub fn head(&self) -> FeedHead {
        FeedHead {
            department: self.key.biller.to_string(),
            currency: self.key.currency,
            day: self.day,
            sequence: u64::try_from(self.sequence).unwrap_or(0),
            opening_minor: self.opening_minor,
            sealed_at: self.sealed_at,
        }
    }

    /// The net of all files up to this one.
    #[must_use]
    pub const fn closing_minor(&self) -> i64 {
        self.opening_minor.saturating_add(self.totals.net_minor())
    }

    /// Nobody took it, and somebody should look why: it was refused, it differs, or its time has run out.
    #[must_use]
    pub fn needs_attention(&self, today: Date) -> bool {
        match self.acknowledged {
            Some(FeedVerdict::Accepted) => false,
            Some(FeedVerdict::Differs | FeedVerdict::Refused) => true,
            None => today > self.ack_due_on,
        }
    }
}

/// Locks a feed for the length of the transaction; makes it where it is not there yet.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_feed_in(tx: &Transaction<'_>, key: &FeedKey) -> Result<Feed, StoreError> {
    let (biller, currency) = (key.biller.as_str(), key.currency.code());
    let insert = tx
        .prepare_cached(
            "INSERT INTO feed.sequence (biller_id, currency) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .await?;
    tx.execute(&insert, &[&biller, &currency]).await?;
    let select = tx
        .prepare_cached(
            "SELECT * FROM feed.sequence WHERE biller_id = $1 AND currency = $2 FOR UPDATE",
        )
        .await?;
    read_feed(&tx.query_one(&select, &[&biller, &currency]).await?)
}

/// The feeds of a department, or of all, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn feeds(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
) -> Result<Vec<Feed>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM feed.sequence WHERE ($1::text IS NULL OR biller_id = $1) AND last_sequence > 0 \
             ORDER BY biller_id, currency",
        )
        .await?;
    let rows = client
        .query(&select, &[&biller.map(BillerId::as_str)])
        .await?;
    rows.iter().map(read_feed).collect()
}

fn read_feed(row: &Row) -> Result<Feed, StoreError> {
    let reading = Reading {
        table: "sequence",
        row,
    };
    Ok(Feed {
        key: key(reading)?,
        last_sequence: reading.get("last_sequence")?,
        closing_minor: reading.get("closing_minor")?,
        looked_until: reading.get("looked_until")?,
    })
}

fn key(reading: Reading<'_>) -> Result<FeedKey, StoreError> {
    Ok(FeedKey {
        biller: reading.biller()?,
        currency: reading.currency()?,
    })
}

/// The currencies in which a department has books.
///
/// # Errors
/// [`StoreError`].
pub async fn book_currencies_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<Vec<Currency>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT currency::text AS currency FROM ledger.book WHERE biller_id = $1 ORDER BY currency",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str()]).await?;
    let table = "book";
    rows.iter()
        .map(|row| Reading { table, row }.currency())
        .collect()
}

/// Seals a file whose rows are written, and moves its feed on.
///
/// # Errors
/// [`StoreError`].
pub async fn seal_file_in(
    tx: &Transaction<'_>,
    file: &FeedFile,
    looked_until: Uuid,
) -> Result<(), StoreError> {
    let (biller, currency) = (file.key.biller.as_str(), file.key.currency.code());
    let totals = &file.totals;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let insert = tx
        .prepare_cached(
            "INSERT INTO feed.file (biller_id, currency, sequence, in_day, rows, late_rows, credits_minor, debits_minor, \
             opening_minor, closing_minor, hash_total, rows_digest, sealed_at, ack_due_on) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &biller,
            &currency,
            &file.sequence,
            &file.day,
            &count(totals.rows),
            &count(totals.late_rows),
            &totals.credits_minor,
            &totals.debits_minor,
            &file.opening_minor,
            &file.closing_minor(),
            &count(totals.hash_total),
            &totals.digest.as_slice(),
            &file.sealed_at,
            &file.ack_due_on,
        ],
    )
    .await?;
    seal_shapes_in(tx, file).await?;
    let update = tx
        .prepare_cached(
            "UPDATE feed.sequence SET last_sequence = $3, closing_minor = $4, looked_until = $5 \
             WHERE biller_id = $1 AND currency = $2",
        )
        .await?;
    tx.execute(
        &update,
        &[
            &biller,
            &currency,
            &file.sequence,
            &file.closing_minor(),
            &looked_until,
        ],
    )
    .await?;
    Ok(())
}

async fn seal_shapes_in(tx: &Transaction<'_>, file: &FeedFile) -> Result<(), StoreError> {
    let (biller, currency) = (file.key.biller.as_str(), file.key.currency.code());
    let insert = tx
        .prepare_cached(
            "INSERT INTO feed.shape (biller_id, currency, sequence, shape, bytes, digest) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .await?;
    for seal in &file.shapes {
        let (shape, digest) = (seal.shape.as_str(), seal.digest.as_slice());
        tx.execute(
            &insert,
            &[
                &biller,
                &currency,
                &file.sequence,
                &shape,
                &seal.bytes,
                &digest,
            ],
        )
        .await?;
    }
    Ok(())
}

/// A file as it stands, with its shapes and the last word of the department.
const SELECT: &str = "SELECT file.*, said.verdict, \
    (SELECT jsonb_agg(jsonb_build_array(shape, bytes, encode(digest, 'hex')) ORDER BY shape) FROM feed.shape AS one \
      WHERE (one.biller_id, one.currency, one.sequence) = (file.biller_id, file.currency, file.sequence)) AS shapes \
    FROM feed.file AS file LEFT JOIN LATERAL (SELECT verdict FROM feed.acknowledgement AS said \
      WHERE (said.biller_id, said.currency, said.sequence) = (file.biller_id, file.currency, file.sequence) \
      ORDER BY acknowledgement_id DESC LIMIT 1) AS said ON true";

/// One file.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_file(
    client: &impl GenericClient,
    key: &FeedKey,
    sequence: i64,
) -> Result<Option<FeedFile>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE file.biller_id = $1 AND file.currency = $2 AND file.sequence = $3"
        ))
        .await?;
    let parameters: [&(dyn postgres_types::ToSql + Sync); 3] =
        [&key.biller.as_str(), &key.currency.code(), &sequence];
    let row = client.query_opt(&select, &parameters).await?;
    row.as_ref().map(read_file).transpose()
}

/// The files of one day of a department.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_files_of_day(
    client: &impl GenericClient,
    biller: &BillerId,
    day: Date,
) -> Result<Vec<FeedFile>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE file.biller_id = $1 AND file.in_day = $2 ORDER BY file.currency"
        ))
        .await?;
    let rows = client.query(&select, &[&biller.as_str(), &day]).await?;
    rows.iter().map(read_file).collect()
}

/// Files of a feed, newest first, before a number; at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_files(
    client: &impl GenericClient,
    key: &FeedKey,
    before: i64,
    limit: i64,
) -> Result<Vec<FeedFile>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE file.biller_id = $1 AND file.currency = $2 AND file.sequence < $3 \
             ORDER BY file.sequence DESC LIMIT $4"
        ))
        .await?;
    let parameters: [&(dyn postgres_types::ToSql + Sync); 4] =
        [&key.biller.as_str(), &key.currency.code(), &before, &limit];
    let rows = client.query(&select, &parameters).await?;
    rows.iter().map(read_file).collect()
}

/// The files of these names that are there, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_files_named(
    client: &impl GenericClient,
    names: &[(&FeedKey, i64)],
) -> Result<Vec<FeedFile>, StoreError> {
    columns!(
        names,
        billers = |(key, _sequence)| key.biller.as_str(),
        currencies = |(key, _sequence)| key.currency.code(),
        sequences = |(_key, sequence)| *sequence,
    );
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE (file.biller_id, file.currency, file.sequence) IN \
             (SELECT * FROM unnest($1::text[], $2::text[], $3::int8[]))"
        ))
        .await?;
    let rows = client
        .query(&select, &[&billers, &currencies, &sequences])
        .await?;
    rows.iter().map(read_file).collect()
}

/// Files of all departments that nobody took in time, or that were refused or differ; oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_files_for_attention(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
    today: Date,
    limit: i64,
) -> Result<Vec<FeedFile>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE ($1::text IS NULL OR file.biller_id = $1) AND coalesce(said.verdict <> 'accepted', \
             file.ack_due_on < $2) ORDER BY file.sealed_at, file.biller_id, file.currency LIMIT $3"
        ))
        .await?;
    let parameters: [&(dyn postgres_types::ToSql + Sync); 3] =
        [&biller.map(BillerId::as_str), &today, &limit];
    let rows = client.query(&select, &parameters).await?;
    rows.iter().map(read_file).collect()
}

fn read_file(row: &Row) -> Result<FeedFile, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let count = |column: &'static str| {
        let count: i64 = reading.get(column)?;
        u64::try_from(count).map_err(|_negative| unknown(column))
    };
    let digest: &[u8] = reading.get("rows_digest")?;
    let shapes = reading.get::<Option<Json<Vec<(String, i64, String)>>>>("shapes")?;
    let shapes = shapes.map_or_else(Vec::new, |shapes| shapes.0);
    let shapes: Option<Vec<ShapeSeal>> = shapes
        .into_iter()
        .map(|(shape, bytes, digest)| {
            Some(ShapeSeal {
                shape: Shape::ALL.into_iter().find(|one| one.as_str() == shape)?,
                bytes,
                digest: from_hex(&digest)?,
            })
        })
        .collect();
    let verdict: Option<&str> = reading.get("verdict")?;
    Ok(FeedFile {
        key: key(reading)?,
        sequence: reading.get("sequence")?,
        day: reading.get("in_day")?,
        totals: Totals {
            rows: count("rows")?,
            late_rows: count("late_rows")?,
            credits_minor: reading.get("credits_minor")?,
            debits_minor: reading.get("debits_minor")?,
            hash_total: count("hash_total")?,
            digest: digest
                .try_into()
                .map_err(|_length| unknown("rows_digest"))?,
        },
        opening_minor: reading.get("opening_minor")?,
        sealed_at: reading.get("sealed_at")?,
        ack_due_on: reading.get("ack_due_on")?,
        shapes: shapes.ok_or_else(|| unknown("shapes"))?,
        acknowledged: verdict
            .map(|word| FeedVerdict::named(word).ok_or_else(|| unknown("verdict")))
            .transpose()?,
    })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, place) in digest.iter_mut().zip((0_usize..64).step_by(2)) {
        let two = text.get(place..place.saturating_add(2))?;
        *byte = u8::from_str_radix(two, 16).ok()?;
    }
    Some(digest)
}
