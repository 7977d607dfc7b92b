//! What a worker does, each part of it a task of its own.

use std::sync::Arc;

use epay_engine::{Engine, SystemClock, V7Ids};
use epay_worker::{Deliverer, DelivererOptions, FeedPusher, SystemLookup, WatchedFolder};

use super::Running;
use crate::settings::{Settings, Statements};
use crate::webhooks::{KEEP_DAYS, days};

impl Running {
    /// What a worker does: jobs, the log, days, webhooks, events, notices to people, files for departments, and a watched folder.
    pub(super) fn work(
        &mut self,
        settings: &Settings,
        config: &tokio_postgres::Config,
        engine: &Engine,
    ) -> anyhow::Result<()> {
        let tells_people = settings.notices.is_some();
        self.spawn("worker", |stop| {
            let (config, engine) = (config.clone(), engine.clone());
            async move { Ok(epay_worker::run(config, engine, tells_people, stop).await?) }
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
        self.notify(settings, config, engine)?;
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
        if let Some(contacts) = crate::contacts::store(settings)? {
            let forms = contacts.clone();
            self.spawn("forms", |stop| async move {
                epay_worker::remove_old_forms(forms, stop).await;
                Ok(())
            });
            let ids = Box::new(V7Ids::default());
            self.spawn("contacts", |stop| async move {
                epay_worker::remove_old_contacts(contacts, ids, stop).await;
                Ok(())
            });
        }
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
}
