//! `epay dev`: everything on one machine, from an empty folder to a payable bill.
//!
//! In this order: a private PostgreSQL (or the databases that are named), migrations, keys and tokens, demo data, gateway, worker and portal in
//! this process, the sandbox in its own. All of it lives in one data folder, so a second start finds its data
//! again. Ctrl-C stops the doors first, then the sandbox, then PostgreSQL.

mod check;
mod config;
mod rails;
mod sandbox;
mod server;
mod wallets;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use self::config::Folder;
use self::sandbox::Sandbox;
use self::server::Server;
use crate::load::DemoBill;
use crate::roles::{self, Role, Running};
use crate::settings::Settings;
use crate::{load, migrate, shutdown};

/// The kind of bill that the greeting names.
const GREETED_KIND: &str = "rvd-rates";
const BILL_TYPES: &str = include_str!("../../../deploy/demo/bill-types.json");
const BILLS: &str = include_str!("../../../deploy/demo/bills.json");

/// How to run it.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Where everything is kept; `$XDG_DATA_HOME/epay/dev` unless given.
    #[arg(long, env = "EPAY_DEV_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The gateway's database on a server that is there; no PostgreSQL is started then. Needs --sandbox-database-url.
    #[arg(
        long,
        env = "EPAY_DEV_DATABASE_URL",
        hide_env_values = true,
        requires = "sandbox_database_url"
    )]
    database_url: Option<String>,
    /// The sandbox's database, another one than the gateway's. Needs --database-url.
    #[arg(
        long,
        env = "EPAY_DEV_SANDBOX_DATABASE_URL",
        hide_env_values = true,
        requires = "database_url"
    )]
    sandbox_database_url: Option<String>,
    /// Pay one bill through the sandbox's bank app without a person, compare the three books, and stop.
    #[arg(long)]
    check: bool,
    /// Port of the gateway; a free one unless given.
    #[arg(long, default_value_t = 0)]
    gateway_port: u16,
    /// Port of the pages; a free one unless given.
    #[arg(long, default_value_t = 0)]
    portal_port: u16,
    /// Port of the sandbox; a free one unless given.
    #[arg(long, default_value_t = 0)]
    sandbox_port: u16,
    /// Write a JSON object of environment variables here once everything answers.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

/// Everything that runs.
struct House {
    server: Server,
    settings: Settings,
    folder: Folder,
    running: Running,
    sandbox: Sandbox,
    bills: Vec<DemoBill>,
    gateway: String,
    portal: String,
}

/// `$XDG_DATA_HOME/epay/dev`.
pub(crate) fn usual_data_dir() -> anyhow::Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(home);
    Ok(base
        .context("neither XDG_DATA_HOME nor HOME is set: give --data-dir")?
        .join("epay/dev"))
}

/// Runs it.
pub(crate) async fn run(arguments: DevArgs) -> anyhow::Result<ExitCode> {
    let stop = shutdown::on_signal()?;
    let mut house = open(&arguments).await?;
    if let Some(path) = &arguments.ready_file {
        roles::write_whole(path, &house.environment()?.to_string())?;
    }
    let outcome = if arguments.check {
        check::run(&house).await
    } else {
        house.greet().await;
        tokio::select! {
            () = stop.cancelled() => Ok(true),
            ended = house.running.any_ended() => ended.map(|()| false),
            ended = house.sandbox.ended() => ended.map(|()| false),
        }
    };
    house.close().await?;
    Ok(if outcome? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn open(arguments: &DevArgs) -> anyhow::Result<House> {
    let data_dir = match &arguments.data_dir {
        Some(folder) => std::path::absolute(folder)?,
        None => usual_data_dir()?,
    };
    let folder = Folder::open(&data_dir)?;
    let named = arguments.database_url.as_deref();
    let mut server = match named.zip(arguments.sandbox_database_url.as_deref()) {
        Some((gateway, sandbox)) => Server::there(gateway, sandbox),
        None => Server::start(&data_dir).await?,
    };
    match furnish(arguments, folder, &server).await {
        Ok((settings, folder, running, sandbox, bills)) => {
            let address = |address: Option<SocketAddr>| {
                address
                    .map(|address| format!("http://{address}"))
                    .context("a role has no address")
            };
            let (gateway, portal) = (address(running.gateway)?, address(running.portal)?);
            Ok(House {
                server,
                settings,
                folder,
                running,
                sandbox,
                bills,
                gateway,
                portal,
            })
        }
        Err(error) => {
            server.close().await?;
            Err(error)
        }
    }
}

/// Everything that stands on the databases.
async fn furnish(
    arguments: &DevArgs,
    folder: Folder,
    server: &Server,
) -> anyhow::Result<(Settings, Folder, Running, Sandbox, Vec<DemoBill>)> {
    let ports = Ports::choose(arguments)?;
    let settings = folder.settings(&server.gateway, &ports)?;
    let config = settings.database.config()?;
    migrate::run(&config).await?;
    load::bill_types(&config, BILL_TYPES).await?;
    let sandbox = Sandbox::start(&folder, &server.sandbox, &ports).await?;
    let running = roles::start(&settings, &[Role::Gateway, Role::Worker, Role::Portal]).await?;
    let bills = load::parse_bills(BILLS)?;
    if let Some(engine) = &running.engine {
        load::bills(engine, &bills).await?;
    }
    Ok((settings, folder, running, sandbox, bills))
}

/// Ports that are free, or were given. They must be known before anything starts, because the pages, the
/// bank and the gateway name each other.
#[derive(Debug, Clone, Copy)]
struct Ports {
    gateway: u16,
    portal: u16,
    sandbox: u16,
    /// The sandbox's mail server.
    mail: u16,
}

impl Ports {
    fn choose(arguments: &DevArgs) -> anyhow::Result<Self> {
        let hold = |port: u16| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .with_context(|| format!("port {port} is taken"))
        };
        // Held together, so that no two are the same; let go at the end.
        let gateway = hold(arguments.gateway_port)?;
        let portal = hold(arguments.portal_port)?;
        let sandbox = hold(arguments.sandbox_port)?;
        let mail = hold(0)?;
        Ok(Self {
            gateway: gateway.local_addr()?.port(),
            portal: portal.local_addr()?.port(),
            sandbox: sandbox.local_addr()?.port(),
            mail: mail.local_addr()?.port(),
        })
    }
}

impl House {
    /// What a stranger needs to try everything out. The bills are those that a number alone finds.
    fn environment(&self) -> anyhow::Result<serde_json::Value> {
        let bills: Vec<serde_json::Value> = self
            .bills
            .iter()
            .filter(|bill| bill.second_factor.is_empty())
            .map(|bill| {
                serde_json::json!({
                    "bill_type": bill.bill_type.as_str(), "number": bill.number, "amount": bill.amount,
                })
            })
            .collect();
        Ok(serde_json::json!({
            "EPAY_GATEWAY_ADDR": self.gateway.trim_start_matches("http://"),
            "EPAY_GATEWAY_URL": self.gateway,
            "EPAY_TOKEN": self.folder.token("portal")?,
            "EPAY_FINANCE_TOKEN": self.folder.token("finance")?,
            "EPAY_AUDITOR_TOKEN": self.folder.token("auditor")?,
            "EPAY_DEPARTMENT_TOKEN": self.folder.token("rvd")?,
            "EPAY_LOG_KEYS": crate::log::public_keys_file(&self.folder.keys),
            "EPAY_PORTAL_URL": self.portal,
            "EPAY_SANDBOX_URL": self.sandbox.url,
            "EPAY_DATABASE_URL": self.settings.database.url,
            "EPAY_DEMO_BILLS": bills,
        }))
    }

    /// The first demo bill of the kind that the greeting names and that is still to be paid.
    async fn payable_number(&self) -> &str {
        let Some(engine) = &self.running.engine else {
            return "";
        };
        for bill in self
            .bills
            .iter()
            .filter(|bill| bill.bill_type.as_str() == GREETED_KIND)
        {
            let found = engine
                .reader()
                .find_bill(&bill.bill_type, &bill.number)
                .await;
            if found.is_ok_and(|view| view.bill.outstanding_minor() > 0) {
                return &bill.number;
            }
        }
        "the number of a bill in deploy/demo/bills.json"
    }

    async fn greet(&self) {
        let number = self.payable_number().await;
        let token = Folder::token_file(&self.folder.keys, "finance");
        println!(
            "\nepay is running. Everything in it is fictitious.\n\n  \
             Pages       {}/en/\n              choose \"Rates and Government rent\" and type {number}\n  \
             Bank app    {}/app\n              the pages link to it; it scans the code and pays\n  \
             Messages    {}/arrivals/all\n              what people were sent: SMS and mail\n  \
             Gateway     {}\n              gRPC, gRPC-Web and JSON; documentation at {}/docs\n\n\
             The books, in another terminal:\n  \
             curl -sH \"authorization: Bearer $(cat {})\" {}/v1/billers/rvd/trialBalance\n\n\
             Ctrl-C stops all of it; the data stays in {}",
            self.portal,
            self.sandbox.url,
            self.sandbox.url,
            self.gateway,
            self.gateway,
            token.display(),
            self.gateway,
            self.folder.root.display(),
        );
    }

    async fn close(self) -> anyhow::Result<()> {
        let Self {
            mut server,
            running,
            sandbox,
            ..
        } = self;
        let doors = running.stop().await;
        let bank = sandbox.stop().await;
        server.close().await?;
        doors.and(bank)
    }
}

/// The path of a program that was built beside this one.
fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("EPAY_SANDBOX_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    let path = own.parent().map(|folder: &Path| folder.join(name));
    path.filter(|path| path.is_file()).with_context(|| {
        format!(
            "{name} is not beside {}: build it, or set EPAY_SANDBOX_BIN",
            own.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        dev: DevArgs,
    }

    #[test]
    fn both_databases_are_named_or_none() {
        let (ours, theirs) = ("--database-url=dbname=a", "--sandbox-database-url=dbname=b");
        for (arguments, taken) in [
            (vec![], true),
            (vec![ours, theirs], true),
            (vec![ours], false),
            (vec![theirs], false),
        ] {
            let line = Line::try_parse_from(std::iter::once("dev").chain(arguments.clone()));
            assert_eq!(line.is_ok(), taken, "{arguments:?}");
        }
    }
}
