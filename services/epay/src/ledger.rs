//! Reading and verifying the books from the shell.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_ledger_pg::{TrialBalance, VerifyReport, trial_balance, verify_with};
use epay_money::{BillerId, Money};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::settings::Settings;

/// What can be done with the books.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Recompute every balance and invariant from the journals; exit with 1 on any difference.
    Verify {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Debits and credits of every account, now or as of an instant.
    TrialBalance {
        /// Only this department's book; all books unless given.
        #[arg(long)]
        book: Option<BillerId>,
        /// For instance 2026-01-20T00:00:00+08:00.
        #[arg(long)]
        as_of: Option<Timestamp>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb. A difference in the books is an exit code, not an error.
pub(crate) async fn run(command: LedgerCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut session = epay_pg::connect(&settings.database.config()?)
        .await
        .context("database")?;
    let good = match command {
        LedgerCommand::Verify { json } => {
            let report = verify_with(session.client_mut(), progress()).await?;
            print_report(&report, json)?;
            report.is_sound()
        }
        LedgerCommand::TrialBalance { book, as_of, json } => {
            let trial = trial_balance(session.client(), book.as_ref(), as_of).await?;
            print_trial(&trial, json);
            trial.is_balanced()
        }
    };
    session.close().await;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A line that counts the entries, where somebody watches.
fn progress() -> impl FnMut(u64) {
    let watched = std::io::stderr().is_terminal();
    move |entries| {
        if watched {
            eprint!("\r{entries} entries\r");
        }
    }
}

fn print_report(report: &VerifyReport, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        println!("{report}");
    }
    Ok(())
}

fn print_trial(trial: &TrialBalance, json: bool) {
    if json {
        let rows: Vec<Value> = trial
            .rows
            .iter()
            .map(|row| {
                json!({
                    "book": row.key.book.as_str(), "account": row.key.account.as_str(),
                    "currency": row.key.currency.code(), "debit_minor": row.totals.debit,
                    "credit_minor": row.totals.credit,
                })
            })
            .collect();
        println!(
            "{}",
            json!({ "balanced": trial.is_balanced(), "accounts": rows })
        );
        return;
    }
    for row in &trial.rows {
        let money = |minor| Money::new(minor, row.key.currency).to_string();
        println!(
            "{:<12} {:<28} Dr {:>22}  Cr {:>22}",
            row.key.book.as_str(),
            row.key.account.as_str(),
            money(row.totals.debit),
            money(row.totals.credit),
        );
    }
    for (currency, totals) in &trial.totals {
        println!(
            "total {currency}: debit minor units {}, credit minor units {}",
            totals.debit, totals.credit
        );
    }
}
