//! Rounding, always by name, and the two operations on money that need one.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{Currency, Money, MoneyError};

/// What becomes of a fraction of a cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// To the nearest cent; half a cent goes away from zero. The rule of this project for charges and surcharges.
    HalfUp,
    /// To the nearest cent; half a cent goes to the even neighbour.
    HalfEven,
    /// Towards zero: the fraction is dropped.
    Down,
    /// Away from zero: any fraction makes a whole cent.
    Up,
}

impl Rounding {
    /// Every way, for tables and tests.
    pub const ALL: [Self; 4] = [Self::HalfUp, Self::HalfEven, Self::Down, Self::Up];

    const fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::ToZero,
            Self::Up => RoundingStrategy::AwayFromZero,
        }
    }
}

impl Money {
    /// An amount from a decimal of the major unit, rounded to whole minor units.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when it does not fit.
    pub fn from_decimal_rounded(
        decimal: Decimal,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        let rounded = decimal.round_dp_with_strategy(currency.exponent(), rounding.strategy());
        Self::from_decimal(rounded, currency)
    }

    /// The amount times a rate (0.05 for five per cent), rounded to whole minor units. The product is exact before it is
    /// rounded.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the product does not fit, or has more digits than can be held exactly
    /// (the 28 of a decimal).
    pub fn times(self, rate: Decimal, rounding: Rounding) -> Result<Self, MoneyError> {
        let amount = self.to_decimal();
        let scale = amount
            .scale()
            .checked_add(rate.scale())
            .ok_or(MoneyError::Overflow)?;
        let product = amount.checked_mul(rate).ok_or(MoneyError::Overflow)?;
        // A product too long for a decimal comes back with fewer places: rounding it again could round twice.
        if product.scale() != scale && !product.is_zero() {
            return Err(MoneyError::Overflow);
        }
        Self::from_decimal_rounded(product, self.currency(), rounding)
    }
}
