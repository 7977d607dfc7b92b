//! The one binary: every role and every tool.
//!
//! `epay dev` runs everything on a private PostgreSQL with the sandbox and demo bills; `epay serve --roles
//! gateway,portal,worker` is the same code in production, each role scaled on its own. The other verbs are tools.
//! Every verb that prints data has `--json`; exit codes are 0 (as hoped), 1 (not so) and 2 (usage).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

mod bill_types;
mod bills;
mod calendar;
mod contacts;
mod day;
mod dev;
mod events;
mod feed;
mod iam_smart;
mod ledger;
mod load;
mod log;
mod migrate;
mod notices;
mod open_data;
mod period;
mod qr;
mod rail;
mod reconcile;
mod roles;
mod settings;
mod shutdown;
mod statement;
mod telemetry;
mod token;
mod webhooks;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::roles::Role;
use crate::settings::Settings;

/// A batch makes and drops some hundred small values a payment, on several threads at once. The system's allocator
/// spent a third of the gateway's processor time on that; this one spends about half as much.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A unified e-payment gateway for Hong Kong government bills.
#[derive(Debug, Parser)]
#[command(name = "epay", version)]
struct CommandLine {
    /// The configuration file. Without it `epay/epay.toml` in the XDG configuration folder is read, if it is there.
    #[arg(long, global = true, env = "EPAY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run everything on this machine: a private PostgreSQL, all roles, the sandbox, demo bills.
    Dev(dev::DevArgs),
    /// Run one or more roles.
    Serve {
        /// Which roles.
        #[arg(long, value_delimiter = ',', default_value = "gateway,portal,worker")]
        roles: Vec<Role>,
        /// Write a JSON object with the addresses here once everything answers.
        #[arg(long)]
        ready_file: Option<PathBuf>,
    },
    /// Bring the database up to this version.
    Migrate,
    /// Load configuration and bills.
    #[command(subcommand)]
    Load(load::LoadCommand),
    /// Bills: files of them, and paper.
    #[command(subcommand)]
    Bills(bills::BillsCommand),
    /// Kinds of bill.
    #[command(subcommand)]
    BillTypes(bill_types::BillTypesCommand),
    /// Read and verify the books.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Tokens of a development set-up.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Files of rails.
    #[command(subcommand)]
    Rail(rail::RailCommand),
    /// Reconcile books with what banks and rails said of them, and show where they stand.
    Reconcile(reconcile::ReconcileArgs),
    /// Bank statements.
    #[command(subcommand)]
    Statement(statement::StatementCommand),
    /// Days of departments.
    #[command(subcommand)]
    Day(day::DayCommand),
    /// Periods of departments' books.
    #[command(subcommand)]
    Period(period::PeriodCommand),
    /// Files for departments, and what they say of them.
    #[command(subcommand)]
    Feed(feed::FeedCommand),
    /// Events for a message broker.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Business days: tables of holidays.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// Notices to people.
    #[command(subcommand)]
    Notices(notices::NoticesCommand),
    /// Contacts of people who are told of bills.
    #[command(subcommand)]
    Contacts(contacts::ContactsCommand),
    /// Data for the public.
    #[command(subcommand, name = "opendata")]
    OpenData(open_data::OpenDataCommand),
    /// Payment codes, without a gateway or a database.
    #[command(subcommand)]
    Qr(qr::QrCommand),
    /// Read the configuration and say what is wrong with it.
    Config {
        #[command(subcommand)]
        check: ConfigCommand,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Exit with 0 if the configuration can be used.
    Check,
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    if let Verb::Qr(command) = line.verb {
        return qr::run(command);
    }
    match start(line) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("epay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(line: CommandLine) -> anyhow::Result<ExitCode> {
    telemetry::init();
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_already| anyhow::anyhow!("another TLS provider is installed"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(line))
}

async fn run(line: CommandLine) -> anyhow::Result<ExitCode> {
    let config = line.config;
    let settings = || Settings::load(config.as_deref());
    match line.verb {
        Verb::Dev(arguments) => return dev::run(arguments).await,
        Verb::Serve { roles, ready_file } => {
            roles::serve(&settings()?, &roles, ready_file.as_deref()).await?;
        }
        Verb::Migrate => migrate::run(&settings()?.database.config()?).await?,
        Verb::Load(command) => load::run(command, &settings()?).await?,
        Verb::Bills(command) => return bills::run(command, &settings()?).await,
        Verb::BillTypes(command) => return bill_types::run(command, settings).await,
        Verb::Ledger(command) => return ledger::run(command, &settings()?).await,
        Verb::Rail(command) => return rail::run(command, settings).await,
        Verb::Reconcile(arguments) => return reconcile::run(arguments, &settings()?).await,
        Verb::Statement(command) => return statement::run(command, &settings()?).await,
        Verb::Day(command) => return Box::pin(day::run(command, &settings()?)).await,
        Verb::Period(command) => return period::run(command, &settings()?).await,
        Verb::Feed(command) => return feed::run(command, &settings()?).await,
        Verb::Events(command) => events::run(command, &settings()?).await?,
        Verb::Calendar(command) => calendar::run(command, &settings()?).await?,
        Verb::Notices(command) => notices::run(command, settings).await?,
        Verb::Contacts(command) => return contacts::run(command, &settings()?).await,
        Verb::OpenData(command) => open_data::run(command, &settings()?).await?,
        Verb::Token(command) => token::run(command)?,
        Verb::Config {
            check: ConfigCommand::Check,
        } => settings()?.check()?,
        // Answered before the runtime was made.
        Verb::Qr(command) => return Ok(qr::run(command)),
    }
    Ok(ExitCode::SUCCESS)
}
