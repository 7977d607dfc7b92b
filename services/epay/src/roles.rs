//! The roles of a process, started in order and stopped in the other order.
//!
//! Engine first, then worker, gateway and portal. At the end the doors close first (portal, gateway), the
//! worker lets its jobs end, and the engine drains what is queued.

mod engine;
mod gateway;
mod portal;
mod worker;

pub(crate) use engine::start_engine;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, ensure};
use epay_engine::Engine;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::gateway::gateway_config;
use self::portal::portal_config;
use crate::settings::Settings;
use crate::shutdown;

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
        "gateway": running.gateway.map(|address| settings.gateway.url(address)),
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
        running.spawn("holidays and kinds of bill", |stop| {
            let engine = engine.clone();
            async move {
                tokio::join!(
                    engine.follow_holidays(stop.clone()),
                    engine.follow_catalogue(stop)
                );
                Ok(())
            }
        });
        if roles.contains(&Role::Worker) {
            running.work(settings, &config, &engine)?;
        } else {
            running.spawn("outbox", |stop| {
                let (config, engine) = (config.clone(), engine.clone());
                async move {
                    epay_worker::announce_outbox(config, engine, stop).await;
                    Ok(())
                }
            });
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
    pub(crate) fn spawn<F>(&mut self, name: &'static str, role: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let task = tokio::spawn(role(stop.clone()));
        self.doors.push((name, stop, task));
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
