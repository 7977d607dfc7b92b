//! Bank statements from the shell.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_domain::statement::Statement;
use epay_engine::{Engine, FILE_CHUNK_BYTES, FileDoor, FileState, IngestedFile};
use epay_money::Money;
use indicatif::{ProgressBar, ProgressStyle};

use crate::roles::start_engine;
use crate::settings::Settings;

/// Verbs about statements.
#[derive(Debug, Subcommand)]
pub(crate) enum StatementCommand {
    /// Store files of statements (camt.052, camt.053, camt.054, MT940) and read them. The same file again goes on where
    /// it was, or says that it is done.
    Ingest {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print one JSON object a file.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb. A file that is set apart whole is an exit code, not an error.
pub(crate) async fn run(
    command: StatementCommand,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let StatementCommand::Ingest { files, json } = command;
    let mut code = ExitCode::SUCCESS;
    for path in &files {
        let ingested = ingest(&engine, path).await;
        let (read, known_before) = ingested.with_context(|| path.display().to_string())?;
        if read.file.state != FileState::Booked {
            code = ExitCode::FAILURE;
        }
        if json {
            println!("{}", as_json(path, &read, known_before));
        } else {
            print(path, &read, known_before);
        }
    }
    engine.drain().await;
    Ok(code)
}

async fn ingest(engine: &Engine, path: &Path) -> anyhow::Result<(IngestedFile, bool)> {
    let (file, known_before) = engine.store_local_file(FileDoor::Statements, path).await?;
    let chunks = u64::try_from(file.size)?.div_ceil(u64::try_from(FILE_CHUNK_BYTES)?);
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(chunks)
    } else {
        ProgressBar::hidden()
    };
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos} of {len} MiB, {msg}, {eta} to go",
    )?);
    let read = engine
        .ingest_statements(file.id, |file| {
            bar.set_position(u64::try_from(file.booked_chunks).unwrap_or(0));
            let rows = file.reports.saturating_add(file.unreadable);
            bar.set_message(format!("{rows} rows"));
        })
        .await?;
    bar.finish_and_clear();
    Ok((read, known_before))
}

fn print(path: &Path, read: &IngestedFile, known_before: bool) {
    let (name, again) = (path.display(), if known_before { " before" } else { "" });
    if let Some((code, detail)) = &read.file.refusal {
        println!("{name} was set apart{again}: {detail} ({code})");
        return;
    }
    println!(
        "{name} was read{again}: {} entries, {} rows set apart",
        read.file.reports, read.file.unreadable
    );
    for statement in &read.statements {
        let balance = |minor: Option<i64>| {
            minor.map_or_else(
                || "?".to_owned(),
                |minor| {
                    Money::new(minor, statement.currency)
                        .to_decimal()
                        .to_string()
                },
            )
        };
        println!(
            "  {} {} no. {} to {}: {} to {} {}, {}",
            statement.account,
            statement.sender_id,
            statement
                .sequence_number
                .map_or_else(|| "-".to_owned(), |number| number.to_string()),
            statement.to_date,
            balance(statement.opening_minor),
            balance(statement.closing_minor),
            statement.currency,
            statement.state.as_str(),
        );
        for code in codes(statement) {
            println!("    {code}");
        }
    }
}

fn codes(statement: &Statement) -> Vec<&'static str> {
    let findings = statement.findings.iter();
    findings.map(|finding| finding.code()).collect()
}

fn as_json(path: &Path, read: &IngestedFile, known_before: bool) -> serde_json::Value {
    let (code, detail) = read.file.refusal.clone().unzip();
    let statements: Vec<serde_json::Value> = read
        .statements
        .iter()
        .map(|one| {
            serde_json::json!({
                "statement_id": one.id.to_string(), "biller": one.biller.as_str(), "account": one.account,
                "sender_id": one.sender_id, "sequence_number": one.sequence_number, "format": one.format,
                "kind": one.kind.as_str(), "to_date": one.to_date.to_string(), "currency": one.currency.code(),
                "opening_minor": one.opening_minor, "closing_minor": one.closing_minor, "entries": one.entries,
                "bad_rows": one.bad_rows, "state": one.state.as_str(), "findings": one.findings,
            })
        })
        .collect();
    serde_json::json!({
        "path": path.display().to_string(), "file_id": read.file.id.to_string(), "state": read.file.state.as_str(),
        "known_before": known_before, "bytes": read.file.size, "entries": read.file.reports,
        "set_apart_rows": read.file.unreadable, "code": code, "detail": detail, "statements": statements,
    })
}
