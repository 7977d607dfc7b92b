//! The messages about recalls: camt.056.001.08 asks for a payment, camt.029.001.09 answers; the door that takes both from a
//! customer, and the words of both.

use std::io;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;

use super::recall::{self, Credit};
use super::store::{self, Kept};
use super::{NAME, Payouts, Sealed};
use crate::api::Problem;
use crate::bank::BANK_CODE;
use crate::bank::instruction::masked;
use crate::bank::leaves::{self, Leaves};
use crate::bank::xml::Document;
use crate::frame::Writing;
use crate::hk_time::{date_text, offset_text};

const REQUEST: &str = "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08";
const REQUEST_ROOT: &str = "FIToFIPmtCxlReq";
const RESOLUTION: &str = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.09";
const RESOLUTION_ROOT: &str = "RsltnOfInvstgtn";
/// Bytes of one message.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(super) fn routes() -> Router<Payouts> {
    Router::new()
        .route("/investigations", post(hear))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// A customer asks for what an order sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) case_id: String,
    /// The message id of the order.
    pub(super) order_id: String,
    pub(super) reason: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) case_id: String,
    /// `CNCL` or `RJCR`.
    pub(super) answer: String,
    pub(super) reason: Option<String>,
}

async fn hear(
    State(payouts): State<Payouts>,
    sealed: Sealed,
    body: Bytes,
) -> Result<Response, Problem> {
    if !payouts.believes(&sealed, &body) {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    let mut client = payouts.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, payouts.frame.now()).await?;
    let status = if let Some(resolved) = read_resolution(&body) {
        let reason = resolved.reason.as_deref();
        let known = recall::close(writing.sql(), &resolved.case_id, &resolved.answer, reason);
        if known.await? {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::CONFLICT
        }
    } else if let Some(asked) = read_request(&body) {
        let order = store::order(writing.sql(), &asked.order_id).await?;
        match order.and_then(|order| order.bank_reference) {
            Some(reference) => {
                recall::take(&writing, &asked, &reference).await?;
                StatusCode::ACCEPTED
            }
            None => StatusCode::NOT_FOUND,
        }
    } else {
        let why = "it is neither a request of one payment nor an answer";
        return Err(Problem::bad_request("investigation", why));
    };
    writing.commit().await?;
    payouts.frame.wake();
    Ok(status.into_response())
}

/// Whether a text is a code of an external list.
pub(super) fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (1..=4).contains(&text.len()) && text.bytes().all(plain)
}

fn code(leaves: &Leaves, path: &str) -> Option<String> {
    leaves
        .one(path)
        .filter(|text| is_code(text))
        .map(str::to_owned)
}

fn read_request(body: &[u8]) -> Option<Asked> {
    let leaves = leaves::read(body, REQUEST, REQUEST_ROOT).ok()?;
    let named = leaves.one("Undrlyg/TxInf/OrgnlGrpInf/OrgnlMsgNmId")?;
    Some(Asked {
        case_id: leaves.one("Case/Id")?.to_owned(),
        order_id: leaves
            .one("Undrlyg/TxInf/OrgnlGrpInf/OrgnlMsgId")
            .filter(|_id| named == "pain.001.001.09")?
            .to_owned(),
        reason: code(&leaves, "Undrlyg/TxInf/CxlRsnInf/Rsn/Cd")?,
    })
}

fn read_resolution(body: &[u8]) -> Option<Resolved> {
    let leaves = leaves::read(body, RESOLUTION, RESOLUTION_ROOT).ok()?;
    Some(Resolved {
        case_id: leaves.one("RslvdCase/Id")?.to_owned(),
        answer: code(&leaves, "Sts/Conf").filter(|word| word == "CNCL" || word == "RJCR")?,
        reason: code(&leaves, "CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd"),
    })
}

fn assignment(document: &mut Document, id: &str, at: Timestamp) -> io::Result<()> {
    document.branch("Assgnmt", |document| {
        document.leaf(&["Id"], id)?;
        agent(document, "Assgnr")?;
        document.leaf(&["Assgne", "Pty", "Nm"], "TEST customer")?;
        document.leaf(&["CreDtTm"], &offset_text(at))
    })
}

fn agent(document: &mut Document, name: &str) -> io::Result<()> {
    let path = [name, "Agt", "FinInstnId", "ClrSysMmbId", "MmbId"];
    document.leaf(&path, BANK_CODE)
}

fn case(document: &mut Document, name: &str, case_id: &str) -> io::Result<()> {
    document.branch(name, |document| {
        document.leaf(&["Id"], case_id)?;
        agent(document, "Cretr")
    })
}

/// Writes that a payer's bank wants a credit back. The bank's own reference of the credit stands in `OrgnlInstrId`.
pub(super) fn request(
    case_id: &str,
    credit: &Credit,
    reason: &str,
    at: Timestamp,
) -> io::Result<String> {
    Document::write(REQUEST, |document| {
        document.branch(REQUEST_ROOT, |document| {
            assignment(document, case_id, at)?;
            case(document, "Case", case_id)?;
            document.branch("Undrlyg", |document| {
                document.branch("TxInf", |document| {
                    document.leaf(&["CxlId"], case_id)?;
                    document.leaf(&["OrgnlInstrId"], &credit.bank_reference)?;
                    document.leaf(&["OrgnlEndToEndId"], &credit.end_to_end_id)?;
                    document.leaf(&["OrgnlTxId"], &credit.transaction_id)?;
                    document.leaf(&["OrgnlClrSysRef"], &credit.fps_reference)?;
                    let (currency, cents) = (&credit.currency, credit.amount_cents);
                    document.amount("OrgnlIntrBkSttlmAmt", currency, cents)?;
                    document.leaf(&["OrgnlIntrBkSttlmDt"], &date_text(credit.booked_at))?;
                    document.leaf(&["CxlRsnInf", "Rsn", "Cd"], reason)?;
                    document.branch("OrgnlTxRef", |document| original(document, credit))
                })
            })
        })
    })
}

fn original(document: &mut Document, credit: &Credit) -> io::Result<()> {
    if let Some(reference) = &credit.reference {
        document.leaf(&["RmtInf", "Strd", "CdtrRefInf", "Ref"], reference)?;
    }
    document.leaf(&["Dbtr", "Pty", "Nm"], &masked(&credit.payer_name))?;
    document.leaf(&["CdtrAcct", "Id", "Othr", "Id"], &credit.account)
}

/// Writes what the payee of an order answered.
pub(super) fn resolution(
    id: &str,
    resolved: &Resolved,
    order: &Kept,
    at: Timestamp,
) -> io::Result<String> {
    Document::write(RESOLUTION, |document| {
        document.branch(RESOLUTION_ROOT, |document| {
            assignment(document, id, at)?;
            case(document, "RslvdCase", &resolved.case_id)?;
            document.leaf(&["Sts", "Conf"], &resolved.answer)?;
            document.branch("CxlDtls", |document| {
                document.branch("TxInfAndSts", |document| {
                    document.leaf(&["CxlStsId"], id)?;
                    document.leaf(&["OrgnlEndToEndId"], &order.end_to_end_id)?;
                    let status = if resolved.answer == "CNCL" {
                        "ACCR"
                    } else {
                        "RJCR"
                    };
                    document.leaf(&["TxCxlSts"], status)?;
                    match &resolved.reason {
                        Some(reason) => document.leaf(&["CxlStsRsnInf", "Rsn", "Cd"], reason),
                        None => Ok(()),
                    }
                })
            })
        })
    })
}
