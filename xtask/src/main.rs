//! Developer commands: `cargo xtask --help` lists them.
//!
//! Every command is a list of steps. A step prints a line when it starts and one with its duration when it ends; a
//! table at the end says what passed, failed and was skipped, and the exit code is zero only if nothing failed.
//! What a fresh machine lacks is installed on the way where that is possible without asking (see `setup`).

#![expect(
    clippy::print_stdout,
    reason = "a developer's tool speaks to its terminal"
)]

mod bench;
mod canary;
mod ci;
mod cluster;
mod demo;
mod fuzz;
mod guard;
mod new_rail;
mod setup;
mod shell;
mod stage;
mod steps;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Developer commands", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up and run every test: Rust, doc tests, independent peers, browser
    Test {
        /// For `cargo nextest run`; with any, only the Rust tests run
        #[arg(last = true)]
        nextest: Vec<String>,
    },
    /// Run only the independent peers and the browser against `epay dev`
    Peers,
    /// Build and run everything on this machine: `epay dev`
    Demo {
        /// For `epay dev`: `--check` pays one bill without a person
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the benchmarks and print one table
    Bench(bench::Options),
    /// What continuous integration runs: format, lints, docs, licences, protos, tests
    Ci,
    /// Run a command on a private PostgreSQL for tests, or hold the server until Enter
    Db {
        /// The command and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Run every fuzz target for some seconds (needs nightly and cargo-fuzz)
    Fuzz {
        /// Seconds for each target
        #[arg(default_value_t = 30)]
        seconds: u32,
    },
    /// Make the folder of a new rail, which compiles and is red until it is filled in
    NewRail {
        /// Its name in configuration: small letters, digits, hyphens
        name: String,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Test { nextest } => test::run(&nextest),
        Command::Peers => test::peers(),
        Command::Demo { arguments } => demo::run(&arguments),
        Command::Bench(options) => bench::run(&options),
        Command::Ci => ci::run(),
        Command::Db { command } => cluster::run_with(&command),
        Command::Fuzz { seconds } => fuzz::run(seconds),
        Command::NewRail { name } => new_rail::run(&name),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
