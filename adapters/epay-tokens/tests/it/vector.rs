//! The rows of the kept vectors, and the verifiers that each asks for.

use epay_tokens::{
    AppleKey, ApplePay, AppleRoots, AppleVerified, Expected, Freshness, GoogleKey, GooglePay,
    GoogleRoots, GoogleVerified, Payment, Refusal,
};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) fn google() -> Vec<Value> {
    rows(include_str!("../vectors/made-google-pay.json"))
}

pub(crate) fn apple() -> Vec<Value> {
    rows(include_str!("../vectors/made-apple-pay.json"))
}

/// The rows of a file that are taken.
pub(crate) fn taken(rows: Vec<Value>) -> Vec<Value> {
    let mut rows = rows;
    rows.retain(|row| text(row, "expect") == "accept");
    rows
}

fn rows(file: &str) -> Vec<Value> {
    serde_json::from_str(file).unwrap()
}

pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

pub(crate) fn row(rows: Vec<Value>, id: &str) -> Value {
    rows.into_iter().find(|row| text(row, "id") == id).unwrap()
}

/// One row of Google's: a verifier, its moment, and the token's text.
pub(crate) struct Google {
    pub(crate) pay: GooglePay,
    pub(crate) at: Timestamp,
    pub(crate) recipient: String,
    pub(crate) token: String,
}

impl Google {
    pub(crate) fn of(row: &Value) -> Self {
        let roots = json!({ "keys": row["rootSigningKeys"] }).to_string();
        let key = GoogleKey::from_pkcs8_base64(text(row, "recipientPrivateKeyPkcs8Base64"));
        let recipient = text(row, "recipientId").to_owned();
        let pay = GooglePay::new(
            GoogleRoots::from_json(&roots).unwrap(),
            vec![recipient.clone()],
            vec![key.unwrap()],
        );
        Self {
            pay: pay.unwrap(),
            at: Timestamp::from_millisecond(row["evaluateAtUnixMs"].as_i64().unwrap()).unwrap(),
            recipient,
            token: text(row, "token").to_owned(),
        }
    }

    pub(crate) fn open(&self, token: &[u8]) -> Result<(GoogleVerified, Payment), Refusal> {
        self.pay.open(token, &self.recipient, self.at)
    }

    pub(crate) fn verify(&self, token: &[u8]) -> Result<GoogleVerified, Refusal> {
        self.pay.verify(token, &self.recipient, self.at)
    }
}

/// One row of Apple's: two verifiers, with the private key and without, the moment, the order and the token's text.
pub(crate) struct Apple {
    pub(crate) opens: ApplePay,
    pub(crate) passes_on: ApplePay,
    pub(crate) at: Timestamp,
    pub(crate) expected: Expected,
    pub(crate) token: Value,
}

impl Apple {
    pub(crate) fn of(row: &Value) -> Self {
        let roots = AppleRoots::from_pem(text(row, "rootsPem")).unwrap();
        let certificate = text(row, "merchantCertificatePem");
        let pair = AppleKey::from_pair(certificate, text(row, "merchantPrivateKeyPem")).unwrap();
        let alone = AppleKey::from_certificate(certificate).unwrap();
        let fresh = Freshness::default();
        let wanted = &row["wanted"];
        let data = wanted["applicationData"].as_str();
        Self {
            opens: ApplePay::new(roots.clone(), vec![pair], fresh).unwrap(),
            passes_on: ApplePay::new(roots, vec![alone], fresh).unwrap(),
            at: text(row, "signingTime").parse().unwrap(),
            expected: Expected {
                amount_minor: wanted["amount"].as_i64().unwrap(),
                currency_numeric: text(wanted, "currency").to_owned(),
                application_data: data.map(|data| hex::decode(data).unwrap().try_into().unwrap()),
            },
            token: row["paymentData"].clone(),
        }
    }

    pub(crate) fn open(&self, token: &[u8]) -> Result<(AppleVerified, Payment), Refusal> {
        self.opens.open(token, &self.expected, self.at)
    }

    pub(crate) fn verify(&self, token: &[u8]) -> Result<AppleVerified, Refusal> {
        self.passes_on.verify(token, self.at)
    }
}

/// `accept`, or `reject:` and the code.
pub(crate) fn verdict<T>(judged: &Result<T, Refusal>) -> String {
    match judged {
        Ok(_) => "accept".to_owned(),
        Err(refusal) => format!("reject:{}", refusal.code()),
    }
}
