//! The proof of a notice: HMAC-SHA256 over `<id>.<time>.<body>`, as Standard Webhooks has it.

use epay_rail::{Acknowledgement, Genuine, NotGenuine, Unverified};

use super::config::Account;
use crate::reading::{fresh, header, is_name, unix_seconds};

/// While a secret changes, a notice carries a signature of each.
const SIGNATURES_MAX: usize = 4;

/// Whether one of our shared secrets signed a notice.
pub(super) fn authenticate(
    account: &Account,
    message: &Unverified<'_>,
) -> Result<Genuine, NotGenuine> {
    let id = header(message, "webhook-id")?;
    if !is_name(id) || id.contains('.') {
        return Err(NotGenuine::Malformed { name: "webhook-id" });
    }
    let timestamp = header(message, "webhook-timestamp")?;
    let signed_at = unix_seconds("webhook-timestamp", timestamp)?;
    let mut text = format!("{id}.{timestamp}.").into_bytes();
    text.extend_from_slice(message.body);
    let signatures: Vec<&str> = header(message, "webhook-signature")?.split(' ').collect();
    if signatures.len() > SIGNATURES_MAX {
        return Err(NotGenuine::Malformed {
            name: "webhook-signature",
        });
    }
    let given = signatures
        .iter()
        .filter_map(|signature| signature.strip_prefix("v1,"));
    let proved = given
        .flat_map(|given| account.secrets.names().map(move |name| (name, given)))
        .find(|(name, given)| account.secrets.verify(name, &text, given).is_ok());
    let (key_id, _given) = proved.ok_or(NotGenuine::BadSignature)?;
    fresh(signed_at, message.received_at)?;
    Ok(Genuine {
        message_id: id.to_owned(),
        key_id: key_id.to_owned(),
        acknowledgement: Acknowledgement::NO_CONTENT,
    })
}
