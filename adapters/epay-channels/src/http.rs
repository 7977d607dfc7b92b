//! HTTP as the providers' adapters use it: one call, bounded in time and size, and what is known when it fails.

use core::time::Duration;

use epay_domain::notification::Failure;
use reqwest::{Client, RequestBuilder};

use crate::Sent;

/// A call that is not answered after so long is not waited for.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Most bytes of an answer that are read.
pub const ANSWER_BYTES_MAX: usize = 65_536;
/// A connection that is not there after so long is not made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Most characters of a provider's word for what is wrong.
const CODE_CHARACTERS_MAX: usize = 40;

/// A client. It follows no redirect: a signed request must not go where an answer points.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .user_agent(concat!("epay/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Makes a call. Without a whole answer, the error says what is known of the message: it failed only where certainly not a byte was sent.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, Sent> {
    let mut answer = request.send().await.map_err(|error| {
        if error.is_connect() {
            Sent::failed(Failure::Technical, "no connection could be made")
        } else if error.is_builder() {
            Sent::failed(Failure::Technical, "the request could not be built")
        } else {
            Sent::unknown("no answer came")
        }
    })?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    loop {
        let piece = answer.chunk().await;
        let Some(piece) = piece.map_err(|_fault| Sent::unknown("the answer broke off"))? else {
            return Ok(Answer { status, body });
        };
        if body.len().saturating_add(piece.len()) > ANSWER_BYTES_MAX {
            return Err(Sent::unknown("the answer is too long"));
        }
        body.extend_from_slice(&piece);
    }
}

/// A provider's word for what is wrong, as far as it is one: anything else might quote the message.
pub(crate) fn code(word: &str) -> &str {
    let is_code = (1..=CODE_CHARACTERS_MAX).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    // A word without a letter may be a number.
    let has_letter = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_code && has_letter { word } else { "?" }
}
