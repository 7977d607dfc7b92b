//! The client that calls receivers: it connects to addresses that the guard has judged, and to no others.
//!
//! The guard's resolver is the client's only one, so the address that was judged is the address that is called: a name
//! that changes its mind between two questions is asked one question only. Literal addresses never reach a resolver; they
//! are judged with their URL, before each call. Redirects are not followed, and no proxy stands in between, which would
//! resolve names itself.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use epay_webhook::Guard;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::CALL_TIMEOUT;
use crate::WorkerError;

/// A connection that is not there after so long is not made.
const CONNECT: Duration = Duration::from_secs(5);
/// An idle connection is kept for the next call for so long.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections that are kept to one receiver.
const IDLE_MAX: usize = epay_webhook::AT_ONCE_MAX;

/// The addresses of a name, later.
pub type LookupFuture = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub trait Lookup: Send + Sync + std::fmt::Debug + 'static {
    /// The addresses of a name at this moment.
    fn lookup(&self, name: String) -> LookupFuture;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> LookupFuture {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

#[derive(Debug)]
struct Guarded {
    guard: Guard,
    lookup: Arc<dyn Lookup>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str().to_owned());
        let guard = self.guard.clone();
        Box::pin(async move {
            let addresses = found.await?;
            guard.judge(&addresses)?;
            let addresses: Addrs = Box::new(
                addresses
                    .into_iter()
                    // The client puts the URL's port in place of the zero.
                    .map(|address| SocketAddr::new(address, 0)),
            );
            Ok(addresses)
        })
    }
}

/// A client for receivers.
pub(super) fn client(
    guard: &Guard,
    lookup: Arc<dyn Lookup>,
) -> Result<reqwest::Client, WorkerError> {
    let resolver = Guarded {
        guard: guard.clone(),
        lookup,
    };
    reqwest::Client::builder()
        .dns_resolver(Arc::new(resolver))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_MAX)
        .user_agent(concat!("epay-webhooks/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(WorkerError::broken)
}
