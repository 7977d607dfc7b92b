//! Runs the portal: binds, tells its address, serves until told to stop, drains within a bound.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use epay_iamsmart_client::{IamSmart, OpenFault};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::config::PortalConfig;
use crate::gateway::{Gateway, GatewaySetupError};
use crate::seal::SealError;
use crate::web::{Demo, Portal, router};

/// Longest time that pages under way may take to finish after the portal is told to stop.
const DRAIN_DEADLINE: Duration = Duration::from_secs(15);

/// Why the portal does not run.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The address cannot be bound.
    #[error("the portal cannot listen on {address}")]
    Listen {
        /// Where it should listen.
        address: SocketAddr,
        /// Why it cannot.
        #[source]
        source: std::io::Error,
    },
    /// The connection to the gateway cannot be set up.
    #[error("the connection to the gateway cannot be set up")]
    Gateway(#[from] GatewaySetupError),
    /// Links cannot be sealed.
    #[error("links to bills cannot be sealed")]
    Links(#[from] SealError),
    /// iAM Smart cannot be spoken with.
    #[error("the sign-in with iAM Smart cannot be set up")]
    SignIn(#[from] OpenFault),
    /// The server ended by itself.
    #[error("the portal's server failed")]
    Serve(#[source] std::io::Error),
}

/// Serves the pages until `shutdown` is cancelled, then lets pages under way finish. The address that was bound is
/// sent to `ready` once connections are accepted; nobody has to listen.
///
/// # Errors
/// [`PortalError`], when the portal cannot start or its server fails. A gateway that does not answer is no error:
/// the pages say so.
pub async fn serve(
    config: PortalConfig,
    shutdown: CancellationToken,
    ready: oneshot::Sender<SocketAddr>,
) -> Result<(), PortalError> {
    let listen = |source| PortalError::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let public_url = config
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let mut portal = Portal::new(
        Gateway::new(&config).await?,
        config.link_key.as_ref(),
        &public_url,
        Demo {
            bank_app_url: config.bank_app_url.as_deref(),
            wallet_app_url: config.wallet_app_url.as_deref(),
            device_wallet_url: config.device_wallet_url.as_deref(),
        },
        shutdown.clone(),
    )?;
    portal
        .client_address_header
        .clone_from(&config.client_address_header);
    portal.iam_smart = config.iam_smart.as_ref().map(IamSmart::new).transpose()?;
    tracing::info!(%address, "The portal is open");
    // Whoever started us may not care for the address.
    ready.send(address).unwrap_or_default();
    let pages = router(Arc::new(portal)).into_make_service_with_connect_info::<SocketAddr>();
    let server =
        axum::serve(listener, pages).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let too_late = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN_DEADLINE).await;
    };
    tokio::select! {
        served = server => served.map_err(PortalError::Serve),
        () = too_late => {
            tracing::warn!("The portal closed with pages still under way");
            Ok(())
        }
    }
}
