//! The buttons of a payment's page: a new code, and giving up. Each ends at a payment's page.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};

use super::common::{payment_of, payment_path};
use super::pay::Seen;
use crate::gateway::{Failure, NewPayment};
use crate::pages::Problem;
use crate::view::Screen;
use crate::web::Visit;

/// A new code for the same bill and amount. The key is made of the old payment, so a second press starts nothing.
pub(crate) async fn renew(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let seen = Seen::look(&visit, &biller, id).await?;
        if !matches!(
            seen.screen(),
            Screen::Expired | Screen::Cancelled | Screen::Failed
        ) {
            return Ok(Redirect::to(&seen.address(&visit)).into_response());
        }
        let new = NewPayment {
            bill: seen.payment.bill.clone(),
            rail: seen.payment.rail.clone(),
            amount: seen.payment.amount,
            idempotency_key: format!("portal-renew-{id}"),
        };
        match visit.portal.gateway.create_payment(new).await {
            Ok(payment) => {
                let path = payment_path(&payment.biller, payment.id);
                Ok(Redirect::to(&visit.href(&path)).into_response())
            }
            Err(Failure::Unreachable) => Err(Problem::Unsure {
                again: seen.address(&visit),
            }),
            Err(failure) => Err(failure.into()),
        }
    };
    visit.answer(answer.await)
}

/// Gives the payment up, if that is still possible, and shows what it is now.
pub(crate) async fn cancel(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        match visit.portal.gateway.cancel_payment(&biller, id).await {
            // Refused: it is past giving up, and its page says what it is.
            Ok(_) | Err(Failure::Refused { .. }) => {
                Ok(Redirect::to(&visit.href(&payment_path(&biller, id))).into_response())
            }
            Err(failure) => Err(Problem::of_payment(failure)),
        }
    };
    visit.answer(answer.await)
}

/// Someone followed the address of a button: the payment's page is what they want.
pub(crate) async fn back_to_payment(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = payment_of(&biller, &payment)
        .map(|(biller, id)| Redirect::to(&visit.href(&payment_path(&biller, id))).into_response());
    visit.answer(answer)
}
