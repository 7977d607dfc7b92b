//! The data folder: keys, secrets and a configuration that `epay serve --config` could use as it is.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use epay_money::RailId;

use super::Ports;
use super::rails::{Places, SHARED_SECRETS, make_root, tables};
use crate::contacts::ContactSettings;
use crate::settings::Settings;
use crate::token::{Issuer, jwks_file, write_secret};

/// The key id under which the sandbox's bank signs.
pub(super) const CHANNEL_KEY_ID: &str = "sandbox-bank-1";
/// Tokens of the demo: file name, subject, role, department.
const TOKENS: [(&str, &str, Option<&str>); 8] = [
    ("portal", "citizen_portal", None),
    ("finance", "finance", None),
    ("clerk", "clerk", None),
    ("supervisor", "supervisor", None),
    ("controller", "controller", None),
    ("auditor", "auditor", None),
    ("rvd", "department", Some("rvd")),
    ("ird", "department", Some("ird")),
];

/// The data folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) keys: PathBuf,
    /// Secrets that the sandbox knows too, one file each.
    pub(super) shared: PathBuf,
}

impl Folder {
    /// Makes what is missing: the signing key, the channel's secret and fresh tokens.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let keys = root.join("keys");
        std::fs::create_dir_all(&keys)
            .with_context(|| format!("{} cannot be made", keys.display()))?;
        let issuer = Issuer::open(&keys)?;
        crate::log::make_key(&keys)?;
        for (name, role, biller) in TOKENS {
            let token = issuer.issue(&format!("dev-{name}"), role, biller)?;
            write_secret(&Self::token_file(&keys, name), token.as_bytes())?;
        }
        let shared = keys.join("shared");
        std::fs::create_dir_all(&shared)
            .with_context(|| format!("{} cannot be made", shared.display()))?;
        super::wallets::make_keys(&keys, &shared)?;
        crate::iam_smart::make_dev_keys(&keys, &shared)?;
        let statements = root.join("statements");
        std::fs::create_dir_all(&statements)
            .with_context(|| format!("{} cannot be made", statements.display()))?;
        let folder = Self {
            root: root.to_owned(),
            keys,
            shared,
        };
        make_root(&folder.shared)?;
        let secrets = SHARED_SECRETS.iter().map(|name| folder.shared.join(name));
        for path in secrets.chain([
            folder.secret_file(),
            folder.link_key_file(),
            folder.factor_key_file(),
            folder.contact_key_file(),
        ]) {
            if !path.is_file() {
                let secret: [u8; 32] = rand::random();
                let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
                write_secret(&path, text.as_bytes())?;
            }
        }
        Ok(folder)
    }

    pub(super) fn token_file(keys: &Path, name: &str) -> PathBuf {
        keys.join(format!("{name}.token"))
    }

    pub(super) fn token(&self, name: &str) -> anyhow::Result<String> {
        let path = Self::token_file(&self.keys, name);
        std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    }

    pub(super) fn secret_file(&self) -> PathBuf {
        self.keys.join("bank-channel.secret")
    }

    fn link_key_file(&self) -> PathBuf {
        self.keys.join("portal-links.secret")
    }

    fn factor_key_file(&self) -> PathBuf {
        self.keys.join("second-factors.secret")
    }

    fn contact_key_file(&self) -> PathBuf {
        self.keys.join("contacts.secret")
    }

    /// Where the sandbox's bank puts its statements, and the worker finds them.
    pub(super) fn statements_folder(&self) -> PathBuf {
        self.root.join("statements")
    }

    /// The configuration of this set-up, also written to `epay.toml`.
    pub(super) fn settings(&self, database: &str, ports: &Ports) -> anyhow::Result<Settings> {
        let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut settings = Settings::default();
        settings.database.url = database.to_owned();
        settings.auth.jwks_file = Some(jwks_file(&self.keys));
        settings.gateway.listen = local(ports.gateway);
        settings.portal.listen = local(ports.portal);
        settings.portal.token_file = Some(Self::token_file(&self.keys, "portal"));
        settings.portal.link_key_file = Some(self.link_key_file());
        settings.bills.second_factor_key_files = vec![self.factor_key_file()];
        settings.contacts = Some(ContactSettings {
            key_files: vec![self.contact_key_file()],
        });
        settings.portal.public_url = Some(format!("http://{}", local(ports.portal)));
        settings.portal.bank_app_url = Some(format!("http://{}", local(ports.sandbox)));
        settings.portal.wallet_app_url =
            Some(format!("http://{}/wallets/app/open", local(ports.sandbox)));
        settings.portal.device_wallet_url =
            Some(format!("http://{}/devices", local(ports.sandbox)));
        settings.portal.gateway_url = format!("http://{}", local(ports.gateway));
        settings.log = Some(crate::log::dev_settings(&self.keys));
        settings.webhooks = Some(crate::webhooks::dev_settings(&self.keys)?);
        settings.statements.watch = Some(self.statements_folder());
        let places = Places {
            gateway: format!("http://{}", local(ports.gateway)),
            sandbox: format!("http://{}", local(ports.sandbox)),
            shared: &self.shared,
            keys: &self.keys,
        };
        let iam_smart = crate::iam_smart::dev_settings(&self.keys, &self.shared, &places.sandbox);
        settings.notices = Some(crate::notices::dev_settings(
            &iam_smart,
            &self.shared,
            (&places.sandbox, ports.mail),
        ));
        settings.portal.iam_smart = Some(iam_smart);
        for (rail, table) in tables(&places) {
            // Every counterparty of the sandbox signs with the one key of its bank channel.
            let keys = BTreeMap::from([(CHANNEL_KEY_ID.to_owned(), vec![self.secret_file()])]);
            settings.channels.insert(RailId::new(rail)?, keys);
            settings.rails.insert(rail.to_owned(), table.into());
        }
        let text = toml::to_string_pretty(&settings)?;
        std::fs::write(self.root.join("epay.toml"), text)?;
        Ok(settings)
    }
}
