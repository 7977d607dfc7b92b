//! Notices to people: by what channels, how many at once, and how long they are kept.

mod desk;

pub(crate) use desk::{NoticesCommand, run};

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use epay_channels::{Channels, ChannelsOptions, MailOptions, MailSecurity, SmsOptions};
use epay_engine::{Engine, V7Ids};
use epay_gateway::ReceiptDoors;
use epay_notice::Shelf;
use epay_rail_kit::channel::KeyRing;
use epay_rail_kit::transport::ChannelKey;
use epay_worker::{AT_ONCE_MAX, Planner, SenderOptions};
use jiff::SignedDuration;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};

use crate::iam_smart::IamSmartSettings;
use crate::roles::Running;
use crate::settings::Settings;
use crate::webhooks::days;

/// How long notices that ended are kept unless somebody says otherwise.
const KEEP_DAYS: u16 = 365;
/// From whom the demo's messages come.
const DEV_SENDER: &str = "#TEST-Pay";
/// The name of the key that the demo shares with the sandbox's SMS gateway (`deploy/demo/sandbox.toml`).
const DEV_SMS_KEY_ID: &str = "sms-1";
/// Messages under way by one channel unless somebody says otherwise.
const AT_ONCE: usize = 64;

/// How people are told. Without it nothing is planned and nothing is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NoticeSettings {
    /// Messages under way by one channel from one process.
    pub(crate) at_once: usize,
    /// Days for which notices that ended are kept.
    pub(crate) keep_days: u16,
    /// iAM Smart, for push.
    pub(crate) iam_smart: Option<IamSmartSettings>,
    /// The SMS gateway.
    pub(crate) sms: Option<SmsSettings>,
    /// The mail server.
    pub(crate) email: Option<EmailSettings>,
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            at_once: AT_ONCE,
            keep_days: KEEP_DAYS,
            iam_smart: None,
            sms: None,
            email: None,
        }
    }
}

/// How the SMS gateway is reached, and known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmsSettings {
    /// Its address.
    pub(crate) endpoint: String,
    /// From whom messages come: `#` and up to ten characters, registered.
    pub(crate) sender: String,
    /// The name of the key with which both sides sign.
    pub(crate) key_id: String,
    /// Files of its secrets: one, or two while it changes.
    pub(crate) secret_files: Vec<PathBuf>,
}

/// How the mail server is reached, and from whom letters come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailSettings {
    /// Its host name.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// How it is spoken with.
    #[serde(default)]
    pub(crate) security: Security,
    /// The user, where it asks for one.
    pub(crate) user: Option<String>,
    /// A file with the user's password.
    pub(crate) password_file: Option<PathBuf>,
    /// From whom letters come: an address, or a name and an address in angle brackets.
    pub(crate) from: String,
    /// Where a person writes to who wants no more letters.
    pub(crate) unsubscribe: String,
}

/// How a mail server is spoken with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS from `STARTTLS` on.
    StartTls,
    /// None: on this machine only.
    Plain,
}

/// How the demo tells people: by the sandbox's iAM Smart, its SMS gateway and its mail server, all on this machine.
pub(crate) fn dev_settings(
    iam_smart: &IamSmartSettings,
    shared: &Path,
    (sandbox, mail_port): (&str, u16),
) -> NoticeSettings {
    NoticeSettings {
        iam_smart: Some(iam_smart.clone()),
        sms: Some(SmsSettings {
            endpoint: format!("{sandbox}/arrivals/sms"),
            sender: DEV_SENDER.to_owned(),
            key_id: DEV_SMS_KEY_ID.to_owned(),
            secret_files: vec![shared.join("sms-gateway")],
        }),
        email: Some(EmailSettings {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: mail_port,
            security: Security::Plain,
            user: None,
            password_file: None,
            from: "TEST Government e-Payment <no-reply@pay.example>".to_owned(),
            unsubscribe: "stop@pay.example".to_owned(),
        }),
        ..NoticeSettings::default()
    }
}

impl EmailSettings {
    fn options(&self) -> anyhow::Result<MailOptions> {
        let credentials = match (&self.user, &self.password_file) {
            (Some(user), Some(path)) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("notices.email.password_file: {}", path.display()))?;
                Some((user.clone(), text.trim_end().to_owned().into()))
            }
            (None, None) => None,
            _ => anyhow::bail!("set both notices.email.user and password_file, or neither"),
        };
        Ok(MailOptions {
            host: self.host.clone(),
            port: self.port,
            security: match self.security {
                Security::Tls => MailSecurity::Tls,
                Security::StartTls => MailSecurity::StartTls,
                Security::Plain => MailSecurity::Plain,
            },
            credentials,
            from: self.from.clone(),
            unsubscribe: self.unsubscribe.clone(),
        })
    }
}

impl SmsSettings {
    fn secrets(&self) -> anyhow::Result<Vec<SecretSlice<u8>>> {
        let read = |path: &PathBuf| -> anyhow::Result<SecretSlice<u8>> {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("notices.sms.secret_files: {}", path.display()))?;
            Ok(text.trim_end().as_bytes().to_vec().into())
        };
        self.secret_files.iter().map(read).collect()
    }

    fn options(&self) -> anyhow::Result<SmsOptions> {
        Ok(SmsOptions {
            endpoint: self.endpoint.parse().context("notices.sms.endpoint")?,
            key: ChannelKey {
                id: self.key_id.clone(),
                secrets: self.secrets()?,
            },
            sender: self.sender.parse().context("notices.sms.sender")?,
        })
    }
}

impl NoticeSettings {
    /// What messages go by.
    pub(crate) fn channels(&self) -> anyhow::Result<Channels> {
        let iam_smart = self.iam_smart.as_ref().map(IamSmartSettings::options);
        let sms = self.sms.as_ref().map(SmsSettings::options).transpose()?;
        let email = self
            .email
            .as_ref()
            .map(EmailSettings::options)
            .transpose()?;
        let options = ChannelsOptions {
            iam_smart: iam_smart.transpose().context("notices")?,
            sms,
            email,
        };
        Channels::open(options).context("notices")
    }

    /// The texts.
    pub(crate) fn shelf() -> anyhow::Result<Arc<Shelf>> {
        let shelf = Shelf::built_in().map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the texts of notices: {}", faults.join("; "))
        })?;
        Ok(Arc::new(shelf))
    }

    /// Whose word on messages is taken.
    pub(crate) fn receipt_doors(&self) -> anyhow::Result<ReceiptDoors> {
        let ring = |sms: &SmsSettings| -> anyhow::Result<Arc<KeyRing>> {
            let keys = vec![(sms.key_id.clone(), sms.secrets()?)];
            Ok(Arc::new(KeyRing::new(keys).context("notices.sms")?))
        };
        Ok(ReceiptDoors {
            sms: self.sms.as_ref().map(ring).transpose()?,
            iam_smart: self
                .iam_smart
                .as_ref()
                .map(|settings| settings.credentials().map(Arc::new).context("notices"))
                .transpose()?,
            forms: None,
        })
    }

    /// How long notices that ended are kept.
    pub(crate) fn keep(&self) -> anyhow::Result<SignedDuration> {
        ensure!(
            self.keep_days > 0,
            "notices.keep_days must be more than nothing"
        );
        Ok(days(self.keep_days))
    }

    /// Everything that can be known to be wrong without connecting to anything.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            (1..=AT_ONCE_MAX).contains(&self.at_once),
            "notices.at_once must be from 1 to {AT_ONCE_MAX}"
        );
        self.keep()?;
        drop(self.receipt_doors()?);
        drop(self.channels()?);
        Self::shelf().map(drop)
    }
}

impl Running {
    /// Has this process tell people, where that is configured.
    pub(crate) fn notify(
        &mut self,
        settings: &Settings,
        config: &tokio_postgres::Config,
        engine: &Engine,
    ) -> anyhow::Result<()> {
        let (Some(notices), Some(contacts)) =
            (&settings.notices, crate::contacts::store(settings)?)
        else {
            return Ok(());
        };
        let ids = Box::new(V7Ids::default());
        let planner = Planner::new(config, contacts.clone(), engine.clone(), ids)?;
        self.spawn("planner of notices", |stop| async move {
            planner.run(stop).await;
            Ok(())
        });
        let options = SenderOptions {
            contacts,
            channels: notices.channels()?,
            shelf: NoticeSettings::shelf()?,
            at_once: notices.at_once,
        };
        self.spawn("sender of notices", |stop| {
            let (config, engine) = (config.clone(), engine.clone());
            async move { Ok(epay_worker::send_notices(&config, engine, options, stop).await?) }
        });
        let keep = notices.keep()?;
        self.spawn("retention of notices", |stop| {
            let engine = engine.clone();
            async move {
                epay_worker::remove_old_notices(engine, keep, stop).await;
                Ok(())
            }
        });
        Ok(())
    }
}
