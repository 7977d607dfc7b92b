//! Draws up statements: what was booked since the last one, and what the faults make of it.
//!
//! The account is locked first, and whoever books on it locks it as well: so the numbers of transactions grow in the
//! order of their commits, and the next statement begins right after the last number of this one.

use jiff::Timestamp;
use jiff::civil::Date;

use super::menu::{
    DUPLICATE_ENTRY, GAP, MENU, MISSING_ENTRY, RAIL, TWO_WITH_ONE_ID, WRONG_CLOSING,
};
use super::{Statements, camt053, mt940};
use crate::books::{BooksError, Sql};
use crate::faults::Chosen;
use crate::faults::menu::OUT_OF_ORDER;
use crate::frame::Writing;

/// One entry as the bank's books have it, seen from the account holder.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) bank_reference: String,
    pub(super) fps_reference: Option<String>,
    pub(super) end_to_end_id: Option<String>,
    pub(super) is_credit: bool,
    pub(super) amount_cents: i64,
    pub(super) reference: Option<String>,
    pub(super) bill_number: Option<String>,
    pub(super) payer_name: String,
    pub(super) is_payment: bool,
    pub(super) booked_at: Timestamp,
}

/// A statement as it is told.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) account: String,
    pub(super) currency: String,
    /// The bank's id of it.
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) day: Date,
    pub(super) opening_cents: i64,
    pub(super) closing_cents: i64,
    pub(super) entries: Vec<Entry>,
    pub(super) made_at: Timestamp,
    pub(super) garbled: bool,
}

/// Where the last statement of an account ended.
struct Last {
    place: i64,
    told_number: i64,
    upto_sequence: i64,
    closing_cents: i64,
}

impl Statements {
    /// Makes the statement of one account, or of every payee's. Answers with the names of the files.
    pub(super) async fn make_all(
        &self,
        writing: &Writing<'_>,
        account: Option<&str>,
        day: Date,
    ) -> Result<Vec<String>, BooksError> {
        let sql = "SELECT account, currency FROM accounts WHERE kind = 'payee' AND ($1::text IS NULL OR account = $1)
                   ORDER BY account FOR UPDATE";
        let rows = writing.sql().query(sql, &[&account]).await?;
        let mut names = Vec::new();
        for row in rows {
            let account: String = row.try_get(0)?;
            let currency: String = row.try_get(1)?;
            names.extend(self.make_one(writing, account, currency, day).await?);
        }
        Ok(names)
    }

    async fn make_one(
        &self,
        writing: &Writing<'_>,
        account: String,
        currency: String,
        day: Date,
    ) -> Result<Vec<String>, BooksError> {
        let last = last(writing, &account).await?;
        let faults = self.frame.faults.take(RAIL, MENU, &[&account]).await?;
        let (entries, upto_sequence) = booked_after(writing, &account, last.upto_sequence).await?;
        let net: i64 = entries
            .iter()
            .map(|entry| {
                if entry.is_credit {
                    entry.amount_cents
                } else {
                    -entry.amount_cents
                }
            })
            .sum();
        let place = last.place.saturating_add(1);
        let gap = faults
            .on(&GAP)
            .map_or(0, |fault| fault.number().clamp(0, 1_000));
        let honest = Statement {
            id: format!("{account}-{place:05}"),
            number: last.told_number.saturating_add(1).saturating_add(gap),
            day,
            opening_cents: last.closing_cents,
            closing_cents: last.closing_cents.saturating_add(net),
            entries,
            made_at: writing.now(),
            garbled: faults.on(&super::menu::GARBLED_ENTRY).is_some(),
            account,
            currency,
        };
        note(writing, &honest, place, upto_sequence, &faults).await?;
        let mut names = Vec::new();
        let told = bent(&honest, &faults);
        let held = faults.on(&OUT_OF_ORDER).is_some();
        names.extend(store(writing, &told, place, "", held).await?);
        if faults.on(&TWO_WITH_ONE_ID).is_some() {
            names.extend(store(writing, &other_words(&told), place, "-B", held).await?);
        }
        Ok(names)
    }
}

async fn last(writing: &Writing<'_>, account: &str) -> Result<Last, BooksError> {
    let sql =
        "SELECT place, told_number, upto_sequence, closing_cents FROM statements WHERE account = $1
               ORDER BY place DESC LIMIT 1";
    let Some(row) = writing.sql().query_opt(sql, &[&account]).await? else {
        return Ok(Last {
            place: 0,
            told_number: 0,
            upto_sequence: 0,
            closing_cents: 0,
        });
    };
    Ok(Last {
        place: row.try_get(0)?,
        told_number: row.try_get(1)?,
        upto_sequence: row.try_get(2)?,
        closing_cents: row.try_get(3)?,
    })
}

/// Entries after a transaction, in booking order, and the last transaction's number.
async fn booked_after(
    writing: &Writing<'_>,
    account: &str,
    after: i64,
) -> Result<(Vec<Entry>, i64), BooksError> {
    let sql = "SELECT t.sequence, t.bank_reference, t.fps_reference, t.end_to_end_id, e.side, e.amount_cents, t.reference,
                      t.bill_number, t.payer_name, t.kind, t.booked_at
               FROM entries AS e JOIN transactions AS t USING (bank_reference)
               WHERE e.account = $1 AND t.sequence > $2 ORDER BY t.sequence, e.line";
    let mut upto = after;
    let mut entries = Vec::new();
    for row in writing.sql().query(sql, &[&account, &after]).await? {
        upto = row.try_get(0)?;
        entries.push(Entry {
            bank_reference: row.try_get(1)?,
            fps_reference: row.try_get(2)?,
            end_to_end_id: row.try_get(3)?,
            is_credit: row.try_get::<_, &str>(4)? == "C",
            amount_cents: row.try_get(5)?,
            reference: row.try_get(6)?,
            bill_number: row.try_get(7)?,
            payer_name: row.try_get(8)?,
            is_payment: row.try_get::<_, &str>(9)? == "payment",
            booked_at: row.try_get(10)?,
        });
    }
    Ok((entries, upto))
}

async fn note(
    writing: &Writing<'_>,
    statement: &Statement,
    place: i64,
    upto_sequence: i64,
    faults: &Chosen,
) -> Result<(), BooksError> {
    let sql = "INSERT INTO statements (account, place, told_number, business_date, upto_sequence, opening_cents, closing_cents,
                   entries, faults, made_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let entries = i64::try_from(statement.entries.len()).unwrap_or(i64::MAX);
    let faults = serde_json::to_value(faults).unwrap_or_default();
    writing
        .sql()
        .execute(
            sql,
            &[
                &statement.account,
                &place,
                &statement.number,
                &statement.day,
                &upto_sequence,
                &statement.opening_cents,
                &statement.closing_cents,
                &entries,
                &faults,
                &statement.made_at,
            ],
        )
        .await?;
    Ok(())
}

/// The statement as the faults have it.
fn bent(honest: &Statement, faults: &Chosen) -> Statement {
    let mut told = honest.clone();
    if faults.on(&MISSING_ENTRY).is_some() {
        told.entries.pop();
    }
    if faults.on(&DUPLICATE_ENTRY).is_some() {
        let first = told.entries.first().cloned();
        told.entries.splice(0..0, first);
    }
    let more = faults.on(&WRONG_CLOSING).map_or(0, |fault| fault.number());
    told.closing_cents = told.closing_cents.saturating_add(more);
    told
}

/// Another statement under the same id: a dollar more at the end, and in its first entry.
fn other_words(told: &Statement) -> Statement {
    let mut other = told.clone();
    if let Some(entry) = other.entries.first_mut() {
        entry.amount_cents = entry.amount_cents.saturating_add(100);
    }
    other.closing_cents = other.closing_cents.saturating_add(100);
    other
}

/// Stores the files of a statement; answers with their names.
async fn store(
    writing: &Writing<'_>,
    statement: &Statement,
    place: i64,
    suffix: &str,
    held: bool,
) -> Result<Vec<String>, BooksError> {
    let account = &statement.account;
    let day = statement.day.strftime("%Y%m%d");
    let xml = camt053::write(statement, suffix).map_err(BooksError::Message)?;
    let text = mt940::write(statement);
    let files = [
        (
            camt053::FORMAT,
            format!("STMT_{account}_{day}_{place:05}{suffix}.xml"),
            xml,
        ),
        (
            mt940::FORMAT,
            format!("STMT_{account}_{day}_{place:05}{suffix}.sta"),
            text,
        ),
    ];
    let sql = "INSERT INTO statement_files (file_name, account, place, format, body, held) VALUES ($1, $2, $3, $4, $5, $6)";
    let mut names = Vec::new();
    for (format, name, body) in files {
        let row: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&name, account, &place, &format, &body, &held];
        writing.sql().execute(sql, &row).await?;
        names.push(name);
    }
    Ok(names)
}
