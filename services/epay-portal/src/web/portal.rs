//! The state that all pages share.

use std::sync::Arc;

use epay_iamsmart_client::IamSmart;
use http::HeaderName;
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;
use crate::pages::LIVE_STREAMS_MAX;
use crate::seal::{SealError, Sealer};

/// Pages that are made at the same time. A page takes milliseconds; more than this means that the gateway is slow,
/// and then an honest "busy" is better than a queue.
const PAGES_IN_FLIGHT_MAX: usize = 512;

/// Ways to pay with a token of the payer's device.
const DEVICE_METHODS: [&str; 2] = ["apple_pay", "google_pay"];
/// The way to pay whose code bank apps read.
const BANK_CODE_METHOD: &str = "fps_qr";

/// What only a demonstration has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demo<'a> {
    pub(crate) bank_app_url: Option<&'a str>,
    pub(crate) wallet_app_url: Option<&'a str>,
    pub(crate) device_wallet_url: Option<&'a str>,
}

/// Shared by every request.
#[derive(Debug)]
pub(crate) struct Portal {
    pub(crate) gateway: Gateway,
    pub(crate) sealer: Sealer,
    /// Address under which people reach the pages, without a trailing slash.
    pub(crate) public_url: String,
    /// A demonstration's bank app, without a trailing slash.
    pub(crate) bank_app_url: Option<String>,
    /// A demonstration's wallet app, without a trailing slash.
    pub(crate) wallet_app_url: Option<String>,
    /// A demonstration's device wallet, without a trailing slash.
    pub(crate) device_wallet_url: Option<String>,
    /// What the proxy in front calls the address of the visitor, where there is one.
    pub(crate) client_address_header: Option<HeaderName>,
    /// Where people sign in; nobody does where it is unset.
    pub(crate) iam_smart: Option<IamSmart>,
    /// One permit for each page that is being made.
    pub(crate) pages_in_flight: Semaphore,
    /// One permit for each open live stream.
    pub(crate) live_streams: Arc<Semaphore>,
    /// Ends the live streams, so that the server can drain.
    pub(crate) draining: CancellationToken,
}

impl Portal {
    pub(crate) fn new(
        gateway: Gateway,
        link_key: Option<&SecretString>,
        public_url: &str,
        demo: Demo<'_>,
        draining: CancellationToken,
    ) -> Result<Self, SealError> {
        let trimmed = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            gateway,
            sealer: Sealer::new(link_key)?,
            public_url: trimmed(public_url),
            bank_app_url: demo.bank_app_url.map(trimmed),
            wallet_app_url: demo.wallet_app_url.map(trimmed),
            device_wallet_url: demo.device_wallet_url.map(trimmed),
            client_address_header: None,
            iam_smart: None,
            pages_in_flight: Semaphore::new(PAGES_IN_FLIGHT_MAX),
            live_streams: Arc::new(Semaphore::new(LIVE_STREAMS_MAX)),
            draining,
        })
    }

    /// Whether a way to pay can be carried out here. A device's wallet needs a device that speaks with its maker; only
    /// the demonstration's is reached from a page.
    pub(crate) fn carries(&self, method: &str) -> bool {
        self.device_wallet_url.is_some() || !DEVICE_METHODS.contains(&method)
    }

    /// Whether a code of this way to pay is one that bank apps read.
    pub(crate) fn is_bank_code(method: &str) -> bool {
        method == BANK_CODE_METHOD
    }

    /// Whether the pages are served over TLS, so that a cookie can insist on it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// Whether every page says that this is a demonstration.
    pub(crate) const fn is_demo(&self) -> bool {
        self.bank_app_url.is_some()
    }
}
