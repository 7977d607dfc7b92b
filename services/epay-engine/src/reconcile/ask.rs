//! What can be asked of reconciliation: to run, to look after a break, to end one, and what is known.

use std::collections::BTreeSet;

use epay_domain::proposal::Proposal;
use epay_domain::reconciliation::case::{self, Case, CaseAsk};
use epay_ledger::{Side, chart};
use epay_money::{BillerId, BreakId, Currency, hong_kong_date, hong_kong_zone};
use epay_store::reconciliation::{
    self as store, BankBalance, CaseFilter, MatchFilter, MatchPart, SummaryRow,
};
use epay_store::{Page, PageRequest, StoreError, StoredEvent};
use jiff::civil::Date;
use tracing::error;

use super::{ProposeBreakResolution, Reconciled, run};
use crate::batch::to_json;
use crate::desk::Command;
use crate::error::chain;
use crate::{Engine, EngineError, Reader};

/// A break with its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The break.
    pub case: Case,
    /// Business days since it was opened; unset where no holiday table covers them.
    pub age_business_days: Option<u32>,
}

/// Where a book stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookSummary {
    /// A row a day, level, rail and currency.
    pub rows: Vec<SummaryRow>,
    /// What the bank says of each account.
    pub bank: Vec<BankBalance>,
    /// What the books say that all accounts of a currency hold (1010), in minor units.
    pub books: Vec<(Currency, i64)>,
}

impl Engine {
    /// Reconciles a book as it stands.
    ///
    /// # Errors
    /// [`EngineError`]: nothing was written.
    pub async fn reconcile(&self, biller: &BillerId) -> Result<Reconciled, EngineError> {
        run::reconcile(&self.core, biller).await
    }

    /// Reconciles every book with a new statement or settlement report, and every book once a day. Answers how many. A book that
    /// cannot be reconciled is told of, and the others are reconciled all the same.
    ///
    /// # Errors
    /// [`EngineError`] of the first book that was not reconciled; it is tried again.
    pub async fn reconcile_due(&self) -> Result<usize, EngineError> {
        let now = self.core.clock.now();
        let midnight = hong_kong_date(now).to_zoned(hong_kong_zone());
        let midnight = midnight.map_err(|error| EngineError::Broken(chain(&error)))?;
        let known: BTreeSet<BillerId> = {
            let catalogue = self.core.catalogue.load();
            let kinds = catalogue.kinds().iter();
            kinds.map(|kind| kind.biller.clone()).collect()
        };
        let known: Vec<BillerId> = known.into_iter().collect();
        let books = {
            let client = self.core.pool.get().await?;
            store::books_due(&client, &known, midnight.timestamp()).await?
        };
        let (mut reconciled, mut failure) = (0_usize, None);
        for book in &books {
            match self.reconcile(book).await {
                Ok(_found) => reconciled = reconciled.saturating_add(1),
                Err(error) => {
                    error!(%book, %error, "A book is not reconciled");
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(reconciled), Err)
    }

    /// Lets a person look after a break, or nobody.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn assign_break(
        &self,
        biller: &BillerId,
        id: BreakId,
        owner: Option<String>,
        by: String,
    ) -> Result<CaseView, EngineError> {
        let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(failed)?;
        let case = store::lock_case_in(&tx, biller, id).await?;
        let mut case = case.ok_or(EngineError::NotFound { what: "the break" })?;
        let now = self.core.clock.now();
        let ask = CaseAsk::Assign { owner, by };
        let mut events = Vec::new();
        for event in case::asked(&case, &ask).map_err(EngineError::Refused)? {
            case = case::apply(case, &event, now);
            events.push(StoredEvent {
                biller: biller.clone(),
                aggregate: id.uuid(),
                version: case.version,
                kind: event.kind().to_owned(),
                body: to_json(&event),
                at: now,
            });
        }
        if !events.is_empty() {
            store::update_cases_in(&tx, &[&case]).await?;
            epay_store::insert_events_in(&tx, &events).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(self.aged(case))
    }

    /// Proposes how a break ends, or that it is opened again.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_break_resolution(
        &self,
        command: ProposeBreakResolution,
    ) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        self.proposal_answer(Command::Break(Box::new(command), keyed))
            .await
    }

    /// A break with its age today.
    #[must_use]
    pub fn aged(&self, case: Case) -> CaseView {
        let today = hong_kong_date(self.core.clock.now());
        let age = case.age_business_days(today, &self.core.calendar());
        CaseView {
            case,
            age_business_days: age.ok(),
        }
    }

    /// The last day on which a break of at least this age was opened.
    ///
    /// # Errors
    /// [`EngineError::Broken`] for days that no holiday table covers.
    pub fn opened_until(&self, age_business_days: u32) -> Result<Date, EngineError> {
        let mut day = hong_kong_date(self.core.clock.now());
        let broken = |error: &(dyn std::error::Error + 'static)| EngineError::Broken(chain(error));
        for _ in 0..age_business_days {
            day = self
                .core
                .calendar()
                .roll_back(day)
                .map_err(|error| broken(&error))?;
            day = day.yesterday().map_err(|error| broken(&error))?;
        }
        Ok(day)
    }
}

impl Reader {
    /// One break.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn break_case(&self, biller: &BillerId, id: BreakId) -> Result<Case, EngineError> {
        let client = self.pool().get().await?;
        let case = store::case(&client, biller, id).await?;
        case.ok_or(EngineError::NotFound { what: "the break" })
    }

    /// What happened to a break, oldest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn break_events(
        &self,
        biller: &BillerId,
        id: BreakId,
    ) -> Result<Vec<StoredEvent>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::events(&client, biller, id.uuid()).await?)
    }

    /// Breaks, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn break_cases(
        &self,
        filter: &CaseFilter,
        page: PageRequest,
    ) -> Result<Page<Case>, EngineError> {
        let client = self.pool().get().await?;
        Ok(store::cases(&client, filter, page).await?)
    }

    /// Matches of a book, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn matches(
        &self,
        biller: &BillerId,
        filter: &MatchFilter,
        page: PageRequest,
    ) -> Result<Page<Vec<MatchPart>>, EngineError> {
        let client = self.pool().get().await?;
        Ok(store::matches(&client, biller, filter, page).await?)
    }

    /// Where a book stands over a span of days.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn reconciliation(
        &self,
        biller: &BillerId,
        days: (Date, Date),
    ) -> Result<BookSummary, EngineError> {
        let client = self.pool().get().await?;
        let rows = store::summary(&client, biller, days).await?;
        let bank = store::bank_balances(&client, biller).await?;
        let broken = |error: epay_ledger_pg::LedgerPgError| EngineError::Broken(chain(&error));
        let trial = epay_ledger_pg::trial_balance(&**client, Some(biller), None)
            .await
            .map_err(broken)?;
        let mut books: Vec<(Currency, i64)> = Vec::new();
        for row in trial
            .rows
            .iter()
            .filter(|row| chart::BANK.covers(&row.key.account))
        {
            let minor = row.totals.balance(Side::Debit);
            match books
                .iter_mut()
                .find(|(currency, _)| *currency == row.key.currency)
            {
                Some((_, sum)) => *sum = sum.saturating_add(minor),
                None => books.push((row.key.currency, minor)),
            }
        }
        Ok(BookSummary { rows, bank, books })
    }
}
