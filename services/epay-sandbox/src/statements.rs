//! The bank's statements: at the end of each day, what was booked on every payee's account, as camt.053 and as MT940.
//!
//! Order of work: `make` reads what was booked since the last statement of an account and draws up the next one, bent by the
//! faults that were ordered; `camt053` and `mt940` write it, each by its own code; `put` puts the files into the folder
//! that the configuration names, whole or not at all. Every transaction is in exactly one honest statement.

mod camt053;
mod make;
mod menu;
mod mt940;
mod put;
mod sample;

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::put::FileRow;
pub use self::sample::write_statements;
use crate::api::Problem;
use crate::api::problem::Body;
use crate::books::BooksError;
use crate::frame::{
    Alarm, Counterparty, Doing, Door, DueWork, Frame, OpenError, Rows, WorkFailed, Writing,
};
use crate::hk_time::{business_date, next_at};

/// Its name: the first part of its addresses.
const NAME: &str = "statements";
/// The daily work.
const DAILY: &str = "daily";
/// Ten past midnight: the day is over.
const AT: Time = time(0, 10, 0, 0);
/// Rows in the list of files.
const FILES_MAX: i64 = 500;

/// `[counterparties.statements]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Where files are put; nowhere when unset, and then they are fetched.
    folder: Option<PathBuf>,
    /// Which formats are put there: the same statement in two formats is one too many for most readers.
    formats: Option<Vec<String>>,
}

/// The statements; clones are the same ones.
#[derive(Clone)]
pub(crate) struct Statements {
    frame: Frame,
    settings: Arc<Settings>,
}

/// Opens them when the configuration has a table for them.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    let known = |format: &String| [camt053::FORMAT, mt940::FORMAT].contains(&format.as_str());
    if !settings.formats.iter().flatten().all(known) {
        return Err(OpenError::Other(
            "[counterparties.statements] formats are camt.053 and mt940".to_owned(),
        ));
    }
    Ok(Some(Arc::new(Statements {
        frame: frame.clone(),
        settings: Arc::new(settings),
    })))
}

impl Counterparty for Statements {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        Router::new()
            .route("/api/make", post(make_now))
            .route("/api/files", get(files))
            .route("/api/files/{file_name}", get(file))
            .with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "Statements",
            href: "/statements/api/files",
            text: "Files of the bank's statements, as JSON.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[(menu::RAIL, menu::MENU)]
    }

    fn start<'a>(&'a self, writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async move {
            let at = next_at(writing.now(), AT);
            writing.timer(DAILY, DAILY, at, &Value::Null).await
        })
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move {
            // At ten past midnight the day before is told.
            let day = business_date(work.due_at).yesterday()?;
            self.make_due(work, alarm.now, day).await?;
            self.put_down().await?;
            self.frame.wake();
            Ok(())
        })
    }
}

impl Statements {
    /// Draws up the day's statements and sets the next day's timer. Its connection is given back before anything else is done.
    async fn make_due(&self, work: &DueWork, now: Timestamp, day: Date) -> Result<(), WorkFailed> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        if writing.finish(work).await? {
            self.make_all(&writing, None, day).await?;
            let at = next_at(now, AT);
            writing.timer(DAILY, DAILY, at, &Value::Null).await?;
            writing.commit().await?;
        }
        Ok(())
    }
}

/// Which accounts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MakeNow {
    /// One account; every payee's when absent.
    account: Option<String>,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Made {
    files: Vec<String>,
}

/// Closes the day here and now: what was booked since the last statement.
async fn make_now(
    State(door): State<Statements>,
    Body(asked): Body<MakeNow>,
) -> Result<Json<Made>, Problem> {
    let now = door.frame.now();
    let mut client = door.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, now).await?;
    let files = door
        .make_all(&writing, asked.account.as_deref(), business_date(now))
        .await?;
    writing.commit().await?;
    drop(client);
    door.put_down().await?;
    Ok(Json(Made { files }))
}

/// The files, oldest first.
#[derive(Debug, Serialize)]
struct FileList {
    files: Vec<FileRow>,
}

async fn files(State(door): State<Statements>) -> Result<Json<FileList>, Problem> {
    Ok(Json(FileList {
        files: door.list(FILES_MAX).await?,
    }))
}

async fn file(
    State(door): State<Statements>,
    Path(file_name): Path<String>,
) -> Result<Response, Problem> {
    let Some((format, body)) = door.body(&file_name).await? else {
        return Err(Problem::not_found("There is no such file"));
    };
    let kind = if format == camt053::FORMAT {
        "application/xml"
    } else {
        "text/plain; charset=us-ascii"
    };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}
