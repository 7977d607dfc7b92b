//! The roles of a process, started in order and stopped in the other order.
//!
//! Engine first, then worker, gateway and portal. At the end the doors close first (portal, gateway), the
//! worker lets its jobs end, and the engine drains what is queued.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use arc_swap::ArcSwap;
use epay_engine::{Engine, EngineOptions, SystemClock, V7Ids};
use epay_gateway::{
    AuthConfig, GatewayConfig, JwksSource, Limits, RailDoor, TlsPaths, WebhookConfig,
};
use epay_money::RailId;
use epay_pg::{PoolOptions, build_pool};
use epay_portal::{GatewayTls, PortalConfig, TokenSource};
use epay_rail_kit::channel::KeyRing;
use epay_rail_kit::transport::{ChannelKey, Transport};
use epay_worker::{Deliverer, DelivererOptions, FeedPusher, SystemLookup, WatchedFolder};
use secrecy::SecretSlice;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::settings::{Settings, Statements};
use crate::shutdown;
use crate::webhooks::{KEEP_DAYS, days};

/// What a process can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// The only door: gRPC, JSON and rail notices.
    Gateway,
    /// The citizen pages.
    Portal,
    /// Outbox, timers, re-drives.
    Worker,
}

/// What is running.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) engine: Option<Engine>,
    pub(crate) gateway: Option<SocketAddr>,
    pub(crate) portal: Option<SocketAddr>,
    doors: Vec<(
        &'static str,
        CancellationToken,
        JoinHandle<anyhow::Result<()>>,
    )>,
}

/// Runs roles until a signal.
pub(crate) async fn serve(
    settings: &Settings,
    roles: &[Role],
    ready_file: Option<&Path>,
) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let mut running = start(settings, roles).await?;
    let addresses = serde_json::json!({
        "gateway": running.gateway.map(|address| format!("http://{address}")),
        "portal": running.portal.map(|address| format!("http://{address}")),
    });
    println!("{addresses}");
    if let Some(path) = ready_file {
        write_whole(path, &addresses.to_string())?;
    }
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = running.any_ended() => ended,
    };
    running.stop().await?;
    ended
}

/// Writes a file so that nobody reads half of it.
pub(crate) fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, text).with_context(|| format!("{} cannot be written", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Starts roles.
pub(crate) async fn start(settings: &Settings, roles: &[Role]) -> anyhow::Result<Running> {
    ensure!(!roles.is_empty(), "name at least one role");
    let mut running = Running {
        engine: None,
        gateway: None,
        portal: None,
        doors: vec![],
    };
    let needs_engine = roles
        .iter()
        .any(|role| matches!(role, Role::Gateway | Role::Worker));
    if needs_engine {
        let config = settings.database.config()?;
        let engine = start_engine(settings, &config).await?;
        running.spawn("health", |stop| {
            let engine = engine.clone();
            async move {
                engine.keep_sharing_health(stop).await;
                Ok(())
            }
        });
        if roles.contains(&Role::Worker) {
            running.work(settings, &config, &engine)?;
        }
        if roles.contains(&Role::Gateway) {
            running.spawn("news", |stop| {
                let (config, engine) = (config.clone(), engine.clone());
                async move {
                    epay_worker::relay_news(config, engine, stop).await;
                    Ok(())
                }
            });
            let gateway = gateway_config(settings)?;
            let (ready, address) = oneshot::channel();
            let served = engine.clone();
            running.spawn("gateway", |stop| async move {
                Ok(epay_gateway::serve(gateway, served, stop, ready).await?)
            });
            running.gateway = Some(running.address("gateway", address).await?);
        }
        running.engine = Some(engine);
    }
    if roles.contains(&Role::Portal) {
        let portal = portal_config(settings, running.gateway)?;
        let (ready, address) = oneshot::channel();
        running.spawn("portal", |stop| async move {
            Ok(epay_portal::serve(portal, stop, ready).await?)
        });
        running.portal = Some(running.address("portal", address).await?);
    }
    Ok(running)
}

impl Running {
    fn spawn<F>(&mut self, name: &'static str, role: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let task = tokio::spawn(role(stop.clone()));
        self.doors.push((name, stop, task));
    }

    /// What a worker does: jobs, the log, days, webhooks, events, files for departments, and a watched folder.
    fn work(
        &mut self,
        settings: &Settings,
        config: &tokio_postgres::Config,
        engine: &Engine,
    ) -> anyhow::Result<()> {
        self.spawn("worker", |stop| {
            let (config, engine) = (config.clone(), engine.clone());
            async move { Ok(epay_worker::run(config, engine, stop).await?) }
        });
        self.seal(settings, config, engine)?;
        if let Some(at) = settings.days.close_at {
            let engine = engine.clone();
            self.spawn("days", |stop| async move {
                epay_worker::close_days(engine, at, stop).await;
                Ok(())
            });
        }
        self.deliver(settings, config)?;
        if let Some(relay) = settings.events.relay(config)? {
            self.spawn("relay", |stop| async move {
                relay.run(stop).await;
                Ok(())
            });
        }
        self.push(settings, engine)?;
        self.watch(&settings.statements, engine);
        self.retain(settings, engine)
    }

    /// Has this process remove what was told long ago.
    fn retain(&mut self, settings: &Settings, engine: &Engine) -> anyhow::Result<()> {
        let keep = match &settings.webhooks {
            Some(webhooks) => webhooks.keep()?,
            None => days(KEEP_DAYS),
        };
        self.spawn("retention", |stop| {
            let engine = engine.clone();
            async move {
                epay_worker::remove_old_news(engine, keep, stop).await;
                Ok(())
            }
        });
        Ok(())
    }

    /// Has this process bring sealed files to departments' servers.
    fn push(&mut self, settings: &Settings, engine: &Engine) -> anyhow::Result<()> {
        for destination in settings.feeds.destinations()? {
            let pusher = FeedPusher::new(engine.clone(), destination);
            self.spawn("feeds", |stop| async move {
                pusher.run(stop).await;
                Ok(())
            });
        }
        Ok(())
    }

    /// Watches the folders into which statements and settlement files are put.
    fn watch(&mut self, settings: &Statements, engine: &Engine) {
        let statements = settings.watch.iter().cloned();
        let statements = statements.map(|folder| WatchedFolder::new(engine.clone(), folder));
        let reports = settings.watch_rails.iter().map(|(rail, folder)| {
            WatchedFolder::of_rail(engine.clone(), folder.clone(), rail.clone())
        });
        for watched in statements.chain(reports) {
            self.spawn("statements", |stop| async move {
                watched.run(stop).await;
                Ok(())
            });
        }
    }

    /// Has this process seal journals, where a log is configured.
    fn seal(
        &mut self,
        settings: &Settings,
        config: &tokio_postgres::Config,
        engine: &Engine,
    ) -> anyhow::Result<()> {
        let Some(log) = &settings.log else {
            tracing::warn!("No log is configured: journals are posted and not sealed");
            return Ok(());
        };
        let sealer = log.sealer()?;
        self.spawn("sealer", |stop| {
            let (config, engine) = (config.clone(), engine.clone());
            async move { Ok(epay_worker::seal_log(&config, engine, sealer, stop).await?) }
        });
        Ok(())
    }

    /// Has this process deliver webhooks, where they are configured.
    fn deliver(
        &mut self,
        settings: &Settings,
        config: &tokio_postgres::Config,
    ) -> anyhow::Result<()> {
        let Some(webhooks) = &settings.webhooks else {
            return Ok(());
        };
        let options = DelivererOptions {
            vault: webhooks.vault()?,
            guard: webhooks.guard(),
            lookup: Arc::new(SystemLookup),
            clock: Arc::new(SystemClock),
            ids: Arc::new(V7Ids::default()),
        };
        let deliverer = Deliverer::new(config, options)?;
        self.spawn("webhooks", |stop| async move {
            deliverer.run(stop).await;
            Ok(())
        });
        Ok(())
    }

    /// Waits for a role's address; if it never comes, the role's own error says why.
    async fn address(
        &mut self,
        name: &'static str,
        address: oneshot::Receiver<SocketAddr>,
    ) -> anyhow::Result<SocketAddr> {
        if let Ok(address) = address.await {
            return Ok(address);
        }
        match self.doors.pop() {
            Some((_name, _stop, task)) => {
                task.await.context(name)?.context(name)?;
                anyhow::bail!("{name} ended before it was ready")
            }
            None => anyhow::bail!("{name} was not started"),
        }
    }

    /// Waits until a role ends by itself, which none should.
    pub(crate) async fn any_ended(&mut self) -> anyhow::Result<()> {
        let tasks = self.doors.iter_mut().map(|(name, _stop, task)| {
            Box::pin(async move {
                let ended = task.await;
                (*name, ended)
            })
        });
        let ((name, ended), place, _rest) = select_all(tasks.collect()).await;
        self.doors.remove(place);
        ended.context(name)?.context(name)?;
        anyhow::bail!("{name} ended by itself")
    }

    /// Closes the doors in the order opposite to their opening, then drains the engine.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        while let Some((name, stop, task)) = self.doors.pop() {
            stop.cancel();
            task.await.context(name)?.context(name)?;
        }
        if let Some(engine) = &self.engine {
            engine.drain().await;
        }
        Ok(())
    }
}

/// The first of several futures to end, and its place.
async fn select_all<F: Future + Unpin>(mut futures: Vec<F>) -> (F::Output, usize, Vec<F>) {
    let (output, place) = std::future::poll_fn(|context| {
        for (place, future) in futures.iter_mut().enumerate() {
            if let std::task::Poll::Ready(output) = std::pin::Pin::new(future).poll(context) {
                return std::task::Poll::Ready((output, place));
            }
        }
        std::task::Poll::Pending
    })
    .await;
    (output, place, futures)
}

/// An engine that acts as the service role.
pub(crate) async fn start_engine(
    settings: &Settings,
    config: &tokio_postgres::Config,
) -> anyhow::Result<Engine> {
    let options = PoolOptions {
        size: settings.engine.connections,
        ..PoolOptions::named("epay engine").as_service()
    };
    Engine::start(EngineOptions {
        pool: build_pool(config, &options).context("database")?,
        rails: settings.open_rails()?,
        transport: transport(settings)?,
        calendar: settings.calendar()?,
        factor_keys: settings.bills.factor_keys()?,
        committers: settings.engine.committers,
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .context("the engine could not start: is the database migrated?")
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

fn gateway_config(settings: &Settings) -> anyhow::Result<GatewayConfig> {
    let jwks = match (&settings.auth.jwks_file, &settings.auth.jwks_url) {
        (Some(file), None) => JwksSource::Inline(
            std::fs::read_to_string(file)
                .with_context(|| format!("auth.jwks_file {} cannot be read", file.display()))?,
        ),
        (None, Some(url)) => JwksSource::Url(url.clone()),
        _ => anyhow::bail!("set exactly one of auth.jwks_file and auth.jwks_url"),
    };
    let tls = match (
        &settings.gateway.tls_certificates,
        &settings.gateway.tls_key,
    ) {
        (Some(certificates), Some(key)) => Some(TlsPaths {
            certificates: certificates.clone(),
            key: key.clone(),
        }),
        (None, None) => None,
        _ => anyhow::bail!("set both gateway.tls_certificates and gateway.tls_key, or neither"),
    };
    let rails = settings.open_rails()?;
    let mut rail_doors = BTreeMap::new();
    for (id, rail) in rails.iter() {
        let keys = settings.channels.get(id).map(|keys| key_ring(id, keys));
        let door = RailDoor {
            rail: Arc::clone(rail),
            keys: keys.transpose()?,
        };
        rail_doors.insert(id.clone(), door);
    }
    let webhooks = settings.webhooks.as_ref().map(|webhooks| {
        let vault = webhooks.vault()?;
        anyhow::Ok(WebhookConfig {
            vault,
            guard: webhooks.guard(),
        })
    });
    Ok(GatewayConfig {
        listen: settings.gateway.listen,
        tls,
        auth: AuthConfig {
            issuer: settings.auth.issuer.clone(),
            audience: settings.auth.audience.clone(),
            jwks,
        },
        rail_doors,
        return_origins: settings
            .gateway
            .return_origins
            .iter()
            .chain(&settings.portal.public_url)
            .cloned()
            .collect(),
        reflection: settings.gateway.reflection,
        allowed_origins: settings.gateway.allowed_origins.clone(),
        webhooks: webhooks.transpose()?,
        limits: Limits::default(),
    })
}

fn key_ring(
    rail: &RailId,
    keys: &BTreeMap<String, Vec<std::path::PathBuf>>,
) -> anyhow::Result<Arc<ArcSwap<KeyRing>>> {
    let mut ring = Vec::new();
    for (id, files) in keys {
        ring.push((id.clone(), secrets(rail, id, files)?));
    }
    let ring = KeyRing::new(ring).with_context(|| format!("channels.{rail}"))?;
    Ok(Arc::new(ArcSwap::from_pointee(ring)))
}

fn secrets(
    rail: &RailId,
    id: &str,
    files: &[std::path::PathBuf],
) -> anyhow::Result<Vec<SecretSlice<u8>>> {
    let mut secrets = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("secret of channels.{rail}.{id}: {}", file.display()))?;
        secrets.push(SecretSlice::from(text.trim_end().as_bytes().to_vec()));
    }
    Ok(secrets)
}

fn portal_config(settings: &Settings, gateway: Option<SocketAddr>) -> anyhow::Result<PortalConfig> {
    let portal = &settings.portal;
    let gateway_url = match (portal.gateway_url.as_str(), gateway) {
        ("", Some(address)) => format!("http://{address}"),
        ("", None) => anyhow::bail!("portal.gateway_url is not set, and no gateway runs here"),
        (url, _) => url.to_owned(),
    };
    let token = portal
        .token_file
        .clone()
        .context("portal.token_file is not set")?;
    let link_key = match &portal.link_key_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .with_context(|| format!("portal.link_key_file {} cannot be read", file.display()))?
                .into(),
        ),
        None => None,
    };
    let gateway_tls = portal.gateway_authority.clone();
    Ok(PortalConfig {
        link_key,
        gateway_tls: gateway_tls.map(|authority| GatewayTls {
            authority,
            identity: None,
        }),
        bank_app_url: portal.bank_app_url.clone(),
        wallet_app_url: portal.wallet_app_url.clone(),
        device_wallet_url: portal.device_wallet_url.clone(),
        public_url: portal.public_url.clone(),
        client_address_header: portal
            .client_address_header
            .as_deref()
            .map(str::parse)
            .transpose()
            .context("portal.client_address_header")?,
        ..PortalConfig::new(portal.listen, gateway_url, TokenSource::File(token))
    })
}
