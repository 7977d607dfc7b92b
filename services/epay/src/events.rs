//! Events for a message broker: where they go, and the end of it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use epay_pg::{PoolOptions, build_pool};
use epay_worker::{Relay, RelayOptions};
use serde::{Deserialize, Serialize};
use tokio_postgres::Config;

use crate::settings::Settings;

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// Brokers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EventSettings {
    /// NATS with `JetStream`; nothing is relayed while it is unset.
    nats: Option<NatsSettings>,
}

/// Where NATS is, and what events are called there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NatsSettings {
    /// `nats://host:4222`, or `tls://`.
    url: String,
    #[serde(default = "stream")]
    stream: String,
    #[serde(default = "subject_prefix")]
    subject_prefix: String,
    /// For how long a stream that the worker makes keeps an event.
    #[serde(default = "keep_days")]
    keep_days: u16,
    /// A file of credentials, as `nsc` writes it.
    credentials_file: Option<PathBuf>,
    /// The certificate authority of the broker, where it is not one that the system believes.
    authority_file: Option<PathBuf>,
}

fn stream() -> String {
    "EPAY".to_owned()
}

fn subject_prefix() -> String {
    "epay.v1".to_owned()
}

const fn keep_days() -> u16 {
    30
}

impl EventSettings {
    /// Everything that can be known to be wrong without the broker.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.nats.as_ref().map_or(Ok(()), NatsSettings::check)
    }

    /// What relays, where a broker is configured.
    pub(crate) fn relay(&self, config: &Config) -> anyhow::Result<Option<Relay>> {
        let Some(nats) = &self.nats else {
            return Ok(None);
        };
        nats.check()?;
        let days = u64::from(nats.keep_days);
        let options = RelayOptions {
            url: nats.url.clone(),
            stream: nats.stream.clone(),
            subject_prefix: nats.subject_prefix.clone(),
            max_age: Duration::from_secs(days.saturating_mul(DAY_SECONDS)),
            credentials_file: nats.credentials_file.clone(),
            authority_file: nats.authority_file.clone(),
        };
        Ok(Some(Relay::new(config, options)?))
    }
}

impl NatsSettings {
    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            is_token(&self.stream),
            "events.nats.stream is letters, digits, - and _"
        );
        ensure!(
            self.subject_prefix.split('.').all(is_token),
            "events.nats.subject_prefix is words of letters, digits, - and _, a full stop between them"
        );
        ensure!(
            self.keep_days > 0,
            "events.nats.keep_days must be more than nothing"
        );
        let files = [
            ("credentials_file", &self.credentials_file),
            ("authority_file", &self.authority_file),
        ];
        for (name, file) in files {
            if let Some(file) = file {
                std::fs::metadata(file)
                    .with_context(|| format!("events.nats.{name}: {}", file.display()))?;
            }
        }
        Ok(())
    }
}

/// What may stand between two full stops of a subject.
fn is_token(text: &str) -> bool {
    let fits = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_');
    !text.is_empty() && text.bytes().all(fits)
}

/// Verbs about events.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// Relay nothing any more, and forget what waits. Stop the workers that have `events.nats` first: each switches it on
    /// when it starts.
    Disable {
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(command: EventsCommand, settings: &Settings) -> anyhow::Result<()> {
    let EventsCommand::Disable { json } = command;
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::named("epay events").as_service()
    };
    let pool = build_pool(&settings.database.config()?, &options)?;
    let forgotten = epay_store::disable_relay(&mut pool.get().await?).await?;
    if json {
        println!("{}", serde_json::json!({ "forgotten_batches": forgotten }));
    } else {
        println!("Nothing is relayed any more; {forgotten} batches that waited are forgotten.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::EventSettings;

    #[test]
    fn names_that_a_subject_cannot_have_are_refused() {
        for (names, good) in [
            ("", true),
            ("stream = 'GOV_PAY-1'\nsubject_prefix = 'gov.pay'", true),
            ("stream = 'a.b'", false),
            ("stream = ''", false),
            ("subject_prefix = 'a..b'", false),
            ("subject_prefix = 'a.*'", false),
            ("subject_prefix = 'a b'", false),
            ("keep_days = 0", false),
            ("credentials_file = '/nowhere/at/all'", false),
        ] {
            let text = format!("[nats]\nurl = 'nats://127.0.0.1'\n{names}");
            let settings: EventSettings = toml::from_str(&text).unwrap();
            assert_eq!(settings.check().is_ok(), good, "{names}");
        }
    }
}
