//! A ledger of its own for every test, and journals to post.

use deadpool_postgres::Pool;
use epay_ledger::recipes::{Line, RailAccounts, ReceiptParts, receipt};
use epay_ledger::{AccountCode, Draft, Journal};
use epay_ledger_pg::{AccountDirectory, LedgerPgError, MIGRATIONS, post_in};
use epay_money::{BillerId, Currency, JournalId};
use epay_pg::testing::TestDatabase;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

/// The business date of every test journal.
pub(crate) const DAY: Date = date(2026, 11, 23);

/// A migrated database, a pool on the service's role and a directory.
pub(crate) struct Ledger {
    pub(crate) database: TestDatabase,
    pub(crate) pool: Pool,
    pub(crate) directory: AccountDirectory,
}

impl Ledger {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create(&[MIGRATIONS]).await;
        let pool = database.service_pool();
        Self {
            database,
            pool,
            directory: AccountDirectory::new(),
        }
    }

    pub(crate) async fn client(&self) -> deadpool_postgres::Object {
        self.pool.get().await.expect("a connection")
    }

    /// Someone with every right: what the checks must withstand.
    pub(crate) async fn superuser(&self) -> deadpool_postgres::Object {
        self.database.pool().get().await.expect("a connection")
    }

    /// One whole transaction.
    pub(crate) async fn post(&self, journals: &[Journal]) -> Result<(), LedgerPgError> {
        let mut client = self.client().await;
        self.directory.ensure(&client, journals).await?;
        let tx = client.transaction().await?;
        post_in(&tx, &self.directory, journals).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A number that a statement returns.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let row = self
            .client()
            .await
            .query_one(statement, &[])
            .await
            .expect(statement);
        row.get(0)
    }
}

/// The nth id: sorted by n, as ids of version 7 sort by time.
pub(crate) fn id(n: u128) -> JournalId {
    JournalId::new(Uuid::from_u128((0x0198_0000_0000_7000_8000_u128 << 48) | n))
}

/// The nth second of the test's day.
pub(crate) fn instant(n: u128) -> Timestamp {
    let start: Timestamp = "2026-11-23T01:00:00Z".parse().expect("an instant");
    start + jiff::SignedDuration::from_secs(i64::try_from(n).expect("small"))
}

pub(crate) fn book(name: &str) -> BillerId {
    BillerId::new(name).expect("a biller")
}

pub(crate) fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect("an account code")
}

pub(crate) fn rail() -> RailAccounts {
    RailAccounts {
        clearing: code("1110"),
        fee_expense: code("5010.fps"),
        fee_accrued: code("2310.fps"),
    }
}

/// The nth journal, in a book, for a draft.
pub(crate) fn journal(n: u128, biller: &str, draft: Draft) -> Journal {
    let source = format!("receipt-{n}");
    draft
        .journal(id(n), book(biller), instant(n), DAY, source)
        .expect("a source")
}

/// The nth journal: a receipt that settles a bill of one line.
pub(crate) fn paid(n: u128, biller: &str, minor: i64) -> Journal {
    paid_to(n, biller, "01-general", minor)
}

/// The same on a revenue line of choice.
pub(crate) fn paid_to(n: u128, biller: &str, line: &str, minor: i64) -> Journal {
    let account = code(&format!("2010.{biller}.{line}"));
    let parts = ReceiptParts {
        applied: vec![Line { account, minor }],
        ..ReceiptParts::default()
    };
    journal(
        n,
        biller,
        receipt(&rail(), Currency::Hkd, &parts).expect("a receipt"),
    )
}

/// The nth journal: money nobody asked for.
pub(crate) fn unapplied(n: u128, biller: &str, minor: i64) -> Journal {
    let parts = ReceiptParts {
        unapplied_minor: minor,
        ..ReceiptParts::default()
    };
    journal(
        n,
        biller,
        receipt(&rail(), Currency::Hkd, &parts).expect("a receipt"),
    )
}
