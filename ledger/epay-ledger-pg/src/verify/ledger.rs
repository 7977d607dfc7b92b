//! The accounts under verification and the sums that their entries make.

use std::collections::{BTreeMap, HashMap};

use epay_ledger::Side;
use epay_ledger::balances::{AccountKey, Balances, Totals, breaches};
use epay_ledger::chart::chart_row;
use tokio_postgres::Transaction;

use super::report::{Finding, VerifyReport};
use crate::error::LedgerPgError;

const BOOKS: &str = "SELECT id, biller_id, currency::text FROM ledger.book";
const ACCOUNTS: &str = "SELECT id, book, code FROM ledger.account";
const BALANCES: &str = "SELECT account, book, debit, credit FROM ledger.balance";

/// Everything that is kept while the entries pass by.
pub(super) struct Ledger {
    books: HashMap<i16, Book>,
    accounts: BTreeMap<i32, Account>,
}

/// One biller's accounts in one currency.
struct Book {
    biller: String,
    currency: String,
}

struct Account {
    book: i16,
    code: String,
    computed: Totals,
}

impl Ledger {
    pub(super) async fn load(snapshot: &Transaction<'_>) -> Result<Self, LedgerPgError> {
        let mut ledger = Self {
            books: HashMap::new(),
            accounts: BTreeMap::new(),
        };
        for row in snapshot.query(BOOKS, &[]).await? {
            let book = Book {
                biller: row.try_get(1)?,
                currency: row.try_get(2)?,
            };
            ledger.books.insert(row.try_get(0)?, book);
        }
        for row in snapshot.query(ACCOUNTS, &[]).await? {
            let account = Account {
                book: row.try_get(1)?,
                code: row.try_get(2)?,
                computed: Totals::default(),
            };
            ledger.accounts.insert(row.try_get(0)?, account);
        }
        Ok(ledger)
    }

    /// A book's name, or its number when no book has it.
    pub(super) fn book(&self, number: i16) -> String {
        let book = self.books.get(&number);
        book.map_or_else(|| format!("number {number}"), |book| book.biller.clone())
    }

    fn currency(&self, account: &Account) -> String {
        let book = self.books.get(&account.book);
        book.map(|book| book.currency.clone()).unwrap_or_default()
    }

    /// Adds one entry to its account and says why it does not belong there, if it does not.
    pub(super) fn add(
        &mut self,
        account: i32,
        book: i16,
        side: Side,
        minor: i64,
    ) -> Result<(), String> {
        let found = self
            .accounts
            .get_mut(&account)
            .ok_or_else(|| format!("account number {account} does not exist"))?;
        found.computed = found.computed.with(side, minor).map_err(|_overflow| {
            format!("account {} cannot hold the sum of its entries", found.code)
        })?;
        if found.book != book {
            return Err(format!("account {} is another book's", found.code));
        }
        Ok(())
    }

    /// Every stored balance against the sum of the entries; a balance that is missing is one of nothing.
    pub(super) async fn check_balances(
        &self,
        snapshot: &Transaction<'_>,
        report: &mut VerifyReport,
    ) -> Result<(), LedgerPgError> {
        let mut stored: HashMap<i32, Totals> = HashMap::new();
        for row in snapshot.query(BALANCES, &[]).await? {
            let (account, book): (i32, i16) = (row.try_get(0)?, row.try_get(1)?);
            let totals = Totals {
                debit: row.try_get(2)?,
                credit: row.try_get(3)?,
            };
            if self
                .accounts
                .get(&account)
                .is_some_and(|known| known.book == book)
            {
                stored.insert(account, totals);
            } else {
                report.find(Finding::StrayBalance {
                    book: self.book(book),
                    account_number: account,
                    stored: totals,
                });
            }
        }
        for (number, account) in &self.accounts {
            report.accounts = report.accounts.saturating_add(1);
            let stored = stored.get(number).copied();
            if stored != Some(account.computed) {
                report.find(Finding::Balance {
                    book: self.book(account.book),
                    account: account.code.clone(),
                    currency: self.currency(account),
                    stored,
                    computed: account.computed,
                });
            }
        }
        Ok(())
    }

    /// What must hold of each book, of the computed sums.
    pub(super) fn check_invariants(&self, report: &mut VerifyReport) {
        let mut computed = Balances::new();
        for account in self.accounts.values() {
            match self.key(account) {
                Some(key) => {
                    computed.insert(key, account.computed);
                }
                None => report.find(Finding::UnknownAccount {
                    book: self.book(account.book),
                    account: account.code.clone(),
                    currency: self.currency(account),
                }),
            }
        }
        match breaches(&computed) {
            Ok(found) => {
                for breach in found {
                    report.find(Finding::Invariant {
                        what: breach.to_string(),
                    });
                }
            }
            Err(error) => report.find(Finding::Invariant {
                what: error.to_string(),
            }),
        }
    }

    /// The account as the chart knows it.
    fn key(&self, account: &Account) -> Option<AccountKey> {
        let book = self.books.get(&account.book)?;
        let key = AccountKey {
            book: book.biller.parse().ok()?,
            account: account.code.parse().ok()?,
            currency: book.currency.parse().ok()?,
        };
        chart_row(&key.account).is_some().then_some(key)
    }
}
