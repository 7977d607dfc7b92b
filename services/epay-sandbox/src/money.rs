//! Amounts as integer cents, and the two texts they travel in: `1234.50` and nothing else.
//!
//! No float is used anywhere. The largest amount is the one a QR code can carry (13 characters, so 9999999999.99).

use thiserror::Error;

/// The largest amount, in cents, that fits the 13 characters of a QR amount.
pub(crate) const AMOUNT_CENTS_MAX: i64 = 999_999_999_999;

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Something other than digits and one dot, or no digit before the dot.
    #[error("an amount is digits with at most one dot, such as 1234.50")]
    Shape,
    /// More than two digits after the dot.
    #[error("an amount has at most two digits after the dot")]
    Decimals,
    /// Nothing to pay.
    #[error("an amount is more than zero")]
    Zero,
    /// More than 9999999999.99.
    #[error("an amount is at most 9999999999.99")]
    TooLarge,
}

/// Writes cents as dollars with two decimals: `123450` is `1234.50`.
#[must_use]
pub fn format_cents(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Reads dollars as cents. Accepts `98`, `98.`, `98.7` and `98.73`, as the EMV text does; refuses signs, commas and zero.
///
/// # Errors
/// [`AmountError`] says which of those rules is broken.
pub fn parse_cents(text: &str) -> Result<i64, AmountError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(AmountError::Shape);
    }
    if fraction.len() > 2 {
        return Err(AmountError::Decimals);
    }
    let padded = format!("{whole}{fraction:0<2}");
    // Only a number past the range of i64 can fail here, as every character is a digit.
    let cents = padded.parse::<i64>().unwrap_or(i64::MAX);
    match cents {
        0 => Err(AmountError::Zero),
        cents if cents > AMOUNT_CENTS_MAX => Err(AmountError::TooLarge),
        cents => Ok(cents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent_or_refused_with_a_reason() {
        let rows = [
            ("1", Ok(100)),
            ("98.", Ok(9800)),
            ("98.7", Ok(9870)),
            ("0.01", Ok(1)),
            ("0001.00", Ok(100)),
            ("9999999999.99", Ok(999_999_999_999)),
            ("10000000000", Err(AmountError::TooLarge)),
            ("99999999999999999999999999", Err(AmountError::TooLarge)),
            ("0", Err(AmountError::Zero)),
            ("0.00", Err(AmountError::Zero)),
            ("1.234", Err(AmountError::Decimals)),
            ("", Err(AmountError::Shape)),
            (".50", Err(AmountError::Shape)),
            ("-1", Err(AmountError::Shape)),
            ("1,000", Err(AmountError::Shape)),
            ("1.2.3", Err(AmountError::Shape)),
            ("１", Err(AmountError::Shape)),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_cents(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(cents in 1..=AMOUNT_CENTS_MAX) {
            proptest::prop_assert_eq!(parse_cents(&format_cents(cents)), Ok(cents));
        }
    }
}
