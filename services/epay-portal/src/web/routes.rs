//! Which address is which page, and the limits around all of them.
//!
//! From the outside in: headers, trace, panics, then the page with its deadline and its share of the pages that
//! are made at the same time. Live streams have their own bound and no deadline; pictures count as pages.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::VARY;
use http::request::Parts;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

use super::{Portal, Visit, assets, headers, visit};
use crate::language::Language;
use crate::pages::{self, Problem};

/// Largest form: a number or an amount, and room for the encoding.
const FORM_BYTES_MAX: usize = 4 * 1024;
/// Longest time that an upload may take: a cheque over a slow line.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(60);
/// Longest time that a page may take; every call to the gateway has a shorter one.
const PAGE_DEADLINE: Duration = Duration::from_secs(12);

/// The whole site.
pub(crate) fn router(portal: Arc<Portal>) -> Router {
    let site = Language::ALL
        .into_iter()
        .fold(Router::new(), |router, language| {
            let home = format!("/{}", language.segment());
            let slash = format!("{home}/");
            let target = home.clone();
            router
                .route(
                    &slash,
                    get(move || async move { Redirect::permanent(&target) }),
                )
                .nest(&home, pages_of_a_language())
        });
    let limited = site.layer(from_fn_with_state(Arc::clone(&portal), within_limits));
    let live = Language::ALL
        .into_iter()
        .fold(Router::new(), |router, language| {
            let path = format!("/{}/pay/{{biller}}/{{payment}}/events", language.segment());
            router.route(&path, get(pages::events))
        });
    Router::new()
        .route("/", get(choose_language))
        .route("/healthz", get(|| async { "ok" }))
        .merge(assets::routes())
        .merge(limited)
        .merge(live)
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(from_fn(headers::add))
        .with_state(portal)
}

fn pages_of_a_language() -> Router<Arc<Portal>> {
    Router::new()
        .route("/", get(pages::start).post(pages::choose_kind))
        .route("/find/{kind}", get(pages::find).post(pages::look_up))
        .route("/bill/{link}", get(pages::bill).post(pages::choose_amount))
        .route("/basket/{link}", get(pages::basket).post(pages::add_bill))
        .route(
            "/basket/{link}/remove",
            post(pages::remove_bill).get(pages::back_to_basket),
        )
        .route(
            "/method/{link}",
            get(pages::method).post(pages::choose_method),
        )
        .route("/review/{link}", get(pages::review).post(pages::create))
        .route("/back/{link}", get(pages::back).post(pages::back))
        .route("/pay/{biller}/{payment}", get(pages::pay))
        .route("/pay/{biller}/{payment}/status", get(pages::status))
        .route("/pay/{biller}/{payment}/code.png", get(pages::code_image))
        .route("/pay/{biller}/{payment}/save.png", get(pages::saved_image))
        .route(
            "/pay/{biller}/{payment}/renew",
            post(pages::renew).get(pages::back_to_payment),
        )
        .route(
            "/pay/{biller}/{payment}/cancel",
            post(pages::cancel).get(pages::back_to_payment),
        )
        .route(
            "/pay/{biller}/{payment}/again",
            get(pages::again).post(pages::choose_again),
        )
        .route(
            "/pay/{biller}/{payment}/hand",
            post(pages::upload)
                .get(pages::back_to_payment)
                .layer(DefaultBodyLimit::max(pages::UPLOAD_BYTES_MAX)),
        )
        .route(
            "/pay/{biller}/{payment}/token",
            post(pages::token)
                .get(pages::back_to_payment)
                .layer(DefaultBodyLimit::max(pages::TOKEN_FORM_BYTES_MAX)),
        )
        .route("/receipt/{biller}/{payment}", get(pages::receipt))
        .route("/receipt/{biller}/{payment}/proof.json", get(pages::proof))
        .route("/help", get(pages::help))
        .merge(pages_of_a_person())
}

/// Signing in, and what a person who is signed in may change.
fn pages_of_a_person() -> Router<Arc<Portal>> {
    Router::new()
        .route("/sign-in", get(pages::begin))
        .route("/sign-in/back", get(pages::signed_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/account", get(pages::account).post(pages::save))
        .route("/account/stop/{account}", post(pages::stop))
        .route("/account/data.json", get(pages::held_of_me))
        .route("/account/fill", get(pages::fill_in))
        .route("/account/filled", get(pages::filled))
        .route("/account/erase", get(pages::ask_erase).post(pages::erase))
        .route("/follow/{link}", get(pages::ask_follow).post(pages::follow))
}

/// The address says nothing about the language, so the browser does.
async fn choose_language(parts: Parts) -> Response {
    let home = format!("/{}", visit::accepted(&parts).segment());
    ([(VARY, "accept-language")], Redirect::to(&home)).into_response()
}

async fn unknown(visit: Visit) -> Response {
    Problem::NotFound.page(&visit)
}

async fn wrong_method(visit: Visit) -> Response {
    Problem::WrongMethod.page(&visit)
}

/// Refuses a page when too many are being made, and ends one that takes too long.
async fn within_limits(
    State(portal): State<Arc<Portal>>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_share) = portal.pages_in_flight.try_acquire() else {
        return Problem::Busy.page(&visit);
    };
    let deadline = if request.uri().path().ends_with("/hand") {
        UPLOAD_DEADLINE
    } else {
        PAGE_DEADLINE
    };
    match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::Down.page(&visit),
    }
}

/// The route's pattern, never the address: addresses carry sealed numbers and the keys to payments.
fn span(request: &Request) -> tracing::Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    tracing::info_span!("page", method = %request.method(), route)
}
