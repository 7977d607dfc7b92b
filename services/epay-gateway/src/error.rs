//! Why the gateway does not start, or stopped.

use std::net::SocketAddr;
use std::path::PathBuf;

pub use crate::auth::jwks::KeysError;

/// Why the gateway does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address cannot be listened on.
    #[error("the gateway cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("the certificate cannot be used")]
    Tls(#[source] TlsError),
    /// The keys that sign tokens cannot be used.
    #[error("the key set that signs tokens cannot be used")]
    Keys(#[source] KeysError),
    /// Reflection cannot be built from the descriptor set; a fault of the build.
    #[error("reflection cannot be built")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The OpenAPI document cannot be read; a fault of the build.
    #[error("the OpenAPI document cannot be put together")]
    Docs(#[source] serde_json::Error),
    /// An allowed origin is not a header value.
    #[error("the allowed origin {0:?} is not an origin such as https://portal.example")]
    Origin(String),
    /// The server broke while running.
    #[error("the gateway stopped")]
    Serve(#[source] std::io::Error),
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{path} cannot be read")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: rustls_pki_types::pem::Error,
    },
    /// The file with certificates has none.
    #[error("{0} holds no certificate")]
    NoCertificate(PathBuf),
    /// The certificate and the key do not go together, or are of an unknown kind.
    #[error("the certificate and the key do not go together")]
    Pair(#[source] rustls::Error),
}
