//! Kinds of bill, which are data: a process reads them when it starts, and looks every [`LOOK_EVERY`] whether somebody changed them.
//!
//! A batch is decided by the kinds that there were when it began. A kind is never removed, so what was decided by an older one can
//! still be read.

use std::sync::Arc;
use std::time::Duration;

use epay_domain::BillType;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::catalogue::Catalogue;
use crate::{Engine, EngineError};

/// How long a process may not know of a kind that was changed elsewhere.
const LOOK_EVERY: Duration = Duration::from_secs(30);

impl Engine {
    /// Reads the kinds of bill again; answers whether they are others than before.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`]; the old ones stay.
    pub async fn reload_catalogue(&self) -> Result<bool, EngineError> {
        let client = self.core.pool.get().await?;
        let kinds = epay_store::bill_types(&client).await?;
        drop(client);
        let known = self.core.catalogue.load();
        if known.kinds().iter().map(Arc::as_ref).eq(&kinds) {
            return Ok(false);
        }
        let changed = |kind: &&BillType| known.kind(&kind.code).is_none_or(|old| **old != **kind);
        let codes: Vec<&str> = kinds
            .iter()
            .filter(changed)
            .map(|kind| kind.code.as_str())
            .collect();
        info!(kinds = codes.join(", "), "Kinds of bill were taken in");
        self.core.catalogue.store(Arc::new(Catalogue::new(kinds)));
        Ok(true)
    }

    /// Looks for kinds of bill that were changed elsewhere, until `stop`. One of it in a process.
    pub async fn follow_catalogue(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.reload_catalogue().await {
                warn!(%error, "Kinds of bill could not be looked for; the next look tries again");
            }
            let slept = stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY));
            if slept.await.is_none() {
                return;
            }
        }
    }
}
