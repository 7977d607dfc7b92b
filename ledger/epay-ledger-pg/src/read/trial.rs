//! The trial balance: of one book or of all, now or as of any instant.

use std::collections::BTreeMap;

use epay_ledger::balances::Totals;
use epay_money::{BillerId, Currency};
use jiff::Timestamp;
use tokio_postgres::GenericClient;

use super::accounts::{AccountBalance, read};
use crate::error::LedgerPgError;

/// The running sums, less what was posted after the instant. The later journals are found by block ranges of `posted_at`, so a
/// recent instant is cheap and an old one still right; one statement is one snapshot.
const SELECT: &str = "WITH later AS (
    SELECT e.account,
           coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS debit,
           coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS credit
      FROM ledger.journal j
      JOIN ledger.entry e ON e.book = j.book AND e.journal_id = j.id
     WHERE j.posted_at > $2::timestamptz
     GROUP BY e.account)
    SELECT k.biller_id, a.code, k.currency::text,
           b.debit - coalesce(l.debit, 0), b.credit - coalesce(l.credit, 0)
      FROM ledger.account a
      JOIN ledger.book k ON k.id = a.book
      JOIN ledger.balance b ON b.book = a.book AND b.account = a.id
      LEFT JOIN later l ON l.account = a.id
     WHERE $1::text IS NULL OR k.biller_id = $1
     ORDER BY k.biller_id, a.code, k.currency";

/// What every account stood at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    /// The instant, or `None` for the moment of asking.
    pub as_of: Option<Timestamp>,
    /// Accounts that had a posting by then, in order of book, code and currency.
    pub rows: Vec<AccountBalance>,
    /// The sums of both sides over all rows, by currency.
    pub totals: BTreeMap<Currency, Totals>,
}

impl TrialBalance {
    /// Whether debits equal credits in every currency.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.totals
            .values()
            .all(|totals| totals.debit == totals.credit)
    }
}

/// The trial balance of a book, or over all books. `as_of` counts journals posted at that instant and before, by the
/// program's clock; a transaction that is still under way then may add journals with an earlier instant.
///
/// # Errors
/// [`LedgerPgError::Database`], [`LedgerPgError::Sum`] when a sum over all accounts does not fit, or a row that cannot be read.
pub async fn trial_balance(
    client: &impl GenericClient,
    book: Option<&BillerId>,
    as_of: Option<Timestamp>,
) -> Result<TrialBalance, LedgerPgError> {
    let name = book.map(BillerId::as_str);
    let mut trial = TrialBalance {
        as_of,
        rows: Vec::new(),
        totals: BTreeMap::new(),
    };
    for row in client.query(SELECT, &[&name, &as_of]).await? {
        let account = read(&row)?;
        if account.totals == Totals::default() {
            continue;
        }
        let totals = trial.totals.entry(account.key.currency).or_default();
        *totals = totals.plus(account.totals).map_err(LedgerPgError::Sum)?;
        trial.rows.push(account);
    }
    Ok(trial)
}
