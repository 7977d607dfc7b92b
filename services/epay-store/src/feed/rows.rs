//! Rows of files: gathered from the ledger by one statement, read in the order of their lines.

use deadpool_postgres::{GenericClient, Transaction};
use epay_feed::{Direction, FeedRow};
use futures_util::{Stream, StreamExt as _};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::FeedKey;
use crate::StoreError;
use crate::row::Reading;

const TABLE: &str = "feed row";

/// Entries that change what the department is owed: 2010, what is owed to it, and 1230, what it owes back. Those that
/// settle it are none: remittances, and what is kept back from them. A reversal goes with what it undoes.
macro_rules! entries {
    ($columns:literal) => {
        concat!(
            "SELECT ", $columns, " FROM ledger.book AS book \
             JOIN ledger.account AS account ON account.book = book.id \
              AND (account.code LIKE '2010.%' OR account.code LIKE '1230.%') \
             JOIN ledger.entry AS entry ON entry.account = account.id AND entry.journal_id > $3 \
             JOIN ledger.journal AS journal ON journal.book = entry.book AND journal.id = entry.journal_id \
             LEFT JOIN ledger.journal AS undone ON undone.book = journal.book AND undone.id = journal.reverses \
             WHERE book.biller_id = $1 AND book.currency = $2::text::ledger.currency \
              AND coalesce(undone.kind, journal.kind) NOT IN ('remittance', 'debit_identified', 'clawback') \
              AND NOT EXISTS (SELECT FROM feed.row AS told WHERE told.biller_id = $1 AND told.journal_id = entry.journal_id \
               AND told.journal_line = entry.line)"
        )
    };
}

/// The source of a journal is the id of a receipt, a refund or a payment, or a word; ids are of one kind only. Behind it
/// may stand the day of a fact that was posted on another.
const GATHER: &str = concat!(
    "INSERT INTO feed.row (biller_id, currency, sequence, line, journal_id, journal_line, kind, payment_id, bill_number, \
     bill_type, revenue_line, rail, rail_reference, instructed_at, of_day, value_date, direction, amount_minor, corrects) \
     SELECT $1, $2, $5, row_number() OVER (ORDER BY e.id, e.line), e.id, e.line, e.kind, \
      coalesce(receipt.payment_id, refund.payment_id, payment.payment_id), bill.number, bill.bill_type, e.revenue_line, \
      coalesce(receipt.rail, refunded.rail, payment.rail), \
      coalesce(receipt.rail_reference, refund.order_key, refunded.rail_reference, payment.reference), \
      coalesce(receipt.instructed_at, e.posted_at), coalesce(receipt.receipt_business_date, e.business_date), \
      coalesce(receipt.value_date, e.business_date), \
      CASE WHEN e.amount < 0 THEN 'credit' ELSE 'debit' END, abs(e.amount), \
      CASE WHEN e.kind IN ('reversal', 'returned_unpaid') \
       THEN coalesce(receipt.payment_id, refund.payment_id, payment.payment_id) END \
     FROM (",
    entries!(
        "journal.id, entry.line, journal.kind::text AS kind, entry.amount, journal.posted_at, journal.business_date, \
         coalesce(substring(account.code FROM '^2010\\.[^.]+\\.(.+)$'), '') AS revenue_line, \
         substring(coalesce(undone.source, journal.source) \
          FROM '^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:@.*)?$')::uuid AS source"
    ),
    " AND journal.business_date <= $4) AS e \
     LEFT JOIN epay.receipt AS receipt ON receipt.biller_id = $1 AND receipt.receipt_id = e.source \
     LEFT JOIN epay.refund AS refund ON refund.biller_id = $1 AND refund.refund_id = e.source \
     LEFT JOIN epay.receipt AS refunded ON refunded.biller_id = $1 AND refunded.receipt_id = refund.receipt_id \
     LEFT JOIN epay.payment AS payment ON payment.biller_id = $1 AND payment.payment_id = e.source \
     LEFT JOIN epay.bill AS bill ON bill.biller_id = $1 \
      AND bill.bill_id = coalesce(receipt.bill_id, refund.bill_id, payment.bill_id)"
);

const LOOKED: &str = concat!(
    "SELECT min(e.id::text) FILTER (WHERE e.business_date > $4)::uuid, max(e.id::text)::uuid FROM (",
    entries!("journal.id, journal.business_date"),
    ") AS e"
);

/// A version 7 id that is older than another by so many milliseconds: whoever posts in between commits long before.
const SLACK_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Where a look into a feed's entries begins and how far it goes.
#[derive(Debug, Clone, Copy)]
pub struct FeedPosition<'a> {
    /// The feed.
    pub key: &'a FeedKey,
    /// The file that the rows are for.
    pub sequence: i64,
    /// The last day whose entries count.
    pub day: Date,
    /// Where the last look ended.
    pub looked_until: Uuid,
}

/// Writes the rows of the next file: every entry up to its day that no file has. Answers how many there are.
///
/// # Errors
/// [`StoreError`].
pub async fn gather_feed_rows_in(
    tx: &Transaction<'_>,
    position: FeedPosition<'_>,
) -> Result<u64, StoreError> {
    // Planned for these values each time: how many entries there are differs from day to day by a thousand times.
    let insert = tx.prepare(GATHER).await?;
    let FeedPosition {
        key,
        sequence,
        day,
        looked_until,
    } = position;
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &key.biller.as_str(),
        &key.currency.code(),
        &looked_until,
        &day,
        &sequence,
    ];
    Ok(tx.execute(&insert, &parameters).await?)
}

/// Where the next look begins, asked before rows are gathered: a day before the first entry that is left for a later
/// file, else before the last one that is there. Unchanged where there is no entry.
///
/// # Errors
/// [`StoreError`].
pub async fn looked_until_in(
    tx: &Transaction<'_>,
    position: FeedPosition<'_>,
) -> Result<Uuid, StoreError> {
    let select = tx.prepare(LOOKED).await?;
    let FeedPosition {
        key,
        day,
        looked_until,
        ..
    } = position;
    let parameters: [&(dyn ToSql + Sync); 4] = [
        &key.biller.as_str(),
        &key.currency.code(),
        &looked_until,
        &day,
    ];
    let row = tx.query_one(&select, &parameters).await?;
    let (left, last): (Option<Uuid>, Option<Uuid>) = (row.try_get(0)?, row.try_get(1)?);
    let until = left.or(last).map(earlier);
    Ok(until.map_or(looked_until, |until| until.max(looked_until)))
}

/// The least id of a version 7 that a day before this one could have.
fn earlier(id: Uuid) -> Uuid {
    let (high, _low) = id.as_u64_pair();
    let millis = (high >> 16).saturating_sub(SLACK_MILLIS);
    Uuid::from_u64_pair(millis << 16, 0)
}

fn read(row: &Row) -> Result<FeedRow, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let line: i32 = reading.get("line")?;
    let payment: Option<Uuid> = reading.get("payment_id")?;
    let journal: Uuid = reading.get("journal_id")?;
    let corrects: Option<Uuid> = reading.get("corrects")?;
    let direction: &str = reading.get("direction")?;
    let of_payment = |id: Uuid| format!("P-{}", id.simple());
    Ok(FeedRow {
        line: u32::try_from(line).map_err(|_negative| unknown("line"))?,
        reference: payment.map_or_else(|| format!("J-{}", journal.simple()), of_payment),
        bill_number: reading.get("bill_number")?,
        bill_type: reading.get("bill_type")?,
        revenue_line: reading.get("revenue_line")?,
        rail: reading.get("rail")?,
        rail_reference: reading.get("rail_reference")?,
        instructed_at: reading.get("instructed_at")?,
        of_day: reading.get("of_day")?,
        value_date: reading.get("value_date")?,
        amount_minor: reading.get("amount_minor")?,
        direction: Direction::ALL
            .into_iter()
            .find(|known| known.as_str() == direction)
            .ok_or_else(|| unknown("direction"))?,
        corrects: corrects.map(of_payment),
    })
}

const SELECT: &str = "SELECT * FROM feed.row WHERE biller_id = $1 AND currency = $2 AND sequence = $3 AND line > $4 \
    ORDER BY line";

/// Every row of a file in order, as a stream: memory stays flat, whatever their number.
///
/// # Errors
/// [`StoreError`], before the first row or instead of any.
pub async fn feed_rows<C: GenericClient>(
    client: &C,
    key: &FeedKey,
    sequence: i64,
) -> Result<impl Stream<Item = Result<FeedRow, StoreError>> + use<C>, StoreError> {
    let select = client.prepare_cached(SELECT).await?;
    let parameters: [&(dyn ToSql + Sync); 4] = [
        &key.biller.as_str(),
        &key.currency.code(),
        &sequence,
        &0_i32,
    ];
    let rows = client.query_raw(&select, parameters).await?;
    Ok(rows.map(|row| read(&row?)))
}

/// The same within the transaction that writes the file.
///
/// # Errors
/// As [`feed_rows`].
pub async fn feed_rows_in(
    tx: &Transaction<'_>,
    key: &FeedKey,
    sequence: i64,
) -> Result<impl Stream<Item = Result<FeedRow, StoreError>> + use<>, StoreError> {
    let select = tx.prepare_cached(SELECT).await?;
    let parameters: [&(dyn ToSql + Sync); 4] = [
        &key.biller.as_str(),
        &key.currency.code(),
        &sequence,
        &0_i32,
    ];
    let rows = tx.query_raw(&select, parameters).await?;
    Ok(rows.map(|row| read(&row?)))
}

/// The rows of a file after a line, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_rows_after(
    client: &impl GenericClient,
    (key, sequence): (&FeedKey, i64),
    line: i32,
    limit: i64,
) -> Result<Vec<FeedRow>, StoreError> {
    let select = client.prepare_cached(&format!("{SELECT} LIMIT $5")).await?;
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &key.biller.as_str(),
        &key.currency.code(),
        &sequence,
        &line,
        &limit,
    ];
    let rows = client.query(&select, &parameters).await?;
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::earlier;
    use uuid::Uuid;

    #[test]
    fn a_look_begins_a_day_before() {
        let id = Uuid::parse_str("01940000-0000-7abc-8000-000000000001").unwrap();
        let day = Uuid::parse_str("0193fad9-a400-0000-0000-000000000000").unwrap();
        assert_eq!(earlier(id), day);
        assert_eq!(earlier(Uuid::nil()), Uuid::nil());
    }
}
