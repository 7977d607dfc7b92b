//! Tokens of payers' devices: whose are taken, and what is made of them.
//!
//! A token is judged before anything leaves the house: signature and chain, recipient, age, and that it was used never before. By
//! default it is then passed on unopened to the acquirer, which holds the key. Where our own private keys are configured it
//! is opened here, its amount is compared with the order's, and the device's number and its cryptogram go to the acquirer
//! instead: in the one request, and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_rail::{Collect, OpenError, Order, Refusal};
use epay_tokens::{
    AppleKey, ApplePay, AppleRoots, Expected, Freshness, GoogleKey, GooglePay, GoogleRoots,
    Payment, SetupError,
};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longest age of an Apple Pay token that may be configured, in seconds.
const AGE_SECS_MAX: u32 = 3_600;

/// `[rails.card.apple_pay]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppleSettings {
    /// Roots that are believed, PEM: Apple Root CA - G3.
    roots: String,
    /// Payment processing certificates, PEM: two while one is changed.
    certificates: Vec<String>,
    /// Their private keys, PEM, in the same order. None: tokens are passed on unopened.
    #[serde(default)]
    private_keys: Vec<SecretString>,
    /// Seconds after which a token is taken for a replay.
    #[serde(default = "five_minutes")]
    max_age_secs: u32,
}

const fn five_minutes() -> u32 {
    300
}

/// `[rails.card.google_pay]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoogleSettings {
    /// Google's list of root keys, the JSON as published.
    root_keys: String,
    /// For whom tokens are made: `gateway:<name>` passed on, `merchant:<id>` opened here.
    recipient: String,
    /// Our private keys, PEM, the one in use first. None: tokens are passed on unopened.
    #[serde(default)]
    private_keys: Vec<SecretString>,
}

/// The wallets that are offered.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    pub(crate) apple: Option<Apple>,
    pub(crate) google: Option<Google>,
}

/// Apple Pay, set up.
#[derive(Debug)]
pub(crate) struct Apple {
    pay: ApplePay,
    opens: bool,
}

/// Google Pay, set up.
#[derive(Debug)]
pub(crate) struct Google {
    pay: GooglePay,
    recipient: String,
    /// The public half of the key in use, where tokens are opened here.
    public_key: Option<String>,
}

/// A token that was found good.
pub(crate) struct Judged {
    /// What the acquirer is told of the payer's card.
    pub(crate) card: Value,
    /// What may be used once only.
    pub(crate) once: String,
}

impl AppleSettings {
    pub(crate) fn open(&self) -> Result<Apple, OpenError> {
        let bad = |fault: SetupError| OpenError::bad_setting("apple_pay", fault.to_string());
        if !(1..=AGE_SECS_MAX).contains(&self.max_age_secs) {
            let problem = "max_age_secs must lie between 1 and 3600";
            return Err(OpenError::bad_setting("apple_pay", problem));
        }
        let opens = !self.private_keys.is_empty();
        if opens && self.private_keys.len() != self.certificates.len() {
            let problem = "there must be as many private_keys as certificates, or none";
            return Err(OpenError::bad_setting("apple_pay", problem));
        }
        let keys = self.certificates.iter().enumerate().map(|(index, pem)| {
            match self.private_keys.get(index) {
                Some(key) => AppleKey::from_pair(pem, key.expose_secret()),
                None => AppleKey::from_certificate(pem),
            }
        });
        let keys = keys.collect::<Result<Vec<_>, _>>().map_err(bad)?;
        let freshness = Freshness {
            max_age: SignedDuration::from_secs(i64::from(self.max_age_secs)),
            ..Freshness::default()
        };
        let roots = AppleRoots::from_pem(&self.roots).map_err(bad)?;
        let pay = ApplePay::new(roots, keys, freshness).map_err(bad)?;
        Ok(Apple { pay, opens })
    }
}

impl GoogleSettings {
    pub(crate) fn open(&self) -> Result<Google, OpenError> {
        let bad = |fault: SetupError| OpenError::bad_setting("google_pay", fault.to_string());
        let keys = self.private_keys.iter();
        let keys = keys
            .map(|key| GoogleKey::from_pem(key.expose_secret()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(bad)?;
        let public_key = match keys.first() {
            Some(key) => Some(key.public_key().map_err(bad)?),
            None => None,
        };
        let roots = GoogleRoots::from_json(&self.root_keys).map_err(bad)?;
        let recipient = self.recipient.clone();
        let pay = GooglePay::new(roots, vec![recipient.clone()], keys).map_err(bad)?;
        Ok(Google {
            pay,
            recipient,
            public_key,
        })
    }

    /// Whether the recipient is `gateway:<name>` or `merchant:<id>`.
    pub(crate) fn is_recipient(&self) -> bool {
        ["gateway:", "merchant:"].iter().any(|kind| {
            let name = self.recipient.strip_prefix(kind).unwrap_or_default();
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
        })
    }
}

/// Our reference as a device's application data: what it signs then belongs to this payment and to no other.
pub(crate) fn application_data(collect: &Collect) -> String {
    STANDARD.encode(&collect.reference)
}

impl Apple {
    /// Judges a token for an order.
    pub(crate) fn judge(&self, order: &Order, token: &str) -> Result<Judged, Refusal> {
        let (collect, at) = (&order.collect, order.header.at);
        let ours: [u8; 32] = Sha256::digest(collect.reference.as_bytes()).into();
        if self.opens {
            let expected = Expected {
                amount_minor: collect.amount.minor(),
                currency_numeric: collect.amount.currency().numeric().to_owned(),
                application_data: Some(ours),
            };
            let opened = self.pay.open(token.as_bytes(), &expected, at);
            let (verified, payment) = opened.map_err(refused)?;
            let once = verified.replay_key();
            return opened_card(&payment).map(|card| Judged { card, once });
        }
        let verified = self.pay.verify(token.as_bytes(), at).map_err(refused)?;
        if verified.application_data != Some(ours) {
            return Err(refused(epay_tokens::Refusal::WrongApplicationData));
        }
        Ok(Judged {
            card: passed_on(token),
            once: verified.replay_key(),
        })
    }
}

impl Google {
    /// Judges a token for an order. It says nothing of an amount: that it is used once is what ties it to one.
    pub(crate) fn judge(&self, order: &Order, token: &str) -> Result<Judged, Refusal> {
        let (bytes, at) = (token.as_bytes(), order.header.at);
        if self.public_key.is_some() {
            let opened = self.pay.open(bytes, &self.recipient, at);
            let (verified, payment) = opened.map_err(refused)?;
            let once = verified.replay_key();
            return opened_card(&payment).map(|card| Judged { card, once });
        }
        let verified = self.pay.verify(bytes, &self.recipient, at);
        let verified = verified.map_err(refused)?;
        Ok(Judged {
            card: passed_on(token),
            once: verified.replay_key(),
        })
    }

    /// How the payer's browser must have tokens made.
    pub(crate) fn tokenization(&self, merchant: &str) -> Value {
        if let Some(public_key) = &self.public_key {
            return json!({
                "type": "DIRECT",
                "parameters": { "protocolVersion": "ECv2", "publicKey": public_key },
            });
        }
        let gateway = self.recipient.split_once(':').map(|(_kind, name)| name);
        json!({
            "type": "PAYMENT_GATEWAY",
            "parameters": { "gateway": gateway, "gatewayMerchantId": merchant },
        })
    }
}

fn refused(refusal: epay_tokens::Refusal) -> Refusal {
    Refusal::BadInstrument {
        code: refusal.code(),
        problem: refusal.to_string(),
    }
}

/// The token as it came, for the acquirer to open.
fn passed_on(token: &str) -> Value {
    json!({ "devicePayment": { "paymentToken": token } })
}

/// The device's number and its proof. Without a proof it is the card's own number, which needs a challenge of its own.
fn opened_card(payment: &Payment) -> Result<Value, Refusal> {
    let card = &payment.card;
    let cryptogram = card.cryptogram.as_ref().ok_or(Refusal::BadInstrument {
        code: "no-cryptogram",
        problem: "the card has no proof of the payer's device; choose a card that has".to_owned(),
    })?;
    let month = format!("{:02}", card.expiry_month);
    let year = format!("{:02}", card.expiry_year.rem_euclid(100));
    let mut proof = json!({ "onlinePaymentCryptogram": cryptogram.expose_secret() });
    if let (Some(eci), Some(proof)) = (&card.eci, proof.as_object_mut()) {
        proof.insert("eciIndicator".to_owned(), json!(eci));
    }
    Ok(json!({
        "number": card.number.expose_secret(),
        "expiry": { "month": month, "year": year },
        "devicePayment": { "cryptogramFormat": "3DSECURE", "3DSecure": proof },
    }))
}
