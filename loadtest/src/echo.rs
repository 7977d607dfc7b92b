//! A plain tonic echo: what gRPC alone does between one server thread and this client. Nothing is decided and nothing is stored; the
//! call is that of the standard health service, as small as a call can be.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Calls under way at once, over so many connections.
const IN_FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;

/// Calls a second.
pub(crate) async fn run(seconds: u32) -> Result<u64> {
    let (ready, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = std::thread::Builder::new().name("echo".to_owned());
    let server = server.spawn(move || serve(ready, stopped))?;
    let address = address.await.context("the echo did not start")?;
    let calls = call(address, Duration::from_secs(seconds.into())).await;
    drop(stop);
    let ended = tokio::task::spawn_blocking(move || server.join()).await?;
    ended.ok().context("the echo ended badly")??;
    Ok(calls?.checked_div(seconds.into()).unwrap_or(0))
}

/// The server, on a thread of its own, as a program of its own would be.
fn serve(ready: oneshot::Sender<SocketAddr>, stopped: oneshot::Receiver<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = incoming.local_addr()?;
        let (_reporter, health) = tonic_health::server::health_reporter();
        ready.send(address).ok().context("nobody calls")?;
        let end = async { drop(stopped.await) };
        let server = Server::builder().add_service(health);
        server.serve_with_incoming_shutdown(incoming, end).await?;
        Ok(())
    })
}

async fn call(address: SocketAddr, length: Duration) -> Result<u64> {
    let mut channels = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
        channels.push(endpoint.connect().await?);
    }
    let end = Instant::now() + length;
    let mut callers = JoinSet::new();
    for channel in channels.iter().cycle().take(IN_FLIGHT).cloned() {
        callers.spawn(async move {
            let mut client = HealthClient::new(channel);
            let mut calls = 0_u64;
            while Instant::now() < end {
                client.check(HealthCheckRequest::default()).await?;
                calls = calls.saturating_add(1);
            }
            anyhow::Ok(calls)
        });
    }
    let mut calls = 0_u64;
    while let Some(made) = callers.join_next().await {
        calls = calls.saturating_add(made??);
    }
    Ok(calls)
}
