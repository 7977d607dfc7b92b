//! Business days from the shell: tables of holidays loaded while everything runs, and what is known.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Subcommand;
use epay_engine::Engine;
use epay_money::HOLIDAYS_TEXT_MAX;

use crate::roles::start_engine;
use crate::settings::Settings;

/// Verbs about business days.
#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// Load a table of holidays, as the 1823 service publishes it. Of a year it counts from now on in every process, within half a minute;
    /// reminders that wait are given the moments that they have by it. Years that it does not have stay.
    Load {
        /// JSON of the 1823 calendar.
        file: PathBuf,
        /// Who says so.
        #[arg(long = "as", env = "USER")]
        caller: String,
    },
    /// Print the years whose holidays are known, how many they have, and which tables were loaded by whom.
    Show {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(command: CalendarCommand, settings: &Settings) -> anyhow::Result<()> {
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let done = match command {
        CalendarCommand::Load { file, caller } => {
            let tells_people = settings.notices.is_some();
            load(&engine, &file, (&caller, tells_people)).await
        }
        CalendarCommand::Show { json } => show(&engine, json).await,
    };
    engine.drain().await;
    done
}

async fn load(
    engine: &Engine,
    file: &PathBuf,
    (caller, tells_people): (&str, bool),
) -> anyhow::Result<()> {
    let what = || format!("{} cannot be read", file.display());
    let bytes = std::fs::metadata(file).with_context(what)?.len();
    let fits = usize::try_from(bytes).is_ok_and(|bytes| bytes <= HOLIDAYS_TEXT_MAX);
    ensure!(
        fits,
        "{} is no table of holidays: it is too large",
        file.display()
    );
    let text = std::fs::read_to_string(file).with_context(what)?;
    let calendar = engine.load_holidays(&text, caller, tells_people).await?;
    let years: Vec<String> = calendar.years().map(|year| year.to_string()).collect();
    println!("The holidays of {} are known.", years.join(", "));
    Ok(())
}

async fn show(engine: &Engine, json: bool) -> anyhow::Result<()> {
    let calendar = engine.calendar();
    let tables = engine.reader().holiday_tables().await?;
    let mut years = vec![];
    for year in calendar.years() {
        years.push((year, calendar.holidays(year)?.count()));
    }
    if json {
        let years = years.iter();
        let years: Vec<_> = years
            .map(|(year, count)| serde_json::json!({ "year": year, "holidays": count }))
            .collect();
        let tables = tables.iter();
        let tables: Vec<_> = tables
            .map(|table| {
                serde_json::json!({
                    "number": table.position, "by": table.person, "at": table.at.to_string(),
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({ "years": years, "tables": tables })
        );
        return Ok(());
    }
    for (year, count) in years {
        println!("{year}: {count} holidays");
    }
    for table in tables {
        println!(
            "table {} loaded by {} at {}",
            table.position, table.person, table.at
        );
    }
    Ok(())
}
