//! The transaction reference number: what a payer keeps and what a rail carries back.
//!
//! Twenty characters, `EP` and eighteen of Crockford's base 32 (no I, L, O, U, so that nobody misreads
//! one), which fits the 25 of a QR reference label (EMV QRCPS 62/05). It is derived from the payment's id:
//! 48 bits of its time and 42 of its random bits, so no second source of randomness is needed.

use core::fmt;

use epay_money::PaymentId;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS: u32 = 18;

/// A payment's reference number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    /// The reference of a payment.
    #[must_use]
    pub fn of(payment: PaymentId) -> Self {
        let bits = payment.uuid().as_u128();
        let time = bits >> 80;
        let random = bits & ((1_u128 << 42) - 1);
        let number = (time << 42) | random;
        let mut text = String::from("EP");
        for position in (0..SYMBOLS).rev() {
            let symbol = (number >> position.saturating_mul(5)) & 31;
            let letter = usize::try_from(symbol)
                .ok()
                .and_then(|index| ALPHABET.get(index))
                .copied()
                .unwrap_or(b'0');
            text.push(char::from(letter));
        }
        Self(text)
    }

    /// Reads a reference back; `None` when the text has not the shape of one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        epay_rail::is_reference(text).then(|| Self(text.to_owned()))
    }

    /// The twenty characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_reference_has_the_shape_that_rails_look_for_and_keeps_the_random_bits_apart() {
        let first = Reference::of(PaymentId::new(Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0001,
        )));
        let second = Reference::of(PaymentId::new(Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0002,
        )));
        assert_ne!(first, second);
        assert!(epay_rail::is_reference(first.as_str()), "{first}");
        assert_eq!(Reference::read(first.as_str()), Some(first));
        assert_eq!(Reference::read("INVOICE 7"), None);
    }
}
