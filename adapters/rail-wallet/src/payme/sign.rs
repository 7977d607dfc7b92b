//! PayMe's proof, as in the HTTP Signatures draft (cavage): HMAC-SHA256 over a list of headers, the body by its digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_rail::{Acknowledgement, Genuine, HttpMethod, NotGenuine, Order, Refusal, Unverified};

use super::config::Account;
use crate::keys::digest;
use crate::reading::{fresh, header};

/// What a request's signature covers, in this order.
const SIGNED: [&str; 8] = [
    "(request-target)",
    "api-version",
    "request-date-time",
    "content-type",
    "digest",
    "accept",
    "trace-id",
    "authorization",
];
/// What a notice's signature must cover at least; without these it proves nothing of body, place or time.
const NEEDED: [&str; 3] = ["(request-target)", "request-date-time", "digest"];
const TARGET: &str = "(request-target)";
/// No list of headers is near it.
const SIGNED_MAX: usize = 16;

/// The `Digest` of a body.
pub(super) fn digest_header(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(digest(body)))
}

/// The `Signature` of a request; every signed header but the target must be among `headers`.
pub(super) fn signature(
    account: &Account,
    method: HttpMethod,
    target: &str,
    headers: &[(&'static str, String)],
) -> Result<String, Refusal> {
    let value = |name: &str| {
        let found = headers.iter().find(|(given, _value)| *given == name);
        found.map(|(_name, value)| value.as_str())
    };
    let not = || Refusal::BadField {
        field: "signature",
        problem: "a header that it covers is missing".to_owned(),
    };
    let text = text(&SIGNED, method.as_str(), target, value).ok_or_else(not)?;
    let signature = account
        .keys
        .sign(&account.key_id, text.as_bytes())
        .ok_or_else(not)?;
    Ok(format!(
        "keyId=\"{}\",algorithm=\"hmac-sha256\",headers=\"{}\",signature=\"{signature}\"",
        account.key_id,
        SIGNED.join(" "),
    ))
}

/// What is signed: one line a header, none at the end.
fn text<'v>(
    names: &[&str],
    method: &str,
    target: &str,
    value: impl Fn(&str) -> Option<&'v str>,
) -> Option<String> {
    let mut lines = Vec::with_capacity(names.len());
    for name in names {
        lines.push(if *name == TARGET {
            format!("{TARGET}: {} {target}", method.to_ascii_lowercase())
        } else {
            format!("{name}: {}", value(name)?)
        });
    }
    Some(lines.join("\n"))
}

/// An answer carries no proof of its own: the transport knows whom it called.
pub(super) fn reply(order: &Order) -> Genuine {
    Genuine {
        message_id: order.header.key.clone(),
        key_id: "reply".to_owned(),
        acknowledgement: Acknowledgement::NO_CONTENT,
    }
}

/// Whether PayMe signed a notice with a key that we share.
pub(super) fn authenticate(
    account: &Account,
    message: &Unverified<'_>,
    target: &str,
) -> Result<Genuine, NotGenuine> {
    let malformed = NotGenuine::Malformed { name: "signature" };
    let parts = Parts::read(header(message, "signature")?).ok_or_else(|| malformed.clone())?;
    let names: Vec<&str> = parts.headers.split(' ').collect();
    let covered = NEEDED.iter().all(|needed| names.contains(needed));
    if parts.algorithm != "hmac-sha256" || !covered || names.len() > SIGNED_MAX {
        return Err(malformed);
    }
    let value = |name: &str| {
        let mut values = message
            .headers
            .iter()
            .filter(|(given, _value)| given == name);
        match (values.next(), values.next()) {
            (Some((_name, value)), None) => Some(value.as_str()),
            _ => None,
        }
    };
    let text =
        text(&names, "POST", target, value).ok_or(NotGenuine::Missing { name: "headers" })?;
    account
        .keys
        .verify(parts.key_id, text.as_bytes(), parts.signature)?;
    if header(message, "digest")? != digest_header(message.body) {
        return Err(NotGenuine::BadSignature);
    }
    let name = "request-date-time";
    let signed_at = header(message, name)?
        .parse()
        .map_err(|_shape| NotGenuine::Malformed { name })?;
    fresh(signed_at, message.received_at)?;
    Ok(Genuine {
        // A repeat has another time and the same body.
        message_id: hex::encode(digest(message.body)),
        key_id: parts.key_id.to_owned(),
        acknowledgement: Acknowledgement {
            status: 200,
            ..Acknowledgement::NO_CONTENT
        },
    })
}

/// The parts of a signature header.
struct Parts<'a> {
    key_id: &'a str,
    algorithm: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// Nothing when a part is missing or there twice. Parts of other names are left alone.
    fn read(text: &'a str) -> Option<Self> {
        let part = |wanted: &str| {
            let mut found = text.split(',').filter_map(|part| {
                let (name, value) = part.trim().split_once('=')?;
                (name == wanted).then_some(value)
            });
            let value = found.next()?;
            let alone = found.next().is_none();
            let inner = value.strip_prefix('"')?.strip_suffix('"')?;
            (alone && !inner.contains('"')).then_some(inner)
        };
        Some(Self {
            key_id: part("keyId")?,
            algorithm: part("algorithm")?,
            headers: part("headers")?,
            signature: part("signature")?,
        })
    }
}
