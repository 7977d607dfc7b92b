//! Bills from the shell: files of them taken in, and printed.

mod render;

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use epay_bill_file::Format;
use epay_engine::{Engine, ImportEnd, Imported, RowFault};
use epay_money::BillerId;
use indicatif::{ProgressBar, ProgressStyle};

use crate::roles::start_engine;
use crate::settings::Settings;

/// Bytes that are read at once.
pub(crate) const PIECE_BYTES: usize = 256 * 1_024;
/// Faults that are printed for a person; `--json` has them all.
const FAULTS_SHOWN: usize = 20;

/// Verbs about bills.
#[derive(Debug, Subcommand)]
pub(crate) enum BillsCommand {
    /// Issue, revise and withdraw bills by a file (docs/bill-file.md). The same file again does nothing twice. Exits with 1
    /// when a row was refused or the file was not read to its end.
    Import {
        /// The file.
        file: PathBuf,
        /// The department whose bills they are.
        #[arg(long)]
        biller: BillerId,
        /// How the rows are written down; by the file's name unless given.
        #[arg(long)]
        format: Option<FormatName>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Print bills (docs/printed-bill.md): of a file, without a database, or of the books by name. Exits with 1 when one was
    /// not printed.
    Render(Box<render::RenderArgs>),
}

/// The formats by their names.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Ndjson => Self::Ndjson,
        }
    }
}

/// Runs a verb.
pub(crate) async fn run(command: BillsCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let (file, biller, format, json) = match command {
        BillsCommand::Render(arguments) => {
            return Box::pin(render::run(*arguments, settings)).await;
        }
        BillsCommand::Import {
            file,
            biller,
            format,
            json,
        } => (file, biller, format, json),
    };
    let by_name = Format::of_name(&file.to_string_lossy());
    let format = format
        .map(Format::from)
        .or(by_name)
        .context("whether the file is CSV or NDJSON is not in its name; say --format")?;
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let imported = import(&engine, &file, biller, format).await;
    engine.drain().await;
    let (done, end) = imported.with_context(|| file.display().to_string())?;
    if json {
        println!("{}", as_json(&done, &end));
    } else {
        print(&file, &done, &end);
    }
    let whole = done.refused == 0 && end == ImportEnd::Whole;
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn import(
    engine: &Engine,
    path: &Path,
    biller: BillerId,
    format: Format,
) -> anyhow::Result<(Imported, ImportEnd)> {
    let mut file = std::fs::File::open(path)?;
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(file.metadata()?.len())
    } else {
        ProgressBar::hidden()
    };
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {bytes} of {total_bytes}, {msg}, {eta} to go",
    )?);
    let mut import = engine.import_bills(biller, format);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let taken = file.read(&mut piece)?;
        if taken == 0 {
            break;
        }
        import.feed(piece.get(..taken).unwrap_or_default()).await?;
        bar.inc(u64::try_from(taken)?);
        let done = import.done();
        bar.set_message(format!("{} rows, {} refused", done.rows, done.refused));
    }
    let ended = import.end().await?;
    bar.finish_and_clear();
    Ok(ended)
}

fn print(path: &Path, done: &Imported, end: &ImportEnd) {
    println!(
        "{}: {} rows; {} bills issued, {} revised, {} withdrawn, {} known before, {} refused",
        path.display(),
        done.rows,
        done.issued,
        done.revised,
        done.withdrawn,
        done.known,
        done.refused
    );
    for fault in done.faults.iter().take(FAULTS_SHOWN) {
        let RowFault {
            line,
            field,
            code,
            message,
            ..
        } = fault;
        println!("  line {line}, {field}: {message} ({code})");
    }
    let more = done.faults.len().saturating_sub(FAULTS_SHOWN);
    if more > 0 {
        println!("  and {more} more; --json has them all");
    }
    if let ImportEnd::Stopped { code, message } = end {
        println!("The file was not read on: {message} ({code})");
    }
}

fn as_json(done: &Imported, end: &ImportEnd) -> serde_json::Value {
    let faults: Vec<serde_json::Value> = done
        .faults
        .iter()
        .map(|fault| {
            serde_json::json!({
                "line": fault.line, "document": fault.document, "field": fault.field, "code": fault.code,
                "message": fault.message,
            })
        })
        .collect();
    let stop = match end {
        ImportEnd::Whole => serde_json::Value::Null,
        ImportEnd::Stopped { code, message } => {
            serde_json::json!({ "code": code, "message": message })
        }
    };
    serde_json::json!({
        "rows": done.rows, "issued": done.issued, "revised": done.revised, "withdrawn": done.withdrawn,
        "known": done.known, "refused": done.refused, "faults": faults, "stop": stop,
    })
}
