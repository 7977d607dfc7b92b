//! Journals by filter, newest first, a page at a time.
//!
//! Ids of version 7 sort by time, so "newest first" is the order of the id. A page begins after a cursor, never at an
//! offset: journals that arrive in between neither repeat nor hide a row. Each statement is driven by the index that fits the
//! narrowest filter: the source, the account, or else the journals of each book from their end.

use epay_ledger::{AccountCode, Journal};
use epay_money::{BillerId, JournalId};
use jiff::Timestamp;
use postgres_types::ToSql;
use tokio_postgres::GenericClient;
use uuid::Uuid;

use super::journals::fetch;
use crate::error::LedgerPgError;

/// Most journals on a page, whatever is asked for.
pub const PAGE_SIZE_MAX: usize = 1_000;

/// Which journals; an empty filter is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Only this book's.
    pub book: Option<BillerId>,
    /// Only those with a posting on exactly this account.
    pub account: Option<AccountCode>,
    /// Only those with this cause.
    pub source: Option<String>,
    /// Only those posted at or after this instant.
    pub from: Option<Timestamp>,
    /// Only those posted before this instant.
    pub to: Option<Timestamp>,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCursor {
    /// The last journal of the page.
    pub id: JournalId,
    /// Its book.
    pub book: BillerId,
}

/// Some journals and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPage {
    /// Newest first.
    pub journals: Vec<Journal>,
    /// Pass it on for the next page; `None` when this was the last one.
    pub next: Option<JournalCursor>,
}

/// What every statement asks of `j` (journal) and `k` (its book): after the cursor, and within the filter.
macro_rules! filter {
    () => {
        "($1::uuid IS NULL OR (j.id <= $1 AND (j.id, k.biller_id) < ($1, $2::text)))
         AND ($3::text IS NULL OR k.biller_id = $3)
         AND ($4::text IS NULL OR j.source = $4 OR (j.source > $4 || '@' AND j.source < $4 || 'A'))
         AND ($5::timestamptz IS NULL OR j.posted_at >= $5)
         AND ($6::timestamptz IS NULL OR j.posted_at < $6)"
    };
}

const BY_BOOK: &str = concat!(
    "SELECT found.book, found.id FROM ledger.book k
      CROSS JOIN LATERAL (
        SELECT j.book, j.id FROM ledger.journal j WHERE j.book = k.id AND ",
    filter!(),
    " ORDER BY j.id DESC LIMIT $7) found
      ORDER BY found.id DESC, k.biller_id DESC LIMIT $7"
);

const BY_ACCOUNT: &str = concat!(
    "SELECT found.book, found.id FROM ledger.account a JOIN ledger.book k ON k.id = a.book
      CROSS JOIN LATERAL (
        SELECT DISTINCT j.id, j.book FROM ledger.entry e
          JOIN ledger.journal j ON j.book = e.book AND j.id = e.journal_id
         WHERE e.account = a.id AND ",
    filter!(),
    " ORDER BY j.id DESC LIMIT $7) found
      WHERE a.code = $8
      ORDER BY found.id DESC, k.biller_id DESC LIMIT $7"
);

const BY_SOURCE: &str = concat!(
    "SELECT j.book, j.id FROM ledger.journal j JOIN ledger.book k ON k.id = j.book WHERE ",
    filter!(),
    " AND ($8::text IS NULL OR EXISTS (
        SELECT FROM ledger.entry e JOIN ledger.account a ON a.id = e.account
         WHERE e.book = j.book AND e.journal_id = j.id AND a.code = $8))
      ORDER BY j.id DESC, k.biller_id DESC LIMIT $7"
);

/// One page of the journals that pass the filter. `page_size` is brought into 1 to [`PAGE_SIZE_MAX`].
///
/// # Errors
/// [`LedgerPgError::Database`], or a row that cannot be read.
pub async fn journals(
    client: &impl GenericClient,
    filter: &JournalFilter,
    page_size: usize,
    after: Option<&JournalCursor>,
) -> Result<JournalPage, LedgerPgError> {
    let page_size = page_size.clamp(1, PAGE_SIZE_MAX);
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(page_size)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let cursor_id = after.map(|cursor| cursor.id.uuid());
    let cursor_book = after.map(|cursor| cursor.book.as_str());
    let book = filter.book.as_ref().map(BillerId::as_str);
    let account = filter.account.as_ref().map(AccountCode::as_str);
    let common: [&(dyn ToSql + Sync); 7] = [
        &cursor_id,
        &cursor_book,
        &book,
        &filter.source,
        &filter.from,
        &filter.to,
        &limit,
    ];
    let with_account: Vec<&(dyn ToSql + Sync)> = common
        .into_iter()
        .chain([&account as &(dyn ToSql + Sync)])
        .collect();
    let rows = match (&filter.source, account) {
        (Some(_), _) => client.query(BY_SOURCE, &with_account).await?,
        (None, Some(_)) => client.query(BY_ACCOUNT, &with_account).await?,
        (None, None) => client.query(BY_BOOK, &common).await?,
    };
    let mut keys = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i16, Uuid)>, tokio_postgres::Error>>()?;
    let more = keys.len() > page_size;
    keys.truncate(page_size);
    let journals = fetch(client, &keys).await?;
    let next = journals.last().filter(|_| more).map(|last| JournalCursor {
        id: last.id(),
        book: last.book().clone(),
    });
    Ok(JournalPage { journals, next })
}
