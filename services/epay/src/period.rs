//! Periods of departments' books from the shell, to be read. Who closes or reopens one must be who they say they are, so that is
//! proposed to the gateway (`LedgerService`), which asks for a token, and not here, where anybody can type a name.

use std::process::ExitCode;

use clap::Subcommand;
use epay_engine::Engine;
use epay_ledger_pg::BookPeriod;
use epay_money::BillerId;

use crate::roles::start_engine;
use crate::settings::Settings;

/// Verbs about periods.
#[derive(Debug, Subcommand)]
pub(crate) enum PeriodCommand {
    /// Show the periods that were closed at least once.
    List {
        /// The department, for instance rvd; all of them when unset.
        #[arg(long)]
        biller: Option<BillerId>,
        /// Print one JSON object a period.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(command: PeriodCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let PeriodCommand::List { biller, json } = command;
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let listed = list(&engine, biller.as_ref(), json).await;
    engine.drain().await;
    listed
}

async fn list(engine: &Engine, biller: Option<&BillerId>, json: bool) -> anyhow::Result<ExitCode> {
    for one in engine.reader().periods(biller).await? {
        let state = if one.closed { "closed" } else { "open" };
        if json {
            println!("{}", as_json(&one, state));
        } else {
            println!(
                "{} {}: {state} at {}",
                one.biller, one.period, one.changed_at
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(one: &BookPeriod, state: &str) -> serde_json::Value {
    serde_json::json!({
        "biller": one.biller.as_str(), "period": one.period.to_string(), "state": state,
        "proposal_id": one.proposal.to_string(), "changed_at": one.changed_at.to_string(),
    })
}
