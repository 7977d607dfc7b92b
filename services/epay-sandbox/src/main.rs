//! The sandbox's command line: `serve` (also without a word), `sample-notices` and `sample-payouts`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use epay_sandbox::config::{Config, Overrides, channel_secret};
use epay_sandbox::frame::Secrets;
use epay_sandbox::sample;
use epay_sandbox::server::Server;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

/// A bank and FPS with its own books, and faults on demand.
#[derive(Debug, Parser)]
#[command(name = "epay-sandbox", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bank until SIGTERM or SIGINT (the default).
    Serve(Box<ServeArgs>),
    /// Write camt.054 notices with JSON sidecars into a folder, without a database.
    SampleNotices {
        /// The folder; made when it is not there.
        #[arg(long)]
        out: PathBuf,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(sample::SAMPLES_MAX)))]
        count: u32,
        /// The same seed writes the same files.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Write what the bank says about payment orders and recalls into a folder, without a database.
    SamplePayouts {
        /// The folder; made when it is not there.
        #[arg(long)]
        out: PathBuf,
    },
    /// Write statements as camt.053 and MT940 with JSON sidecars into a folder, without a database.
    SampleStatements {
        /// The folder; made when it is not there.
        #[arg(long)]
        out: PathBuf,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(sample::SAMPLES_MAX)))]
        count: u32,
        /// The same seed writes the same files.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// The channel secret comes from the environment variable `EPAY_SANDBOX_CHANNEL_SECRET` alone.
#[derive(Debug, Args)]
struct ServeArgs {
    /// The TOML file.
    #[arg(
        long,
        env = "EPAY_SANDBOX_CONFIG",
        default_value = "deploy/demo/sandbox.toml"
    )]
    config: PathBuf,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "EPAY_SANDBOX_LISTEN")]
    listen: Option<SocketAddr>,
    /// tokio-postgres connection string.
    #[arg(long, env = "EPAY_SANDBOX_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Base URL of the gateway that hears the notices.
    #[arg(long, env = "EPAY_SANDBOX_GATEWAY_URL")]
    gateway_url: Option<String>,
    /// Who the bank says it is on the channel.
    #[arg(long, env = "EPAY_SANDBOX_CHANNEL_KEY_ID")]
    channel_key_id: Option<String>,
    /// A URL prefix from which the bank app may fetch an image; may be repeated, or comma-separated in the variable.
    #[arg(
        long = "scan-origin",
        env = "EPAY_SANDBOX_SCAN_ORIGINS",
        value_delimiter = ','
    )]
    scan_origins: Vec<String>,
    /// A folder into which the bank puts its statements.
    #[arg(long, env = "EPAY_SANDBOX_STATEMENTS_FOLDER")]
    statements_folder: Option<String>,
    /// Where the mail server listens.
    #[arg(long, env = "EPAY_SANDBOX_SMTP_LISTEN")]
    smtp_listen: Option<SocketAddr>,
    /// A folder with one file for each other secret or key, by the names in README.md.
    #[arg(long, env = "EPAY_SANDBOX_SECRETS")]
    secrets: Option<PathBuf>,
    /// A file that is written, whole, when the sandbox listens.
    #[arg(long, env = "EPAY_SANDBOX_READY_FILE")]
    ready_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let command_line = CommandLine::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .json()
        .init();
    match command_line
        .command
        .unwrap_or(Command::Serve(Box::new(command_line.serve)))
    {
        Command::Serve(args) => serve(*args).await,
        Command::SampleStatements { out, count, seed } => {
            let written = sample::write_statements(&out, count, seed)
                .with_context(|| format!("cannot write statements into {}", out.display()))?;
            writeln!(
                io::stdout(),
                "{}",
                serde_json::json!({ "written": written })
            )?;
            Ok(())
        }
        Command::SampleNotices { out, count, seed } => {
            let written = sample::write_samples(&out, count, seed)
                .with_context(|| format!("cannot write notices into {}", out.display()))?;
            writeln!(
                io::stdout(),
                "{}",
                serde_json::json!({ "written": written })
            )?;
            Ok(())
        }
        Command::SamplePayouts { out } => {
            let written = sample::write_payout_samples(&out)
                .with_context(|| format!("cannot write messages into {}", out.display()))?;
            writeln!(
                io::stdout(),
                "{}",
                serde_json::json!({ "written": written })
            )?;
            Ok(())
        }
    }
}

async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.config)
        .with_context(|| format!("cannot read the configuration {}", args.config.display()))?;
    let overrides = Overrides {
        listen: args.listen,
        database_url: args.database_url,
        gateway_url: args.gateway_url,
        channel_key_id: args.channel_key_id,
        scan_origins: args.scan_origins,
        statements_folder: args.statements_folder,
        smtp_listen: args.smtp_listen,
    };
    let config = Config::read(&text, overrides)?;
    let secret = channel_secret(std::env::var("EPAY_SANDBOX_CHANNEL_SECRET").ok())?;
    // Both handlers are in place before anybody is told that the sandbox is there.
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let secrets = Secrets::from(secret).in_folder(args.secrets);
    let server = Server::bind(config, secrets).await?;
    let ready =
        serde_json::json!({ "listening": format!("http://{}", server.address()?) }).to_string();
    writeln!(io::stdout(), "{ready}")?;
    if let Some(file) = &args.ready_file {
        write_whole(file, &ready)
            .with_context(|| format!("cannot write the ready file {}", file.display()))?;
    }
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("Stopping: requests and notices on the way are finished first");
    };
    server.serve(stop).await?;
    info!("Stopped");
    Ok(())
}

/// Writes beside the file and renames, so that a reader sees all of it or nothing.
fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    let part = file.with_extension("part");
    std::fs::write(&part, format!("{text}\n"))?;
    std::fs::rename(&part, file)
}
