//! A caller of the gateway as it should be: one that repeats what was not clearly answered, with the same key.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use epay_money::hong_kong_date;
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use epay_proto::v1::{self, CreateBillRequest, CreatePaymentRequest};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::plan;

/// The caller's own pause before it repeats a call.
const PAUSE: Duration = Duration::from_millis(25);
/// When it gives up: no crash here keeps the gateway away for so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one call may take before it counts as unanswered.
const CALL_WAIT: Duration = Duration::from_secs(15);
/// Long after every payment of the run, and not so long that a licence cannot be renewed yet. One for the whole run: a bill that is
/// issued again under its key must be the same, also after midnight.
static DUE_DATE: LazyLock<String> = LazyLock::new(|| {
    let month = SignedDuration::from_hours(30 * 24);
    hong_kong_date(Timestamp::now() + month).to_string()
});

/// What a caller was answered first.
pub(crate) type Started = v1::Payment;

/// How far the run is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Creations that callers have begun.
    pub(crate) asked: usize,
    /// Creations that were answered.
    pub(crate) acknowledged: usize,
    /// Calls that had to be repeated.
    pub(crate) repeated: usize,
}

impl Progress {
    /// Creations without an answer.
    pub(crate) const fn in_flight(self) -> usize {
        self.asked.saturating_sub(self.acknowledged)
    }
}

/// A client of the gateway, with tokens for the citizens' pages and for every department.
#[derive(Debug)]
pub(crate) struct Caller {
    channel: Channel,
    citizen: String,
    departments: BTreeMap<&'static str, String>,
    progress: watch::Sender<Progress>,
}

impl Caller {
    /// Connects when it first calls, and again whenever a connection is lost.
    pub(crate) fn new(
        url: &str,
        citizen: String,
        departments: BTreeMap<&'static str, String>,
    ) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(url.to_owned())?
            .timeout(CALL_WAIT)
            .connect_lazy();
        Ok(Self {
            channel,
            citizen,
            departments,
            progress: watch::Sender::new(Progress::default()),
        })
    }

    pub(crate) const fn progress(&self) -> &watch::Sender<Progress> {
        &self.progress
    }

    /// Counts a creation whose answer has come.
    pub(crate) fn acknowledged(&self) {
        self.progress
            .send_modify(|progress| progress.acknowledged += 1);
    }

    /// Counts a creation that begins.
    pub(crate) fn asked(&self) {
        self.progress.send_modify(|progress| progress.asked += 1);
    }

    /// Issues a bill; answers its name.
    pub(crate) async fn issue(&self, bill: &plan::Bill) -> anyhow::Result<String> {
        let token = self
            .departments
            .get(bill.biller)
            .context("a department without a token")?;
        let amount = v1::Amount {
            minor_units: bill.minor,
            currency_code: "HKD".to_owned(),
        };
        let message = CreateBillRequest {
            parent: format!("billers/{}", bill.biller),
            bill: Some(v1::Bill {
                bill_type: bill.kind.to_owned(),
                number: bill.number.clone(),
                amount: Some(amount),
                due_date: Some(v1::Date {
                    iso: DUE_DATE.clone(),
                }),
                description: "a bill of the crash test".to_owned(),
                ..v1::Bill::default()
            }),
            idempotency_key: format!("issue-{}", bill.number),
            ..CreateBillRequest::default()
        };
        let issued = self
            .until_answered(token, &message, async |request| {
                BillServiceClient::new(self.channel.clone())
                    .create_bill(request)
                    .await
            })
            .await?;
        Ok(issued.name)
    }

    /// Starts a payment.
    pub(crate) async fn create(
        &self,
        payment: &plan::Payment,
        bill: &str,
    ) -> anyhow::Result<Started> {
        let message = CreatePaymentRequest {
            bill: bill.to_owned(),
            rail: "fps".to_owned(),
            amount: Some(v1::Amount {
                minor_units: payment.minor,
                currency_code: "HKD".to_owned(),
            }),
            idempotency_key: payment.key.clone(),
            ..CreatePaymentRequest::default()
        };
        self.until_answered(&self.citizen, &message, async |request| {
            PaymentServiceClient::new(self.channel.clone())
                .create_payment(request)
                .await
        })
        .await
        .with_context(|| format!("{payment:?}"))
    }

    /// Repeats a call until it is answered. A refusal is an answer, and here a fault: nothing that is asked may be refused.
    async fn until_answered<M: Clone, T>(
        &self,
        token: &str,
        message: &M,
        call: impl AsyncFn(Request<M>) -> Result<tonic::Response<T>, Status>,
    ) -> anyhow::Result<T> {
        let begun = Instant::now();
        loop {
            let mut request = Request::new(message.clone());
            let bearer = format!("Bearer {token}").parse()?;
            request.metadata_mut().insert("authorization", bearer);
            let status = match call(request).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            if !is_unanswered(&status) {
                bail!("the gateway refused: {status:?}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("the gateway never answered; last: {status:?}");
            }
            self.progress.send_modify(|progress| progress.repeated += 1);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether the outcome is open. The gateway says so with a reason; without one the connection broke.
fn is_unanswered(status: &Status) -> bool {
    match status.get_details_error_info() {
        Some(info) => matches!(
            info.reason.as_str(),
            "OUTCOME_UNCONFIRMED" | "UNAVAILABLE" | "OVERLOADED" | "DEADLINE_EXCEEDED"
        ),
        None => matches!(
            status.code(),
            Code::Unavailable
                | Code::Unknown
                | Code::Internal
                | Code::Cancelled
                | Code::DeadlineExceeded
        ),
    }
}
