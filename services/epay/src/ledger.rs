//! Reading and verifying the books from the shell.

use std::process::ExitCode;

use clap::Subcommand;

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
}

pub(crate) async fn run(_command: LedgerCommand, _settings: &Settings) -> anyhow::Result<ExitCode> {
    anyhow::bail!("waits for epay-ledger-pg")
}
