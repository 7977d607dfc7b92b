//! What a token holds once it is open: a device's card number, its expiry, and the proof of this one payment.

use core::fmt;

use secrecy::SecretString;

/// What was decrypted, judged and found to be a payment.
#[derive(Debug)]
pub struct Payment {
    /// The card, or the device's own number for it.
    pub card: DeviceCard,
    /// What the payer approved, in minor units, and the ISO 4217 number of its currency. Apple Pay says so; Google Pay
    /// does not.
    pub approved: Option<(i64, String)>,
}

/// A card as a device gives it. The number is a *device* number, except where [`cryptogram`](Self::cryptogram) is none:
/// then it is the card's own, and the payment needs another proof (3-D Secure).
///
/// Numbers and cryptograms are secrets: hidden from `Debug`, wiped when dropped.
pub struct DeviceCard {
    /// The number, digits only.
    pub number: SecretString,
    /// Year of expiry, four digits.
    pub expiry_year: i16,
    /// Month of expiry, 1 to 12.
    pub expiry_month: i8,
    /// The proof that the device made for this one payment, base64.
    pub cryptogram: Option<SecretString>,
    /// Electronic commerce indicator, where the wallet gives one, as given.
    pub eci: Option<String>,
}

impl fmt::Debug for DeviceCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCard")
            .field("has_cryptogram", &self.cryptogram.is_some())
            .field("eci", &self.eci)
            .finish_non_exhaustive()
    }
}

/// Fewest digits of a card number (ISO/IEC 7812).
const NUMBER_DIGITS_MIN: usize = 12;
/// Most digits of a card number.
const NUMBER_DIGITS_MAX: usize = 19;
/// Most characters of a cryptogram; real ones have 28.
const CRYPTOGRAM_MAX: usize = 512;
/// Most characters of an indicator; real ones have one or two.
const ECI_MAX: usize = 16;

/// The number as a secret, if it has the shape of one.
pub(crate) fn number(text: &str) -> Option<SecretString> {
    let shaped = (NUMBER_DIGITS_MIN..=NUMBER_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then(|| SecretString::from(text))
}

/// A cryptogram as a secret, if it may be one.
pub(crate) fn cryptogram(text: &str) -> Option<SecretString> {
    let shaped = (1..=CRYPTOGRAM_MAX).contains(&text.len()) && text.is_ascii();
    shaped.then(|| SecretString::from(text))
}

/// An indicator, if it may be one.
pub(crate) fn eci(text: &str) -> Option<String> {
    let shaped = text.len() <= ECI_MAX && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    shaped.then(|| text.to_owned())
}
