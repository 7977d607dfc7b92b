//! The Hong Kong common QR profile for the Faster Payment System (FPS): account template 26.
//!
//! [`FpsRequest`] writes a code that asks for a payment, [`FpsView::read`] finds one in a payload and says what is unusual about it.
//! The rules come from the payee-presented QR specification as independent implementations and published codes show it.

mod check;
mod proxy;
mod request;
mod time_out;
mod view;

pub use proxy::Proxy;
pub use request::{FpsError, FpsRequest};
pub use time_out::TimeOut;
pub use view::FpsView;

/// The account object that Hong Kong gave to FPS.
pub const ACCOUNT_ID: u8 = 26;

/// Whose template it is: the operator's reversed domain name, lower case.
pub const GUID: &str = "hk.com.hkicl";

/// The currencies that FPS settles. Both have two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Currency {
    /// Hong Kong dollar.
    #[default]
    Hkd,
    /// Renminbi.
    Cny,
}

impl Currency {
    /// Decimals of both currencies.
    pub const EXPONENT: u8 = 2;

    /// The numeric code of object 53.
    #[must_use]
    pub const fn numeric(self) -> &'static str {
        match self {
            Self::Hkd => "344",
            Self::Cny => "156",
        }
    }

    /// The three letters.
    #[must_use]
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Hkd => "HKD",
            Self::Cny => "CNY",
        }
    }

    /// The currency with this numeric code.
    #[must_use]
    pub fn from_numeric(numeric: &str) -> Option<Self> {
        [Self::Hkd, Self::Cny]
            .into_iter()
            .find(|currency| currency.numeric() == numeric)
    }
}
