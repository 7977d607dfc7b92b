//! Questions about payments: the ways to pay, starting one, what became of it.

use std::sync::atomic::Ordering;

use epay_money::{BillerId, Money, PaymentId};
use epay_proto::v1;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use tonic::{Request, Streaming};

use super::{ANSWER_BYTES_MAX, CALL_DEADLINE, Failure, Gateway};
use crate::view::{Method, Payment};

/// What to pay, how, and under which idempotency key. The same key always comes with the same of everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewPayment {
    /// Resource name of the first bill.
    pub(crate) bill: String,
    /// Resource names of the others.
    pub(crate) more: Vec<String>,
    pub(crate) method: String,
    pub(crate) amount: Money,
    /// Where the payer comes back to from a page of the rail.
    pub(crate) return_url: String,
    pub(crate) idempotency_key: String,
}

impl Gateway {
    /// The ways to pay bills together, in the gateway's order.
    pub(crate) async fn methods(&self, bills: &[String]) -> Result<Vec<Method>, Failure> {
        let (bill, additional_bills) = match bills.split_first() {
            Some((first, others)) => (first.clone(), others.to_vec()),
            None => return Err(Failure::NotFound),
        };
        let request = self
            .request(v1::ListMethodsRequest {
                bill,
                additional_bills,
            })
            .await?;
        let answer = self.payments().list_methods(request).await?.into_inner();
        Ok(answer
            .methods
            .into_iter()
            .map(Method::read)
            .collect::<Result<_, _>>()?)
    }

    /// Starts a payment, or gives the one that the same key has started before.
    pub(crate) async fn create_payment(&self, new: NewPayment) -> Result<Payment, Failure> {
        let request = v1::CreatePaymentRequest {
            bill: new.bill,
            additional_bills: new.more,
            method: new.method,
            amount: Some(v1::Amount {
                minor_units: new.amount.minor(),
                currency_code: new.amount.currency().code().to_owned(),
            }),
            return_url: new.return_url,
            idempotency_key: new.idempotency_key,
            ..v1::CreatePaymentRequest::default()
        };
        let request = self.request(request).await?;
        Ok(Payment::read(
            self.payments().create_payment(request).await?.into_inner(),
        )?)
    }

    /// A payment as it stands.
    pub(crate) async fn payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Payment, Failure> {
        let name = payment_name(biller, id);
        let request = self.request(v1::GetPaymentRequest { name }).await?;
        Ok(Payment::read(
            self.payments().get_payment(request).await?.into_inner(),
        )?)
    }

    /// A payment as it stands; the gateway then asks the rail what became of it.
    pub(crate) async fn check_payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Payment, Failure> {
        let name = payment_name(biller, id);
        let request = self.request(v1::CheckPaymentRequest { name }).await?;
        Ok(Payment::read(
            self.payments().check_payment(request).await?.into_inner(),
        )?)
    }

    /// Hands over what the payer gave us. The key is the caller's: the same thing handed over twice is one.
    pub(crate) async fn submit_instrument(
        &self,
        biller: &BillerId,
        id: PaymentId,
        kind: &str,
        content: Vec<u8>,
        idempotency_key: String,
    ) -> Result<Payment, Failure> {
        let request = v1::SubmitInstrumentRequest {
            name: payment_name(biller, id),
            kind: kind.to_owned(),
            content,
            idempotency_key,
        };
        let request = self.request(request).await?;
        Ok(Payment::read(
            self.payments()
                .submit_instrument(request)
                .await?
                .into_inner(),
        )?)
    }

    /// Gives a payment up; the key makes a second press the same request.
    pub(crate) async fn cancel_payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Payment, Failure> {
        let request = v1::CancelPaymentRequest {
            name: payment_name(biller, id),
            idempotency_key: format!("portal-cancel-{id}"),
        };
        let request = self.request(request).await?;
        Ok(Payment::read(
            self.payments().cancel_payment(request).await?.into_inner(),
        )?)
    }

    /// The payment now and at every change, until it is final.
    pub(crate) async fn watch_payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Streaming<v1::WatchPaymentResponse>, Failure> {
        let mut request = Request::new(v1::WatchPaymentRequest {
            name: payment_name(biller, id),
        });
        self.tokens.authorise(&mut request).await?;
        let turn = self.next_watch.fetch_add(1, Ordering::Relaxed) % self.watches.len().max(1);
        let channel = self.watches.get(turn).unwrap_or(&self.calls).clone();
        let mut client =
            PaymentServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
        // A deadline on the request would end the stream too, so only its opening is timed.
        let opening = client.watch_payment(request);
        let answer = tokio::time::timeout(CALL_DEADLINE, opening)
            .await
            .map_err(|_elapsed| Failure::Unreachable)??;
        Ok(answer.into_inner())
    }
}

/// Resource name of a payment.
pub(super) fn payment_name(biller: &BillerId, id: PaymentId) -> String {
    format!("billers/{biller}/payments/{id}")
}
