//! `OperationsService`: the board of unclear payments and of recalls.

use epay_domain::proposal::Resolved;
use epay_engine::{Engine, ProposeResolution};
use epay_money::{BillerId, PaymentId};
use epay_proto::v1;
use epay_proto::v1::operations_service_server::OperationsService;
use epay_proto::v1::resolution::Outcome;
use tonic::{Request, Response, Status};

use super::refund::{person, scope_of};
use super::{read, recall};
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Shows unclear payments and takes what people find out about them.
#[derive(Debug, Clone)]
pub(crate) struct Operations {
    engine: Engine,
}

impl Operations {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// What is proposed about a payment's money, in the payment's own currency.
    async fn resolved(
        &self,
        biller: &BillerId,
        payment: PaymentId,
        asked: &v1::ProposeResolutionRequest,
    ) -> Result<Resolved, Status> {
        let resolution = read::present("resolution", asked.resolution.as_ref())?;
        let came = match read::present("resolution", resolution.outcome.as_ref())? {
            Outcome::MoneyDidNotCome(v1::MoneyDidNotCome {}) => return Ok(Resolved::DidNotCome),
            Outcome::MoneyCame(came) => came,
        };
        check_shape(came)?;
        let field = "resolution.money_came.amount";
        let amount = read::money(field, read::present(field, came.amount.as_ref())?)?;
        let about = About::read("Payment", &asked.name);
        let found = self.engine.reader().payment(biller, payment).await;
        let view = found.map_err(|error| fault::engine(error, &about))?;
        if view.payment.amount.currency() != amount.currency() {
            let words = "must be in the payment's currency";
            return Err(fault::invalid_field(field, "WRONG_CURRENCY", words));
        }
        let field = "resolution.money_came.instructed_time";
        Ok(Resolved::Came {
            rail_account: came.rail_account.clone(),
            rail_reference: came.rail_reference.clone(),
            minor: amount.minor(),
            instructed_at: read::time(field, read::present(field, came.instructed_time.as_ref())?)?,
        })
    }
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn list_unclear_payments(
        &self,
        request: Request<v1::ListUnclearPaymentsRequest>,
    ) -> Result<Response<v1::ListUnclearPaymentsResponse>, Status> {
        let caller = authorise(&request, Method::ListUnclearPayments)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let list = List::new("ListUnclearPayments", &[&asked.parent]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().unclear(biller.as_ref(), page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Payment", &asked.parent)))?;
        Ok(Response::new(v1::ListUnclearPaymentsResponse {
            unclear_payments: found.items.iter().map(convert::unclear).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn assign_unclear_payment(
        &self,
        request: Request<v1::AssignUnclearPaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::AssignUnclearPayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let owner = Some(asked.owner.clone()).filter(|owner| !owner.is_empty());
        let about = About::write("Payment", &asked.name);
        let subject = caller.subject().to_owned();
        let assigned = self
            .engine
            .assign_unclear(&biller, payment, owner, subject)
            .await;
        assigned.map_err(|error| fault::engine(error, &about))?;
        let found = self.engine.reader().payment(&biller, payment).await;
        let view = found.map_err(|error| fault::engine(error, &about))?;
        let sight = convert::Sight::of(caller.role());
        Ok(Response::new(convert::payment(&view, sight)))
    }

    async fn list_recalls(
        &self,
        request: Request<v1::ListRecallsRequest>,
    ) -> Result<Response<v1::ListRecallsResponse>, Status> {
        recall::list(&self.engine, &request).await
    }

    async fn return_recall(
        &self,
        request: Request<v1::ReturnRecallRequest>,
    ) -> Result<Response<v1::Recall>, Status> {
        recall::give_back(&self.engine, &request).await
    }

    async fn decline_recall(
        &self,
        request: Request<v1::DeclineRecallRequest>,
    ) -> Result<Response<v1::Recall>, Status> {
        recall::decline(&self.engine, &request).await
    }

    async fn recall_refund(
        &self,
        request: Request<v1::RecallRefundRequest>,
    ) -> Result<Response<v1::Recall>, Status> {
        recall::ask(&self.engine, &request).await
    }

    async fn propose_resolution(
        &self,
        request: Request<v1::ProposeResolutionRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposeResolution)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let command = ProposeResolution {
            finding: self.resolved(&biller, payment, asked).await?,
            biller,
            payment,
            reason: asked.reason.clone(),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
        };
        let proposed = self.engine.propose_resolution(command).await;
        let proposal = proposed
            .map_err(|error| fault::engine(error, &About::write("Payment", &asked.name)))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }
}
