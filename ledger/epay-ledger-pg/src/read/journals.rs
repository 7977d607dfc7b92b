//! Journals by their keys, with their postings.

use epay_ledger::{AccountCode, Draft, Journal, JournalKind, Posting};
use epay_money::{BillerId, Currency, JournalId};
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use crate::error::{LedgerPgError, Unreadable};

/// The journals of the keys, in the order of the keys, one row a line.
const SELECT: &str = "SELECT j.id, k.biller_id, j.kind::text, k.currency::text, j.posted_at, j.business_date, j.source, j.reverses,
           a.code, e.amount
      FROM unnest($1::smallint[], $2::uuid[]) WITH ORDINALITY AS w(book, id, place)
      JOIN ledger.journal j ON j.book = w.book AND j.id = w.id
      JOIN ledger.book k ON k.id = j.book
      JOIN ledger.entry e ON e.book = j.book AND e.journal_id = j.id
      JOIN ledger.account a ON a.id = e.account
     ORDER BY w.place, e.line";

/// One probe a book: an id is unique in its book, and in practice everywhere.
const FIND: &str = "SELECT j.book, j.id
      FROM ledger.book k JOIN ledger.journal j ON j.book = k.id AND j.id = $1
     ORDER BY k.biller_id LIMIT 1";

/// The journal of an id. Should two books have one each, the first book's.
///
/// # Errors
/// [`LedgerPgError::Database`], or a row that cannot be read.
pub async fn journal(
    client: &impl GenericClient,
    id: JournalId,
) -> Result<Option<Journal>, LedgerPgError> {
    let Some(row) = client.query_opt(FIND, &[&id.uuid()]).await? else {
        return Ok(None);
    };
    let found = fetch(client, &[(row.try_get(0)?, row.try_get(1)?)]).await?;
    Ok(found.into_iter().next())
}

/// The journals of (book number, id), in that order.
pub(super) async fn fetch(
    client: &impl GenericClient,
    keys: &[(i16, Uuid)],
) -> Result<Vec<Journal>, LedgerPgError> {
    let (books, ids): (Vec<i16>, Vec<Uuid>) = keys.iter().copied().unzip();
    let rows = client.query(SELECT, &[&books, &ids]).await?;
    let mut journals = Vec::with_capacity(keys.len());
    for lines in rows.chunk_by(same_journal) {
        if let Some(head) = lines.first() {
            journals.push(read(head, lines)?);
        }
    }
    Ok(journals)
}

fn same_journal(left: &Row, right: &Row) -> bool {
    let key = |row: &Row| -> Option<(Uuid, String)> {
        Some((row.try_get(0).ok()?, row.try_get(1).ok()?))
    };
    key(left) == key(right)
}

fn read(head: &Row, lines: &[Row]) -> Result<Journal, LedgerPgError> {
    let id = JournalId::new(head.try_get(0)?);
    let stored = Stored {
        id,
        book: head.try_get(1)?,
        kind: head.try_get(2)?,
        currency: head.try_get(3)?,
        posted_at: head.try_get(4)?,
        business_date: head.try_get(5)?,
        source: head.try_get(6)?,
        reverses: head.try_get::<_, Option<Uuid>>(7)?.map(JournalId::new),
    };
    let lines = lines
        .iter()
        .map(|row| Ok((row.try_get(8)?, row.try_get(9)?)))
        .collect::<Result<Vec<(&str, i64)>, tokio_postgres::Error>>()?;
    stored
        .journal(&lines)
        .map_err(|source| LedgerPgError::Unreadable {
            journal: id,
            source,
        })
}

/// A journal's row as it lies in the table.
struct Stored<'a> {
    id: JournalId,
    book: &'a str,
    kind: &'a str,
    currency: &'a str,
    posted_at: Timestamp,
    business_date: Date,
    source: &'a str,
    reverses: Option<JournalId>,
}

impl Stored<'_> {
    fn journal(&self, lines: &[(&str, i64)]) -> Result<Journal, Unreadable> {
        let kind: JournalKind = self.kind.parse()?;
        let currency: Currency = self.currency.parse()?;
        let book: BillerId = self.book.parse()?;
        let postings = lines.iter().map(posting).collect::<Result<Vec<_>, _>>()?;
        let mut draft = Draft::new(kind, currency, postings)?;
        if let Some(reversed) = self.reverses {
            draft = draft.reversing(reversed);
        }
        Ok(draft.journal(
            self.id,
            book,
            self.posted_at,
            self.business_date,
            self.source,
        )?)
    }
}

/// A debit lies above zero and a credit below. The one amount without a mirror is refused by the draft, as zero is.
fn posting((code, amount): &(&str, i64)) -> Result<Posting, Unreadable> {
    let account: AccountCode = code.parse()?;
    Ok(if *amount > 0 {
        Posting::debit(account, *amount)
    } else {
        Posting::credit(account, amount.checked_neg().unwrap_or(0))
    })
}
