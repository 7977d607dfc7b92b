//! What `OperationsService` does about recalls.

use epay_domain::recall::Recall;
use epay_engine::{DeclineRecall, Engine, EngineError, RecallRefund, RequestRefund, ReturnRecall};
use epay_proto::v1;
use epay_store::RecallFilter;
use tonic::{Request, Response, Status};

use super::refund::{own, payout_account, person, scope_of, source_of};
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

pub(super) async fn list(
    engine: &Engine,
    request: &Request<v1::ListRecallsRequest>,
) -> Result<Response<v1::ListRecallsResponse>, Status> {
    let caller = authorise(request, Method::ListRecalls)?;
    let asked = request.get_ref();
    check_shape(asked)?;
    let biller = scope_of(&caller, &asked.parent)?;
    let state = v1::RecallState::try_from(asked.state).map_err(|_unknown| {
        fault::invalid_field("state", "FIELD_MALFORMED", "must be a state of a recall")
    })?;
    let filter = RecallFilter {
        biller,
        state: convert::recall_state_filter(state),
    };
    let list = List::new("ListRecalls", &[&asked.parent, state.as_str_name()]);
    let page = list.page(asked.page_size, &asked.page_token)?;
    let found = engine.reader().recalls(&filter, page).await;
    let found =
        found.map_err(|error| fault::engine(error, &About::read("Recall", &asked.parent)))?;
    Ok(Response::new(v1::ListRecallsResponse {
        recalls: found.items.iter().map(convert::recall).collect(),
        next_page_token: list.token(found.next),
    }))
}

pub(super) async fn give_back(
    engine: &Engine,
    request: &Request<v1::ReturnRecallRequest>,
) -> Result<Response<v1::Recall>, Status> {
    let caller = authorise(request, Method::ReturnRecall)?;
    let asked = request.get_ref();
    check_shape(asked)?;
    let (biller, id) = names::recall("name", &asked.name)?;
    caller.over(&biller)?;
    let named = own("receipt", &asked.receipt, &biller, names::receipt)?;
    let source = source_of(asked.source)?;
    let account = payout_account("payout_account", &asked.payout_account, &biller)?;
    let about = About::write("Recall", &asked.name);
    let found = engine.reader().recall(&biller, id).await;
    let found: Recall = found.map_err(|error| fault::engine(error, &about))?;
    let receipt = named.or(found.receipt).ok_or_else(|| {
        let words = "must be set: the recall names no receipt that we know";
        fault::invalid_field("receipt", "FIELD_REQUIRED", words)
    })?;
    let command = ReturnRecall {
        recall: id,
        refund: RequestRefund {
            biller,
            receipt,
            source,
            amount: Some(found.amount),
            account,
            reason: format!("asked back: {}", found.why),
            consent: Some(asked.consent.clone()).filter(|consent| !consent.is_empty()),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
        },
    };
    let (recall, _refund) = engine
        .return_recall(command)
        .await
        .map_err(|error| fault::engine(error, &about))?;
    Ok(Response::new(convert::recall(&recall)))
}

pub(super) async fn decline(
    engine: &Engine,
    request: &Request<v1::DeclineRecallRequest>,
) -> Result<Response<v1::Recall>, Status> {
    let caller = authorise(request, Method::DeclineRecall)?;
    let asked = request.get_ref();
    check_shape(asked)?;
    let (biller, recall) = names::recall("name", &asked.name)?;
    caller.over(&biller)?;
    let command = DeclineRecall {
        biller,
        recall,
        reason: one_line(&asked.reason)?,
        caller: person(&caller),
    };
    let declined = engine.decline_recall(command).await;
    answered(declined, &About::write("Recall", &asked.name))
}

pub(super) async fn ask(
    engine: &Engine,
    request: &Request<v1::RecallRefundRequest>,
) -> Result<Response<v1::Recall>, Status> {
    let caller = authorise(request, Method::RecallRefund)?;
    let asked = request.get_ref();
    check_shape(asked)?;
    let (biller, refund) = names::refund("name", &asked.name)?;
    caller.over(&biller)?;
    let command = RecallRefund {
        biller,
        refund,
        reason: one_line(&asked.reason)?,
        caller: person(&caller),
    };
    let recalled = engine.recall_refund(command).await;
    answered(recalled, &About::write("Refund", &asked.name))
}

/// Words for the other side: they travel in a field of one line.
fn one_line(text: &str) -> Result<String, Status> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        let words = "must be words on one line";
        return Err(fault::invalid_field("reason", "FIELD_MALFORMED", words));
    }
    Ok(text.to_owned())
}

fn answered(
    recall: Result<Recall, EngineError>,
    about: &About,
) -> Result<Response<v1::Recall>, Status> {
    let recall = recall.map_err(|error| fault::engine(error, about))?;
    Ok(Response::new(convert::recall(&recall)))
}
