//! `OperationsService`: the board of unclear payments.

use epay_engine::Engine;
use epay_money::BillerId;
use epay_proto::v1;
use epay_proto::v1::operations_service_server::OperationsService;
use tonic::{Request, Response, Status};

use crate::auth::{Authorised, Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names::{self, Scope};
use crate::page_token::List;

/// Shows unclear payments and who looks after them.
#[derive(Debug, Clone)]
pub(crate) struct Operations {
    engine: Engine,
}

impl Operations {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

/// The department that a list is about; every one where the caller may see them all.
fn scope_of(caller: &Authorised, parent: &str) -> Result<Option<BillerId>, Status> {
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
}
