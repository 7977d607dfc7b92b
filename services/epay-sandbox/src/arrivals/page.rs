//! The page of what arrived, newest first, and the same as data.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::Arrivals;
use super::rules::{BOXES, NUMBERS};
use super::store::{self, Arrived};
use crate::api::Problem;
use crate::hk_time::people_text;
use crate::pages::view::{Refused, page};

/// Rows of a list.
const ROWS_MAX: i64 = 100;

pub(super) fn routes() -> Router<Arrivals> {
    Router::new()
        .route("/all", get(show))
        .route("/list", get(list))
}

#[derive(Template)]
#[template(path = "arrivals.html")]
struct Page {
    arrived: Vec<Arrived>,
    smtp: SocketAddr,
    numbers: Vec<(&'static str, &'static str)>,
}

/// The same for programs.
#[derive(Serialize)]
struct List {
    /// Where the mail server listens.
    smtp: SocketAddr,
    arrived: Vec<Arrived>,
}

async fn show(State(arrivals): State<Arrivals>) -> Result<Response, Refused> {
    let client = arrivals.frame.client().await?;
    let always = NUMBERS.iter().chain(&BOXES);
    let template = Page {
        arrived: store::newest(&client, ROWS_MAX).await?,
        smtp: arrivals.smtp,
        numbers: always.map(|(who, item)| (*who, item.help)).collect(),
    };
    Ok(page(StatusCode::OK, &template))
}

async fn list(State(arrivals): State<Arrivals>) -> Result<Json<List>, Problem> {
    let client = arrivals.frame.client().await?;
    Ok(Json(List {
        smtp: arrivals.smtp,
        arrived: store::newest(&client, ROWS_MAX).await?,
    }))
}

impl Arrived {
    /// The kind, for people.
    fn kind(&self) -> &str {
        match self.channel.as_str() {
            "sms" => "SMS",
            "mail" => "Mail",
            "iam-smart" => "iAM Smart",
            other => other,
        }
    }

    fn when(&self) -> String {
        people_text(self.arrived_at)
    }
}

/// The language that a text begins with.
fn first_language(languages: &str) -> &str {
    languages.split(',').next().unwrap_or_default().trim()
}
