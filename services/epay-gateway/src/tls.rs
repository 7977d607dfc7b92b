//! The certificate: read at start, and again whenever its files change.
//!
//! The files are looked at every [`LOOK_INTERVAL`]. A pair that cannot be used is logged and the old one goes on, so
//! that a half-written file never stops the gateway. Open connections keep the certificate they began with.

use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;

use crate::config::TlsPaths;
use crate::error::TlsError;

/// How often the files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(15);

/// A certificate with its key, comparable so that a change is seen.
#[derive(PartialEq)]
struct Pair {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Reads the certificate and keeps it fresh until `shutdown`.
pub(crate) fn open(paths: TlsPaths, shutdown: CancellationToken) -> Result<RustlsConfig, TlsError> {
    let pair = read(&paths)?;
    let config = RustlsConfig::from_config(server_config(&pair)?);
    let reloaded = config.clone();
    tokio::spawn(async move {
        keep_fresh(&paths, pair, &reloaded, &shutdown).await;
    });
    Ok(config)
}

async fn keep_fresh(
    paths: &TlsPaths,
    mut pair: Pair,
    config: &RustlsConfig,
    shutdown: &CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK_INTERVAL);
    while shutdown.run_until_cancelled(look.tick()).await.is_some() {
        match read(paths) {
            Ok(found) if found == pair => {}
            Ok(found) => match server_config(&found) {
                Ok(new) => {
                    config.reload_from_config(new);
                    pair = found;
                    tracing::info!("The certificate changed; new connections use the new one");
                }
                Err(error) => warn(&error),
            },
            Err(error) => warn(&error),
        }
    }
}

fn warn(error: &TlsError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "The certificate's files changed but cannot be used; the old certificate goes on"
    );
}

fn read(paths: &TlsPaths) -> Result<Pair, TlsError> {
    let pem = |path: &std::path::Path| {
        let path = path.to_owned();
        move |cause| TlsError::Pem { path, cause }
    };
    let certificates = CertificateDer::pem_file_iter(&paths.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(pem(&paths.certificates))?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(paths.certificates.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(&paths.key).map_err(pem(&paths.key))?;
    Ok(Pair { certificates, key })
}

fn server_config(pair: &Pair) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(pair.certificates.clone(), pair.key.clone_key())
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
