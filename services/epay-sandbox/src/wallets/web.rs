//! The merchants' door: every request of every wallet comes through here, and no answer leaves unsigned that should be.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::any;
use serde_json::Value;
use tracing::warn;

use super::kind::Wallet;
use super::{Wallets, app};
use crate::books::BooksError;
use crate::channel::sender::chain;
use crate::frame::Header;

/// No request of a merchant is near it.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A merchant's request, with the path as the merchant signed it.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    /// The path behind the wallet's own, with its query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// Where the payer's browser finds this sandbox.
    pub(super) public_url: String,
}

impl Incoming {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A field of the query; merchants' names need no decoding.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let (_path, query) = self.target.split_once('?')?;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(given, value)| (given == name).then_some(value))
    }

    /// The body, or null when it is no JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Where the app shows a payment.
    pub(super) fn app_url(&self, token: &str) -> String {
        format!("{}/wallets/app/pay/{token}", self.public_url)
    }
}

/// What a merchant is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<Header>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: vec![],
            body: String::new(),
        }
    }
}

/// The path of an address, where notices go.
pub(super) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split('?').next().unwrap_or("/").to_owned()
}

pub(super) fn routes(wallets: Wallets) -> Router {
    let mut router = Router::new();
    for wallet in Wallet::ALL {
        let path = format!("/{}/{{*path}}", wallet.word());
        let serve = async move |State(wallets): State<Arc<Wallets>>, request: Request| {
            take(&wallets, wallet, request).await
        };
        router = router.route(&path, any(serve));
    }
    let shared = Arc::new(wallets);
    router.merge(app::routes()).with_state(shared)
}

async fn take(wallets: &Wallets, wallet: Wallet, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let full = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    // The merchant signs what stands behind the interface's own address.
    let own = format!("/{}", wallet.word());
    let target = full
        .find(&own)
        .and_then(|at| full.get(at.saturating_add(own.len())..));
    let host = parts
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let configured = wallets.settings.public_url.clone();
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
    let incoming = Incoming {
        method: parts.method.to_string(),
        target: target.unwrap_or_default().to_owned(),
        public_url: configured.unwrap_or_else(|| format!("http://{host}")),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        headers: parts.headers,
    };
    let answer = match wallet {
        Wallet::WeChat => wallets.wechat(&incoming).await,
        Wallet::Alipay => wallets.alipay(&incoming).await,
        Wallet::PayMe => wallets.payme(&incoming).await,
        Wallet::Octopus => wallets.octopus(&incoming).await,
    };
    response(answer.unwrap_or_else(|error| failed(&error)))
}

/// The books did not do as asked: nobody knows what is true, and the merchant must ask.
fn failed(error: &BooksError) -> Answer {
    warn!(error = %chain(error), "A wallet could not do as it was asked");
    Answer::json(500, &serde_json::json!({ "code": "SYSTEM_ERROR" }))
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
