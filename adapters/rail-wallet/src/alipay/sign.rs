//! AlipayHK's proof: RSA with SHA-256 over `POST <path>`, a line feed, and `<Client-Id>.<time>.<body>`; both ways.

use epay_rail::{
    Acknowledgement, Ask, Door, Genuine, NotGenuine, OrderKind, Question, Refusal, Unverified,
};
use jiff::Timestamp;

use super::config::Account;
use crate::keys::digest;
use crate::reading::{escaped, fresh, header, path_of, unescaped};

/// What AlipayHK must be answered to count a notice as delivered.
const ACKNOWLEDGED: Acknowledgement = Acknowledgement {
    status: 200,
    content_type: "application/json; charset=UTF-8",
    body: r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#,
};

/// The path of the request that an order becomes.
pub(super) fn path(account: &Account, ask: &Ask) -> Option<String> {
    let refund = |question: &Question| {
        matches!(
            question,
            Question::Order {
                kind: OrderKind::Refund,
                ..
            }
        )
    };
    let verb = match ask {
        Ask::Collect => "pay",
        Ask::Query(question) if refund(question) => "inquiryRefund",
        Ask::Query(_) => "inquiryPayment",
        Ask::Close => "cancel",
        Ask::Refund(_) => "refund",
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => return None,
    };
    Some(format!("{}/{verb}", account.path_prefix))
}

fn signed(path: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("POST {path}\n{client_id}.{time}.").into_bytes();
    text.extend_from_slice(body);
    text
}

/// The `Signature` of a request.
pub(super) fn signature(
    account: &Account,
    path: &str,
    time: &str,
    body: &str,
) -> Result<String, Refusal> {
    let text = signed(path, &account.client_id, time, body.as_bytes());
    let signature = escaped(&account.signer.sign(&text)?);
    let version = &account.key_version;
    Ok(format!(
        "algorithm=RSA256,keyVersion={version},signature={signature}"
    ))
}

/// Whether AlipayHK signed an answer or a notice, with the key of the version that it names.
pub(super) fn authenticate(
    account: &Account,
    message: &Unverified<'_>,
) -> Result<Genuine, NotGenuine> {
    let (time_header, path) = match &message.door {
        Door::Notice { target } => ("request-time", path_of(target).to_owned()),
        Door::Reply { order, .. } => {
            let path = path(account, &order.ask).ok_or(NotGenuine::NoDoor)?;
            ("response-time", path)
        }
    };
    let time = header(message, time_header)?;
    let client_id = header(message, "client-id")?;
    if client_id != account.client_id {
        return Err(NotGenuine::UnknownKey);
    }
    let (version, signature) =
        parts(header(message, "signature")?).ok_or(NotGenuine::Malformed { name: "signature" })?;
    let text = signed(&path, client_id, time, message.body);
    account.alipay.verify(version, &text, &signature)?;
    fresh(moment(time_header, time)?, message.received_at)?;
    let message_id = match message.door {
        Door::Reply { order, .. } => order.header.key.clone(),
        // A repeat has another time and the same body.
        Door::Notice { .. } => hex::encode(digest(message.body)),
    };
    Ok(Genuine {
        message_id,
        key_id: version.to_owned(),
        acknowledgement: ACKNOWLEDGED,
    })
}

/// Key version and signature of `algorithm=RSA256,keyVersion=1,signature=…`; nothing when a part is missing, there twice
/// or another.
fn parts(text: &str) -> Option<(&str, String)> {
    let (mut algorithm, mut version, mut signature) = (None, None, None);
    for part in text.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let place = match name {
            "algorithm" => &mut algorithm,
            "keyVersion" => &mut version,
            "signature" => &mut signature,
            _ => return None,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    (algorithm? == "RSA256").then_some(())?;
    Some((version?, unescaped(signature?)?))
}

/// A moment with its offset, or in milliseconds since 1970: both are seen.
fn moment(name: &'static str, text: &str) -> Result<Timestamp, NotGenuine> {
    let malformed = NotGenuine::Malformed { name };
    if text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let millis = text.parse().map_err(|_number| malformed.clone())?;
        return Timestamp::from_millisecond(millis).map_err(|_range| malformed);
    }
    text.parse().map_err(|_shape| malformed)
}
