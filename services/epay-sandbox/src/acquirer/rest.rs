//! The merchant's interface: `POST …/session`, `GET …/order/{id}`, `PUT …/order/{id}/transaction/{id}`.
//!
//! HTTP basic, as `merchant.{id}`. What is not taken is answered in the gateway's own shape of an error.

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::warn;
use uuid::Uuid;

use super::desk::CURRENCY;
use super::put::{Answered, Wanted};
use super::store::{self, Session};
use super::{Acquirer, PASSWORD, shape};
use crate::api::broken_off;
use crate::books::BooksError;
use crate::channel::sender::chain;
use crate::money::parse_cents;

/// A request is a few hundred bytes; a device's token some thousands.
const BODY_BYTES_MAX: usize = 65_536;
/// How long a hosted page is open when the merchant does not say, and at most.
const PAGE_SECS: i64 = 1_800;
const PAGE_SECS_MAX: i64 = 5_400;

pub(super) fn routes() -> Router<Acquirer> {
    Router::new()
        .route(
            "/api/rest/version/{version}/merchant/{merchant}/session",
            post(begin),
        )
        .route(
            "/api/rest/version/{version}/merchant/{merchant}/order/{order}",
            get(retrieve),
        )
        .route(
            "/api/rest/version/{version}/merchant/{merchant}/order/{order}/transaction/{transaction}",
            axum::routing::put(put),
        )
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// Why a request is not taken.
enum Refused {
    /// Not the merchant that it says.
    Stranger,
    /// Not a request that can be carried out.
    Invalid(String),
    /// The books did not answer.
    Books(BooksError),
}

impl From<BooksError> for Refused {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self::Invalid(rejection.body_text())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, cause, words) = match self {
            Self::Stranger => (
                StatusCode::UNAUTHORIZED,
                "REQUEST_REJECTED",
                "Invalid credentials".to_owned(),
            ),
            Self::Invalid(words) => (StatusCode::BAD_REQUEST, "INVALID_REQUEST", words),
            Self::Books(error) => {
                warn!(error = %chain(&error), "The books did not do as the acquirer asked");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "SERVER_FAILED",
                    "The system is busy".to_owned(),
                )
            }
        };
        (status, Json(shape::error(cause, &words))).into_response()
    }
}

fn invalid<T>(words: &str) -> Result<T, Refused> {
    Err(Refused::Invalid(words.to_owned()))
}

impl Acquirer {
    /// Who asks: HTTP basic with the merchant's id and the password of all merchants.
    fn admit(&self, merchant: &str, headers: &HeaderMap) -> Result<(), Refused> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|value| STANDARD.decode(value).ok())
            .ok_or(Refused::Stranger)?;
        let secret = self.frame.secrets.read(PASSWORD).ok_or(Refused::Stranger)?;
        let expected = format!("merchant.{merchant}:{}", secret.expose_secret());
        // Digests are compared, so how long it takes says nothing about the password.
        let same = Sha256::digest(given) == Sha256::digest(expected);
        if same && self.settings.merchant(merchant).is_some() {
            Ok(())
        } else {
            Err(Refused::Stranger)
        }
    }

    /// The path of a notification's address, when it is on the gateway that this sandbox talks to.
    fn notices_path(&self, url: Option<&str>) -> String {
        let base = self.frame.config.gateway_url.trim_end_matches('/');
        url.and_then(|url| url.strip_prefix(base))
            .filter(|path| path.starts_with('/'))
            .unwrap_or(&self.settings.notices_path)
            .to_owned()
    }
}

/// `INITIATE_CHECKOUT`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    api_operation: String,
    interaction: Interaction,
    order: About,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interaction {
    operation: String,
    merchant: Named,
    timeout: Option<i64>,
    return_url: Option<String>,
    cancel_url: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    id: String,
    amount: Value,
    currency: String,
    #[serde(default)]
    description: String,
    notification_url: Option<String>,
}

async fn begin(
    State(acquirer): State<Acquirer>,
    Path((_version, merchant)): Path<(u16, String)>,
    headers: HeaderMap,
    body: Result<Json<Begin>, JsonRejection>,
) -> Result<Response, Refused> {
    acquirer.admit(&merchant, &headers)?;
    let Json(body) = body?;
    if body.api_operation != "INITIATE_CHECKOUT" || body.interaction.operation != "AUTHORIZE" {
        return invalid("Only INITIATE_CHECKOUT with the operation AUTHORIZE is offered");
    }
    let amount_cents = amount(Some(&body.order.amount), Some(&body.order.currency))?;
    let is_id = (1..=40).contains(&body.order.id.len())
        && body
            .order
            .id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_id {
        return invalid("order.id is 1 to 40 letters, digits and hyphens");
    }
    let web = |url: &Option<String>| {
        url.as_deref()
            .is_none_or(|url| url.starts_with("https://") || url.starts_with("http://"))
    };
    if !web(&body.interaction.return_url) || !web(&body.interaction.cancel_url) {
        return invalid("interaction.returnUrl and cancelUrl are addresses");
    }
    let open = body.interaction.timeout.unwrap_or(PAGE_SECS);
    let seconds = SignedDuration::from_secs(open.clamp(1, PAGE_SECS_MAX));
    let now = acquirer.frame.now();
    let session = Session {
        session_id: format!("SESSION{}", Uuid::new_v4().simple()),
        merchant,
        order_id: body.order.id,
        merchant_name: body.interaction.merchant.name,
        description: body.order.description,
        amount_cents,
        currency: body.order.currency,
        success_indicator: Uuid::new_v4().simple().to_string(),
        return_url: body.interaction.return_url,
        cancel_url: body.interaction.cancel_url,
        notices_path: acquirer.notices_path(body.order.notification_url.as_deref()),
        expires_at: now.saturating_add(seconds).unwrap_or(now),
    };
    let client = acquirer.frame.client().await?;
    store::insert_session(&client, &session).await?;
    let answer = json!({
        "checkoutMode": "WEBSITE",
        "merchant": session.merchant,
        "result": "SUCCESS",
        "session": { "id": session.session_id, "updateStatus": "SUCCESS", "version": "1" },
        "successIndicator": session.success_indicator,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn retrieve(
    State(acquirer): State<Acquirer>,
    Path((_version, merchant, order_id)): Path<(u16, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    acquirer.admit(&merchant, &headers)?;
    let client = acquirer.frame.client().await?;
    let Some(order) = store::order(&client, &merchant, &order_id).await? else {
        let words = format!("Unable to find order [{order_id}] for merchant [{merchant}]");
        return Err(Refused::Invalid(words));
    };
    let transactions = store::transactions(&client, &order).await?;
    Ok(Json(shape::whole(&order, &transactions)).into_response())
}

/// A transaction.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    api_operation: String,
    transaction: Option<Moving>,
    order: Option<Moving>,
    source_of_funds: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moving {
    amount: Option<Value>,
    currency: Option<String>,
    target_transaction_id: Option<String>,
}

impl Put {
    fn wanted(self) -> Result<Wanted, Refused> {
        let moved = |moving: Option<&Moving>| {
            let moving =
                moving.ok_or_else(|| Refused::Invalid("The amount is missing".to_owned()))?;
            amount(moving.amount.as_ref(), moving.currency.as_deref())
        };
        match self.api_operation.as_str() {
            "AUTHORIZE" => {
                let provided = self
                    .source_of_funds
                    .as_ref()
                    .and_then(|funds| funds.pointer("/provided/card"));
                if !provided.is_some_and(Value::is_object) {
                    return invalid("sourceOfFunds.provided.card is missing");
                }
                let amount_cents = moved(self.order.as_ref())?;
                Ok(Wanted::Authorise { amount_cents })
            }
            "CAPTURE" => {
                let amount_cents = moved(self.transaction.as_ref())?;
                Ok(Wanted::Capture { amount_cents })
            }
            "REFUND" => {
                let amount_cents = moved(self.transaction.as_ref())?;
                Ok(Wanted::Refund { amount_cents })
            }
            "VOID" => {
                let target = self
                    .transaction
                    .and_then(|moving| moving.target_transaction_id);
                let target = target.ok_or_else(|| {
                    Refused::Invalid("transaction.targetTransactionId is missing".to_owned())
                })?;
                Ok(Wanted::Void { target })
            }
            _ => invalid("apiOperation is AUTHORIZE, CAPTURE, VOID or REFUND"),
        }
    }
}

async fn put(
    State(acquirer): State<Acquirer>,
    Path((_version, merchant, order, id)): Path<(u16, String, String, String)>,
    headers: HeaderMap,
    body: Result<Json<Put>, JsonRejection>,
) -> Result<Response, Refused> {
    acquirer.admit(&merchant, &headers)?;
    let Json(body) = body?;
    let wanted = body.wanted()?;
    match acquirer.put((&merchant, &order, &id), wanted).await? {
        Answered::Done(answer, late) => {
            if !late.is_zero() {
                tokio::time::sleep(late).await;
            }
            Ok((StatusCode::CREATED, Json(answer)).into_response())
        }
        Answered::Invalid(words) => invalid(words),
        Answered::Lost => Ok(broken_off()),
    }
}

/// Cents of an amount, which is written as a number or as text.
fn amount(value: Option<&Value>, currency: Option<&str>) -> Result<i64, Refused> {
    if currency != Some(CURRENCY) {
        return invalid("The currency is HKD");
    }
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return invalid("The amount is missing"),
    };
    parse_cents(&text).map_err(|error| Refused::Invalid(error.to_string()))
}
