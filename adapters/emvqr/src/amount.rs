//! Amounts: the text as printed, and the whole number of minor units it stands for. No floating point anywhere.

use thiserror::Error;

/// The longest amount, its point included.
pub(crate) const AMOUNT_CHARS_MAX: usize = 13;

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Something else than digits with at most one point after the first of them, or more than 13 characters.
    #[error("an amount is 1 to 13 digits with at most one point, which may not come first")]
    Malformed,
    /// Nothing to pay.
    #[error("the amount is zero")]
    Zero,
    /// More decimals than the currency has.
    #[error("the amount has more than {allowed} decimals")]
    TooManyDecimals {
        /// The decimals that the currency has.
        allowed: u8,
    },
    /// More than fits.
    #[error("the amount is too large")]
    TooLarge,
}

/// A positive amount, exactly as the payload prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    text: &'a str,
    whole: &'a str,
    decimals: &'a str,
}

impl<'a> Amount<'a> {
    /// Reads an amount. `98.73`, `98` and `98.` are amounts; `.50`, `0.00`, `1,000` and `-1` are not.
    ///
    /// # Errors
    /// [`AmountError::Malformed`] or [`AmountError::Zero`].
    pub fn parse(text: &'a str) -> Result<Self, AmountError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let mut digits = whole.bytes().chain(decimals.bytes());
        if whole.is_empty()
            || text.len() > AMOUNT_CHARS_MAX
            || !digits.all(|digit| digit.is_ascii_digit())
        {
            return Err(AmountError::Malformed);
        }
        if text.bytes().all(|digit| matches!(digit, b'0' | b'.')) {
            return Err(AmountError::Zero);
        }
        Ok(Self {
            text,
            whole,
            decimals,
        })
    }

    /// The text as printed.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// How many decimals are printed.
    #[must_use]
    pub fn decimals(&self) -> usize {
        self.decimals.len()
    }

    /// The amount in the currency's smallest unit, for a currency with `exponent` decimals: 2 for HKD, 0 for JPY.
    ///
    /// # Errors
    /// [`AmountError::TooManyDecimals`] when digits other than zero would be lost, [`AmountError::TooLarge`] on overflow.
    pub fn minor_units(&self, exponent: u8) -> Result<i64, AmountError> {
        let kept = usize::from(exponent);
        if self.decimals.bytes().skip(kept).any(|digit| digit != b'0') {
            return Err(AmountError::TooManyDecimals { allowed: exponent });
        }
        let decimals = self
            .decimals
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(kept);
        self.whole
            .bytes()
            .chain(decimals)
            .try_fold(0i64, |sum, digit| {
                sum.checked_mul(10)?
                    .checked_add(i64::from(digit.checked_sub(b'0')?))
            })
            .ok_or(AmountError::TooLarge)
    }
}

/// Prints minor units as an amount: `12_500` with 2 decimals is `125.00`.
///
/// # Errors
/// [`AmountError::Zero`], [`AmountError::Malformed`] for a negative amount, [`AmountError::TooLarge`] past 13 characters.
pub fn format_minor_units(minor: i64, exponent: u8) -> Result<String, AmountError> {
    match minor {
        0 => return Err(AmountError::Zero),
        ..0 => return Err(AmountError::Malformed),
        1.. => {}
    }
    let kept = usize::from(exponent);
    let digits = format!("{minor:0>width$}", width = kept.saturating_add(1));
    let (whole, decimals) = digits
        .split_at_checked(digits.len().saturating_sub(kept))
        .ok_or(AmountError::TooLarge)?;
    let text = if decimals.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{decimals}")
    };
    if text.len() > AMOUNT_CHARS_MAX {
        Err(AmountError::TooLarge)
    } else {
        Ok(text)
    }
}

/// Decimals of a currency, by its numeric ISO 4217 code. Nearly all have two; the table holds the others.
#[must_use]
pub fn currency_exponent(numeric: &str) -> u8 {
    match numeric {
        "108" | "152" | "174" | "262" | "324" | "352" | "392" | "410" | "548" | "600" | "646"
        | "704" | "800" | "940" | "950" | "952" | "953" => 0,
        "048" | "368" | "400" | "414" | "434" | "512" | "788" => 3,
        "927" | "990" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_printed() {
        for (text, minor) in [
            ("98.73", Ok(9873)),
            ("98", Ok(9800)),
            ("98.", Ok(9800)),
            ("0.05", Ok(5)),
            ("100.5", Ok(10_050)),
            ("9999999999.99", Ok(999_999_999_999)),
            ("1.230", Ok(123)),
            ("1.234", Err(AmountError::TooManyDecimals { allowed: 2 })),
            ("0", Err(AmountError::Zero)),
            ("0.00", Err(AmountError::Zero)),
            (".50", Err(AmountError::Malformed)),
            (".", Err(AmountError::Malformed)),
            ("", Err(AmountError::Malformed)),
            ("1.2.3", Err(AmountError::Malformed)),
            ("-1", Err(AmountError::Malformed)),
            ("1,000", Err(AmountError::Malformed)),
            ("1e3", Err(AmountError::Malformed)),
            ("٣", Err(AmountError::Malformed)),
            ("12345678901234", Err(AmountError::Malformed)),
        ] {
            assert_eq!(
                Amount::parse(text).and_then(|amount| amount.minor_units(2)),
                minor,
                "{text:?}"
            );
        }
    }

    #[test]
    fn minor_units_are_printed_with_all_decimals() {
        for (minor, exponent, text) in [
            (12_500, 2, Ok("125.00")),
            (5, 2, Ok("0.05")),
            (7, 0, Ok("7")),
            (999_999_999_999, 2, Ok("9999999999.99")),
            (1_000_000_000_000, 2, Err(AmountError::TooLarge)),
            (0, 2, Err(AmountError::Zero)),
            (-1, 2, Err(AmountError::Malformed)),
            (i64::MAX, 2, Err(AmountError::TooLarge)),
        ] {
            assert_eq!(
                format_minor_units(minor, exponent)
                    .as_deref()
                    .map_err(|e| *e),
                text,
                "{minor}"
            );
        }
    }
}
