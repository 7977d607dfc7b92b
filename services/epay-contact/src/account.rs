//! What a subscription is to: an account of a kind of bill, by a keyed digest of it.

use epay_domain::BillType;
use epay_money::{BillTypeCode, BillerId};

use crate::ContactKeys;
use crate::keys::Tag;

/// Keeps these digests apart from others of the same key.
const ACCOUNT_LABEL: &str = "account";
const IDENTITY_LABEL: &str = "identity";

/// An account as the store finds it: its digest under every key, so that people who were not yet taken over to the newest are found too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountKey(pub(crate) Vec<Tag>);

impl AccountKey {
    /// The digests under which it is kept, that of the newest key first. They say nothing without the key.
    pub fn digests(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|tag| tag.as_slice())
    }
}

impl ContactKeys {
    /// The account that a bill's number names, as its kind says. `number` is as the kind reads it.
    #[must_use]
    pub fn account(&self, kind: &BillType, number: &str) -> AccountKey {
        AccountKey(self.tags(&account_message(
            &kind.biller,
            &kind.code,
            kind.account(number),
        )))
    }
}

/// What is digested of an account.
pub(crate) fn account_message(biller: &BillerId, kind: &BillTypeCode, account: &str) -> Vec<u8> {
    message(&[ACCOUNT_LABEL, biller.as_str(), kind.as_str(), account])
}

/// What is digested of a person at the sign-in service.
pub(crate) fn identity_message(identity: &str) -> Vec<u8> {
    message(&[IDENTITY_LABEL, identity])
}

/// Each part with its length, so that no two run into each other.
fn message(parts: &[&str]) -> Vec<u8> {
    let mut bytes = vec![];
    for part in parts {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
