//! What an Apple Pay token holds, against what was asked for (Apple, *Payment token format reference*, payment data keys).
//!
//! `paymentDataType` is `3DSecure` for the cards that a website is paid with; `EMV` is for terminals and is refused. Members
//! that are not used are passed over: Apple adds some over time, and everything here was signed and encrypted.

use jiff::civil::Date;

use super::AppleVerified;
use crate::json::{self, Object, Value};
use crate::payment::{cryptogram, eci, number};
use crate::{DeviceCard, Payment, Refusal};

/// What the order says, for a token to agree with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The amount in minor units.
    pub amount_minor: i64,
    /// The ISO 4217 number of the currency, three digits: `344` for Hong Kong dollars.
    pub currency_numeric: String,
    /// SHA-256 of the application data that was put into the payment request; none if none was.
    pub application_data: Option<[u8; 32]>,
}

/// Years are two digits, of this century.
const CENTURY: i16 = 2000;

/// The payment inside, if it is the one that was asked for.
///
/// # Errors
/// [`Refusal::BadPayment`], [`Refusal::WrongCurrency`], [`Refusal::WrongAmount`] or [`Refusal::WrongApplicationData`].
pub(super) fn read(
    plain: &[u8],
    verified: &AppleVerified,
    expected: &Expected,
) -> Result<Payment, Refusal> {
    let plain = json::object(plain).ok_or(Refusal::BadPayment("it is no JSON object"))?;
    if plain.text("paymentDataType") != Some("3DSecure") {
        return Err(Refusal::BadPayment("its kind is not 3DSecure"));
    }
    let currency = plain.text("currencyCode");
    let amount = plain.get("transactionAmount").and_then(Value::integer);
    let (Some(currency), Some(amount)) = (currency, amount) else {
        return Err(Refusal::BadPayment("it names no amount"));
    };
    let card = card(&plain)?;
    if currency != expected.currency_numeric {
        return Err(Refusal::WrongCurrency);
    }
    if amount != expected.amount_minor {
        return Err(Refusal::WrongAmount);
    }
    if verified.application_data != expected.application_data {
        return Err(Refusal::WrongApplicationData);
    }
    Ok(Payment {
        card,
        approved: Some((amount, currency.to_owned())),
    })
}

fn card(plain: &Object) -> Result<DeviceCard, Refusal> {
    let proof = plain.get("paymentData").and_then(Value::object);
    let shown = proof.and_then(|proof| proof.text("onlinePaymentCryptogram"));
    let (expiry_year, expiry_month) = plain
        .text("applicationExpirationDate")
        .and_then(expiry)
        .ok_or(Refusal::BadPayment("its expiry is YYMMDD"))?;
    Ok(DeviceCard {
        number: plain
            .text("applicationPrimaryAccountNumber")
            .and_then(number)
            .ok_or(Refusal::BadPayment("its number is 12 to 19 digits"))?,
        expiry_year,
        expiry_month,
        cryptogram: Some(
            shown
                .and_then(cryptogram)
                .ok_or(Refusal::BadPayment("it has a cryptogram"))?,
        ),
        eci: match proof.and_then(|proof| proof.text("eciIndicator")) {
            Some(text) => Some(eci(text).ok_or(Refusal::BadPayment("its indicator is short"))?),
            None => None,
        },
    })
}

/// Year and month of `YYMMDD`, which must be a day.
fn expiry(text: &str) -> Option<(i16, i8)> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text.get(from..from.checked_add(2)?)?.parse::<i8>().ok();
    let year = CENTURY.checked_add(i16::from(part(0)?))?;
    let date = Date::new(year, part(2)?, part(4)?).ok()?;
    Some((date.year(), date.month()))
}
