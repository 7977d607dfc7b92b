//! How the engine is set up, which gateway and worker share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use epay_engine::{Engine, EngineOptions, SystemClock, V7Ids};
use epay_money::RailId;
use epay_pg::{PoolOptions, build_pool};
use epay_rail_kit::transport::{ChannelKey, Transport};
use secrecy::SecretSlice;

use crate::settings::Settings;

/// An engine that acts as the service role.
pub(crate) async fn start_engine(
    settings: &Settings,
    config: &tokio_postgres::Config,
) -> anyhow::Result<Engine> {
    let options = PoolOptions {
        size: settings.engine.connections,
        ..PoolOptions::named("epay engine").as_service()
    };
    let engine = Engine::start(EngineOptions {
        pool: build_pool(config, &options).context("database")?,
        rails: settings.open_rails()?,
        transport: transport(settings)?,
        calendar: settings.calendar()?,
        factor_keys: settings.bills.factor_keys()?,
        commits: settings.engine.commits(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .context("the engine could not start: is the database migrated?")?;
    let unsealed = engine.kinds_without_factor_key();
    if !unsealed.is_empty() {
        let kinds: Vec<&str> = unsealed.iter().map(|code| code.as_str()).collect();
        let kinds = kinds.join(", ");
        tracing::error!(
            kinds,
            "bills.second_factor_key_files is empty: bills of these kinds are neither issued nor found"
        );
    }
    Ok(engine)
}

/// Sends what goes to rails; calls over our bank channel are sealed with the first of the rail's keys, by name.
fn transport(settings: &Settings) -> anyhow::Result<Transport> {
    let mut sealing = BTreeMap::new();
    for (rail, keys) in &settings.channels {
        let Some((id, files)) = keys.first_key_value() else {
            continue;
        };
        let key = ChannelKey {
            id: id.clone(),
            secrets: secrets(rail, id, files)?,
        };
        sealing.insert(rail.clone(), key);
    }
    Transport::new(sealing).context("transport")
}

/// The secrets of a channel's key.
pub(super) fn secrets(
    rail: &RailId,
    id: &str,
    files: &[PathBuf],
) -> anyhow::Result<Vec<SecretSlice<u8>>> {
    let mut secrets = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("secret of channels.{rail}.{id}: {}", file.display()))?;
        secrets.push(SecretSlice::from(text.trim_end().as_bytes().to_vec()));
    }
    Ok(secrets)
}
