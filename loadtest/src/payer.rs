//! The two callers with a token: the department that issues bills and the pages that start payments, and follow them.

use anyhow::{Context, Result, bail};
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use epay_proto::v1::{
    Amount, Bill, CheckPaymentRequest, CreateBillRequest, CreatePaymentRequest, Date,
    ListMethodsRequest, Payment, PaymentMethod, PaymentState, SubmitInstrumentRequest,
    WatchPaymentRequest, WatchPaymentResponse,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};
use tonic_types::StatusExt;

use crate::bank::TELLS_MAX;
use crate::house::RAIL;
use crate::rails::Rail;

/// A caller with a token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    channel: Channel,
    bearer: MetadataValue<Ascii>,
}

impl Caller {
    pub(crate) fn new(channel: Channel, token: &str) -> Result<Self> {
        let bearer = format!("Bearer {token}").parse()?;
        Ok(Self { channel, bearer })
    }

    fn bearing<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.bearer.clone());
        request
    }

    /// Issues a bill; answers its name.
    pub(crate) async fn issue(&self, number: u64, bill: NewBill<'_>) -> Result<String> {
        let asked = CreateBillRequest {
            parent: format!("billers/{}", bill.biller),
            bill: Some(Bill {
                bill_type: bill.bill_type.to_owned(),
                number: bill.number,
                amount: Some(Amount {
                    minor_units: bill.amount_minor,
                    currency_code: "HKD".to_owned(),
                }),
                due_date: Some(Date { iso: bill.due_date }),
                description: "TEST load".to_owned(),
                ..Bill::default()
            }),
            idempotency_key: format!("load-bill-{number}"),
            ..CreateBillRequest::default()
        };
        let mut client = BillServiceClient::new(self.channel.clone());
        let issued = client.create_bill(self.bearing(asked)).await?;
        Ok(issued.into_inner().name)
    }

    /// Starts a payment of all that is outstanding.
    pub(crate) async fn pay(&self, number: u64, bill: &str) -> Result<Payment> {
        Ok(self.try_pay(number, bill).await?)
    }

    /// The same, where the gateway may be busy: comes back when it says so.
    pub(crate) async fn pay_when_there_is_room(&self, number: u64, bill: &str) -> Result<Payment> {
        for _ in 0..TELLS_MAX {
            let status = match self.try_pay(number, bill).await {
                Ok(payment) => return Ok(payment),
                Err(status) => status,
            };
            let hint = status.get_details_retry_info();
            let wait = hint.and_then(|hint| hint.retry_delay);
            tokio::time::sleep(wait.ok_or(status)?).await;
        }
        bail!("there was no room in {TELLS_MAX} tries")
    }

    /// The same, with the gateway's own word where it is refused.
    pub(crate) async fn try_pay(&self, number: u64, bill: &str) -> Result<Payment, Status> {
        let asked = CreatePaymentRequest {
            bill: bill.to_owned(),
            rail: RAIL.to_owned(),
            idempotency_key: key_of(number),
            ..CreatePaymentRequest::default()
        };
        self.create(asked).await
    }

    /// The same by any rail, with the address to which its pages send the browser back.
    pub(crate) async fn try_pay_by(
        &self,
        rail: Rail,
        (number, bill): (u64, &str),
        back: &str,
    ) -> Result<Payment, Status> {
        let asked = CreatePaymentRequest {
            bill: bill.to_owned(),
            rail: rail.name().to_owned(),
            method: rail.method().to_owned(),
            idempotency_key: key_of(number),
            return_url: back.to_owned(),
            ..CreatePaymentRequest::default()
        };
        self.create(asked).await
    }

    async fn create(&self, asked: CreatePaymentRequest) -> Result<Payment, Status> {
        let mut client = PaymentServiceClient::new(self.channel.clone());
        let created = client.create_payment(self.bearing(asked)).await?;
        Ok(created.into_inner())
    }

    /// The ways in which a bill can be paid now, and those that are closed.
    pub(crate) async fn methods(&self, bill: &str) -> Result<Vec<PaymentMethod>, Status> {
        let asked = ListMethodsRequest {
            bill: bill.to_owned(),
            ..ListMethodsRequest::default()
        };
        let mut client = PaymentServiceClient::new(self.channel.clone());
        let listed = client.list_methods(self.bearing(asked)).await?;
        Ok(listed.into_inner().methods)
    }

    /// Hands in what the payer was asked for.
    pub(crate) async fn hand_in(
        &self,
        number: u64,
        payment: &str,
        kind: &str,
        content: Vec<u8>,
    ) -> Result<(), Status> {
        let asked = SubmitInstrumentRequest {
            name: payment.to_owned(),
            kind: kind.to_owned(),
            content,
            idempotency_key: format!("load-handover-{number}"),
        };
        let mut client = PaymentServiceClient::new(self.channel.clone());
        client.submit_instrument(self.bearing(asked)).await?;
        Ok(())
    }

    /// Has the rail asked soon what became of a payment.
    pub(crate) async fn check(&self, payment: &str) -> Result<(), Status> {
        let name = payment.to_owned();
        let mut client = PaymentServiceClient::new(self.channel.clone());
        let request = self.bearing(CheckPaymentRequest { name });
        client.check_payment(request).await?;
        Ok(())
    }

    /// The payment now, and at each of its changes.
    pub(crate) async fn changes(
        &self,
        payment: &str,
    ) -> Result<Streaming<WatchPaymentResponse>, Status> {
        let name = payment.to_owned();
        let mut client = PaymentServiceClient::new(self.channel.clone());
        let request = self.bearing(WatchPaymentRequest { name });
        Ok(client.watch_payment(request).await?.into_inner())
    }

    /// Opens a watch and waits for its first answer, so that it is there before the money moves.
    pub(crate) async fn watch(&self, payment: &Payment) -> Result<Watch> {
        let mut changes = self.changes(&payment.name).await?;
        changes.message().await?.context("the watch is empty")?;
        Ok(Watch { changes })
    }
}

/// The key under which the bill of this number is paid, however often that is asked.
fn key_of(number: u64) -> String {
    format!("load-payment-{number}")
}

/// What a department demands.
#[derive(Debug)]
pub(crate) struct NewBill<'a> {
    pub(crate) biller: &'a str,
    pub(crate) bill_type: &'a str,
    pub(crate) number: String,
    pub(crate) amount_minor: i64,
    pub(crate) due_date: String,
}

/// An open watch of one payment.
#[derive(Debug)]
pub(crate) struct Watch {
    changes: Streaming<WatchPaymentResponse>,
}

impl Watch {
    /// Waits until the payment is settled.
    pub(crate) async fn settled(mut self) -> Result<()> {
        loop {
            let change = self.changes.message().await?;
            let change = change.context("the watch ended before the payment was settled")?;
            let settled = |payment: &Payment| payment.state() == PaymentState::Settled;
            if change.payment.as_ref().is_some_and(settled) {
                return Ok(());
            }
        }
    }
}
