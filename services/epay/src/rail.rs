//! Files of rails from the shell.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_engine::{Engine, FILE_CHUNK_BYTES, FileDoor, FileState, RailFile};
use epay_money::RailId;

use crate::roles::start_engine;
use crate::settings::Settings;

/// Verbs about rails.
#[derive(Debug, Subcommand)]
pub(crate) enum RailCommand {
    /// Store a rail's file and book it. The same file again goes on where it was, or says that it is done.
    Ingest {
        /// The rail, for instance pps.
        #[arg(long)]
        rail: RailId,
        /// The file.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb. A file that is set apart whole is an exit code, not an error.
pub(crate) async fn run(command: RailCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let RailCommand::Ingest { rail, file, json } = command;
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let ingested = ingest(&engine, &rail, &file).await;
    engine.drain().await;
    let (known, booked) = ingested?;
    print(&booked, known, json);
    Ok(if booked.state == FileState::Booked {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether the file was done before, and how it stands.
async fn ingest(engine: &Engine, rail: &RailId, path: &Path) -> anyhow::Result<(bool, RailFile)> {
    let (known, _stored_before) = engine
        .store_local_file(FileDoor::Rail(rail), path)
        .await
        .with_context(|| path.display().to_string())?;
    let before = matches!(known.state, FileState::Booked | FileState::Refused);
    let watched = std::io::stderr().is_terminal();
    let chunks = usize::try_from(known.size)?.div_ceil(FILE_CHUNK_BYTES);
    let booked = engine
        .book_file(known.id, |file| {
            if watched {
                let rows = file.reports.saturating_add(file.unreadable);
                eprint!(
                    "\rbooked {} of {chunks} MiB, {rows} rows   ",
                    file.booked_chunks
                );
            }
        })
        .await?;
    if watched {
        eprintln!();
    }
    Ok((before, booked))
}

fn print(file: &RailFile, known_before: bool, json: bool) {
    let (code, detail) = file.refusal.clone().unzip();
    if json {
        println!(
            "{}",
            serde_json::json!({
                "file_id": file.id.to_string(), "name": file.name, "state": file.state.as_str(),
                "known_before": known_before, "bytes": file.size, "booked_rows": file.reports,
                "set_apart_rows": file.unreadable, "code": code, "detail": detail,
            })
        );
        return;
    }
    let name = file.name.as_deref().unwrap_or("the file");
    let again = if known_before { " before" } else { "" };
    match (code, detail) {
        (Some(code), Some(detail)) => println!("{name} was set apart{again}: {detail} ({code})"),
        _ => println!(
            "{name} was {}{again}: {} rows booked, {} set apart",
            file.state.as_str(),
            file.reports,
            file.unreadable
        ),
    }
}
