//! The way back from a page of a rail.
//!
//! What the rail's page says about the payment, in the address or in a form, is not read. The payment is found by asking
//! for it again with the key under which it was started, the rail is asked what became of it, and the payment's page
//! shows what is known.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::{Currency, Money};

use super::begin::new_payment;
use super::common::payment_path;
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::web::Visit;

/// A payer comes back.
pub(crate) async fn back(visit: Visit, Path(signed): Path<String>) -> Response {
    visit.answer(find(&visit, &signed).await)
}

async fn find(visit: &Visit, signed: &str) -> Result<Response, Problem> {
    let link = visit
        .portal
        .sealer
        .verify(signed)
        .ok_or(Problem::PaymentNotFound)?;
    let currency: Currency = link
        .currency
        .parse()
        .map_err(|_unknown| Problem::PaymentNotFound)?;
    let amount = Money::new(link.amount_minor, currency);
    let new = new_payment(visit, link, amount, visit.language())?;
    let gateway = &visit.portal.gateway;
    let payment = match gateway.create_payment(new).await {
        Ok(payment) => payment,
        // The same link in another language was not what was asked for.
        Err(Failure::Refused { .. }) => return Err(Problem::PaymentNotFound),
        Err(failure) => return Err(Problem::of_payment(failure)),
    };
    let path = payment_path(&payment.biller, payment.id);
    match gateway.check_payment(&payment.biller, payment.id).await {
        // Refused: there is nothing to ask, and the page says how it stands.
        Ok(_) | Err(Failure::Refused { .. }) => {}
        Err(failure) => return Err(Problem::of_payment(failure)),
    }
    Ok(Redirect::to(&visit.href(&format!("{path}?back=1"))).into_response())
}
