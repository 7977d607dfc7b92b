//! `epay bills render`: bills as they are printed (docs/printed-bill.md), of a file without a database, or of the books by name.
//!
//! A file is read piece by piece and printed by all processors, [`ROWS_AT_ONCE`] rows at a time, so that memory stays flat
//! however long it is. What cannot be printed is said by line and field, and stops nothing else.

mod facts;
mod press;
mod source;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use epay_bill_file::Format;
use epay_money::hong_kong_date;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::FormatName;
use crate::settings::Settings;
use press::{Printer, PrinterOptions};

/// Rows that are held in memory at once.
const ROWS_AT_ONCE: usize = 512;
/// Faults that are kept: beyond them they are counted only.
const FAULTS_KEPT: usize = 10_000;
/// Faults that are printed for a person.
const FAULTS_SHOWN: usize = 20;

/// What to print, and how.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// Bills of the books by name: billers/rvd/bills/{id}.
    #[arg(
        value_name = "BILL",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    names: Vec<String>,
    /// A file of bills; needs no database.
    #[arg(long, requires = "bill_types")]
    file: Option<PathBuf>,
    /// JSON: the kinds of the file's bills.
    #[arg(long, requires = "file")]
    bill_types: Option<PathBuf>,
    /// How the rows are written down; by the file's name unless given.
    #[arg(long, requires = "file")]
    format: Option<FormatName>,
    /// The folder that takes the documents.
    #[arg(long)]
    out: PathBuf,
    /// What to write of each bill.
    #[arg(long = "as", value_enum, value_delimiter = ',', default_values_t = [Shape::Pdf])]
    shapes: Vec<Shape>,
    /// Write over documents that are there.
    #[arg(long)]
    replace: bool,
    /// The day of printing; today unless given.
    #[arg(long)]
    date: Option<Date>,
    /// A font for reading, with Traditional Chinese.
    #[arg(
        long,
        env = "EPAY_FONT",
        default_value = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
    )]
    font: PathBuf,
    /// The same font in bold.
    #[arg(
        long,
        env = "EPAY_FONT_BOLD",
        default_value = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
    )]
    font_bold: PathBuf,
    /// Where the citizen pages are, as people type it; `portal.public_url` unless given.
    #[arg(long)]
    pages_address: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Kinds of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// One document a bill.
    Pdf,
    /// One picture a sheet.
    Svg,
}

/// What became of the bills.
#[derive(Debug, Default)]
struct Done {
    bills: u64,
    sheets: u64,
    /// Bills on which something is to be paid that no code could be made for.
    without_code: u64,
    /// Rows that take a bill back: there is nothing to print.
    withdrawn: u64,
    refused: u64,
    faults: Vec<Fault>,
    /// Why the file was not read to its end.
    stop: Option<String>,
}

/// Why a bill was not printed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    /// The line of the file, or 0 for a bill of the books.
    line: u64,
    /// Which bill.
    bill: String,
    field: String,
    code: String,
    message: String,
}

impl Done {
    fn refuse(&mut self, faults: Vec<Fault>) {
        self.refused = self.refused.saturating_add(1);
        let room = FAULTS_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// Prints what was asked for.
pub(super) async fn run(arguments: RenderArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("{} cannot be made", arguments.out.display()))?;
    let faces = press::faces(&arguments.font, &arguments.font_bold)?;
    let rails = settings.open_rails()?;
    let rails = if rails.is_empty() {
        epay_rails::Registry::with_defaults().context("rails")?
    } else {
        rails
    };
    let address = arguments.pages_address.clone();
    let options = PrinterOptions {
        out: arguments.out.clone(),
        pdf: arguments.shapes.contains(&Shape::Pdf),
        svg: arguments.shapes.contains(&Shape::Svg),
        replace: arguments.replace,
        pages_address: address.or_else(|| settings.portal.public_url.clone()),
        printed_on: arguments
            .date
            .unwrap_or_else(|| hong_kong_date(Timestamp::now())),
    };
    let printer = Printer::new(&faces, &rails, options);
    let done = match (&arguments.file, &arguments.bill_types) {
        (Some(file), Some(kinds)) => {
            let named = Format::of_name(&file.to_string_lossy());
            let format = arguments.format.map(Format::from).or(named);
            let format = format
                .context("whether the file is CSV or NDJSON is not in its name; say --format")?;
            let kinds = source::kinds(kinds)?;
            let bar = bar(file.metadata()?.len())?;
            let done =
                source::print_file(file, format, &kinds, &settings.calendar()?, printer, &bar);
            bar.finish_and_clear();
            done.with_context(|| file.display().to_string())?
        }
        _ => {
            ensure!(!arguments.names.is_empty(), "say which bills, or --file");
            source::print_named(&arguments.names, settings, printer).await?
        }
    };
    report(&done, arguments.json);
    let whole = done.refused == 0 && done.stop.is_none();
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn bar(bytes: u64) -> anyhow::Result<ProgressBar> {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(bytes)
    } else {
        ProgressBar::hidden()
    };
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {bytes} of {total_bytes}, {msg}, {eta} to go",
    )?);
    Ok(bar)
}

fn report(done: &Done, as_json: bool) {
    let Done {
        bills,
        sheets,
        without_code,
        withdrawn,
        refused,
        ..
    } = done;
    if as_json {
        let faults = done.faults.iter().map(|fault| {
            json!({
                "line": fault.line, "bill": fault.bill, "field": fault.field, "code": fault.code,
                "message": fault.message,
            })
        });
        let faults: Vec<serde_json::Value> = faults.collect();
        println!(
            "{}",
            json!({
                "bills": bills, "sheets": sheets, "without_code": without_code, "withdrawn": withdrawn,
                "refused": refused, "faults": faults, "stop": done.stop,
            })
        );
        return;
    }
    println!(
        "{bills} bills printed on {sheets} sheets, {without_code} of them without a code; {withdrawn} withdrawn, {refused} refused"
    );
    for fault in done.faults.iter().take(FAULTS_SHOWN) {
        let Fault {
            line,
            bill,
            field,
            code,
            message,
        } = fault;
        println!("  line {line}, {bill}, {field}: {message} ({code})");
    }
    let more = done.faults.len().saturating_sub(FAULTS_SHOWN);
    if more > 0 {
        println!("  and {more} more; --json has them");
    }
    if let Some(stop) = &done.stop {
        println!("The file was not read on: {stop}");
    }
}
