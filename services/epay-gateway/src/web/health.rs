//! `GET /healthz`: is the process alive. `GET /readyz`: can it do its work.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use epay_engine::Engine;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use crate::fault::RETRY_AFTER;

/// How long the database may take to answer before the gateway counts as not ready.
const DATABASE_DEADLINE: Duration = Duration::from_secs(2);

/// What readiness depends on.
#[derive(Debug, Clone)]
pub(crate) struct Readiness {
    pub(crate) engine: Engine,
    pub(crate) stopping: CancellationToken,
}

/// Answers while the process is alive.
pub(crate) async fn healthz() -> Response {
    Json(json!({"alive": true})).into_response()
}

/// Answers 200 when the database answers and the gateway is not stopping.
pub(crate) async fn readyz(State(readiness): State<Readiness>, headers: HeaderMap) -> Response {
    if readiness.stopping.is_cancelled() {
        return not_ready("The gateway is stopping.", &headers);
    }
    match tokio::time::timeout(DATABASE_DEADLINE, database(&readiness.engine)).await {
        Ok(true) => Json(json!({"ready": true})).into_response(),
        Ok(false) | Err(_) => not_ready("The database does not answer.", &headers),
    }
}

async fn database(engine: &Engine) -> bool {
    match engine.reader().pool().get().await {
        Ok(client) => client.batch_execute("").await.is_ok(),
        Err(_) => false,
    }
}

fn not_ready(words: &str, headers: &HeaderMap) -> Response {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        words,
        headers,
    )
    .retry_after(RETRY_AFTER)
    .into_response()
}
