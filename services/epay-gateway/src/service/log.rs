//! `LogService`: heads of the log and proofs, read from rows that never change.

use deadpool_postgres::Object;
use epay_engine::Engine;
use epay_ledger::log::SignedHead;
use epay_ledger_pg::{consistency_proof, inclusion_proof, journal, log_head, log_heads};
use epay_money::{BillerId, JournalId};
use epay_proto::v1;
use epay_proto::v1::log_service_server::LogService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::ledger;
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names::{self, HeadName};
use crate::page_token::List;

/// Heads on a page where the caller names no number.
const PAGE_SIZE_DEFAULT: usize = 50;

/// Reads the log.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    engine: Engine,
}

impl Log {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    async fn client(&self, about: &About) -> Result<Object, Status> {
        let client = self.engine.reader().pool().get().await;
        client.map_err(|error| fault::engine(error.into(), about))
    }

    /// The head of a name, where the log has one of that size.
    async fn head(&self, client: &Object, field: &str, name: &str) -> Result<SignedHead, Status> {
        let size = match names::log_head(field, name)? {
            HeadName::Latest => None,
            HeadName::Size(size) => Some(size),
        };
        let about = About::read("LogHead", name);
        let found = log_head(&***client, size).await;
        let found = found.map_err(|error| ledger::failed(error, &about))?;
        found.ok_or_else(|| fault::not_found(about.kind, &about.name))
    }

    /// The proof of a journal under a head; `None` where the journal is not in that tree.
    async fn proof(
        &self,
        client: &Object,
        biller: &BillerId,
        id: JournalId,
        signed: &SignedHead,
    ) -> Result<Option<v1::InclusionProof>, Status> {
        let about = About::read("InclusionProof", names::of_journal(biller, id));
        let failed = |error| ledger::failed(error, &about);
        let size = signed.head.size();
        let Some(proof) = inclusion_proof(&***client, biller, id, size)
            .await
            .map_err(failed)?
        else {
            return Ok(None);
        };
        let found = journal(&***client, id).await.map_err(failed)?;
        let Some(found) = found.filter(|journal| journal.book() == biller) else {
            return Ok(None);
        };
        Ok(Some(v1::InclusionProof {
            journal: Some(ledger::journal(&found)),
            leaf_index: i64::try_from(proof.leaf_index).unwrap_or(i64::MAX),
            head: Some(convert::log_head(signed)),
            path: convert::log_path(&proof.path),
        }))
    }
}

#[tonic::async_trait]
impl LogService for Log {
    async fn get_log_head(
        &self,
        request: Request<v1::GetLogHeadRequest>,
    ) -> Result<Response<v1::LogHead>, Status> {
        authorise(&request, Method::GetLogHead)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let client = self.client(&About::read("LogHead", &asked.name)).await?;
        let signed = self.head(&client, "name", &asked.name).await?;
        Ok(Response::new(convert::log_head(&signed)))
    }

    async fn list_log_heads(
        &self,
        request: Request<v1::ListLogHeadsRequest>,
    ) -> Result<Response<v1::ListLogHeadsResponse>, Status> {
        authorise(&request, Method::ListLogHeads)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let list = List::new("ListLogHeads", &[]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        // A head's place in the list is its size.
        let below = page.after.map(|place| place.as_u64_pair().1);
        let size = match usize::try_from(asked.page_size) {
            Ok(0) | Err(_) => PAGE_SIZE_DEFAULT,
            Ok(size) => size,
        };
        let about = About::read("LogHead", "logHeads");
        let client = self.client(&about).await?;
        let found = log_heads(&**client, below, size).await;
        let found = found.map_err(|error| ledger::failed(error, &about))?;
        let next = found
            .last()
            .filter(|last| found.len() == size && last.head.size() > 1);
        let next = next.map(|last| Uuid::from_u64_pair(0, last.head.size()));
        Ok(Response::new(v1::ListLogHeadsResponse {
            next_page_token: list.token(next),
            log_heads: found.iter().map(convert::log_head).collect(),
        }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<v1::GetConsistencyProofRequest>,
    ) -> Result<Response<v1::ConsistencyProof>, Status> {
        authorise(&request, Method::GetConsistencyProof)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let about = About::read("ConsistencyProof", &asked.head);
        let client = self.client(&about).await?;
        let first = self.head(&client, "first_head", &asked.first_head).await?;
        let second = self.head(&client, "head", &asked.head).await?;
        let found = consistency_proof(&**client, first.head.size(), second.head.size()).await;
        let found = found.map_err(|error| ledger::failed(error, &about))?;
        let proof = found.ok_or_else(|| {
            let words = "must not be later than the other head";
            fault::invalid_field("first_head", "FIELD_OUT_OF_RANGE", words)
        })?;
        Ok(Response::new(v1::ConsistencyProof {
            first: Some(convert::log_head(&first)),
            second: Some(convert::log_head(&second)),
            path: convert::log_path(&proof.path),
        }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<v1::GetInclusionProofRequest>,
    ) -> Result<Response<v1::InclusionProof>, Status> {
        let caller = authorise(&request, Method::GetInclusionProof)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::journal("journal", &asked.journal)?;
        caller.over(&biller)?;
        let about = About::read("InclusionProof", &asked.journal);
        let client = self.client(&about).await?;
        let head = match asked.head.as_str() {
            "" => names::LATEST_LOG_HEAD,
            named => named,
        };
        let signed = self.head(&client, "head", head).await?;
        let proof = self.proof(&client, &biller, id, &signed).await?;
        let proof = proof.ok_or_else(|| fault::not_found(about.kind, &about.name))?;
        Ok(Response::new(proof))
    }

    async fn list_receipt_proofs(
        &self,
        request: Request<v1::ListReceiptProofsRequest>,
    ) -> Result<Response<v1::ListReceiptProofsResponse>, Status> {
        let caller = authorise(&request, Method::ListReceiptProofs)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("parent", &asked.parent)?;
        caller.over(&biller)?;
        let about = About::read("Payment", &asked.parent);
        let view = self.engine.reader().payment(&biller, payment).await;
        let view = view.map_err(|error| fault::engine(error, &about))?;
        let client = self.client(&about).await?;
        let latest = log_head(&**client, None).await;
        let latest = latest.map_err(|error| ledger::failed(error, &about))?;
        let mut answer = v1::ListReceiptProofsResponse::default();
        for receipt in &view.receipts {
            let proof = match &latest {
                Some(signed) => {
                    let book = &receipt.biller;
                    self.proof(&client, book, receipt.journal, signed).await?
                }
                None => None,
            };
            match proof {
                Some(proof) => answer.proofs.push(proof),
                None => answer.unsealed = answer.unsealed.saturating_add(1),
            }
        }
        Ok(Response::new(answer))
    }
}
