//! Files of rails from the shell: into the database by its operator, or to a gateway by a clerk.

mod upload;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_engine::{Engine, FILE_CHUNK_BYTES, FileDoor, FileState, RailFile};
use epay_money::RailId;
use epay_proto::v1;

use crate::roles::start_engine;
use crate::settings::Settings;
use upload::Upload;

/// Verbs about rails.
#[derive(Debug, Subcommand)]
pub(crate) enum RailCommand {
    /// Upload a file that its sender signed to a gateway, as a clerk. The same file again changes nothing.
    Upload(Upload),
    /// Store a rail's file and book it: whoever may use the database vouches for it. The same file again goes on where it was, or says that it is done.
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
pub(crate) async fn run(
    command: RailCommand,
    settings: impl FnOnce() -> anyhow::Result<Settings>,
) -> anyhow::Result<ExitCode> {
    let (rail, file, json) = match command {
        RailCommand::Upload(upload) => {
            let file = Box::pin(upload::upload(&upload)).await?;
            print_uploaded(&file, upload.json);
            return Ok(if file.state() == v1::RailFileState::Refused {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            });
        }
        RailCommand::Ingest { rail, file, json } => (rail, file, json),
    };
    let settings = settings()?;
    let engine = start_engine(&settings, &settings.database.config()?).await?;
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

/// How the gateway has a file. What is stored and not booked yet will be, whoever waits for it.
fn print_uploaded(file: &v1::RailFile, json: bool) {
    let state = match file.state() {
        v1::RailFileState::Booked => "booked",
        v1::RailFileState::Refused => "refused",
        v1::RailFileState::Stored => "stored",
        v1::RailFileState::Arriving | v1::RailFileState::Unspecified => "arriving",
    };
    if json {
        println!(
            "{}",
            serde_json::json!({
                "file": file.name, "name": file.sender_name, "state": state, "known_before": file.known_before,
                "bytes": file.size_bytes, "booked_rows": file.booked_row_count,
                "set_apart_rows": file.bad_row_count, "code": file.refusal_code, "detail": file.refusal_detail,
            })
        );
        return;
    }
    let again = if file.known_before { " before" } else { "" };
    if file.state() == v1::RailFileState::Refused {
        let (detail, code) = (&file.refusal_detail, &file.refusal_code);
        println!("{} was set apart{again}: {detail} ({code})", file.name);
        return;
    }
    println!(
        "{} was {state}{again}: {} rows booked, {} set apart",
        file.name, file.booked_row_count, file.bad_row_count
    );
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
