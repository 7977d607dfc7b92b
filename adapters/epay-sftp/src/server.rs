//! Which server, and who we are there.

use std::fmt;
use std::sync::Arc;

use russh::keys::{PrivateKey, decode_secret_key};
use secrecy::{ExposeSecret as _, SecretString};

use crate::HostKey;

/// What a server is told by.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user that we are there.
    pub user: String,
    /// Our private key, as `ssh-keygen` writes it, without a passphrase.
    pub private_key: SecretString,
    /// The key by which it is known.
    pub host_key: HostKey,
}

/// A text that is no private key that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key is not one of Ed25519 or ECDSA in OpenSSH's form, without a passphrase")]
pub struct BadPrivateKey;

/// A server that can be connected to.
#[derive(Clone)]
pub struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) private_key: Arc<PrivateKey>,
    pub(crate) host_key: HostKey,
}

impl Server {
    /// A server that nobody has connected to yet.
    ///
    /// # Errors
    /// [`BadPrivateKey`].
    pub fn new(options: ServerOptions) -> Result<Self, BadPrivateKey> {
        let key = decode_secret_key(options.private_key.expose_secret(), None)
            .map_err(|_unreadable| BadPrivateKey)?;
        if key.is_encrypted() || key.algorithm().is_rsa() {
            return Err(BadPrivateKey);
        }
        Ok(Self {
            host: options.host,
            port: options.port,
            user: options.user,
            private_key: Arc::new(key),
            host_key: options.host_key,
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("host_key", &self.host_key.to_string())
            .finish_non_exhaustive()
    }
}
