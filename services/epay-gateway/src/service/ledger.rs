//! `LedgerService`: the books, to be read.

use epay_engine::Engine;
use epay_proto::v1;
use epay_proto::v1::ledger_service_server::LedgerService;
use tonic::{Request, Response, Status};

use crate::auth::{Authorised, Method, authorise};
use crate::fault::check_shape;
use crate::names::{self, Scope};

/// Reads the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    engine: Engine,
}

impl Ledger {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

fn scope(caller: &Authorised, parent: &str) -> Result<Scope, Status> {
    let scope = names::scope("parent", parent)?;
    match &scope {
        Scope::One(biller) => caller.over(biller)?,
        Scope::All => caller.over_all()?,
    }
    Ok(scope)
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
        let _scope = scope(&caller, &asked.parent)?;
        Err(Status::unavailable("x"))
    }

    async fn get_journal(
        &self,
        request: Request<v1::GetJournalRequest>,
    ) -> Result<Response<v1::Journal>, Status> {
        let caller = authorise(&request, Method::GetJournal)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, _journal) = names::journal("name", &asked.name)?;
        caller.over(&biller)?;
        let _ = &self.engine;
        Err(Status::unavailable("x"))
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
        Err(Status::unavailable("x"))
    }

    async fn get_trial_balance(
        &self,
        request: Request<v1::GetTrialBalanceRequest>,
    ) -> Result<Response<v1::TrialBalance>, Status> {
        let caller = authorise(&request, Method::GetTrialBalance)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let _scope = scope(&caller, &asked.parent)?;
        Err(Status::unavailable("x"))
    }
}
