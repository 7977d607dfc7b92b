//! `PaymentService`.

use std::sync::Arc;

use epay_domain::Refusal;
use epay_domain::payment::PaymentState;
use epay_engine::{
    CancelPayment, CapturePayment, CreatePayment, Engine, EngineError, PaymentView,
    SubmitInstrument,
};
use epay_money::{BillId, BillerId, PaymentId};
use epay_proto::v1;
use epay_proto::v1::payment_service_server::PaymentService;
use epay_store::{PageRequest, PaymentFilter};
use tonic::{Request, Response, Status};

use super::read;
use super::returns::Returns;
use super::watch::{WatchStream, Watches};
use crate::auth::{Method, Role, authorise};
use crate::convert::{self, Sight};
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Starts payments and tells how they stand.
#[derive(Debug, Clone)]
pub(crate) struct Payments {
    engine: Engine,
    watches: Watches,
    returns: Arc<Returns>,
}

impl Payments {
    pub(crate) const fn new(engine: Engine, watches: Watches, returns: Arc<Returns>) -> Self {
        Self {
            engine,
            watches,
            returns,
        }
    }

    /// A payment as it stands; of one that failed, with the reason.
    async fn read(
        &self,
        biller: &BillerId,
        payment: PaymentId,
        name: &str,
        sight: Sight,
    ) -> Result<v1::Payment, Status> {
        let failed = |error| fault::engine(error, &About::read("Payment", name));
        let reader = self.engine.reader();
        let view = reader.payment(biller, payment).await.map_err(failed)?;
        let mut answer = convert::payment(&view, sight);
        if view.payment.state == PaymentState::Failed {
            let events = reader.payment_events(biller, payment).await;
            answer.failure = convert::failure(&events.map_err(failed)?);
        }
        Ok(answer)
    }

    /// The answer to a command about a payment.
    fn answer(
        &self,
        answered: Result<PaymentView, EngineError>,
        name: &str,
        role: Role,
    ) -> Result<Response<v1::Payment>, Status> {
        let view =
            answered.map_err(|error| fault::engine(error, &About::write("Payment", name)))?;
        Ok(Response::new(convert::answered(&view, Sight::of(role))))
    }

    /// The name of the payment that must end before another may begin. Its reference is what the domain knows it by.
    async fn other_attempt(&self, biller: &BillerId, error: &EngineError) -> Option<String> {
        let EngineError::Refused(Refusal::PaymentOpen { reference, .. }) = error else {
            return None;
        };
        let filter = PaymentFilter {
            bill: None,
            reference: Some(reference.clone()),
        };
        let reader = self.engine.reader();
        let found = reader.payments(biller, &filter, PageRequest::default());
        let found = found.await.ok()?;
        let other = &found.items.first()?.payment;
        Some(names::of_payment(biller, other.id))
    }
}

/// What is asked for, read into a command.
fn create(
    asked: &v1::CreatePaymentRequest,
    biller: BillerId,
    first: BillId,
    returns: &Returns,
    caller: &str,
) -> Result<CreatePayment, Status> {
    let mut bills = vec![first];
    for name in &asked.additional_bills {
        bills.extend(bill_filter(&biller, name)?);
    }
    if asked.method.is_empty() && asked.rail.is_empty() {
        let words = "must be set, or the rail";
        return Err(fault::invalid_field("method", "FIELD_REQUIRED", words));
    }
    let rail = (!asked.rail.is_empty()).then(|| names::id("rail", &asked.rail));
    let amount = asked.amount.as_ref();
    Ok(CreatePayment {
        biller,
        bills,
        method: Some(asked.method.clone()).filter(|method| !method.is_empty()),
        rail: rail.transpose()?,
        amount: amount
            .map(|amount| read::money("amount", amount))
            .transpose()?,
        return_url: returns.check("return_url", &asked.return_url)?,
        capture_by_hand: false,
        idempotency_key: asked.idempotency_key.clone(),
        caller: caller.to_owned(),
    })
}

/// The bill that a filter names; it must be of the same biller as the list.
pub(super) fn bill_filter(biller: &BillerId, name: &str) -> Result<Option<BillId>, Status> {
    if name.is_empty() {
        return Ok(None);
    }
    let (owner, bill) = names::bill("bill", name)?;
    if owner == *biller {
        Ok(Some(bill))
    } else {
        Err(fault::invalid_field(
            "bill",
            "FIELD_MALFORMED",
            "must be a bill of the list's biller",
        ))
    }
}

#[tonic::async_trait]
impl PaymentService for Payments {
    type WatchPaymentStream = WatchStream;

    async fn list_methods(
        &self,
        request: Request<v1::ListMethodsRequest>,
    ) -> Result<Response<v1::ListMethodsResponse>, Status> {
        let caller = authorise(&request, Method::ListMethods)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, bill) = names::bill("bill", &asked.bill)?;
        caller.over(&biller)?;
        let mut bills = vec![bill];
        for name in &asked.additional_bills {
            bills.extend(bill_filter(&biller, name)?);
        }
        let found = self.engine.methods(&biller, &bills).await;
        let offers =
            found.map_err(|error| fault::engine(error, &About::read("Bill", &asked.bill)))?;
        let methods = offers.iter().map(convert::method).collect();
        Ok(Response::new(v1::ListMethodsResponse { methods }))
    }

    async fn create_payment(
        &self,
        request: Request<v1::CreatePaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::CreatePayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, bill) = names::bill("bill", &asked.bill)?;
        caller.over(&biller)?;
        let command = create(asked, biller.clone(), bill, &self.returns, caller.subject())?;
        match self.engine.create_payment(command).await {
            Ok(view) => Ok(Response::new(convert::answered(
                &view,
                Sight::of(caller.role()),
            ))),
            Err(error) => {
                let other = self.other_attempt(&biller, &error).await;
                let about = About::write("Payment", &asked.bill).standing_in_the_way(other);
                Err(fault::engine(error, &about))
            }
        }
    }

    async fn submit_instrument(
        &self,
        request: Request<v1::SubmitInstrumentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::SubmitInstrument)?;
        let asked = request.into_inner();
        check_shape(&asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let command = SubmitInstrument {
            biller,
            payment,
            kind: asked.kind,
            bytes: asked.content,
            idempotency_key: asked.idempotency_key,
            caller: caller.subject().to_owned(),
        };
        let submitted = self.engine.submit_instrument(command).await;
        self.answer(submitted, &asked.name, caller.role())
    }

    async fn check_payment(
        &self,
        request: Request<v1::CheckPaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::CheckPayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let checked = self.engine.check_payment(&biller, payment).await;
        checked.map_err(|error| fault::engine(error, &About::write("Payment", &asked.name)))?;
        let sight = Sight::of(caller.role());
        let answer = self.read(&biller, payment, &asked.name, sight).await?;
        Ok(Response::new(answer))
    }

    async fn capture_payment(
        &self,
        request: Request<v1::CapturePaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::CapturePayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let amount = asked.amount.as_ref();
        let command = CapturePayment {
            biller,
            payment,
            amount: amount
                .map(|amount| read::money("amount", amount))
                .transpose()?,
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let captured = self.engine.capture_payment(command).await;
        self.answer(captured, &asked.name, caller.role())
    }

    async fn get_payment(
        &self,
        request: Request<v1::GetPaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::GetPayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let sight = Sight::of(caller.role());
        let answer = self.read(&biller, payment, &asked.name, sight).await?;
        Ok(Response::new(answer))
    }

    async fn get_payment_routing(
        &self,
        request: Request<v1::GetPaymentRoutingRequest>,
    ) -> Result<Response<v1::PaymentRouting>, Status> {
        let caller = authorise(&request, Method::GetPaymentRouting)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("payment", &asked.payment)?;
        caller.over(&biller)?;
        let found = self.engine.reader().routing(&biller, payment).await;
        let routing =
            found.map_err(|error| fault::engine(error, &About::read("Payment", &asked.payment)))?;
        Ok(Response::new(convert::routing(&biller, payment, &routing)))
    }

    async fn list_payments(
        &self,
        request: Request<v1::ListPaymentsRequest>,
    ) -> Result<Response<v1::ListPaymentsResponse>, Status> {
        let caller = authorise(&request, Method::ListPayments)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let filter = PaymentFilter {
            bill: bill_filter(&biller, &asked.bill)?,
            reference: (!asked.reference.is_empty()).then(|| asked.reference.clone()),
        };
        let list = List::new(
            "ListPayments",
            &[biller.as_str(), &asked.bill, &asked.reference],
        );
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().payments(&biller, &filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Payment", &asked.parent)))?;
        let sight = Sight::of(caller.role());
        Ok(Response::new(v1::ListPaymentsResponse {
            payments: found
                .items
                .iter()
                .map(|view| convert::payment(view, sight))
                .collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn watch_payment(
        &self,
        request: Request<v1::WatchPaymentRequest>,
    ) -> Result<Response<Self::WatchPaymentStream>, Status> {
        let caller = authorise(&request, Method::WatchPayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let sight = Sight::of(caller.role());
        let stream = self
            .watches
            .open(self.engine.clone(), biller, payment, sight)
            .await?;
        Ok(Response::new(stream))
    }

    async fn cancel_payment(
        &self,
        request: Request<v1::CancelPaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::CancelPayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("name", &asked.name)?;
        caller.over(&biller)?;
        let command = CancelPayment {
            biller,
            payment,
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let cancelled = self.engine.cancel_payment(command).await;
        self.answer(cancelled, &asked.name, caller.role())
    }

    async fn list_payment_events(
        &self,
        request: Request<v1::ListPaymentEventsRequest>,
    ) -> Result<Response<v1::ListPaymentEventsResponse>, Status> {
        let caller = authorise(&request, Method::ListPaymentEvents)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, payment) = names::payment("parent", &asked.parent)?;
        caller.over(&biller)?;
        let about = About::read("Payment", &asked.parent);
        let found = self.engine.reader().payment_events(&biller, payment).await;
        let events = found.map_err(|error| fault::engine(error, &about))?;
        if events.is_empty() {
            // A payment has at least the event that began it.
            return Err(fault::not_found(about.kind, &about.name));
        }
        Ok(Response::new(v1::ListPaymentEventsResponse {
            events: events.iter().map(convert::event).collect(),
        }))
    }
}
