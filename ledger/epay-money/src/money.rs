//! An amount of money: integer minor units and a currency, with checked arithmetic.

use core::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Currency;

/// An amount: whole minor units (cents) of one currency. May be negative (an outflow, a correction). Stored as
/// `{"minor":372000,"currency":"HKD"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why a sum cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies in one sum.
    #[error("{left} and {right} cannot be added: amounts of two currencies never mix")]
    Mixed {
        /// Currency of the left amount.
        left: Currency,
        /// Currency of the right amount.
        right: Currency,
    },
    /// The result does not fit in 64 bits of minor units.
    #[error("the amount is larger than the ledger can hold")]
    Overflow,
    /// A decimal with more places than the currency has.
    #[error("{0} has more decimals than the currency's minor unit")]
    TooPrecise(Decimal),
    /// Text that is not a plain decimal number such as `3720.00`.
    #[error("an amount is written as digits with at most two decimals, for instance 3720.00")]
    NotDecimal,
}

impl Money {
    /// An amount of `minor` minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount of Hong Kong cents.
    #[must_use]
    pub const fn hkd(minor: i64) -> Self {
        Self::new(minor, Currency::Hkd)
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units (cents).
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// More than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for two currencies, [`MoneyError::Overflow`] when it does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor
            .checked_add(other.minor)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor
            .checked_sub(other.minor)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The same amount the other way.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the one number that has no mirror.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.minor
            .checked_neg()
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The amount as a decimal of the major unit, with the currency's number of places.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// An amount from a decimal of the major unit; nothing is rounded.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] for a fraction of a cent, [`MoneyError::Overflow`] when it does not fit.
    pub fn from_decimal(decimal: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let exact = decimal.normalize();
        if exact.scale() > currency.exponent() {
            return Err(MoneyError::TooPrecise(decimal));
        }
        let mut scaled = exact;
        scaled.rescale(currency.exponent());
        if scaled.scale() != currency.exponent() {
            return Err(MoneyError::Overflow);
        }
        i64::try_from(scaled.mantissa())
            .map(|minor| Self::new(minor, currency))
            .map_err(|_too_large| MoneyError::Overflow)
    }

    /// Reads plain decimal text of the major unit: digits, at most one dot, at most two decimals.
    ///
    /// # Errors
    /// [`MoneyError::NotDecimal`] for anything else (signs, spaces, exponents, thousands separators).
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && text
                .bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_digit());
        if !plain {
            return Err(MoneyError::NotDecimal);
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_malformed| MoneyError::NotDecimal)?;
        Self::from_decimal(decimal, currency)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Mixed {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

/// Writes `HKD 3,720.00`: the currency code and the amount with thousands separators.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:.2}", self.to_decimal().abs());
        let (whole, cents) = digits.split_once('.').unwrap_or((&digits, "00"));
        let mut grouped = String::with_capacity(digits.len().saturating_mul(2));
        for (index, digit) in whole.chars().enumerate() {
            let left = whole.len().saturating_sub(index);
            if index > 0 && left.is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        write!(f, "{} {sign}{grouped}.{cents}", self.currency)
    }
}
