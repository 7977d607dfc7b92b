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
mod echo;
mod fill;
mod flame;
mod front;
mod full_path;
mod house;
mod open_loop;
mod payer;
mod rails;
mod report;
mod rest;
mod sandbox;
mod yardstick;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The gateway's own: what a caller costs is measured on the gateway's processors, and the system's allocator took a third of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    /// A scenario: citizens come by a schedule and do not wait for each other. Looks for the knee, runs the parts, writes a report.
    Run(open_loop::Options),
}

/// Installs the cryptography that HTTP clients ask for, once.
fn install_crypto_provider() {
    // Somebody else's is as good.
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// One thread: the load must leave the cores to what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let CommandLine { scenario } = CommandLine::parse();
    install_crypto_provider();
    let ended = match scenario {
        Scenario::FullPath(options) => Box::pin(full_path::run(&options)).await,
        Scenario::Run(options) => Box::pin(open_loop::run(&options)).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("epay-loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}
