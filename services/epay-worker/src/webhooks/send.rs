//! One call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use epay_store::webhook::Claimed;
use epay_webhook::{Attempted, EVENT_MEDIA_TYPE, Guard, SigningKey, signature_header};
use jiff::Timestamp;

use super::{ANSWER_BYTES_MAX, ANSWER_CHARACTERS_MAX};

/// What is sent, where, and what signs it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) claimed: Claimed,
    pub(super) url: String,
    pub(super) keys: Arc<Vec<SigningKey>>,
}

/// How a call ended.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) claimed: Claimed,
    pub(super) attempted: Attempted,
    pub(super) status: Option<u16>,
    pub(super) problem: Option<String>,
    pub(super) took: Duration,
    pub(super) response: String,
}

/// Sends one event. Whatever happens is an outcome.
pub(super) async fn send(
    client: reqwest::Client,
    guard: Arc<Guard>,
    call: Call,
    now: Timestamp,
) -> Sent {
    let started = Instant::now();
    let answered = post(&client, &guard, &call, now).await;
    let took = started.elapsed();
    let (attempted, status, problem, response) = match answered {
        Ok((status, response)) => {
            let attempted = if (200..300).contains(&status) {
                Attempted::Taken
            } else {
                Attempted::Failed
            };
            (attempted, Some(status), None, response)
        }
        Err(problem) => (Attempted::Failed, None, Some(problem), String::new()),
    };
    Sent {
        claimed: call.claimed,
        attempted,
        status,
        problem,
        took,
        response,
    }
}

async fn post(
    client: &reqwest::Client,
    guard: &Guard,
    call: &Call,
    now: Timestamp,
) -> Result<(u16, String), String> {
    // Judged again: the rules may have changed since it was registered.
    let url = guard
        .read_url(&call.url)
        .map_err(|fault| format!("the URL {fault}"))?;
    if call.keys.is_empty() {
        return Err("no key signs for this receiver".to_owned());
    }
    let at = now.as_second();
    let Claimed { event, body, .. } = &call.claimed;
    let signature = signature_header(call.keys.iter(), event, at, body);
    let answer = client
        .post(url)
        .header("content-type", EVENT_MEDIA_TYPE)
        .header("webhook-id", event)
        .header("webhook-timestamp", at)
        .header("webhook-signature", signature)
        .body(body.clone())
        .send()
        .await
        .map_err(|error| words(&error))?;
    let status = answer.status().as_u16();
    // The status decides. An answer that breaks off after it changes nothing.
    let response = beginning(answer).await;
    Ok((status, response))
}

/// The beginning of an answer as text, without control characters: it is shown to people.
async fn beginning(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    String::from_utf8_lossy(&bytes)
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .take(ANSWER_CHARACTERS_MAX)
        .collect()
}

/// An error with its causes, without the URL: the receiver's owner knows it, and the log need not.
fn words(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        "no connection could be made".to_owned()
    } else {
        "the call broke off".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text.chars().take(ANSWER_CHARACTERS_MAX).collect()
}
