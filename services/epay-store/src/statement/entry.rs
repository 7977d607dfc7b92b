//! Entries of statements: written by the thousand, read as a stream or by the page.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::statement::{EntryDirection, Standing, StatementEntry};
use epay_money::{BillerId, StatementId};
use futures_util::{Stream, StreamExt as _};
use std::collections::BTreeSet;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::StoreError;
use crate::row::{Reading, columns};

const TABLE: &str = "statement_entry";

pub(crate) fn read(row: &Row) -> Result<StatementEntry, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let direction: &str = reading.get("direction")?;
    let standing: &str = reading.get("standing")?;
    Ok(StatementEntry {
        biller: reading.biller()?,
        statement: StatementId::new(reading.get("statement_id")?),
        line: reading.get("line")?,
        account: reading.get("account")?,
        direction: EntryDirection::ALL
            .into_iter()
            .find(|known| known.as_str() == direction)
            .ok_or_else(|| unknown("direction"))?,
        amount: reading.money("amount_minor")?,
        booking_date: reading.get("booking_date")?,
        value_date: reading.get("value_date")?,
        bank_reference: reading.get("bank_reference")?,
        reference: reading.get("reference")?,
        bill_number: reading.get("bill_number")?,
        end_to_end_id: reading.get("end_to_end_id")?,
        clearing_reference: reading.get("clearing_reference")?,
        reversal: reading.get("reversal")?,
        return_reason: reading.get("return_reason")?,
        items: reading.get("items")?,
        narrative_code: reading.get("narrative_code")?,
        standing: Standing::ALL
            .into_iter()
            .find(|known| known.as_str() == standing)
            .ok_or_else(|| unknown("standing"))?,
    })
}

/// Writes entries. One that would count and that an entry before it already told of is written as
/// [`Standing::Repeated`]; a line that is there stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_statement_entries_in(
    tx: &Transaction<'_>,
    entries: &[StatementEntry],
) -> Result<(), StoreError> {
    let all: Vec<&StatementEntry> = entries.iter().collect();
    let written = insert(tx, &all, None).await?;
    if written.len() == entries.len() {
        return Ok(());
    }
    let left: Vec<&StatementEntry> = entries
        .iter()
        .filter(|entry| !written.contains(&(entry.statement.uuid(), entry.line)))
        .collect();
    insert(tx, &left, Some(Standing::Repeated)).await?;
    Ok(())
}

async fn insert(
    tx: &Transaction<'_>,
    entries: &[&StatementEntry],
    standing: Option<Standing>,
) -> Result<BTreeSet<(uuid::Uuid, i32)>, StoreError> {
    columns!(
        entries,
        billers = |entry| entry.biller.as_str(),
        statements = |entry| entry.statement.uuid(),
        lines = |entry| entry.line,
        accounts = |entry| entry.account.as_str(),
        currencies = |entry| entry.amount.currency().code(),
        directions = |entry| entry.direction.as_str(),
        amounts = |entry| entry.amount.minor(),
        booked = |entry| entry.booking_date,
        valued = |entry| entry.value_date,
        bank_references = |entry| entry.bank_reference.as_str(),
        references = |entry| entry.reference.as_deref(),
        numbers = |entry| entry.bill_number.as_deref(),
        end_to_end_ids = |entry| entry.end_to_end_id.as_deref(),
        clearing = |entry| entry.clearing_reference.as_deref(),
        reversals = |entry| entry.reversal,
        reasons = |entry| entry.return_reason.as_deref(),
        items = |entry| entry.items,
        codes = |entry| entry.narrative_code.as_deref(),
        standings = |entry| standing.unwrap_or(entry.standing).as_str(),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO recon.statement_entry (biller_id, statement_id, line, account, currency, direction, \
             amount_minor, booking_date, value_date, bank_reference, reference, bill_number, end_to_end_id, \
             clearing_reference, reversal, return_reason, items, narrative_code, standing) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::int8[], \
             $8::date[], $9::date[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bool[], \
             $16::text[], $17::int4[], $18::text[], $19::text[]) \
             ON CONFLICT DO NOTHING RETURNING statement_id, line",
        )
        .await?;
    let rows = tx
        .query(
            &statement,
            &[
                &billers,
                &statements,
                &lines,
                &accounts,
                &currencies,
                &directions,
                &amounts,
                &booked,
                &valued,
                &bank_references,
                &references,
                &numbers,
                &end_to_end_ids,
                &clearing,
                &reversals,
                &reasons,
                &items,
                &codes,
                &standings,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Lets the entries of a statement count that were set apart with it; those that an entry told of that counts are repeats.
///
/// # Errors
/// [`StoreError`].
pub async fn accept_statement_entries_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    statement: StatementId,
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.statement_entry AS entry SET standing = CASE WHEN again.place > 1 OR EXISTS \
             (SELECT FROM recon.statement_entry AS told WHERE told.biller_id = entry.biller_id \
             AND told.account = entry.account AND told.bank_reference = entry.bank_reference \
             AND told.direction = entry.direction AND told.booking_date = entry.booking_date \
             AND told.amount_minor = entry.amount_minor AND told.standing = 'counts') THEN 'repeated' ELSE 'counts' END \
             FROM (SELECT line, row_number() OVER (PARTITION BY account, bank_reference, direction, booking_date, amount_minor \
             ORDER BY line) AS place FROM recon.statement_entry WHERE biller_id = $1 AND statement_id = $2 \
             AND standing = 'set_apart') AS again \
             WHERE entry.biller_id = $1 AND entry.statement_id = $2 AND entry.line = again.line",
        )
        .await?;
    tx.execute(&update, &[&biller.as_str(), &statement.uuid()])
        .await?;
    Ok(())
}

/// Every entry of a statement in the order of its lines, as a stream: memory stays flat, whatever their number.
///
/// # Errors
/// [`StoreError`], before the first entry or instead of any.
pub async fn statement_entries<C: GenericClient>(
    client: &C,
    biller: &BillerId,
    statement: StatementId,
) -> Result<impl Stream<Item = Result<StatementEntry, StoreError>> + use<C>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM recon.statement_entry WHERE biller_id = $1 AND statement_id = $2 ORDER BY line",
        )
        .await?;
    let biller = biller.as_str();
    let id = statement.uuid();
    let parameters: [&(dyn ToSql + Sync); 2] = [&biller, &id];
    let rows = client.query_raw(&select, parameters).await?;
    Ok(rows.map(|row| read(&row?)))
}

/// The entries of a statement after a line, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn statement_entries_after(
    client: &impl GenericClient,
    (biller, statement): (&BillerId, StatementId),
    line: i32,
    limit: i64,
) -> Result<Vec<StatementEntry>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM recon.statement_entry WHERE biller_id = $1 AND statement_id = $2 AND line > $3 \
             ORDER BY line LIMIT $4",
        )
        .await?;
    let rows = client
        .query(
            &select,
            &[&biller.as_str(), &statement.uuid(), &line, &limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The last line of a statement that is an entry or set apart; 0 where it has none.
///
/// # Errors
/// [`StoreError`].
pub async fn last_statement_line_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    statement: StatementId,
) -> Result<i32, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT greatest(\
             (SELECT coalesce(max(line), 0) FROM recon.statement_entry WHERE biller_id = $1 AND statement_id = $2), \
             (SELECT coalesce(max(entry), 0) FROM epay.quarantine WHERE message_id = $2))",
        )
        .await?;
    let row = tx
        .query_one(&select, &[&biller.as_str(), &statement.uuid()])
        .await?;
    Ok(row.try_get(0)?)
}
