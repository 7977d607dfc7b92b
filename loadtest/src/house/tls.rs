//! A certificate for the gateway under load, made for the run and believed by its callers alone.

use std::path::Path;

use anyhow::Result;
use rcgen::{CertificateParams, KeyPair};
use tonic::transport::{Certificate, ClientTlsConfig};

/// The gateway's files in the house's folder.
pub(super) const CERTIFICATE: &str = "gateway.pem";
pub(super) const KEY: &str = "gateway.key";

/// What callers believe.
#[derive(Debug)]
pub(super) struct Authority {
    pem: String,
}

impl Authority {
    /// Makes a key and a certificate for this machine's loopback address, and leaves them for the gateway.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let key = KeyPair::generate()?;
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names)?.self_signed(&key)?;
        std::fs::write(folder.join(CERTIFICATE), certificate.pem())?;
        std::fs::write(folder.join(KEY), key.serialize_pem())?;
        Ok(Self {
            pem: certificate.pem(),
        })
    }

    pub(super) fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.pem))
    }
}
