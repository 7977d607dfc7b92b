//! The data feed: a form that the gateway posts when a payer has finished. It is a hint and never a fact, because its
//! hash covers eight fields only, and is a digest that anybody who learns the secret can make.

use epay_rail::{
    Acknowledgement, Decoded, Door, Genuine, Hint, NotGenuine, Unreadable, UnreadableKind,
    Unverified, is_reference,
};
use sha2::{Digest as _, Sha256};

use super::form::{Form, FormFault};
use super::settings::Desk;
use crate::fault::unreadable;

/// The fields that the hash covers, in its order.
const SIGNED: [&str; 8] = [
    "src",
    "prc",
    "successcode",
    "Ref",
    "PayRef",
    "Cur",
    "Amt",
    "payerAuth",
];
/// What the gateway takes for "delivered".
const TAKEN: Acknowledgement = Acknowledgement {
    status: 200,
    content_type: "text/plain",
    body: "OK",
};

/// Whether a feed has a hash with one of the configured secrets.
pub(crate) fn authenticate(desk: &Desk, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
    if let Door::Reply { order, .. } = message.door {
        return Ok(Genuine {
            message_id: order.header.key.clone(),
            key_id: "reply".to_owned(),
            acknowledgement: Acknowledgement::NO_CONTENT,
        });
    }
    let form = Form::read(message.body).map_err(|_fault| NotGenuine::Malformed { name: "body" })?;
    let missing = |name: &'static str| NotGenuine::Missing { name };
    let mut signed = [""; SIGNED.len()];
    for (value, name) in signed.iter_mut().zip(SIGNED) {
        *value = form.get(name).ok_or(missing(name))?;
        // A bar inside a field would move the fields of the signed text.
        if value.contains('|') {
            return Err(NotGenuine::Malformed { name });
        }
    }
    let given = form.get("secureHash").ok_or(missing("secureHash"))?;
    let secrets = desk
        .merchants
        .values()
        .flat_map(|merchant| &merchant.secrets);
    if !desk.digest.verify(given, &signed, secrets) {
        return Err(NotGenuine::BadSignature);
    }
    Ok(Genuine {
        message_id: hex::encode(Sha256::digest(signed.join("|"))),
        key_id: "secure-hash".to_owned(),
        acknowledgement: TAKEN,
    })
}

/// The collection that a feed speaks of.
pub(crate) fn decode(body: &[u8]) -> Result<Decoded, Unreadable> {
    let form = Form::read(body).map_err(|fault| {
        let (kind, message) = match fault {
            FormFault::TooLarge => (UnreadableKind::TooLarge, "the form is empty or too large"),
            FormFault::Malformed => (UnreadableKind::Malformed, "it is not a form"),
            FormFault::Duplicate => (UnreadableKind::Forbidden, "a field is there twice"),
        };
        unreadable(kind, "/", message)
    })?;
    let reference = form.get("Ref").filter(|text| is_reference(text));
    let reference = reference.ok_or_else(|| {
        let message = "it speaks of an order that is not named by one of our references";
        unreadable(UnreadableKind::WrongMessage, "Ref", message)
    })?;
    Ok(Decoded {
        hints: vec![Hint {
            reference: reference.to_owned(),
        }],
        ..Decoded::default()
    })
}
