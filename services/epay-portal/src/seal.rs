//! Links that carry a bill's number without showing it.
//!
//! A bill's number identifies a household, so it must not stand in an address, where histories and logs keep it.
//! A link carries it sealed (AES-256-GCM, the purpose as associated data) together with the time it was made.
//! Nothing is kept on the server: whoever has the key reads the link. A link that was altered, is of another
//! purpose, or is older than [`LINK_SECONDS_MAX`] opens nothing.
//!
//! A link by which a payer comes back from a page of a rail is signed instead (HMAC-SHA-256): it hides nothing, and it
//! must be the same text whenever the same payment is asked for, because it is part of what is asked.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How long a link to a bill stays good: a day, for a person who is called away. A payment's link does not end.
const LINK_SECONDS_MAX: i64 = 86_400;
/// Most bills of one payment that is made here. With the longest second factor of each, a link still fits an address.
pub(crate) const BILLS_MAX: usize = 10;
/// Longest sealed text that is opened, in characters.
const LINK_CHARACTERS_MAX: usize = 6 * 1_024;
/// Shortest configured key, in bytes.
const KEY_BYTES_MIN: usize = 32;
/// Longest signed text that is read, in characters.
const SIGNED_CHARACTERS_MAX: usize = 1_024;
/// Random bytes of a nonce that names an intended payment: enough never to meet again.
const INTENT_BYTES: usize = 16;

/// Bytes of a visitor's pseudonym: enough that no two visitors share one.
const PSEUDONYM_BYTES: usize = 16;

/// Why a sealer cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The configured key is too short to be a secret.
    #[error("the link key must have {KEY_BYTES_MIN} bytes or more")]
    KeyTooShort,
    /// The cryptographic library refused.
    #[error("a random key could not be drawn")]
    Library,
}

/// A bill that someone looks at: what is needed to look it up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BillLink {
    /// Code of the bill's kind.
    #[serde(rename = "t")]
    pub(crate) bill_type: String,
    /// The number as typed, cleaned.
    #[serde(rename = "n")]
    pub(crate) number: String,
    /// What was typed beside the number, where the kind asks for something.
    #[serde(rename = "f", default, skip_serializing_if = "String::is_empty")]
    pub(crate) second_factor: String,
}

/// Bills of one kind that someone gathers to pay them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BasketLink {
    /// In the order in which they were added; at most [`BILLS_MAX`].
    #[serde(rename = "b")]
    pub(crate) bills: Vec<BillLink>,
}

/// An amount of a bill that someone is about to pay, in a way that is still to be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AmountLink {
    /// The bill.
    #[serde(rename = "b")]
    pub(crate) bill: BillLink,
    /// More bills that are paid with it, each in full.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) more: Vec<BillLink>,
    /// What to pay, in minor units of the bill's currency.
    #[serde(rename = "a")]
    pub(crate) amount_minor: i64,
}

/// A payment that someone is about to make. Made once when the review page is reached; a reload, a double click
/// and the way back all carry the same `nonce`, and so start the same payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IntentLink {
    /// The bill.
    #[serde(rename = "b")]
    pub(crate) bill: BillLink,
    /// More bills that are paid with it, each in full.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) more: Vec<BillLink>,
    /// What to pay, in minor units of the bill's currency.
    #[serde(rename = "a")]
    pub(crate) amount_minor: i64,
    /// The way that was chosen.
    #[serde(rename = "m")]
    pub(crate) method: String,
    /// Language in which the payer comes back from a page of the rail: first segment of an address.
    #[serde(rename = "l")]
    pub(crate) language: String,
    /// The idempotency key of the payment.
    #[serde(rename = "k")]
    pub(crate) nonce: String,
}

/// What was asked for when a payment was started, so that asking again finds the same payment. Nothing in it is
/// secret; what matters is that nobody but us can make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackLink {
    /// Resource name of the bill.
    #[serde(rename = "b")]
    pub(crate) bill: String,
    /// More bills of the same department that are paid with it, by the ids in their names.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) more: Vec<String>,
    /// The way that was chosen.
    #[serde(rename = "m")]
    pub(crate) method: String,
    /// What to pay, in minor units.
    #[serde(rename = "a")]
    pub(crate) amount_minor: i64,
    /// Its currency's code.
    #[serde(rename = "c")]
    pub(crate) currency: String,
    /// The idempotency key.
    #[serde(rename = "k")]
    pub(crate) key: String,
}

/// Something that is sealed into a link.
pub(crate) trait Sealed: Serialize + DeserializeOwned {
    /// Keeps a link of one purpose from being used for another.
    const PURPOSE: &'static str;
}

impl Sealed for BillLink {
    const PURPOSE: &'static str = "epay-portal bill link v1";
}

impl Sealed for BasketLink {
    const PURPOSE: &'static str = "epay-portal basket link v1";
}

impl Sealed for AmountLink {
    const PURPOSE: &'static str = "epay-portal amount link v1";
}

impl Sealed for IntentLink {
    const PURPOSE: &'static str = "epay-portal intent link v2";
}

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    #[serde(rename = "s")]
    sealed_at: i64,
    #[serde(rename = "v")]
    value: T,
}

/// Seals and opens links, and signs those that hide nothing.
#[derive(Debug)]
pub(crate) struct Sealer {
    key: RandomizedNonceKey,
    signing: hmac::Key,
}

impl Sealer {
    /// A sealer with the configured key, or with one that is drawn now.
    pub(crate) fn new(key: Option<&SecretString>) -> Result<Self, SealError> {
        let bytes: [u8; 32] = match key {
            Some(key) if key.expose_secret().len() < KEY_BYTES_MIN => {
                return Err(SealError::KeyTooShort);
            }
            Some(key) => {
                let digest = digest(&SHA256, key.expose_secret().as_bytes());
                digest
                    .as_ref()
                    .try_into()
                    .map_err(|_never| SealError::Library)?
            }
            None => random_bytes()?,
        };
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_refused| SealError::Library)?;
        let labelled = [b"epay-portal back link v1".as_slice(), &bytes].concat();
        let signing = hmac::Key::new(hmac::HMAC_SHA256, digest(&SHA256, &labelled).as_ref());
        Ok(Self { key, signing })
    }

    /// Signs a way back: the same value is always the same text, which can stand in an address.
    pub(crate) fn sign(&self, link: &BackLink) -> Result<String, SealError> {
        let bytes = serde_json::to_vec(link).map_err(|_never| SealError::Library)?;
        let tag = hmac::sign(&self.signing, &bytes);
        let (body, tag) = (URL_SAFE_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(tag));
        Ok(format!("{body}.{tag}"))
    }

    /// Reads what [`Sealer::sign`] made; `None` when it is not ours, or altered.
    pub(crate) fn verify(&self, text: &str) -> Option<BackLink> {
        if text.len() > SIGNED_CHARACTERS_MAX {
            return None;
        }
        let (body, tag) = text.split_once('.')?;
        let (bytes, tag) = (
            URL_SAFE_NO_PAD.decode(body).ok()?,
            URL_SAFE_NO_PAD.decode(tag).ok()?,
        );
        hmac::verify(&self.signing, &bytes, &tag).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// A word for an address of a visitor: the same for the same one, and telling nothing to whoever has not the key.
    pub(crate) fn pseudonym(&self, address: &str) -> String {
        let labelled = format!("epay-portal visitor v1 {address}");
        let tag = hmac::sign(&self.signing, labelled.as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..PSEUDONYM_BYTES).unwrap_or_default())
    }

    /// Seals a value into text that can stand in an address.
    pub(crate) fn seal<T: Sealed>(&self, value: &T, now: Timestamp) -> Result<String, SealError> {
        let dated = Dated {
            sealed_at: now.as_second(),
            value,
        };
        let mut bytes = serde_json::to_vec(&dated).map_err(|_never| SealError::Library)?;
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(T::PURPOSE), &mut bytes)
            .map_err(|_refused| SealError::Library)?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut bytes);
        Ok(URL_SAFE_NO_PAD.encode(out))
    }

    /// Opens what [`Sealer::seal`] made; `None` when it is not ours, of another purpose, altered or too old.
    pub(crate) fn open<T: Sealed>(&self, link: &str, now: Timestamp) -> Option<T> {
        self.open_within(link, now, LINK_SECONDS_MAX)
    }

    /// The same for what is good for so many seconds.
    pub(crate) fn open_within<T: Sealed>(
        &self,
        link: &str,
        now: Timestamp,
        seconds: i64,
    ) -> Option<T> {
        if link.len() > LINK_CHARACTERS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(link).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(T::PURPOSE), &mut sealed)
            .ok()?;
        let dated: Dated<T> = serde_json::from_slice(plain).ok()?;
        let age = now.as_second().checked_sub(dated.sealed_at)?;
        (age <= seconds).then_some(dated.value)
    }
}

/// A fresh idempotency key.
pub(crate) fn new_intent() -> Result<String, SealError> {
    random_bytes::<INTENT_BYTES>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

fn random_bytes<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|_refused| SealError::Library)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill() -> BillLink {
        BillLink {
            bill_type: "rvd-rates".into(),
            number: "000123456789011".into(),
            second_factor: String::new(),
        }
    }

    fn now() -> Timestamp {
        "2026-01-20T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_opens_for_a_day_and_does_not_show_the_number() {
        let sealer = Sealer::new(None).unwrap();
        let link = sealer.seal(&bill(), now()).unwrap();
        assert!(!link.contains("000123456789011"));
        for (seconds, expected) in [
            (0, true),
            (LINK_SECONDS_MAX, true),
            (LINK_SECONDS_MAX + 1, false),
        ] {
            let later = now() + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(
                sealer.open::<BillLink>(&link, later).is_some(),
                expected,
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_link_that_is_altered_or_foreign_or_of_another_purpose_opens_nothing() {
        let sealer = Sealer::new(None).unwrap();
        let link = sealer.seal(&bill(), now()).unwrap();
        assert_eq!(
            Sealer::new(None).unwrap().open::<BillLink>(&link, now()),
            None
        );
        assert_eq!(sealer.open::<IntentLink>(&link, now()), None);
        let bytes = URL_SAFE_NO_PAD.decode(&link).unwrap();
        for index in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[index] ^= 1;
            let altered = URL_SAFE_NO_PAD.encode(altered);
            assert_eq!(
                sealer.open::<BillLink>(&altered, now()),
                None,
                "byte {index}"
            );
        }
        for nonsense in [
            "",
            "x",
            "AAAA",
            "%%%%",
            &"A".repeat(LINK_CHARACTERS_MAX + 1),
        ] {
            assert_eq!(
                sealer.open::<BillLink>(nonsense, now()),
                None,
                "{nonsense:?}"
            );
        }
    }

    #[test]
    fn a_basket_at_its_bound_opens_again() {
        let sealer = Sealer::new(None).unwrap();
        let longest = BillLink {
            number: "9".repeat(60),
            second_factor: "\u{1}".repeat(60),
            ..bill()
        };
        let basket = BasketLink {
            bills: vec![longest; BILLS_MAX],
        };
        let link = sealer.seal(&basket, now()).unwrap();
        assert_eq!(sealer.open(&link, now()), Some(basket));
    }

    #[test]
    fn portals_with_the_same_key_open_each_others_links() {
        let key = SecretString::from("a secret of at least thirty-two bytes");
        let one = Sealer::new(Some(&key)).unwrap();
        let other = Sealer::new(Some(&key)).unwrap();
        let intent = IntentLink {
            bill: bill(),
            more: vec![],
            amount_minor: 372_000,
            method: "some_method".into(),
            language: "en".into(),
            nonce: new_intent().unwrap(),
        };
        let link = one.seal(&intent, now()).unwrap();
        assert_eq!(other.open(&link, now()), Some(intent));
        assert!(matches!(
            Sealer::new(Some(&SecretString::from("short"))),
            Err(SealError::KeyTooShort)
        ));
    }

    #[test]
    fn a_way_back_is_always_the_same_text_and_nobody_else_can_make_or_change_one() {
        let key = SecretString::from("a secret of at least thirty-two bytes");
        let sealer = Sealer::new(Some(&key)).unwrap();
        let link = BackLink {
            bill: "billers/rvd/bills/1".into(),
            more: vec!["2".into()],
            method: "card".into(),
            amount_minor: 372_000,
            currency: "HKD".into(),
            key: "k".into(),
        };
        let text = sealer.sign(&link).unwrap();
        assert_eq!(sealer.sign(&link).unwrap(), text);
        assert_eq!(Sealer::new(Some(&key)).unwrap().verify(&text), Some(link));
        assert_eq!(Sealer::new(None).unwrap().verify(&text), None);
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                sealer.verify(&String::from_utf8(altered).unwrap()),
                None,
                "character {at}"
            );
        }
        for nonsense in ["", ".", "AAAA.AAAA", &"A".repeat(SIGNED_CHARACTERS_MAX + 1)] {
            assert_eq!(sealer.verify(nonsense), None, "{nonsense:?}");
        }
    }
}
