//! The kinds of bill, kept for a short while: every page names one, and they change with a release.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::RwLock;

use crate::view::BillKind;

/// How long an answer is used before the gateway is asked again.
const KEPT: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub(super) struct Kinds {
    held: RwLock<Option<(Instant, Arc<Vec<BillKind>>)>>,
}

impl Kinds {
    pub(super) async fn fresh(&self) -> Option<Arc<Vec<BillKind>>> {
        let held = self.held.read().await;
        let (asked_at, kinds) = held.as_ref()?;
        (asked_at.elapsed() < KEPT).then(|| Arc::clone(kinds))
    }

    pub(super) async fn keep(&self, kinds: Vec<BillKind>) -> Arc<Vec<BillKind>> {
        let kinds = Arc::new(kinds);
        *self.held.write().await = Some((Instant::now(), Arc::clone(&kinds)));
        kinds
    }
}
