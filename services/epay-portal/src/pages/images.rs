//! The code as a picture: for the page, and for a phone's photos.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::common::payment_of;
use super::pay::Seen;
use crate::format;
use crate::language::Language;
use crate::pages::Problem;
use crate::picture;
use crate::text::Text;
use crate::view::{Code, Payment, Screen};
use crate::web::Visit;

/// The code alone.
pub(crate) async fn code_image(visit: Visit, Path(ids): Path<(String, String)>) -> Response {
    let answer = async {
        let (_, code) = shown(&visit, ids).await?;
        png(picture::code(&code.payload), None)
    };
    visit.answer(answer.await)
}

/// The code with payee, amount, reference and time printed below, to be kept and scanned from a phone's photos.
pub(crate) async fn saved_image(visit: Visit, Path(ids): Path<(String, String)>) -> Response {
    let answer = async {
        let (payment, code) = shown(&visit, ids).await?;
        png(
            picture::captioned(&code.payload, &caption(&payment, &code)),
            Some(&payment.reference),
        )
    };
    visit.answer(answer.await)
}

/// The picture carries English only: it must be drawn from the few letters that every reader of it knows.
fn caption(payment: &Payment, code: &Code) -> picture::Caption {
    let until = payment
        .expires_at
        .map(|at| format!("until {}", format::stamp(at)));
    picture::Caption {
        headline: format::money_with_code(payment.amount),
        lines: [
            Text::new(Language::English).pick(code.payee_name.as_ref()),
            payment.reference.clone(),
        ]
        .into_iter()
        .chain(until)
        .collect(),
    }
}

/// The payment's code, while it may be shown.
async fn shown(
    visit: &Visit,
    (biller, payment): (String, String),
) -> Result<(Payment, Code), Problem> {
    let (biller, id) = payment_of(&biller, &payment)?;
    let seen = Seen::look(visit, &biller, id).await?;
    match (seen.screen(), seen.payment.code().cloned()) {
        (Screen::Scan, Some(code)) => Ok((seen.payment, code)),
        _ => Err(Problem::NotFound),
    }
}

fn png(
    drawn: Result<Vec<u8>, picture::PictureError>,
    save_as: Option<&str>,
) -> Result<Response, Problem> {
    let bytes = drawn.map_err(|error| {
        tracing::error!(%error, "A code cannot be drawn");
        Problem::Down
    })?;
    let mut response = (StatusCode::OK, [(CONTENT_TYPE, "image/png")], bytes).into_response();
    let disposition = save_as
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .and_then(|name| format!("attachment; filename=\"{name}.png\"").parse().ok());
    if let Some(disposition) = disposition {
        response
            .headers_mut()
            .insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
