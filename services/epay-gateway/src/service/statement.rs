//! `StatementService`.

mod upload;

use epay_engine::{Engine, EngineError, ProposeAcceptance, ProposeRedrive};
use epay_money::{BillerId, MessageId};
use epay_proto::v1;
use epay_proto::v1::statement_service_server::StatementService;
use epay_store::{BadRowFilter, BadRowKey, RowSource, StatementFilter};
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use super::refund::{person, scope_of};
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Takes files of statements, shows what they say, and has rows read again.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    engine: Engine,
}

impl Statements {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The department of a row, in whose book it is shown.
    async fn owner_of(&self, key: BadRowKey) -> Result<BillerId, EngineError> {
        let reader = self.engine.reader();
        let row = reader.bad_row(key).await?;
        Ok(row.biller.unwrap_or_else(|| reader.treasury()))
    }
}

#[tonic::async_trait]
impl StatementService for Statements {
    async fn upload_statement(
        &self,
        request: Request<Streaming<v1::UploadStatementRequest>>,
    ) -> Result<Response<v1::StatementFile>, Status> {
        authorise(&request, Method::UploadStatement)?;
        let file = upload::take(&self.engine, request.into_inner()).await?;
        Ok(Response::new(file))
    }

    async fn get_statement_file(
        &self,
        request: Request<v1::GetStatementFileRequest>,
    ) -> Result<Response<v1::StatementFile>, Status> {
        authorise(&request, Method::GetStatementFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let file = names::statement_file("name", &asked.name)?;
        let found = self.engine.statement_file(file).await;
        let found = found
            .map_err(|error| fault::engine(error, &About::read("StatementFile", &asked.name)))?;
        Ok(Response::new(convert::statement_file(&found, true)))
    }

    async fn get_statement(
        &self,
        request: Request<v1::GetStatementRequest>,
    ) -> Result<Response<v1::Statement>, Status> {
        let caller = authorise(&request, Method::GetStatement)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::statement("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().statement(&biller, id).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Statement", &asked.name)))?;
        Ok(Response::new(convert::statement(&found)))
    }

    async fn list_statements(
        &self,
        request: Request<v1::ListStatementsRequest>,
    ) -> Result<Response<v1::ListStatementsResponse>, Status> {
        let caller = authorise(&request, Method::ListStatements)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let filters = [
            asked.parent.as_str(),
            &asked.account,
            &asked.state.to_string(),
            if asked.with_findings { "findings" } else { "" },
        ];
        let list = List::new("ListStatements", &filters);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let filter = StatementFilter {
            biller,
            account: (!asked.account.is_empty()).then(|| asked.account.clone()),
            state: convert::statement_state_filter(asked.state()),
            with_findings: asked.with_findings,
        };
        let found = self.engine.reader().statements(&filter, page).await;
        let found = found
            .map_err(|error| fault::engine(error, &About::read("Statement", &asked.parent)))?;
        Ok(Response::new(v1::ListStatementsResponse {
            statements: found.items.iter().map(convert::statement).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn list_statement_entries(
        &self,
        request: Request<v1::ListStatementEntriesRequest>,
    ) -> Result<Response<v1::ListStatementEntriesResponse>, Status> {
        let caller = authorise(&request, Method::ListStatementEntries)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::statement("parent", &asked.parent)?;
        caller.over(&biller)?;
        let list = List::new("ListStatementEntries", &[&asked.parent]);
        let after = list.place(&asked.page_token)?;
        let after = after.map_or(0, |(_statement, line)| line);
        let page = (after, i64::from(asked.page_size));
        let about = About::read("Statement", &asked.parent);
        let reader = self.engine.reader();
        // An unknown statement is not one without entries.
        let known = reader.statement(&biller, id).await;
        known.map_err(|error| fault::engine(error, &about))?;
        let found = reader.statement_entries(&biller, id, page).await;
        let (entries, next) = found.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(v1::ListStatementEntriesResponse {
            entries: entries.iter().map(convert::statement_entry).collect(),
            next_page_token: list.place_token(next.map(|line| (Uuid::nil(), line))),
        }))
    }

    async fn list_bad_rows(
        &self,
        request: Request<v1::ListBadRowsRequest>,
    ) -> Result<Response<v1::ListBadRowsResponse>, Status> {
        let caller = authorise(&request, Method::ListBadRows)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let statement = match asked.statement.as_str() {
            "" => None,
            name => Some(names::statement("statement", name)?.1),
        };
        let source = match asked.source.as_str() {
            "" => None,
            word => Some(source("source", word)?),
        };
        let filters = [
            asked.parent.as_str(),
            &asked.statement,
            &asked.source,
            &asked.state.to_string(),
        ];
        let list = List::new("ListBadRows", &filters);
        let after = list.place(&asked.page_token)?;
        let after = after.map(|(message, entry)| BadRowKey {
            message: MessageId::new(message),
            entry,
        });
        let filter = BadRowFilter {
            biller,
            message: statement.map(|id| MessageId::new(id.uuid())),
            source,
            state: convert::bad_row_state_filter(asked.state()),
        };
        let reader = self.engine.reader();
        let found = reader
            .bad_rows(&filter, after, i64::from(asked.page_size))
            .await;
        let (rows, next) =
            found.map_err(|error| fault::engine(error, &About::read("BadRow", &asked.parent)))?;
        let treasury = reader.treasury();
        Ok(Response::new(v1::ListBadRowsResponse {
            bad_rows: rows
                .iter()
                .map(|row| convert::bad_row(row, &treasury))
                .collect(),
            next_page_token: list.place_token(next.map(|key| (key.message.uuid(), key.entry))),
        }))
    }

    async fn propose_acceptance(
        &self,
        request: Request<v1::ProposeAcceptanceRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposeAcceptance)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, statement) = names::statement("name", &asked.name)?;
        caller.over(&biller)?;
        let about = About::write("Statement", &asked.name);
        let command = ProposeAcceptance {
            biller,
            statement,
            reason: asked.reason.clone(),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
        };
        let proposed = self.engine.propose_acceptance(command).await;
        let proposal = proposed.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }

    async fn propose_redrive(
        &self,
        request: Request<v1::ProposeRedriveRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposeRedrive)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, row) = names::bad_row("name", &asked.name)?;
        caller.over(&biller)?;
        let about = About::write("BadRow", &asked.name);
        let owner = self.owner_of(row).await;
        if owner.map_err(|error| fault::engine(error, &about))? != biller {
            return Err(fault::not_found(about.kind, &about.name));
        }
        let command = ProposeRedrive {
            row,
            correction: (!asked.correction.is_empty()).then(|| asked.correction.clone()),
            reason: asked.reason.clone(),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
            biller,
        };
        let proposed = self.engine.propose_redrive(command).await;
        let proposal = proposed.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }
}

fn source(field: &str, word: &str) -> Result<RowSource, Status> {
    let known = RowSource::ALL.into_iter().find(|one| one.as_str() == word);
    known.ok_or_else(|| {
        let words = "must be \"statement\", \"message\" or \"file\"";
        fault::invalid_field(field, "FIELD_MALFORMED", words)
    })
}
