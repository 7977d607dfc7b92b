//! Bank statements: one row a statement; [`entry`] has their entries.

pub(crate) mod entry;

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::statement::{
    Declared, Statement, StatementFinding, StatementKind, StatementState,
};
use epay_money::{BillerId, Currency, MessageId, StatementId};
use jiff::Timestamp;
use postgres_types::Json;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const TABLE: &str = "statement";

fn read(row: &Row) -> Result<Statement, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let kind: &str = reading.get("kind")?;
    let state: &str = reading.get("state")?;
    let currency: &str = reading.get("currency")?;
    let digest: &[u8] = reading.get("digest")?;
    Ok(Statement {
        id: StatementId::new(reading.get("statement_id")?),
        biller: reading.biller()?,
        file: MessageId::new(reading.get("file_id")?),
        place: reading.get("place")?,
        kind: StatementKind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| unknown("kind"))?,
        format: reading.get("format")?,
        account: reading.get("account")?,
        currency: currency
            .parse::<Currency>()
            .map_err(|_bad| unknown("currency"))?,
        sender_id: reading.get("sender_id")?,
        sequence_number: reading.get("sequence_number")?,
        from_date: reading.get("from_date")?,
        to_date: reading.get("to_date")?,
        opening_minor: reading.get("opening_minor")?,
        closing_minor: reading.get("closing_minor")?,
        digest: digest.try_into().ok().ok_or_else(|| unknown("digest"))?,
        rows_written: reading.get("rows_written")?,
        entries: reading.get("entries")?,
        bad_rows: reading.get("bad_rows")?,
        credits_minor: reading.get("credits_minor")?,
        debits_minor: reading.get("debits_minor")?,
        declared: reading.get::<Json<Declared>>("declared")?.0,
        state: StatementState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        findings: reading.get::<Json<Vec<StatementFinding>>>("findings")?.0,
        received_at: reading.get("received_at")?,
        changed_at: reading.get("changed_at")?,
    })
}

/// Makes whoever would write statements of an account wait for the caller's end: the chain of an account is judged by
/// one at a time.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_statement_account_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    account: &str,
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "SELECT pg_advisory_xact_lock(hashtextextended('recon.statement ' || $1 || ' ' || $2, 0))",
        )
        .await?;
    tx.execute(&statement, &[&biller.as_str(), &account])
        .await?;
    Ok(())
}

/// Writes new statements.
///
/// # Errors
/// [`StoreError`]; an id that another statement of the account has is a conflict of the database.
pub async fn insert_statements_in(
    tx: &Transaction<'_>,
    statements: &[&Statement],
) -> Result<(), StoreError> {
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.statement (biller_id, statement_id, file_id, place, kind, format, account, currency, \
             sender_id, sequence_number, from_date, to_date, opening_minor, closing_minor, digest, rows_written, entries, \
             bad_rows, credits_minor, debits_minor, declared, state, findings, received_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
             $22, $23, $24, $25)",
        )
        .await?;
    // A file has one statement, or a few: one an account.
    for one in statements {
        tx.execute(
            &insert,
            &[
                &one.biller.as_str(),
                &one.id.uuid(),
                &one.file.uuid(),
                &one.place,
                &one.kind.as_str(),
                &one.format,
                &one.account,
                &one.currency.code(),
                &one.sender_id,
                &one.sequence_number,
                &one.from_date,
                &one.to_date,
                &one.opening_minor,
                &one.closing_minor,
                &one.digest.as_slice(),
                &one.rows_written,
                &one.entries,
                &one.bad_rows,
                &one.credits_minor,
                &one.debits_minor,
                &Json(&one.declared),
                &one.state.as_str(),
                &Json(&one.findings),
                &one.received_at,
                &one.changed_at,
            ],
        )
        .await?;
    }
    Ok(())
}

/// Writes what may change of statements: how far each was read, its sums, and what the checks found.
///
/// # Errors
/// [`StoreError`].
pub async fn update_statements_in(
    tx: &Transaction<'_>,
    statements: &[&Statement],
) -> Result<(), StoreError> {
    columns!(
        statements,
        billers = |one| one.biller.as_str(),
        ids = |one| one.id.uuid(),
        entries = |one| one.entries,
        bad_rows = |one| one.bad_rows,
        credits = |one| one.credits_minor,
        debits = |one| one.debits_minor,
        states = |one| one.state.as_str(),
        findings = |one| Json(&one.findings),
        times = |one| one.changed_at,
    );
    let update = tx
        .prepare_cached(
            "UPDATE recon.statement AS old SET entries = new.entries, bad_rows = new.bad_rows, \
             credits_minor = new.credits_minor, debits_minor = new.debits_minor, state = new.state, \
             findings = new.findings, changed_at = new.changed_at \
             FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::jsonb[], \
             $9::timestamptz[]) AS new (biller_id, statement_id, entries, bad_rows, credits_minor, debits_minor, state, \
             findings, changed_at) \
             WHERE old.biller_id = new.biller_id AND old.statement_id = new.statement_id",
        )
        .await?;
    tx.execute(
        &update,
        &[
            &billers, &ids, &entries, &bad_rows, &credits, &debits, &states, &findings, &times,
        ],
    )
    .await?;
    Ok(())
}

/// One statement.
///
/// # Errors
/// [`StoreError`].
pub async fn statement(
    client: &impl GenericClient,
    biller: &BillerId,
    id: StatementId,
) -> Result<Option<Statement>, StoreError> {
    let select = client
        .prepare_cached("SELECT * FROM recon.statement WHERE biller_id = $1 AND statement_id = $2")
        .await?;
    let row = client
        .query_opt(&select, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks a statement and reads it.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_statement_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    id: StatementId,
) -> Result<Option<Statement>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.statement WHERE biller_id = $1 AND statement_id = $2 FOR UPDATE",
        )
        .await?;
    let row = tx
        .query_opt(&select, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Notes that every row of a file's statements is written.
///
/// # Errors
/// [`StoreError`].
pub async fn complete_statements_in(
    tx: &Transaction<'_>,
    file: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.statement SET state = 'complete', changed_at = $2 WHERE file_id = $1 AND state = 'reading'",
        )
        .await?;
    tx.execute(&update, &[&file.uuid(), &now]).await?;
    Ok(())
}

/// The statements of a file, in its order.
///
/// # Errors
/// [`StoreError`].
pub async fn statements_of_file(
    client: &impl GenericClient,
    file: MessageId,
) -> Result<Vec<Statement>, StoreError> {
    let select = client
        .prepare_cached("SELECT * FROM recon.statement WHERE file_id = $1 ORDER BY place")
        .await?;
    let rows = client.query(&select, &[&file.uuid()]).await?;
    rows.iter().map(read).collect()
}

/// The statement that has the sender's id already, where one has it.
///
/// # Errors
/// [`StoreError`].
pub async fn statement_with_sender_id_in(
    tx: &Transaction<'_>,
    like: &Statement,
) -> Result<Option<Statement>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.statement WHERE biller_id = $1 AND account = $2 AND kind = $3 AND sender_id = $4 \
             AND state IN ('reading', 'complete') AND statement_id <> $5",
        )
        .await?;
    let row = tx
        .query_opt(
            &select,
            &[
                &like.biller.as_str(),
                &like.account,
                &like.kind.as_str(),
                &like.sender_id,
                &like.id.uuid(),
            ],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Statements that count, of the account, kind, last day and balances of one. The caller has locked the account.
///
/// # Errors
/// [`StoreError`].
pub async fn statements_like_in(
    tx: &Transaction<'_>,
    like: &Statement,
) -> Result<Vec<Statement>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.statement WHERE biller_id = $1 AND account = $2 AND currency = $3 AND kind = $4 \
             AND to_date = $5 AND opening_minor = $6 AND closing_minor = $7 \
             AND state IN ('reading', 'complete', 'accepted') AND statement_id <> $8 ORDER BY statement_id",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 8] = [
        &like.biller.as_str(),
        &like.account,
        &like.currency.code(),
        &like.kind.as_str(),
        &like.to_date,
        &like.opening_minor,
        &like.closing_minor,
        &like.id.uuid(),
    ];
    let rows = tx.query(&select, &parameters).await?;
    rows.iter().map(read).collect()
}

/// The statements before and after one in the chain of its account, by last day and number. The caller has locked the
/// account.
///
/// # Errors
/// [`StoreError`].
pub async fn statement_neighbours_in(
    tx: &Transaction<'_>,
    of: &Statement,
) -> Result<(Option<Statement>, Option<Statement>), StoreError> {
    let chain = "SELECT * FROM recon.statement WHERE biller_id = $1 AND account = $2 AND currency = $3 AND kind = $4 \
                 AND state IN ('reading', 'complete') AND statement_id <> $7";
    let key = "(to_date, coalesce(sequence_number, 0), statement_id)";
    let this = "($5::date, coalesce($6::int8, 0), $7::uuid)";
    let queries = [("<", "DESC"), (">", "ASC")].map(|(side, order)| {
        let by =
            format!("to_date {order}, coalesce(sequence_number, 0) {order}, statement_id {order}");
        // The one behind is about to be changed: what others write into it until then must not be lost.
        let lock = if side == ">" { " FOR UPDATE" } else { "" };
        format!("{chain} AND {key} {side} {this} ORDER BY {by} LIMIT 1{lock}")
    });
    let mut found = Vec::with_capacity(queries.len());
    for sql in &queries {
        let select = tx.prepare_cached(sql).await?;
        let row = tx
            .query_opt(
                &select,
                &[
                    &of.biller.as_str(),
                    &of.account,
                    &of.currency.code(),
                    &of.kind.as_str(),
                    &of.to_date,
                    &of.sequence_number,
                    &of.id.uuid(),
                ],
            )
            .await?;
        found.push(row.as_ref().map(read).transpose()?);
    }
    let after = found.pop().flatten();
    Ok((found.pop().flatten(), after))
}

/// Which statements are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementFilter {
    /// Only those in this department's book.
    pub biller: Option<BillerId>,
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those in this state.
    pub state: Option<StatementState>,
    /// Only those with findings, or with rows set apart.
    pub with_findings: bool,
}

/// Statements, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn statements(
    client: &impl GenericClient,
    filter: &StatementFilter,
    request: PageRequest,
) -> Result<Page<Statement>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM recon.statement WHERE ($1::text IS NULL OR biller_id = $1) \
             AND ($2::text IS NULL OR account = $2) AND ($3::text IS NULL OR state = $3) \
             AND (NOT $4 OR findings <> '[]' OR bad_rows > 0) \
             AND ($5::uuid IS NULL OR statement_id < $5) ORDER BY statement_id DESC LIMIT $6",
        )
        .await?;
    let rows = client
        .query(
            &select,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.account,
                &filter.state.map(StatementState::as_str),
                &filter.with_findings,
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |one| one.id.uuid()))
}
