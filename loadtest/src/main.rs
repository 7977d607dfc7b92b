//! `epay-loadtest`: what the whole gateway carries, measured beside `pgbench` on the same cluster.
//!
//! A scenario starts a private PostgreSQL with full durability and the release build of `epay` as a process of its
//! own, plays every other party (department, payer, bank) through the public doors, and measures in rounds that
//! alternate with `pgbench`, because the machine's disk and neighbours change from minute to minute. At the end
//! it audits the books; without a clean audit there is no report.
#![expect(clippy::print_stdout, reason = "a command line talks to its terminal")]

mod audit;
mod bank;
mod bills;
mod cpu;
mod full_path;
mod house;
mod payer;
mod report;
mod yardstick;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Load scenarios of epay.
#[derive(Debug, Parser)]
#[command(name = "epay-loadtest", version)]
struct CommandLine {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// `CreatePayment` by gRPC, then the bank's signed camt.054, until every journal is durable.
    FullPath(full_path::Options),
}

/// One thread: the load must leave the cores to what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let CommandLine {
        scenario: Scenario::FullPath(options),
    } = CommandLine::parse();
    match full_path::run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("epay-loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}
