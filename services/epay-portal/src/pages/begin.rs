//! Starts a payment, and says where the visitor goes then.
//!
//! A payment is asked for with an address to come back to that is made of the request itself ([`BackLink`]), so a payer
//! who returns from a page of the rail leads us to the payment without anything being kept, and whatever the rail's page
//! says on the way is not believed.

use axum::response::{IntoResponse, Redirect, Response};
use epay_money::{Money, PaymentId};

use super::common::payment_path;
use crate::gateway::{Failure, NewPayment};
use crate::language::Language;
use crate::pages::Problem;
use crate::seal::BackLink;
use crate::view::{Next, Payment};
use crate::web::Visit;

/// Refusals that say that the bill itself changed.
const BILL_CHANGED: [&str; 6] = [
    "BILL_PAID",
    "BILL_WITHDRAWN",
    "AMOUNT_TOO_HIGH",
    "PART_PAYMENT_NOT_ALLOWED",
    "PART_OF_SEVERAL",
    "BILLS_DIFFER",
];

/// Why no payment was started.
pub(super) enum NotBegun {
    /// The bill changed a moment ago, and its own page says how.
    BillChanged,
    /// Something that a page can say.
    Problem(Problem),
}

/// What someone is about to pay.
pub(super) struct Intent<'a> {
    /// Resource names of the bills: at least one, all of one department.
    pub(super) bills: &'a [String],
    pub(super) method: &'a str,
    pub(super) amount: Money,
    pub(super) key: String,
    /// In which the payer comes back.
    pub(super) language: Language,
    /// Address that asks again, safely.
    pub(super) again: String,
}

/// Starts the payment, or finds the one that the same key has started before, and goes to its page.
pub(super) async fn begin(visit: &Visit, intent: Intent<'_>) -> Result<Response, NotBegun> {
    let Some((bill, others)) = intent.bills.split_first() else {
        return Err(NotBegun::BillChanged);
    };
    let id = |name: &String| name.rsplit('/').next().unwrap_or_default().to_owned();
    let link = BackLink {
        bill: bill.clone(),
        more: others.iter().map(id).collect(),
        method: intent.method.to_owned(),
        amount_minor: intent.amount.minor(),
        currency: intent.amount.currency().code().to_owned(),
        key: intent.key,
    };
    let new =
        new_payment(visit, link, intent.amount, intent.language).map_err(NotBegun::Problem)?;
    match visit.portal.gateway.create_payment(new).await {
        Ok(payment) => Ok(Redirect::to(&visit.href(&landing(&payment))).into_response()),
        Err(failure) if BILL_CHANGED.iter().any(|code| failure.has_code(code)) => {
            Err(NotBegun::BillChanged)
        }
        Err(failure) => Err(NotBegun::Problem(problem(failure, intent.again))),
    }
}

/// What is asked of the gateway for a way back: always the same for the same link and language.
pub(super) fn new_payment(
    visit: &Visit,
    link: BackLink,
    amount: Money,
    language: Language,
) -> Result<NewPayment, Problem> {
    let signed = visit.portal.sealer.sign(&link)?;
    let (url, segment) = (&visit.portal.public_url, language.segment());
    let (bills, _id) = link.bill.rsplit_once('/').unwrap_or_default();
    let more = link.more.iter().map(|id| format!("{bills}/{id}"));
    Ok(NewPayment {
        more: more.collect(),
        bill: link.bill,
        method: link.method,
        amount,
        return_url: format!("{url}/{segment}/back/{signed}"),
        idempotency_key: link.key,
    })
}

/// The payment's page; with `go`, where the script may take the visitor on to the rail's page at once.
fn landing(payment: &Payment) -> String {
    let path = payment_path(&payment.biller, payment.id);
    match payment.next {
        Some(Next::Redirect { .. } | Next::Form { .. }) | None => format!("{path}?go=1"),
        _ => path,
    }
}

fn problem(failure: Failure, again: String) -> Problem {
    if let Some(other) = other_attempt(&failure) {
        return other;
    }
    match failure {
        Failure::Unreachable => Problem::Unsure { again },
        failure if failure.has_code("RAIL_REFUSED") || failure.has_code("METHOD_NOT_OFFERED") => {
            Problem::MethodClosed
        }
        failure => failure.into(),
    }
}

/// Another attempt to pay the bill that must end before one can begin.
fn other_attempt(failure: &Failure) -> Option<Problem> {
    if !failure.has_code("PAYMENT_OPEN") {
        return None;
    }
    let name = failure.fact("payment")?;
    let (biller, id) = name.strip_prefix("billers/")?.split_once("/payments/")?;
    let id: PaymentId = id.parse().ok()?;
    let biller = biller.parse().ok()?;
    Some(Problem::OtherAttempt {
        path: payment_path(&biller, id),
        reference: failure.fact("reference").unwrap_or_default().to_owned(),
        closable: failure.fact("can_be_cancelled") == Some("true"),
    })
}
