//! Reading and verifying the books from the shell. Every verb but the proof of a receipt needs the database, and none a gateway.

mod heads;
mod proof;
mod proto;
mod verify;

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_ledger_pg::{TrialBalance, trial_balance};
use epay_money::{BillerId, Money};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::settings::Settings;

/// What can be done with the books.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Recompute every balance, every invariant and the whole log from the journals; exit with 1 on any difference.
    Verify(verify::VerifyArgs),
    /// Check the proof of a receipt with a public key alone; exit with 1 if it does not hold.
    VerifyProof(proof::ProofArgs),
    /// The signed heads of the log, the latest first: keep them, and nothing can be cut off unseen.
    Heads(heads::HeadsArgs),
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
    if let LedgerCommand::VerifyProof(arguments) = &command {
        return Ok(exit_code(proof::run(arguments)?));
    }
    let mut session = epay_pg::connect(&settings.database.config()?)
        .await
        .context("database")?;
    let good = match command {
        LedgerCommand::Verify(arguments) => {
            Box::pin(verify::run(&arguments, session.client_mut())).await?
        }
        LedgerCommand::Heads(arguments) => {
            heads::run(&arguments, session.client()).await?;
            true
        }
        // Answered before the database was asked.
        LedgerCommand::VerifyProof(arguments) => proof::run(&arguments)?,
        LedgerCommand::TrialBalance { book, as_of, json } => {
            let trial = trial_balance(session.client(), book.as_ref(), as_of).await?;
            print_trial(&trial, json);
            trial.is_balanced()
        }
    };
    session.close().await;
    Ok(exit_code(good))
}

const fn exit_code(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
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
