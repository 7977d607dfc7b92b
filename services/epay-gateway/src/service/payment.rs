//! `PaymentService`.

use epay_engine::{CancelPayment, CreatePayment, Engine};
use epay_money::{BillId, BillerId};
use epay_proto::v1;
use epay_proto::v1::payment_service_server::PaymentService;
use epay_store::PaymentFilter;
use tonic::{Request, Response, Status};

use super::read;
use super::watch::{WatchStream, Watches};
use crate::auth::{Method, authorise};
use crate::convert::{self, Sight};
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Starts payments and tells how they stand.
#[derive(Debug, Clone)]
pub(crate) struct Payments {
    engine: Engine,
    watches: Watches,
}

impl Payments {
    pub(crate) const fn new(engine: Engine, watches: Watches) -> Self {
        Self { engine, watches }
    }
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

    async fn create_payment(
        &self,
        request: Request<v1::CreatePaymentRequest>,
    ) -> Result<Response<v1::Payment>, Status> {
        let caller = authorise(&request, Method::CreatePayment)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, bill) = names::bill("bill", &asked.bill)?;
        caller.over(&biller)?;
        let command = CreatePayment {
            biller,
            bills: vec![bill],
            method: None,
            rail: Some(names::id("rail", &asked.rail)?),
            return_url: None,
            capture_by_hand: false,
            amount: asked
                .amount
                .as_ref()
                .map(|amount| read::money("amount", amount))
                .transpose()?,
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let created = self.engine.create_payment(command).await;
        let view =
            created.map_err(|error| fault::engine(error, &About::write("Payment", &asked.bill)))?;
        Ok(Response::new(convert::payment(
            &view,
            Sight::of(caller.role()),
        )))
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
        let found = self.engine.reader().payment(&biller, payment).await;
        let view =
            found.map_err(|error| fault::engine(error, &About::read("Payment", &asked.name)))?;
        Ok(Response::new(convert::payment(
            &view,
            Sight::of(caller.role()),
        )))
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
        let view = cancelled
            .map_err(|error| fault::engine(error, &About::write("Payment", &asked.name)))?;
        Ok(Response::new(convert::payment(
            &view,
            Sight::of(caller.role()),
        )))
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
