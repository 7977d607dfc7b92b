//! Accounts with what has been posted to them.

use epay_ledger::balances::{AccountKey, Balances, Totals};
use epay_money::BillerId;
use tokio_postgres::{GenericClient, Row};

use crate::error::{LedgerPgError, Unreadable};

const SELECT: &str = "SELECT k.biller_id, a.code, k.currency::text, b.debit, b.credit
      FROM ledger.account a
      JOIN ledger.book k ON k.id = a.book
      JOIN ledger.balance b ON b.book = a.book AND b.account = a.id
     WHERE $1::text IS NULL OR k.biller_id = $1
     ORDER BY k.biller_id, a.code, k.currency";

/// One account and everything ever posted to its two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBalance {
    /// Book, code and currency.
    pub key: AccountKey,
    /// Sums of debits and credits, in minor units.
    pub totals: Totals,
}

/// Every account of a book, or of all books, in order of book, code and currency.
///
/// # Errors
/// [`LedgerPgError::Database`], or a row that cannot be read.
pub async fn accounts(
    client: &impl GenericClient,
    book: Option<&BillerId>,
) -> Result<Vec<AccountBalance>, LedgerPgError> {
    let book = book.map(BillerId::as_str);
    let rows = client.query(SELECT, &[&book]).await?;
    rows.iter().map(read).collect()
}

/// The same as a map, as [`epay_ledger::balances::fold`] makes it: for comparing and for checking invariants.
///
/// # Errors
/// As [`accounts`].
pub async fn balances(
    client: &impl GenericClient,
    book: Option<&BillerId>,
) -> Result<Balances, LedgerPgError> {
    let accounts = accounts(client, book).await?;
    Ok(accounts
        .into_iter()
        .map(|account| (account.key, account.totals))
        .collect())
}

/// Reads (biller, code, currency, debit, credit).
pub(super) fn read(row: &Row) -> Result<AccountBalance, LedgerPgError> {
    let book: BillerId = row
        .try_get::<_, &str>(0)?
        .parse()
        .map_err(LedgerPgError::Book)?;
    let unreadable = |source: Unreadable| LedgerPgError::Account {
        book: book.clone(),
        source,
    };
    let account = row.try_get::<_, &str>(1)?.parse();
    let currency = row.try_get::<_, &str>(2)?.parse();
    let key = AccountKey {
        account: account
            .map_err(|error: epay_ledger::AccountCodeError| unreadable(error.into()))?,
        currency: currency
            .map_err(|error: epay_money::UnknownCurrency| unreadable(error.into()))?,
        book,
    };
    let totals = Totals {
        debit: row.try_get(3)?,
        credit: row.try_get(4)?,
    };
    Ok(AccountBalance { key, totals })
}
