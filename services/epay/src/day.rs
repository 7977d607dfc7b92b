//! Days of departments from the shell.

use std::process::ExitCode;

use clap::Subcommand;
use epay_engine::{CloseDay, DayView, EngineError};
use epay_money::{BillerId, Money, RailId};
use jiff::civil::Date;

use crate::roles::start_engine;
use crate::settings::Settings;

/// Verbs about days.
#[derive(Debug, Subcommand)]
pub(crate) enum DayCommand {
    /// Close a business day of a department: freeze its totals and seal its files. One that is closed is shown.
    Close {
        /// The department, for instance rvd.
        #[arg(long)]
        biller: BillerId,
        /// The day, for instance 2026-01-21.
        #[arg(long)]
        day: Date,
        /// A rail that is not waited for. May be given several times.
        #[arg(long, requires = "reason")]
        late: Vec<RailId>,
        /// Why it is not.
        #[arg(long)]
        reason: Option<String>,
        /// Who closes it.
        #[arg(long = "as", env = "USER")]
        caller: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb. A day that cannot be closed is an exit code, not an error.
pub(crate) async fn run(command: DayCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let DayCommand::Close {
        biller,
        day,
        late,
        reason,
        caller,
        json,
    } = command;
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let command = CloseDay {
        biller,
        day,
        late,
        reason,
        caller,
    };
    let closed = engine.close_day(&command).await;
    engine.drain().await;
    match closed {
        Ok(view) => {
            print(&view, json);
            Ok(ExitCode::SUCCESS)
        }
        Err(EngineError::Refused(refusal)) => {
            eprintln!("{day} was not closed: {refusal} ({})", refusal.code());
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn print(view: &DayView, json: bool) {
    let day = &view.day;
    if json {
        let files: Vec<serde_json::Value> = view.files.iter().map(crate::feed::as_json).collect();
        let late: Vec<&str> = day.late.iter().map(RailId::as_str).collect();
        println!(
            "{}",
            serde_json::json!({
                "biller": day.biller.as_str(), "day": day.day.to_string(), "closed_at": day.closed_at.to_string(),
                "closed_by": day.closed_by, "late": late, "reason": day.reason, "files": files,
            })
        );
        return;
    }
    println!(
        "{} of {} was closed at {} by {}",
        day.day, day.biller, day.closed_at, day.closed_by
    );
    for rail in &day.late {
        println!(
            "  without {rail}: {}",
            day.reason.as_deref().unwrap_or_default()
        );
    }
    for file in &view.files {
        let money = |minor: i64| Money::new(minor, file.key.currency);
        println!(
            "  file {:06}: {} rows ({} late), credits {}, debits {}",
            file.sequence,
            file.totals.rows,
            file.totals.late_rows,
            money(file.totals.credits_minor),
            money(file.totals.debits_minor)
        );
    }
}
