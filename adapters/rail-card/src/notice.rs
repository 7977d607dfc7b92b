//! What the acquirer sends of its own accord: notifications, which are hints, and settlement files, which are facts.
//!
//! A notification carries a shared secret in a header and no signature, and its arrival is not assured; so it proves
//! nothing but that it is worth asking. A settlement file comes over the bank channel, whose signature the transport
//! verifies; the door for notifications takes no file.

use epay_rail::{
    Acknowledgement, Decoded, Door, Genuine, Hint, NotGenuine, Profile, Unreadable, UnreadableKind,
    Unverified, is_reference,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::answer;
use crate::settings::Acquirer;
use crate::settlement;

/// The header with the shared secret.
const SECRET: &str = "x-notification-secret";
/// The header with the sender's name for the notification, the same on every repeat.
const ID: &str = "x-notification-id";
/// Longest name of a notification.
const ID_CHARS_MAX: usize = 128;
/// What the acquirer takes for "delivered".
const TAKEN: Acknowledgement = Acknowledgement {
    status: 200,
    content_type: "",
    body: "",
};

/// The part of a notification that is read.
#[derive(Deserialize)]
struct Notification {
    order: OrderName,
}

#[derive(Deserialize)]
struct OrderName {
    id: String,
}

/// Whether a message has one of the configured secrets. All are compared, in constant time.
pub(crate) fn authenticate(
    acquirer: &Acquirer,
    message: &Unverified<'_>,
) -> Result<Genuine, NotGenuine> {
    match message.door {
        Door::Reply { order, .. } => {
            return Ok(Genuine {
                message_id: order.header.key.clone(),
                key_id: "reply".to_owned(),
                acknowledgement: Acknowledgement::NO_CONTENT,
            });
        }
        Door::Notice { .. } => {}
    }
    if !message.headers.iter().any(|(name, _value)| name == SECRET) {
        return Err(NotGenuine::NoDoor);
    }
    let given = message
        .header(SECRET)
        .ok_or(NotGenuine::Missing { name: SECRET })?;
    let given = Sha256::digest(given.as_bytes());
    let mut known = Choice::from(0);
    for secret in &acquirer.notification_secrets {
        let secret = Sha256::digest(secret.expose_secret().as_bytes());
        known |= secret.as_slice().ct_eq(given.as_slice());
    }
    if !bool::from(known) {
        return Err(NotGenuine::BadSignature);
    }
    let id = message.header(ID).ok_or(NotGenuine::Missing { name: ID })?;
    let fits =
        (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        return Err(NotGenuine::Malformed { name: ID });
    }
    if !is_object(message.body) {
        return Err(NotGenuine::Malformed { name: "body" });
    }
    Ok(Genuine {
        message_id: id.to_owned(),
        key_id: "notification".to_owned(),
        acknowledgement: TAKEN,
    })
}

/// What a notice says.
pub(crate) fn decode(profile: &Profile, body: &[u8]) -> Result<Decoded, Unreadable> {
    if !is_object(body) {
        return settlement::decode(profile, body);
    }
    let read: Notification = answer::read(body)?;
    let reference = read.order.id;
    if !is_reference(&reference) {
        // An order that a person made at the acquirer's own desk: nothing of ours to ask about.
        let words = "it speaks of an order that is not named by one of our references";
        return Err(answer::unreadable(UnreadableKind::WrongMessage, words));
    }
    Ok(Decoded {
        hints: vec![Hint { reference }],
        ..Decoded::default()
    })
}

/// Whether a body can be a JSON object, and so cannot be a settlement file.
fn is_object(body: &[u8]) -> bool {
    body.iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|byte| *byte == b'{')
}
