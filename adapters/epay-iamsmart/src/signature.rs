//! The headers with which every request is signed: HMAC-SHA256 with the service's secret over what is sent, without separators.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

/// The only method there is.
pub const SIGNATURE_METHOD: &str = "HmacSHA256";

/// What a service is known by.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Its client ID.
    pub client_id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// The headers of a signed request, by the names that they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `clientID`.
    pub client_id: String,
    /// `timestamp`: milliseconds since 1970.
    pub timestamp: String,
    /// `nonce`.
    pub nonce: String,
    /// `signature`: Base64, percent-encoded.
    pub signature: String,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// A header is missing, is there twice, or names another method.
    #[error("the five headers of a signature are not all there")]
    Missing,
    /// It is from somebody else.
    #[error("the client ID is another one")]
    Client,
    /// Its time is no number, or too far from ours.
    #[error("the time of the request is not within the tolerance")]
    Time,
    /// Its signature is not Base64, or not the one of this request.
    #[error("the signature does not fit the request")]
    Signature,
}

impl Signed {
    /// Reads the headers of a request; `header` answers by their names, in lower case.
    ///
    /// # Errors
    /// [`SignatureFault::Missing`].
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Result<Self, SignatureFault> {
        let text = |name: &str| header(name).map(str::to_owned);
        let read = || {
            header("signaturemethod").filter(|method| *method == SIGNATURE_METHOD)?;
            Some(Self {
                client_id: text("clientid")?,
                timestamp: text("timestamp")?,
                nonce: text("nonce")?,
                signature: text("signature")?,
            })
        };
        read().ok_or(SignatureFault::Missing)
    }

    /// Names and values, in the order in which the documentation has them.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 5] {
        [
            ("clientID", &self.client_id),
            ("signatureMethod", SIGNATURE_METHOD),
            ("timestamp", &self.timestamp),
            ("nonce", &self.nonce),
            ("signature", &self.signature),
        ]
    }
}

impl Credentials {
    /// Signs a request whose body is `body`, as it is sent; the empty text where it has none.
    #[must_use]
    pub fn sign(&self, unix_milliseconds: i64, nonce: &str, body: &str) -> Signed {
        let timestamp = unix_milliseconds.to_string();
        let text = self.text(&timestamp, nonce, body);
        let code = STANDARD.encode(hmac::sign(&self.key(), text.as_bytes()));
        Signed {
            client_id: self.client_id.clone(),
            timestamp,
            nonce: nonce.to_owned(),
            signature: form_urlencoded::byte_serialize(code.as_bytes()).collect(),
        }
    }

    /// Whether a request is signed by whoever has these credentials, and now. Comparing takes the same time whatever is wrong; that
    /// nobody sends the same nonce twice within the tolerance is for the caller to see.
    ///
    /// # Errors
    /// The first of [`SignatureFault`] that applies.
    pub fn verify(
        &self,
        signed: &Signed,
        body: &str,
        (now_milliseconds, tolerance_milliseconds): (i64, u64),
    ) -> Result<(), SignatureFault> {
        if signed.client_id != self.client_id {
            return Err(SignatureFault::Client);
        }
        let at: i64 = signed
            .timestamp
            .parse()
            .map_err(|_fault| SignatureFault::Time)?;
        if at.abs_diff(now_milliseconds) > tolerance_milliseconds {
            return Err(SignatureFault::Time);
        }
        let code = form_urlencoded::parse(signed.signature.as_bytes())
            .next()
            .map(|(code, _nothing)| code.into_owned())
            .unwrap_or_default();
        let code = STANDARD
            .decode(code)
            .map_err(|_fault| SignatureFault::Signature)?;
        let text = self.text(&signed.timestamp, &signed.nonce, body);
        hmac::verify(&self.key(), text.as_bytes(), &code)
            .map_err(|_fault| SignatureFault::Signature)
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes())
    }

    fn text(&self, timestamp: &str, nonce: &str, body: &str) -> String {
        format!(
            "{}{SIGNATURE_METHOD}{timestamp}{nonce}{body}",
            self.client_id
        )
    }
}
