//! One call: sealed, signed, sent, answered.

use core::fmt;
use core::time::Duration;

use aws_lc_rs::rand;
use epay_iamsmart::{
    Answer, BODY_BYTES_MAX, Code, ContentKey, Credentials, FormAnswer, FormRequest, NONCE_BYTES,
    PushAnswer, PushMessage, Sealed, TokenAnswer, TokenRequest,
};
use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

use crate::key::{Held, KeyAnswer, PrivateKey};
use crate::{CallFault, OpenFault};

/// A call that is not answered after so long is not waited for.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// A call whose content key is not there after so long is not made, however many wait for the key.
pub const KEY_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection that is not there after so long is not made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Most characters of a code that is repeated in a fault.
const CODE_CHARACTERS_MAX: usize = 12;
const KEY_PATH: &str = "api/v1/security/getKey";
const TOKEN_PATH: &str = "api/v1/auth/getToken";
const FORM_PATH: &str = "api/v1/formFilling/initiateRequest";
/// Where a browser goes with the ticket of a form, below the address.
const FORM_PAGE_PATH: &str = "api/v1/formFilling/getQR";
const PUSH_PATH: &str = "api/v1/push/send";

/// Who we are at iAM Smart, and where it is.
#[derive(Debug, Clone)]
pub struct IamSmartOptions {
    /// The address below which its paths lie.
    pub url: Url,
    /// The service's id.
    pub client_id: String,
    /// The service's secret.
    pub secret: SecretString,
    /// The RSA key whose public half iAM Smart knows: PKCS #8, PEM.
    pub private_key: SecretString,
}

/// iAM Smart, as one service knows it.
pub struct IamSmart {
    http: Client,
    url: Url,
    credentials: Credentials,
    private_key: PrivateKey,
    /// Held while a key is fetched, so that it is fetched once however many wait for it.
    key: Mutex<Option<Held>>,
}

impl fmt::Debug for IamSmart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IamSmart")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

impl IamSmart {
    /// A client. No call is made yet.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn new(options: &IamSmartOptions) -> Result<Self, OpenFault> {
        let mut url = options.url.clone();
        if url.cannot_be_a_base() {
            return Err(OpenFault::Address);
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", options.url.path()));
        }
        Ok(Self {
            // It follows no redirect: a signed request must not go where an answer points.
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(CALL_TIMEOUT)
                .build()?,
            url,
            credentials: Credentials {
                client_id: options.client_id.clone(),
                secret: options.secret.clone(),
            },
            private_key: PrivateKey::from_pem(&options.private_key)?,
            key: Mutex::new(None),
        })
    }

    /// Where it is.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The service's id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    /// Exchanges the code of a return for a token. A code is good once: without an answer the person must sign in anew.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn token(&self, code: &str) -> Result<TokenAnswer, CallFault> {
        self.call(TOKEN_PATH, &TokenRequest::new(code)).await
    }

    /// Asks a person for what a form needs; what comes of it is told to the service's callback. The same name again is the same request.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn fill(&self, request: &FormRequest) -> Result<FormAnswer, CallFault> {
        request
            .check()
            .map_err(|_fault| CallFault::NotSent("the request has no name, or asks for nothing"))?;
        self.call(FORM_PATH, request).await
    }

    /// Where a browser goes so that its person is asked.
    #[must_use]
    pub fn form_address(&self, ticket: &str) -> Option<Url> {
        let mut address = self.url.join(FORM_PAGE_PATH).ok()?;
        address.query_pairs_mut().append_pair("ticketID", ticket);
        Some(address)
    }

    /// Hands over a message to a person. The same name again is the same message: what is unknown may be sent again.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn push(&self, message: &PushMessage<'_>) -> Result<PushAnswer, CallFault> {
        self.call(PUSH_PATH, message).await
    }

    /// Sends a sealed request below the address and opens what is answered.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn call<A: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
    ) -> Result<A, CallFault> {
        let unwritten = |_fault| CallFault::NotSent("the request cannot be written down");
        let text = serde_json::to_string(request).map_err(unwritten)?;
        let key = self.key_in_time(None).await?;
        match self.try_call(path, &text, &key).await {
            Err(CallFault::Refused {
                code: Code::ContentKeyExpired,
                ..
            }) => {
                let key = self.key_in_time(Some(&key)).await?;
                self.try_call(path, &text, &key).await
            }
            answered => answered,
        }
    }

    async fn try_call<A: DeserializeOwned>(
        &self,
        path: &str,
        text: &str,
        held: &Held,
    ) -> Result<A, CallFault> {
        let unsealed = |_fault| CallFault::NotSent("the request cannot be sealed");
        let sealed = held.key.seal(nonce()?, text).map_err(unsealed)?;
        let body = serde_json::to_string(&sealed)
            .map_err(|_fault| CallFault::NotSent("the request cannot be written down"))?;
        let answer = self.post(path, body).await?;
        opened(&held.key, answer.content)
    }

    /// The content key, soon. Without one nothing was sent, whatever is known of the call for the key. That our signature was refused is
    /// passed on: it is for us to put right.
    async fn key_in_time(&self, refused: Option<&Held>) -> Result<Held, CallFault> {
        let none = CallFault::NotSent("no content key could be had");
        match tokio::time::timeout(KEY_TIMEOUT, self.key(refused)).await {
            Ok(Ok(held)) => Ok(held),
            Ok(Err(
                fault @ CallFault::Refused {
                    code: Code::SignatureRefused,
                    ..
                },
            )) => Err(fault),
            Ok(Err(_)) | Err(_) => Err(none),
        }
    }

    /// The content key: the one that is held, unless it is over or is the one that was refused.
    async fn key(&self, refused: Option<&Held>) -> Result<Held, CallFault> {
        let mut kept = self.key.lock().await;
        let same = |held: &&Held| refused.is_none_or(|refused| !held.is_same(refused));
        let now = Timestamp::now();
        if let Some(held) = kept.as_ref().filter(|held| held.is_good(now)).filter(same) {
            return Ok(held.clone());
        }
        let answer = self.post(KEY_PATH, String::new()).await?;
        let answer: KeyAnswer = serde_json::from_value(answer.content)
            .map_err(|_fault| CallFault::Unreadable("there is no content key in the answer"))?;
        let held = self.private_key.open(&answer)?;
        *kept = Some(held.clone());
        Ok(held)
    }

    /// Signs and sends; answers the frame of an answer that says success.
    async fn post(&self, path: &str, body: String) -> Result<Answer, CallFault> {
        let address = self
            .url
            .join(path)
            .map_err(|_fault| CallFault::NotSent("the path is none"))?;
        let signed = self.credentials.sign(
            Timestamp::now().as_millisecond(),
            &Uuid::new_v4().simple().to_string(),
            &body,
        );
        let mut request = self.http.post(address);
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let mut answered = request.body(body).send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                CallFault::NotSent("no connection could be made")
            } else {
                CallFault::Unknown("none came in time")
            }
        })?;
        let status = answered.status();
        let mut bytes = Vec::new();
        loop {
            let piece = answered.chunk().await;
            let broken = |_fault| CallFault::Unknown("it broke off");
            let Some(piece) = piece.map_err(broken)? else {
                break;
            };
            if bytes.len().saturating_add(piece.len()) > BODY_BYTES_MAX {
                return Err(CallFault::Unreadable("it is too long"));
            }
            bytes.extend_from_slice(&piece);
        }
        if !status.is_success() {
            return Err(CallFault::Status(status.as_u16()));
        }
        let answer = Answer::read(&bytes)
            .map_err(|_fault| CallFault::Unreadable("it has not the frame of an answer"))?;
        match answer.outcome() {
            Code::Success => Ok(answer),
            code => Err(CallFault::Refused {
                code,
                word: word(&answer.code),
            }),
        }
    }
}

/// What is in an answer: sealed, as a text, or as it stands.
fn opened<A: DeserializeOwned>(
    key: &ContentKey,
    content: serde_json::Value,
) -> Result<A, CallFault> {
    let unreadable = CallFault::Unreadable("its content is not what was asked for");
    let read = match content {
        serde_json::Value::String(content) => {
            let text = key
                .open(&Sealed { content })
                .map_err(|_fault| CallFault::Unreadable("its content cannot be opened"))?;
            serde_json::from_slice(&text)
        }
        content => serde_json::from_value(content),
    };
    read.map_err(|_fault| unreadable)
}

/// A code as far as it is one: anything else might be about a person.
fn word(code: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric();
    if code.len() <= CODE_CHARACTERS_MAX && code.chars().all(plain) {
        code.to_owned()
    } else {
        "?".to_owned()
    }
}

fn nonce() -> Result<[u8; NONCE_BYTES], CallFault> {
    let mut bytes = [0; NONCE_BYTES];
    rand::fill(&mut bytes).map_err(|_fault| CallFault::NotSent("no nonce could be drawn"))?;
    Ok(bytes)
}
