//! Configuration: one TOML file, and environment variables that win over it (12-factor).
//!
//! Secrets are not in the file: it names files that hold them, or they come from the environment. Wherever a rail's table
//! wants a text, `{ file = "path" }` is the text of that file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use epay_engine::{Commits, FactorKeys};
use epay_gateway::Limits;
use epay_money::RailId;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};

/// Most committers that a queue has unless it is told otherwise: those of both queues, and who stores messages, leave connections
/// of [`EngineSettings::connections`] for reads and for the accounts that a batch may have to make first.
const COMMITTERS_MAX: usize = 4;

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) database: Database,
    pub(crate) engine: EngineSettings,
    pub(crate) auth: Auth,
    pub(crate) gateway: Gateway,
    pub(crate) portal: Portal,
    /// Signed channels of the rails: rail, then key id, then the files of its secrets (two while one is
    /// changed for another).
    pub(crate) channels: BTreeMap<RailId, BTreeMap<String, Vec<PathBuf>>>,
    /// A table for each rail that is open; the rail reads it.
    pub(crate) rails: toml::Table,
    /// The log of journals; workers seal nothing while it is unset.
    pub(crate) log: Option<crate::log::LogSettings>,
    pub(crate) statements: Statements,
    pub(crate) days: Days,
    pub(crate) feeds: crate::feed::FeedSettings,
    /// Webhooks; none are registered or sent while it is unset.
    pub(crate) webhooks: Option<crate::webhooks::WebhookSettings>,
    /// Notices to people; none are planned or sent while it is unset.
    pub(crate) notices: Option<crate::notices::NoticeSettings>,
    pub(crate) events: crate::events::EventSettings,
    pub(crate) bills: Bills,
    /// Where people are reached; nobody is told of bills while it is unset.
    pub(crate) contacts: Option<crate::contacts::ContactSettings>,
    /// Holidays in the 1823 JSON shape; the vendored table when unset.
    pub(crate) holidays: Option<PathBuf>,
}

/// Bank statements.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Statements {
    /// A folder from which the worker takes files of statements; none when unset.
    pub(crate) watch: Option<PathBuf>,
    /// Folders from which it takes settlement files, by rail. Who may write there vouches for them.
    pub(crate) watch_rails: BTreeMap<RailId, PathBuf>,
}

/// Bills.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bills {
    /// Files of 32 bytes or more each that seal second factors: the first seals, every one opens. Kinds of bill that ask for
    /// a second factor need one.
    pub(crate) second_factor_key_files: Vec<PathBuf>,
}

impl Bills {
    /// What seals second factors.
    pub(crate) fn factor_keys(&self) -> anyhow::Result<FactorKeys> {
        let read = |path: &PathBuf| -> anyhow::Result<SecretSlice<u8>> {
            let text = std::fs::read(path).with_context(|| {
                format!(
                    "bills.second_factor_key_files: {} cannot be read",
                    path.display()
                )
            })?;
            Ok(text.trim_ascii_end().to_vec().into())
        };
        let keys = self.second_factor_key_files.iter().map(read);
        let keys: Vec<SecretSlice<u8>> = keys.collect::<Result<_, _>>()?;
        FactorKeys::new(&keys).context("bills.second_factor_key_files")
    }
}

/// Days of departments.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Days {
    /// When the worker closes days, on Hong Kong's clocks: 21:00:00. It closes none when unset.
    pub(crate) close_at: Option<jiff::civil::Time>,
}

/// Where PostgreSQL is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// Connection string; `EPAY_DATABASE_URL` wins.
    pub(crate) url: String,
}

/// How much runs at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EngineSettings {
    /// Batches of each queue that may be on their way to the disk at once: half as many as there are processors, and no more than four.
    pub(crate) committers: usize,
    /// Connections to the database, reads included.
    pub(crate) connections: usize,
    /// Gives every command and every message a commit of its own: only to measure what sharing commits is worth.
    pub(crate) commit_each: bool,
}

impl EngineSettings {
    pub(crate) const fn commits(&self) -> Commits {
        if self.commit_each {
            return Commits::OneEach {
                at_once: self.committers,
            };
        }
        Commits::Shared {
            committers: self.committers,
        }
    }
}

/// A batch keeps a processor of the gateway and one of PostgreSQL busy; more at once than those only makes batches smaller.
fn committers_for(processors: std::io::Result<NonZeroUsize>) -> usize {
    processors.map_or(1, |count| {
        count.get().div_euclid(2).clamp(1, COMMITTERS_MAX)
    })
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            committers: committers_for(std::thread::available_parallelism()),
            connections: 16,
            commit_each: false,
        }
    }
}

/// Whose tokens are believed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    /// A file with a JWKS.
    pub(crate) jwks_file: Option<PathBuf>,
    /// Where a JWKS is served.
    pub(crate) jwks_url: Option<String>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: "epay-dev".to_owned(),
            audience: "epay".to_owned(),
            jwks_file: None,
            jwks_url: None,
        }
    }
}

/// The gateway's port.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    pub(crate) listen: SocketAddr,
    pub(crate) tls_certificates: Option<PathBuf>,
    pub(crate) tls_key: Option<PathBuf>,
    pub(crate) reflection: bool,
    /// Origins to which payers may come back from a page of a rail; the pages of this configuration's own
    /// `portal.public_url` always may.
    pub(crate) return_origins: Vec<String>,
    /// Web origins that may call gRPC-Web and JSON from a browser.
    pub(crate) allowed_origins: Vec<String>,
    /// Requests in work at a time; who comes then is told when to come back.
    pub(crate) requests_max: usize,
    /// Open `WatchPayment` streams, one for each citizen who has a code on the screen.
    pub(crate) watches_max: usize,
}

impl Gateway {
    /// Where it is, once it listens: whoever is told of it must speak TLS where it does.
    pub(crate) fn url(&self, address: SocketAddr) -> String {
        let scheme = match self.tls_certificates {
            Some(_) => "https",
            None => "http",
        };
        format!("{scheme}://{address}")
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 50_051)),
            tls_certificates: None,
            tls_key: None,
            reflection: true,
            return_origins: vec![],
            allowed_origins: vec![],
            requests_max: Limits::default().requests_max,
            watches_max: Limits::default().watches_max,
        }
    }
}

/// The citizen pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Portal {
    pub(crate) listen: SocketAddr,
    /// Where the gateway is; the one of this process when empty.
    pub(crate) gateway_url: String,
    /// The certificate authority of the gateway, where that speaks TLS.
    pub(crate) gateway_authority: Option<PathBuf>,
    /// A file with the portal's token; it is read again when it changes.
    pub(crate) token_file: Option<PathBuf>,
    /// Demo only: where the sandbox's bank app is.
    pub(crate) bank_app_url: Option<String>,
    /// Demo only: where the sandbox's wallet app opens the text of a code.
    pub(crate) wallet_app_url: Option<String>,
    /// Demo only: where the sandbox's device wallet is. Unset, Apple Pay and Google Pay are not offered.
    pub(crate) device_wallet_url: Option<String>,
    pub(crate) public_url: Option<String>,
    /// A file with at least 32 bytes that seal links; the same for all portals behind one address. Each process
    /// makes its own when unset.
    pub(crate) link_key_file: Option<PathBuf>,
    /// The header in which the proxy in front names the visitor's address, where there is such a proxy.
    pub(crate) client_address_header: Option<String>,
    /// Where people sign in to be told of bills; nobody does where it is unset.
    pub(crate) iam_smart: Option<crate::iam_smart::IamSmartSettings>,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8_080)),
            gateway_url: String::new(),
            gateway_authority: None,
            token_file: None,
            bank_app_url: None,
            wallet_app_url: None,
            device_wallet_url: None,
            public_url: None,
            link_key_file: None,
            client_address_header: None,
            iam_smart: None,
        }
    }
}

impl Database {
    /// The connection string, read.
    pub(crate) fn config(&self) -> anyhow::Result<tokio_postgres::Config> {
        ensure!(
            !self.url.is_empty(),
            "no database is configured: set database.url or EPAY_DATABASE_URL"
        );
        epay_pg::parse_config(&self.url).context("database.url cannot be read")
    }
}

impl Settings {
    /// Reads the file, then the environment.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let found = path.map(Path::to_owned).or_else(usual_file);
        let mut settings = match &found {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                toml::from_str(&text)
                    .with_context(|| format!("{} is not a configuration", path.display()))?
            }
            None => Self::default(),
        };
        if let Ok(url) = std::env::var("EPAY_DATABASE_URL") {
            settings.database.url = url;
        }
        if let Ok(listen) = std::env::var("EPAY_GATEWAY_LISTEN") {
            settings.gateway.listen = listen.parse().context("EPAY_GATEWAY_LISTEN")?;
        }
        if let Ok(listen) = std::env::var("EPAY_PORTAL_LISTEN") {
            settings.portal.listen = listen.parse().context("EPAY_PORTAL_LISTEN")?;
        }
        Ok(settings)
    }

    /// Everything that can be known to be wrong without connecting to anything.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.database.config()?;
        self.open_rails()?;
        self.calendar()?;
        if self.bills.factor_keys()?.is_empty() {
            println!(
                "bills.second_factor_key_files is empty: bills of kinds that ask for a second factor are neither issued nor found."
            );
        }
        if let Some(contacts) = &self.contacts {
            contacts.keys()?;
        }
        match &self.log {
            Some(log) => drop(log.sealer()?),
            None => println!("log is not configured: journals are posted and not sealed."),
        }
        self.feeds.signer()?;
        self.feeds.destinations()?;
        if let Some(webhooks) = &self.webhooks {
            drop(webhooks.vault()?);
            webhooks.keep()?;
        }
        if let Some(notices) = &self.notices {
            ensure!(
                self.contacts.is_some(),
                "notices are configured, and contacts are not: nobody could be told"
            );
            notices.check()?;
        }
        self.events.check()?;
        for rail in self.channels.keys() {
            ensure!(
                self.rails.contains_key(rail.as_str()),
                "channels.{rail} has keys, but rails.{rail} is not configured"
            );
        }
        for rail in self.statements.watch_rails.keys() {
            ensure!(
                self.rails.contains_key(rail.as_str()),
                "statements.watch_rails.{rail} is watched, but rails.{rail} is not configured"
            );
        }
        let watched = self.statements.watch_rails.values();
        for folder in self.statements.watch.iter().chain(watched) {
            ensure!(
                folder.is_dir(),
                "statements: {} is not a folder that can be watched",
                folder.display()
            );
        }
        println!("The configuration can be used.");
        Ok(())
    }

    /// The rails, each with its table.
    pub(crate) fn open_rails(&self) -> anyhow::Result<epay_rails::Registry> {
        let mut tables = toml::Value::Table(self.rails.clone());
        read_files(&mut tables)?;
        match tables {
            toml::Value::Table(tables) => epay_rails::Registry::from_tables(&tables),
            _ => epay_rails::Registry::from_tables(&self.rails),
        }
        .context("rails")
    }

    /// Business days.
    pub(crate) fn calendar(&self) -> anyhow::Result<epay_money::BusinessCalendar> {
        Ok(match &self.holidays {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                epay_money::BusinessCalendar::from_1823_json(&text)?
            }
            None => epay_money::BusinessCalendar::vendored()?,
        })
    }
}

/// Puts the text of a file wherever a table says `{ file = "path" }` and nothing else; a line feed at its end is left out.
fn read_files(value: &mut toml::Value) -> anyhow::Result<()> {
    match value {
        toml::Value::Table(table) => {
            if let (1, Some(toml::Value::String(path))) = (table.len(), table.get("file")) {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("the file of a rail's setting, {path}"))?;
                *value = toml::Value::String(text.trim_end_matches(['\n', '\r']).to_owned());
                return Ok(());
            }
            table
                .iter_mut()
                .try_for_each(|(_name, one)| read_files(one))
        }
        toml::Value::Array(values) => values.iter_mut().try_for_each(read_files),
        _ => Ok(()),
    }
}

/// `$XDG_CONFIG_HOME/epay/epay.toml`, if it is there.
fn usual_file() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(home)?;
    let file = folder.join("epay/epay.toml");
    file.is_file().then_some(file)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{committers_for, read_files};

    #[test]
    fn half_of_the_processors_commit_of_each_queue() {
        for (processors, committers) in [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4), (64, 4)] {
            let count = NonZeroUsize::new(processors).unwrap();
            assert_eq!(committers_for(Ok(count)), committers, "{processors}");
        }
        assert_eq!(
            committers_for(Err(std::io::ErrorKind::Unsupported.into())),
            1
        );
    }

    #[test]
    fn a_files_text_stands_where_a_table_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "opensesame\n").unwrap();
        let path = path.display();
        let text = format!(
            "[card]\nsecrets = [{{ file = '{path}' }}, 'b']\n[card.merchants]\nM = {{ file = '{path}' }}\n[card.x]\nfile = 'a'\nother = 1"
        );
        let mut value: toml::Value = toml::from_str(&text).unwrap();
        read_files(&mut value).unwrap();
        assert_eq!(value["card"]["secrets"][0].as_str(), Some("opensesame"));
        assert_eq!(value["card"]["secrets"][1].as_str(), Some("b"));
        assert_eq!(value["card"]["merchants"]["M"].as_str(), Some("opensesame"));
        assert_eq!(value["card"]["x"]["file"].as_str(), Some("a"));
        let mut absent: toml::Value = toml::from_str("a = { file = '/nowhere/at/all' }").unwrap();
        assert!(read_files(&mut absent).is_err());
    }
}
