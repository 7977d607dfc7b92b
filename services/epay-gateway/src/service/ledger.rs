//! `LedgerService`: the books, to be read, and their periods, to be closed.

use std::collections::BTreeMap;

use epay_engine::{Engine, EngineError, ProposePeriod};
use epay_ledger::balances::Totals;
use epay_ledger::{AccountCode, Side, chart};
use epay_ledger_pg::{AccountBalance, BookPeriod, JournalCursor, JournalFilter, LedgerPgError};
use epay_money::{BillerId, Currency, JournalId};
use epay_proto::v1;
use epay_proto::v1::ledger_service_server::LedgerService;
use epay_store::StoreError;
use jiff::Timestamp;
use tonic::{Request, Response, Status};

use super::refund::{person, scope_of};
use crate::auth::{Authorised, Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names::{self, Scope};
use crate::page_token::List;

/// Journals on a page where the caller names no number.
const PAGE_SIZE_DEFAULT: usize = 50;

/// Reads the ledger and proposes what becomes of its periods.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    engine: Engine,
}

impl Ledger {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl Ledger {
    /// Proposes to close or reopen a period.
    async fn propose(
        &self,
        caller: &Authorised,
        (name, close): (&str, bool),
        (reason, key): (&str, &str),
    ) -> Result<Response<v1::Proposal>, Status> {
        let (biller, period) = names::period("name", name)?;
        caller.over(&biller)?;
        let command = ProposePeriod {
            biller,
            period,
            close,
            reason: reason.to_owned(),
            idempotency_key: key.to_owned(),
            caller: person(caller),
        };
        let proposed = self.engine.propose_period(command).await;
        let proposal =
            proposed.map_err(|error| fault::engine(error, &About::write("Period", name)))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }
}

fn period(period: &BookPeriod) -> v1::Period {
    v1::Period {
        name: names::of_period(&period.biller, period.period),
        first_day: Some(convert::date(period.period.first_day())),
        last_day: Some(convert::date(period.period.last_day())),
        closed: period.closed,
        proposal: names::of_proposal(&period.biller, period.proposal),
        change_time: Some(convert::timestamp(period.changed_at)),
    }
}

#[tonic::async_trait]
impl LedgerService for Ledger {
    async fn list_accounts(
        &self,
        request: Request<v1::ListAccountsRequest>,
    ) -> Result<Response<v1::ListAccountsResponse>, Status> {
        let caller = authorise(&request, Method::ListAccounts)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let book = book(&caller, &asked.parent)?;
        let about = About::read("Account", &asked.parent);
        let client = self.engine.reader().pool().get().await;
        let client = client.map_err(|error| fault::engine(error.into(), &about))?;
        let found = epay_ledger_pg::accounts(&**client, book.as_ref()).await;
        let found = found.map_err(|error| failed(error, &about))?;
        let accounts = found.iter().map(account).collect::<Result<_, _>>()?;
        Ok(Response::new(v1::ListAccountsResponse { accounts }))
    }

    async fn get_journal(
        &self,
        request: Request<v1::GetJournalRequest>,
    ) -> Result<Response<v1::Journal>, Status> {
        let caller = authorise(&request, Method::GetJournal)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::journal("name", &asked.name)?;
        caller.over(&biller)?;
        let about = About::read("Journal", &asked.name);
        let client = self.engine.reader().pool().get().await;
        let client = client.map_err(|error| fault::engine(error.into(), &about))?;
        let found = epay_ledger_pg::journal(&**client, id).await;
        let found = found.map_err(|error| failed(error, &about))?;
        match found.filter(|journal| *journal.book() == biller) {
            Some(found) => Ok(Response::new(journal(&found))),
            None => Err(fault::not_found(about.kind, &about.name)),
        }
    }

    async fn list_journals(
        &self,
        request: Request<v1::ListJournalsRequest>,
    ) -> Result<Response<v1::ListJournalsResponse>, Status> {
        let caller = authorise(&request, Method::ListJournals)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let list = List::new(
            "ListJournals",
            &[biller.as_str(), &asked.account, &asked.source],
        );
        let after = list
            .page(asked.page_size, &asked.page_token)?
            .after
            .map(|id| JournalCursor {
                id: JournalId::new(id),
                book: biller.clone(),
            });
        let filter = JournalFilter {
            account: account_filter(&asked.account)?,
            source: (!asked.source.is_empty()).then(|| asked.source.clone()),
            book: Some(biller),
            from: None,
            to: None,
        };
        let size = match usize::try_from(asked.page_size) {
            Ok(0) | Err(_) => PAGE_SIZE_DEFAULT,
            Ok(size) => size,
        };
        let about = About::read("Journal", &asked.parent);
        let client = self.engine.reader().pool().get().await;
        let client = client.map_err(|error| fault::engine(error.into(), &about))?;
        let page = epay_ledger_pg::journals(&**client, &filter, size, after.as_ref()).await;
        let page = page.map_err(|error| failed(error, &about))?;
        Ok(Response::new(v1::ListJournalsResponse {
            journals: page.journals.iter().map(journal).collect(),
            next_page_token: list.token(page.next.map(|cursor| cursor.id.uuid())),
        }))
    }

    async fn get_trial_balance(
        &self,
        request: Request<v1::GetTrialBalanceRequest>,
    ) -> Result<Response<v1::TrialBalance>, Status> {
        let caller = authorise(&request, Method::GetTrialBalance)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let book = book(&caller, &asked.parent)?;
        let currency = currency(&asked.currency_code)?;
        let as_of = asked.as_of.as_ref().map(instant).transpose()?;
        let about = About::read("TrialBalance", &asked.parent);
        let client = self.engine.reader().pool().get().await;
        let client = client.map_err(|error| fault::engine(error.into(), &about))?;
        let now = self.engine.now();
        let trial = epay_ledger_pg::trial_balance(&**client, book.as_ref(), as_of).await;
        let trial = trial.map_err(|error| failed(error, &about))?;
        let rows = trial.rows.iter().filter(|row| row.key.currency == currency);
        let accounts = match book {
            Some(_) => rows.map(account).collect::<Result<_, _>>()?,
            None => added_up(rows)?,
        };
        let totals = trial.totals.get(&currency).copied().unwrap_or_default();
        Ok(Response::new(v1::TrialBalance {
            accounts,
            total_debit: Some(amount(totals.debit, currency)),
            total_credit: Some(amount(totals.credit, currency)),
            as_of: Some(convert::timestamp(as_of.unwrap_or(now))),
        }))
    }

    async fn list_periods(
        &self,
        request: Request<v1::ListPeriodsRequest>,
    ) -> Result<Response<v1::ListPeriodsResponse>, Status> {
        let caller = authorise(&request, Method::ListPeriods)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let found = self.engine.reader().periods(biller.as_ref()).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Period", &asked.parent)))?;
        Ok(Response::new(v1::ListPeriodsResponse {
            periods: found.iter().map(period).collect(),
        }))
    }

    async fn propose_period_close(
        &self,
        request: Request<v1::ProposePeriodCloseRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposePeriodClose)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let why = (asked.reason.as_str(), asked.idempotency_key.as_str());
        self.propose(&caller, (&asked.name, true), why).await
    }

    async fn propose_period_reopen(
        &self,
        request: Request<v1::ProposePeriodReopenRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposePeriodReopen)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let why = (asked.reason.as_str(), asked.idempotency_key.as_str());
        self.propose(&caller, (&asked.name, false), why).await
    }
}

/// The book that a list is of; `None` for all of them.
fn book(caller: &Authorised, parent: &str) -> Result<Option<BillerId>, Status> {
    match names::scope("parent", parent)? {
        Scope::One(biller) => {
            caller.over(&biller)?;
            Ok(Some(biller))
        }
        Scope::All => {
            caller.over_all()?;
            Ok(None)
        }
    }
}

fn account_filter(code: &str) -> Result<Option<AccountCode>, Status> {
    if code.is_empty() {
        Ok(None)
    } else {
        names::id("account", code).map(Some)
    }
}

/// The currency of a trial balance: Hong Kong dollars unless another is named.
fn currency(code: &str) -> Result<Currency, Status> {
    if code.is_empty() {
        return Ok(Currency::Hkd);
    }
    code.parse().map_err(|error: epay_money::UnknownCurrency| {
        fault::invalid_field("currency_code", "CURRENCY_UNKNOWN", &error.to_string())
    })
}

fn instant(at: &epay_proto::pbjson_types::Timestamp) -> Result<Timestamp, Status> {
    Timestamp::new(at.seconds, at.nanos).map_err(|_out_of_range| {
        fault::invalid_field(
            "as_of",
            "FIELD_OUT_OF_RANGE",
            "must be a moment of the years 1 to 9999",
        )
    })
}

fn amount(minor: i64, currency: Currency) -> v1::Amount {
    convert::amount(epay_money::Money::new(minor, currency))
}

fn account(row: &AccountBalance) -> Result<v1::Account, Status> {
    described(
        row.key.book.as_str(),
        &row.key.account,
        row.key.currency,
        row.totals,
    )
}

/// An account with its name and its balance on its own side.
fn described(
    book: &str,
    code: &AccountCode,
    currency: Currency,
    totals: Totals,
) -> Result<v1::Account, Status> {
    let row = chart::chart_row(code);
    let side = row.map_or(Side::Debit, |row| row.natural);
    let balance = match side {
        Side::Debit => totals.debit.checked_sub(totals.credit),
        Side::Credit => totals.credit.checked_sub(totals.debit),
    };
    let balance = balance.ok_or_else(|| {
        tracing::error!(account = code.as_str(), "A balance does not fit");
        fault::internal()
    })?;
    Ok(v1::Account {
        name: names::of_account(book, code.as_str()),
        code: code.as_str().to_owned(),
        display_name: row.map_or_else(String::new, |row| row.name.to_owned()),
        natural_side: match side {
            Side::Debit => "debit".to_owned(),
            Side::Credit => "credit".to_owned(),
        },
        debit: Some(amount(totals.debit, currency)),
        credit: Some(amount(totals.credit, currency)),
        balance: Some(amount(balance, currency)),
    })
}

/// One row a code over all books. The rows are of one currency.
fn added_up<'a>(
    rows: impl Iterator<Item = &'a AccountBalance>,
) -> Result<Vec<v1::Account>, Status> {
    let mut codes: BTreeMap<(&AccountCode, Currency), Totals> = BTreeMap::new();
    for row in rows {
        let sum = codes
            .entry((&row.key.account, row.key.currency))
            .or_default();
        *sum = sum.plus(row.totals).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "A trial balance does not add up"
            );
            fault::internal()
        })?;
    }
    codes
        .into_iter()
        .map(|((code, currency), totals)| described(names::EVERY_BILLER, code, currency, totals))
        .collect()
}

pub(super) fn journal(journal: &epay_ledger::Journal) -> v1::Journal {
    let book = journal.book();
    let entries = journal.postings().iter().map(|posting| {
        let amount = amount(posting.minor, journal.currency());
        let (debit, credit) = match posting.side {
            Side::Debit => (Some(amount), None),
            Side::Credit => (None, Some(amount)),
        };
        let account = posting.account.as_str().to_owned();
        v1::Entry {
            account,
            debit,
            credit,
        }
    });
    v1::Journal {
        name: names::of_journal(book, journal.id()),
        kind: journal.kind().as_str().to_owned(),
        post_time: Some(convert::timestamp(journal.posted_at())),
        business_date: Some(convert::date(journal.business_date())),
        source: journal.source().to_owned(),
        entries: entries.collect(),
        reverses: journal
            .reverses()
            .map_or_else(String::new, |id| names::of_journal(book, id)),
    }
}

/// A failed statement may be the database's absence; anything else is a fault of ours.
pub(super) fn failed(error: LedgerPgError, about: &About) -> Status {
    match error {
        LedgerPgError::Database(error) => fault::engine(StoreError::from(error).into(), about),
        other => {
            tracing::error!(
                error = &other as &dyn std::error::Error,
                "The ledger could not be read"
            );
            fault::engine(EngineError::Broken(other.to_string()), about)
        }
    }
}
