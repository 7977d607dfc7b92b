//! Open data from the shell: `docs/open-data.md` says what the files hold.
//!
//! The newest edition of a month has a name that stays; the one before it is kept beside it under its number. What an
//! earlier edition left out, no later one shows.

mod dictionary;
mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Subcommand;
use epay_domain::LocalizedText;
use epay_domain::open_data::publish;
use epay_money::HONG_KONG;
use epay_pg::{PoolOptions, build_pool};
use jiff::ToSpan as _;
use jiff::civil::Date;

use self::file::{Edition, Month};
use crate::roles::write_whole;
use crate::settings::Settings;

/// Verbs about open data.
#[derive(Debug, Subcommand)]
pub(crate) enum OpenDataCommand {
    /// Write what departments collected in a month, by channel, with small figures left out.
    Export {
        /// The month: 2026-10.
        #[arg(long)]
        month: Month,
        /// The folder of the files.
        #[arg(long)]
        to: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(command: OpenDataCommand, settings: &Settings) -> anyhow::Result<()> {
    let OpenDataCommand::Export { month, to, json } = command;
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::named("epay opendata").as_service()
    };
    let pool = build_pool(&settings.database.config()?, &options)?;
    let client = pool.get().await.context("database")?;
    let kinds = epay_store::bill_types(&client).await?;
    let departments: BTreeMap<String, LocalizedText> = kinds
        .into_iter()
        .map(|kind| (kind.biller.as_str().to_owned(), kind.biller_name))
        .collect();
    let (from, until) = (month.first_day(), next(month.first_day())?);
    let midnight = |day: Date| HONG_KONG.to_timestamp(day.to_datetime(jiff::civil::Time::MIN));
    let instants = (midnight(from)?, midnight(until)?);
    let found = epay_store::open_data::collected(&client, (from, until), instants).await?;
    drop(client);
    // What lies in the treasury's book belongs to no department yet.
    let collected: Vec<_> = found
        .into_iter()
        .filter(|one| departments.contains_key(&one.department))
        .collect();
    let names: Vec<String> = departments.keys().cloned().collect();

    std::fs::create_dir_all(&to).with_context(|| format!("{} cannot be made", to.display()))?;
    let path = to.join(format!("collections_monthly_{month}.csv"));
    let before = Edition::read(&path)?;
    let rows = publish(&names, &collected, &before.left_out)?;
    let number = before.number.checked_add(1).context("too many editions")?;
    let again = file::text(month, &rows, &departments, before.number)?;
    let edition = if before.text.as_deref() == Some(again.as_str()) {
        before.number
    } else {
        keep(&path, &to, month, &before)?;
        write_whole(&path, &file::text(month, &rows, &departments, number)?)?;
        number
    };
    write_whole(&to.join("data_dictionary.csv"), &dictionary::text())?;
    let left_out = rows.iter().filter(|row| row.payments.is_none()).count();
    if json {
        let said = serde_json::json!({
            "file": path, "edition": edition, "rows": rows.len(), "left_out": left_out,
        });
        println!("{said}");
    } else {
        let path = path.display();
        let rows = rows.len();
        println!("{path}: edition {edition}, {rows} rows, payments of {left_out} left out");
    }
    Ok(())
}

/// The first day of the month after.
fn next(day: Date) -> anyhow::Result<Date> {
    Ok(day.checked_add(1.month())?)
}

/// Puts the edition before under its own name; one that is there already is never written over.
fn keep(path: &Path, folder: &Path, month: Month, before: &Edition) -> anyhow::Result<()> {
    if before.text.is_none() {
        return Ok(());
    }
    let number = before.number;
    let kept = folder.join(format!("collections_monthly_{month}_r{number}.csv"));
    ensure!(
        !kept.exists(),
        "{} is there already; nothing was written",
        kept.display()
    );
    std::fs::copy(path, &kept).with_context(|| format!("{} cannot be written", kept.display()))?;
    Ok(())
}
