//! Judges payment tokens that another program made, for `tests/peers/tokens.py`.
//!
//! Reads a JSON list of rows on standard input (the shape of `adapters/epay-tokens/tests/vectors`), and prints one JSON object a row:
//! its id, the verdict (`accept` or `reject:<code>`), and the card number where it was opened. Numbers are test numbers.
#![expect(clippy::print_stdout, reason = "a command line talks to its caller")]

use std::io::stdin;
use std::process::ExitCode;

use epay_tokens::{
    AppleKey, ApplePay, AppleRoots, Expected, Freshness, GoogleKey, GooglePay, GoogleRoots,
    Payment, Refusal,
};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let Ok(Value::Array(rows)) = serde_json::from_reader(stdin().lock()) else {
        println!("standard input is no list of rows");
        return ExitCode::from(2);
    };
    for row in rows {
        let judged = match text(&row, "scheme") {
            Some("apple-pay") => apple(&row),
            _ => google(&row),
        };
        let (verdict, number) = match judged {
            None => ("unreadable row".to_owned(), None),
            Some(Ok(payment)) => (
                "accept".to_owned(),
                Some(payment.card.number.expose_secret().to_owned()),
            ),
            Some(Err(refusal)) => (format!("reject:{}", refusal.code()), None),
        };
        let id = text(&row, "id");
        println!(
            "{}",
            json!({"id": id, "verdict": verdict, "number": number})
        );
    }
    ExitCode::SUCCESS
}

fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str()
}

fn apple(row: &Value) -> Option<Result<Payment, Refusal>> {
    let roots = AppleRoots::from_pem(text(row, "rootsPem")?).ok()?;
    let certificate = text(row, "merchantCertificatePem")?;
    let key = AppleKey::from_pair(certificate, text(row, "merchantPrivateKeyPem")?).ok()?;
    let pay = ApplePay::new(roots, vec![key], Freshness::default()).ok()?;
    let at: Timestamp = text(row, "signingTime")?.parse().ok()?;
    let wanted = row.get("wanted")?;
    let data = text(wanted, "applicationData");
    let expected = Expected {
        amount_minor: wanted.get("amount")?.as_i64()?,
        currency_numeric: text(wanted, "currency")?.to_owned(),
        application_data: match data {
            Some(data) => Some(hex::decode(data).ok()?.try_into().ok()?),
            None => None,
        },
    };
    let token = row.get("paymentData")?.to_string();
    let judged = pay.open(token.as_bytes(), &expected, at);
    Some(judged.map(|(_verified, payment)| payment))
}

fn google(row: &Value) -> Option<Result<Payment, Refusal>> {
    let roots = json!({ "keys": row.get("rootSigningKeys")? }).to_string();
    let roots = GoogleRoots::from_json(&roots).ok()?;
    let key = GoogleKey::from_pkcs8_base64(text(row, "recipientPrivateKeyPkcs8Base64")?).ok()?;
    let recipient = text(row, "recipientId")?;
    let pay = GooglePay::new(roots, vec![recipient.to_owned()], vec![key]).ok()?;
    let at = Timestamp::from_millisecond(row.get("evaluateAtUnixMs")?.as_i64()?).ok()?;
    let judged = pay.open(text(row, "token")?.as_bytes(), recipient, at);
    Some(judged.map(|(_verified, payment)| payment))
}
