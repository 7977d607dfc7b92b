//! Puts the doors together on one port, and opens and closes them.
//!
//! One router: gRPC and gRPC-Web (`/epay.v1.…`), JSON over HTTP (`/v1/…`), rail notices, documentation, health. From
//! the outside in, every request passes: request id, trace, CORS, then its own door's panic guard, overload guard,
//! deadline and, where the door asks for it, authentication.
//!
//! Shutdown: readiness and gRPC health turn at once, watchers end, open requests may finish within
//! [`Limits::drain`](crate::Limits), then the port closes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use epay_engine::Engine;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::auth::jwks::Keys;
use crate::auth::token::Verifier;
use crate::config::GatewayConfig;
use crate::error::GatewayError;
use crate::router::{Parts, router};
use crate::service::Watches;
use crate::tls;
use crate::web::docs::Docs;

/// How often an idle HTTP/2 connection is asked whether its other end lives, so that dead watchers go.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long it may take to answer.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a client may take to send its headers.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Most streams of one HTTP/2 connection; the portal has one connection for all citizens.
const STREAMS_MAX: u32 = 4_096;
/// Longest header list, in bytes: a token and little else.
const HEADER_BYTES_MAX: u32 = 32 * 1024;

/// Serves until `shutdown`; `ready` gets the address as soon as the port is open.
///
/// # Errors
/// [`GatewayError`] when the gateway cannot start. A client's mistake never ends it.
pub async fn serve(
    config: GatewayConfig,
    engine: Engine,
    shutdown: CancellationToken,
    ready: oneshot::Sender<SocketAddr>,
) -> Result<(), GatewayError> {
    let keys = Keys::open(&config.auth.jwks).map_err(GatewayError::Keys)?;
    let verifier = Verifier::new(
        keys,
        config.auth.issuer.clone(),
        config.auth.audience.clone(),
    );
    let (health, health_service) = tonic_health::server::health_reporter();
    let parts = Parts {
        verifier: Arc::new(verifier),
        watches: Watches::new(config.limits.watches_max, shutdown.clone()),
        docs: Docs::build().map_err(GatewayError::Docs)?,
        engine: engine.clone(),
        stopping: shutdown.clone(),
        health: health.clone(),
    };
    let app = router(&config, parts, health_service).await?;

    let listener = listen(config.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|cause| GatewayError::Listen {
            address: config.listen,
            cause,
        })?;
    let handle = Handle::new();
    let (watched, stop) = (engine, shutdown.clone());
    let looking = tokio::spawn(async move { watched.look_after_watchers(stop).await });
    let closing = tokio::spawn(close(
        handle.clone(),
        shutdown.clone(),
        health,
        config.limits.drain,
    ));
    tracing::info!(%address, tls = config.tls.is_some(), "The gateway listens");
    // Nobody may be waiting for the address; that is no reason to stop.
    let _nobody_waits = ready.send(address);

    let tls = config
        .tls
        .map(|paths| tls::open(paths, shutdown))
        .transpose()
        .map_err(GatewayError::Tls)?;
    let served = run(listener, tls, handle, app).await;
    closing.abort();
    looking.abort();
    served.map_err(GatewayError::Serve)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| GatewayError::Listen { address, cause })
}

/// Answers are small and many share a connection: none waits until the other end has acknowledged the one before it.
async fn run(
    listener: TcpListener,
    tls: Option<axum_server::tls_rustls::RustlsConfig>,
    handle: Handle<SocketAddr>,
    app: Router,
) -> std::io::Result<()> {
    let listener = listener.into_std()?;
    let service = app.into_make_service();
    match tls {
        Some(tls) => {
            let mut server = axum_server::from_tcp_rustls(listener, tls)?
                .map(|acceptor| acceptor.acceptor(NoDelayAcceptor::new()))
                .handle(handle);
            bound(&mut server);
            server.serve(service).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?
                .acceptor(NoDelayAcceptor::new())
                .handle(handle);
            bound(&mut server);
            server.serve(service).await
        }
    }
}

/// Sets the bounds of both protocols.
fn bound<A>(server: &mut axum_server::Server<SocketAddr, A>) {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEADER_READ_TIMEOUT);
    builder
        .http2()
        .keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX);
}

/// Waits for the shutdown, says so, and lets open requests finish.
async fn close(
    handle: Handle<SocketAddr>,
    shutdown: CancellationToken,
    health: tonic_health::server::HealthReporter,
    drain: Duration,
) {
    shutdown.cancelled().await;
    tracing::info!("The gateway stops: open requests may finish");
    crate::router::announce(&health, tonic_health::ServingStatus::NotServing).await;
    handle.graceful_shutdown(Some(drain));
}
