//! Requests about what people look at and decide: breaks, statements set apart, rows.

use epay_gateway::Method;
use epay_proto::v1;
use prost::Message as _;

use super::ID;

/// A well-formed request about what is under `parent`.
pub(super) fn request(method: Method, parent: &str) -> Vec<u8> {
    let of_break = format!("{parent}/breaks/{ID}");
    let key = "walk".to_owned();
    match method {
        Method::ListBreaks => v1::ListBreaksRequest {
            parent: parent.to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetBreak => v1::GetBreakRequest { name: of_break }.encode_to_vec(),
        Method::AssignBreak => v1::AssignBreakRequest {
            name: of_break,
            owner: "walker".to_owned(),
        }
        .encode_to_vec(),
        Method::ProposeBreakResolution => v1::ProposeBreakResolutionRequest {
            name: of_break,
            resolution: Some(v1::BreakResolution {
                how: Some(v1::break_resolution::How::WriteOff(v1::WriteOff {})),
            }),
            reason: "walk".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ReopenBreak => v1::ReopenBreakRequest {
            name: of_break,
            reason: "walk".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ListMatches => v1::ListMatchesRequest {
            parent: parent.to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetReconciliationSummary => v1::GetReconciliationSummaryRequest {
            name: format!("{parent}/reconciliation"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ProposeAcceptance => v1::ProposeAcceptanceRequest {
            name: format!("{parent}/statements/{ID}"),
            reason: "the bank's letter".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ProposeRedrive => v1::ProposeRedriveRequest {
            name: format!("{parent}/badRows/{ID}.1"),
            reason: "the bank's letter".to_owned(),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
        other => unreachable!("{other:?} has its request elsewhere"),
    }
}
