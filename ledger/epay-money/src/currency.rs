//! The two currencies that FPS and government bills use, as ISO 4217 lists them.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A currency of a bill. Both have two decimals, so a minor unit is a cent (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Hong Kong dollar, ISO 4217 `HKD`, numeric 344.
    Hkd,
    /// Renminbi, ISO 4217 `CNY`, numeric 156.
    Cny,
}

impl Currency {
    /// Every currency, for tables and tests.
    pub const ALL: [Self; 2] = [Self::Hkd, Self::Cny];

    /// The three-letter ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hkd => "HKD",
            Self::Cny => "CNY",
        }
    }

    /// The three-digit ISO 4217 number, as QR codes carry it.
    #[must_use]
    pub const fn numeric(self) -> &'static str {
        match self {
            Self::Hkd => "344",
            Self::Cny => "156",
        }
    }

    /// Decimal places of the minor unit.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        2
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A currency code that no bill here may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("currency {0:?} is not supported: use HKD or CNY")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| UnknownCurrency(text.chars().take(8).collect()))
    }
}
