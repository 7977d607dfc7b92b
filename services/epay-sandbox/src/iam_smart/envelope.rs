//! The frame of every request and answer: a signature in the headers, content that is sealed, and a code.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::menu::{KEY_EXPIRED, RAIL};
use super::sign_in::escaped;
use super::{IamSmart, SECRET, keys};
use crate::books::BooksError;
use crate::frame::Header;

/// How far a request's time may lie from ours, in milliseconds.
const TIME_MILLIS_MAX: u64 = 300_000;
/// The only method there is.
const METHOD: &str = "HmacSHA256";
/// Bytes of a nonce.
const NONCE_BYTES: usize = 12;

/// Answers with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Success,
    Signature,
    KeyMissing,
    Unreadable,
    /// The code or token is not good, or the person is not known. Ours: what is sent for it is not public.
    NotGood,
    /// Another push message has this name. Ours.
    NameReused,
    /// The person wants no push messages of this service. Ours.
    SwitchedOff,
}

impl Code {
    const fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Success => ("D00000", "success"),
            Self::Signature => ("D20006", "the signature could not be verified"),
            Self::KeyMissing => ("D30002", "there is no content key, or it has expired"),
            Self::Unreadable => ("D30004", "the content could not be read"),
            Self::NotGood => ("D50001", "not known here, or no longer good"),
            Self::NameReused => ("D50002", "another message has this businessID"),
            Self::SwitchedOff => ("D50003", "the person has switched these messages off"),
        }
    }
}

/// An answer with content as it stands.
pub(super) fn plain(code: Code, content: Value) -> Response {
    let (code, message) = code.word();
    let transaction = Uuid::new_v4().simple().to_string();
    Json(json!({ "txID": transaction, "code": code, "message": message, "content": content }))
        .into_response()
}

/// A request whose sender and content are known.
pub(super) struct Opened<T> {
    pub(super) asked: T,
    key: [u8; 32],
}

impl<T> Opened<T> {
    /// The answer, sealed with the key of the request.
    pub(super) fn answer(&self, content: &impl Serialize) -> Response {
        let sealed = serde_json::to_vec(content)
            .ok()
            .and_then(|text| seal(&self.key, &text));
        match sealed {
            Some(sealed) => plain(Code::Success, Value::String(sealed)),
            None => plain(Code::Unreadable, Value::Null),
        }
    }
}

impl IamSmart {
    /// The headers of what is told to the service, signed as its own requests are. Nothing where there is no secret.
    pub(super) fn signed(&self, unix_ms: i64, body: &str) -> Option<Vec<Header>> {
        let secret = self.frame.secrets.read(SECRET)?;
        let mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret.expose_secret().as_bytes());
        let (client, nonce) = (&self.settings.client_id, Uuid::new_v4().simple());
        let text = format!("{client}{METHOD}{unix_ms}{nonce}{body}");
        let code = mac.ok()?.chain_update(text.as_bytes()).finalize();
        let headers = [
            ("clientid", client.clone()),
            ("signaturemethod", METHOD.to_owned()),
            ("timestamp", unix_ms.to_string()),
            ("nonce", nonce.to_string()),
            ("signature", escaped(&STANDARD.encode(code.into_bytes()))),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        Some(headers.to_vec())
    }

    /// Whether a request is the service's, and of now.
    pub(super) fn is_signed(&self, headers: &HeaderMap, body: &str) -> bool {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let signed = || {
            let client = header("clientid").filter(|id| *id == self.settings.client_id)?;
            let method = header("signaturemethod").filter(|method| *method == METHOD)?;
            let (at, nonce) = (header("timestamp")?, header("nonce")?);
            // Real requests carry the machine's time, whatever the sandbox's clock says.
            let age = at
                .parse::<i64>()
                .ok()?
                .abs_diff(Timestamp::now().as_millisecond());
            if age > TIME_MILLIS_MAX {
                return None;
            }
            let given = STANDARD.decode(unescaped(header("signature")?)).ok()?;
            let secret = self.frame.secrets.read(SECRET)?;
            let mac =
                <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret.expose_secret().as_bytes());
            let text = format!("{client}{method}{at}{nonce}{body}");
            mac.ok()?
                .chain_update(text.as_bytes())
                .verify_slice(&given)
                .ok()
        };
        signed().is_some()
    }

    /// Verifies and opens a sealed request; else the answer that says why not.
    pub(super) async fn opened<T: DeserializeOwned>(
        &self,
        headers: &HeaderMap,
        body: &str,
    ) -> Result<Result<Opened<T>, Response>, BooksError> {
        let refused = |code| Ok(Err(plain(code, Value::Null)));
        if !self.is_signed(headers, body) {
            return refused(Code::Signature);
        }
        let faults = self.frame.faults.take(RAIL, &[KEY_EXPIRED], &[]).await?;
        if faults.on(&KEY_EXPIRED).is_some() {
            keys::expire_all(&self.frame.client().await?, self).await?;
        }
        let Some(key) = keys::current(&self.frame.client().await?, self).await? else {
            return refused(Code::KeyMissing);
        };
        let content = serde_json::from_str::<Value>(body)
            .ok()
            .and_then(|body| Some(body.get("content")?.as_str()?.to_owned()));
        let asked = content
            .and_then(|content| unseal(&key, &content))
            .and_then(|text| serde_json::from_slice(&text).ok());
        match asked {
            Some(asked) => Ok(Ok(Opened { asked, key })),
            None => refused(Code::Unreadable),
        }
    }
}

/// A signature's Base64 as it was before it was made fit for an address.
fn unescaped(signature: &str) -> String {
    [
        ("%2B", "+"),
        ("%2b", "+"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%3D", "="),
        ("%3d", "="),
    ]
    .into_iter()
    .fold(signature.to_owned(), |text, (from, to)| {
        text.replace(from, to)
    })
}

/// The nonce's length in four bytes, the nonce, what is sealed and its tag; in Base64.
pub(super) fn seal(key: &[u8; 32], text: &[u8]) -> Option<String> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let sealed = cipher.encrypt(&Nonce::from(nonce), text).ok()?;
    let mut bytes = vec![0, 0, 0, 12];
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    Some(STANDARD.encode(bytes))
}

fn unseal(key: &[u8; 32], content: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(content).ok()?;
    let rest = bytes.strip_prefix(&[0, 0, 0, 12])?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher.decrypt(&Nonce::from(*nonce), sealed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_alone() {
        let sealed = seal(&[1; 32], b"words").unwrap();
        assert_eq!(unseal(&[1; 32], &sealed).as_deref(), Some(&b"words"[..]));
        assert_eq!(unseal(&[2; 32], &sealed), None);
        for nonsense in ["", "AAAA", "!", "AAAADAABAgM="] {
            assert_eq!(unseal(&[1; 32], nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_published_vector_opens() {
        let key: [u8; 32] = core::array::from_fn(|place| u8::try_from(place).unwrap());
        let content = "AAAADAABAgMEBQYHCAkKCzwgtXShgOAhryD16JPFWgrxt+lApAIvGRpdx+RoHWjdc3nUnduoffYrxxCJ7aVVYia7oHXt3O0qX8X3gawVHw==";
        let text = unseal(&key, content).unwrap();
        assert_eq!(text, br#"{"code":"abc","grantType":"authorization_code"}"#);
    }
}
