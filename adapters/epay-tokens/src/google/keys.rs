//! The recipient's private keys, for those who open tokens themselves.

use core::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::SetupError;
use crate::encoding::base64;

/// A P-256 private key. Several may be in use during a yearly change.
pub struct GoogleKey(PrivateKey);

impl fmt::Debug for GoogleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GoogleKey(hidden)")
    }
}

impl GoogleKey {
    /// A key as PKCS#8 in base64, which is how Google's tools give it.
    ///
    /// # Errors
    /// [`SetupError::BadPrivateKey`].
    pub fn from_pkcs8_base64(text: &str) -> Result<Self, SetupError> {
        let der = base64(text.trim()).map(zeroize::Zeroizing::new);
        der.and_then(|der| Self::from_der(&der)).ok_or(BAD)
    }

    /// A key in PEM (PKCS#8 or SEC1).
    ///
    /// # Errors
    /// [`SetupError::BadPrivateKey`].
    pub fn from_pem(text: &str) -> Result<Self, SetupError> {
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).ok();
        key.and_then(|key| Self::from_der(key.secret_der()))
            .ok_or(BAD)
    }

    /// The public half, as a website tells it to Google: the uncompressed point in base64.
    ///
    /// # Errors
    /// [`SetupError::BadPrivateKey`] for a key without one.
    pub fn public_key(&self) -> Result<String, SetupError> {
        let point = self.0.compute_public_key().map_err(|_fault| BAD)?;
        Ok(STANDARD.encode(point.as_ref()))
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        PrivateKey::from_private_key_der(&ECDH_P256, der)
            .ok()
            .map(Self)
    }

    pub(super) const fn private(&self) -> &PrivateKey {
        &self.0
    }
}

const BAD: SetupError = SetupError::BadPrivateKey("it is an EC key on P-256");
