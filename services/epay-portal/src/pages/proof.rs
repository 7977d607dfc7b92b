//! The proof of a receipt, as a file to keep: anybody can check it with the public key of the log, without us.

use axum::extract::Path;
use axum::response::Response;

use super::common::{file_of_json, payment_of};
use crate::gateway::Proof;
use crate::pages::Problem;
use crate::web::Visit;

/// Gives the file. Of a payment for which nothing arrived there is none; the newest credit waits a second for its own.
pub(crate) async fn proof(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    visit.answer(file(&visit, &biller, &payment).await)
}

async fn file(visit: &Visit, biller: &str, payment: &str) -> Result<Response, Problem> {
    let (biller, id) = payment_of(biller, payment)?;
    let found = visit.portal.gateway.receipt_proof(&biller, id).await;
    match found.map_err(Problem::of_payment)? {
        Proof::Nothing => Err(Problem::NotFound),
        Proof::Soon => Err(Problem::ProofSoon),
        Proof::File(json) => file_of_json(&format!("receipt-proof-{id}"), json),
    }
}
