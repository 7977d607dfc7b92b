//! What a Google Pay token holds (Google, *Payment data cryptography*, encrypted message and payment method details).
//!
//! `CRYPTOGRAM_3DS` has a device number and a cryptogram; `PAN_ONLY` (and a version 1 card without a method) has the card's own
//! number and no proof. Version 1 spells some members otherwise (`dpan`, `3dsCryptogram`). Members that are not used are
//! passed over.

use jiff::Timestamp;

use super::GoogleVerified;
use super::roots::millis;
use crate::json::{self, Object, Value};
use crate::payment::{cryptogram, eci, number};
use crate::{DeviceCard, Payment, Refusal};

/// Most characters of a message id; real ones have some 150.
const MESSAGE_ID_MAX: usize = 512;

/// Reads a message and judges its expiry before anything else of it.
///
/// # Errors
/// [`Refusal::BadPayment`] or [`Refusal::MessageExpired`].
pub(super) fn read(
    plain: &[u8],
    verified: GoogleVerified,
    at: Timestamp,
) -> Result<(GoogleVerified, Payment), Refusal> {
    let plain = json::object(plain).ok_or(Refusal::BadPayment("it is no JSON object"))?;
    let expires_at =
        millis(&plain, "messageExpiration").ok_or(Refusal::BadPayment("it has an expiration"))?;
    if at >= expires_at {
        return Err(Refusal::MessageExpired);
    }
    let message_id = plain
        .text("messageId")
        .filter(|id| (1..=MESSAGE_ID_MAX).contains(&id.len()))
        .ok_or(Refusal::BadPayment("it has a message id"))?;
    let verified = GoogleVerified {
        message_id: Some(message_id.to_owned()),
        expires_at: Some(expires_at),
        ..verified
    };
    let details = plain
        .get("paymentMethodDetails")
        .and_then(Value::object)
        .ok_or(Refusal::BadPayment("it has payment method details"))?;
    let card = match plain.text("paymentMethod") {
        Some("CARD") => card(details)?,
        Some("TOKENIZED_CARD") => tokenized(details)?,
        _ => return Err(Refusal::BadPayment("it is a card")),
    };
    let approved = None;
    Ok((verified, Payment { card, approved }))
}

fn card(details: &Object) -> Result<DeviceCard, Refusal> {
    match details.text("authMethod") {
        None | Some("PAN_ONLY") => device_card(details, "pan", None),
        Some("CRYPTOGRAM_3DS") => device_card(details, "pan", Some(("cryptogram", "eciIndicator"))),
        Some(_) => Err(Refusal::BadPayment("its authentication method is known")),
    }
}

/// A device's card as version 1 spells it.
fn tokenized(details: &Object) -> Result<DeviceCard, Refusal> {
    let name = if details.get("dpan").is_some() {
        "dpan"
    } else {
        "pan"
    };
    device_card(details, name, Some(("3dsCryptogram", "3dsEciIndicator")))
}

fn device_card(
    details: &Object,
    number_name: &str,
    proof: Option<(&str, &str)>,
) -> Result<DeviceCard, Refusal> {
    let whole = |name: &str| details.get(name).and_then(Value::integer);
    let year = whole("expirationYear").filter(|year| (2000..=2099).contains(year));
    let month = whole("expirationMonth").filter(|month| (1..=12).contains(month));
    let expiry = year.and_then(|year| i16::try_from(year).ok());
    let expiry = expiry.zip(month.and_then(|month| i8::try_from(month).ok()));
    let (expiry_year, expiry_month) = expiry.ok_or(Refusal::BadPayment("it has an expiry"))?;
    let (cryptogram, eci) = match proof {
        None => (None, None),
        Some((cryptogram_name, eci_name)) => {
            let cryptogram = details.text(cryptogram_name).and_then(cryptogram);
            let cryptogram = cryptogram.ok_or(Refusal::BadPayment("it has a cryptogram"))?;
            (Some(cryptogram), details.text(eci_name).and_then(eci))
        }
    };
    Ok(DeviceCard {
        number: details
            .text(number_name)
            .and_then(number)
            .ok_or(Refusal::BadPayment("its number is 12 to 19 digits"))?,
        expiry_year,
        expiry_month,
        cryptogram,
        eci,
    })
}
