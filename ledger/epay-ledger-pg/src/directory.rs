//! The directory: which number the database gave to which account.
//!
//! Accounts are few, never change and are named in every entry, so their numbers are kept in memory. A miss is served by
//! [`AccountDirectory::ensure`] before the batch's transaction begins: an account made inside a large transaction would make
//! every other writer of the same new account wait for its commit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use epay_ledger::balances::AccountKey;
use epay_ledger::{AccountCode, Journal, open_day};
use epay_money::{BillerId, Currency};
use postgres_types::ToSql;
use tokio_postgres::{GenericClient, Row};

use crate::error::{LedgerPgError, Unreadable};
use crate::period::{ClosedPeriods, closed_periods};

/// The numbers of books and accounts, shared by every poster of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct AccountDirectory {
    books: Arc<ArcSwap<Books>>,
    /// Closed periods, as last read. The database has the last word: what it refuses is read again.
    periods: Arc<ArcSwap<ClosedPeriods>>,
    periods_stale: Arc<AtomicBool>,
}

/// Every book that is known, and what each currency's place in [`Currency::ALL`] holds of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books(HashMap<BillerId, [Option<Book>; Currency::ALL.len()]>);

/// One biller's accounts in one currency: the number of the book and those of its accounts.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) id: i16,
    accounts: HashMap<AccountCode, i32>,
}

impl Books {
    pub(crate) fn book(&self, biller: &BillerId, currency: Currency) -> Option<&Book> {
        self.0.get(biller)?.get(slot(currency))?.as_ref()
    }
}

impl Book {
    /// The number of one account.
    pub(crate) fn account(&self, code: &AccountCode) -> Option<i32> {
        self.accounts.get(code).copied()
    }
}

const fn slot(currency: Currency) -> usize {
    match currency {
        Currency::Hkd => 0,
        Currency::Cny => 1,
    }
}

/// Adds books that are not there. Two writers that add the same one do not disturb each other.
const INSERT_BOOKS: &str = "INSERT INTO ledger.book (biller_id, currency)
    SELECT DISTINCT b.biller_id, b.currency
      FROM unnest($1::text[], $2::text[]::ledger.currency[]) AS b(biller_id, currency)
     WHERE NOT EXISTS (SELECT FROM ledger.book k WHERE k.biller_id = b.biller_id AND k.currency = b.currency)
     ORDER BY b.biller_id, b.currency
    ON CONFLICT (biller_id, currency) DO NOTHING";

/// Adds accounts that are not there, each with its balance row in the same statement. In order of the key, so that
/// two writers that add the same accounts wait for each other in the same order.
const INSERT_ACCOUNTS: &str = "WITH added AS (
    INSERT INTO ledger.account (book, code)
    SELECT k.id, a.code
      FROM unnest($1::text[], $2::text[]::ledger.currency[], $3::text[]) AS a(biller_id, currency, code)
      JOIN ledger.book k USING (biller_id, currency)
     WHERE NOT EXISTS (SELECT FROM ledger.account o WHERE o.book = k.id AND o.code = a.code)
     ORDER BY k.id, a.code
    ON CONFLICT (book, code) DO NOTHING
    RETURNING id, book)
    INSERT INTO ledger.balance (book, account) SELECT book, id FROM added ORDER BY book, id";

const SELECT_SOME: &str = "SELECT k.biller_id, k.currency::text, k.id, a.code, a.id
      FROM unnest($1::text[], $2::text[]::ledger.currency[], $3::text[]) AS w(biller_id, currency, code)
      JOIN ledger.book k USING (biller_id, currency)
      JOIN ledger.account a ON a.book = k.id AND a.code = w.code";

const SELECT_ALL: &str = "SELECT k.biller_id, k.currency::text, k.id, a.code, a.id
      FROM ledger.account a JOIN ledger.book k ON k.id = a.book";

impl AccountDirectory {
    /// A directory that knows nothing yet; [`AccountDirectory::ensure`] fills it as journals come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A directory that knows every account of the database.
    ///
    /// # Errors
    /// [`LedgerPgError::Database`], or a row that cannot be read.
    pub async fn load(client: &impl GenericClient) -> Result<Self, LedgerPgError> {
        let directory = Self::new();
        directory.learn(&client.query(SELECT_ALL, &[]).await?)?;
        directory.read_periods(client).await?;
        Ok(directory)
    }

    /// Makes sure that every account of the journals is known, making those that do not exist.
    ///
    /// Costs nothing when all are known. Otherwise it runs three statements, each a transaction of its own: the client must
    /// not be inside a transaction, because numbers learnt from one that rolls back would stay in the directory.
    ///
    /// # Errors
    /// [`LedgerPgError::Database`].
    pub async fn ensure(
        &self,
        client: &tokio_postgres::Client,
        journals: &[Journal],
    ) -> Result<(), LedgerPgError> {
        // What looks closed from here may have been reopened by another process: that is rare, and asked before it is believed.
        if self.periods_stale.load(Ordering::Acquire) || self.meets_closed(journals) {
            self.read_periods(client).await?;
        }
        let missing = self.missing(journals);
        if missing.is_empty() {
            return Ok(());
        }
        let books: Vec<&str> = missing.iter().map(|key| key.book.as_str()).collect();
        let codes: Vec<&str> = missing.iter().map(|key| key.account.as_str()).collect();
        let currencies: Vec<&str> = missing.iter().map(|key| key.currency.code()).collect();
        client.execute(INSERT_BOOKS, &[&books, &currencies]).await?;
        let wanted: [&(dyn ToSql + Sync); 3] = [&books, &currencies, &codes];
        client.execute(INSERT_ACCOUNTS, &wanted).await?;
        // Read apart from the insert: rows that another writer added in between are not returned by it.
        let rows = client.query(SELECT_SOME, &wanted).await?;
        tracing::info!(
            count = missing.len(),
            "The ledger knows {} more accounts",
            missing.len()
        );
        self.learn(&rows)
    }

    /// Whether every account of the journals is known, so that [`AccountDirectory::ensure`] would do nothing.
    #[must_use]
    pub fn knows(&self, journals: &[Journal]) -> bool {
        !self.periods_stale.load(Ordering::Acquire)
            && !self.meets_closed(journals)
            && self.missing(journals).is_empty()
    }

    /// Whether a journal would be moved out of a period that is closed as far as is known here.
    fn meets_closed(&self, journals: &[Journal]) -> bool {
        let closed = self.periods.load();
        !closed.is_empty()
            && journals.iter().any(|journal| {
                closed.get(journal.book()).is_some_and(|periods| {
                    open_day(periods, journal.business_date()) != journal.business_date()
                })
            })
    }

    /// Reads the closed periods again. Posters do so by themselves after a refusal, and before they move a journal out of a closed period.
    ///
    /// # Errors
    /// [`LedgerPgError`]; what was known stays.
    pub async fn read_periods(&self, client: &impl GenericClient) -> Result<(), LedgerPgError> {
        // Cleared first: a refusal while this reads must be looked into again.
        self.periods_stale.store(false, Ordering::Release);
        let read = closed_periods(client).await;
        match read {
            Ok(periods) => self.periods.store(Arc::new(periods)),
            Err(error) => {
                self.doubt_periods();
                return Err(error);
            }
        }
        Ok(())
    }

    /// The database refused a journal by a period that is not known here.
    pub(crate) fn doubt_periods(&self) {
        self.periods_stale.store(true, Ordering::Release);
    }

    /// The closed periods as they are known at this moment.
    pub(crate) fn periods(&self) -> Arc<ClosedPeriods> {
        self.periods.load_full()
    }

    /// The books as they are known at this moment.
    pub(crate) fn books(&self) -> Arc<Books> {
        self.books.load_full()
    }

    fn missing(&self, journals: &[Journal]) -> BTreeSet<AccountKey> {
        let books = self.books.load();
        let mut missing = BTreeSet::new();
        for journal in journals {
            let book = books.book(journal.book(), journal.currency());
            for posting in journal.postings() {
                if book
                    .and_then(|book| book.account(&posting.account))
                    .is_none()
                {
                    missing.insert(AccountKey {
                        book: journal.book().clone(),
                        account: posting.account.clone(),
                        currency: journal.currency(),
                    });
                }
            }
        }
        missing
    }

    /// Adds rows of (biller, currency, book, code, account) to what is known.
    fn learn(&self, rows: &[Row]) -> Result<(), LedgerPgError> {
        let known = rows
            .iter()
            .map(Known::read)
            .collect::<Result<Vec<_>, _>>()?;
        self.books.rcu(|books| {
            let mut books = Books::clone(books);
            for row in &known {
                let of_biller = books.0.entry(row.biller.clone()).or_default();
                if let Some(place) = of_biller.get_mut(slot(row.currency)) {
                    let book = place.get_or_insert_with(|| Book {
                        id: row.book,
                        accounts: HashMap::new(),
                    });
                    book.accounts.insert(row.code.clone(), row.account);
                }
            }
            books
        });
        Ok(())
    }
}

struct Known {
    biller: BillerId,
    book: i16,
    code: AccountCode,
    currency: Currency,
    account: i32,
}

impl Known {
    fn read(row: &Row) -> Result<Self, LedgerPgError> {
        let biller: BillerId = row
            .try_get::<_, &str>(0)?
            .parse()
            .map_err(LedgerPgError::Book)?;
        let unreadable = |source: Unreadable| LedgerPgError::Account {
            book: biller.clone(),
            source,
        };
        let currency = row.try_get::<_, &str>(1)?.parse::<Currency>();
        let code = row.try_get::<_, &str>(3)?.parse::<AccountCode>();
        Ok(Self {
            book: row.try_get(2)?,
            code: code.map_err(|error| unreadable(error.into()))?,
            currency: currency.map_err(|error| unreadable(error.into()))?,
            account: row.try_get(4)?,
            biller,
        })
    }
}
