//! What a merchant's page asks of a device, in the words of the two wallets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::money::parse_cents;

/// The wallets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wallet {
    Apple,
    Google,
}

impl Wallet {
    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "apple_pay" => Some(Self::Apple),
            "google_pay" => Some(Self::Google),
            _ => None,
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Apple => "Apple Pay",
            Self::Google => "Google Pay",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Apple => "apple_pay",
            Self::Google => "google_pay",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) merchant: String,
    pub(super) cents: i64,
    pub(super) currency: String,
    /// What the merchant wants signed with the token, Apple Pay only.
    pub(super) application_data: Option<Vec<u8>>,
}

impl Asked {
    /// Reads a request: `ApplePayPaymentRequest` or `PaymentDataRequest`.
    pub(super) fn read(wallet: Wallet, request: &str) -> Option<Self> {
        let request: Value = serde_json::from_str(request).ok()?;
        let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str);
        let [merchant, amount, currency] = match wallet {
            Wallet::Apple => ["/total/label", "/total/amount", "/currencyCode"],
            Wallet::Google => [
                "/merchantInfo/merchantName",
                "/transactionInfo/totalPrice",
                "/transactionInfo/currencyCode",
            ],
        }
        .map(text);
        let application_data = match (wallet, text("/applicationData")) {
            (Wallet::Apple, Some(data)) => Some(STANDARD.decode(data).ok()?),
            (Wallet::Apple, None) | (Wallet::Google, _) => None,
        };
        Some(Self {
            merchant: merchant?.to_owned(),
            cents: parse_cents(amount?).ok()?,
            currency: currency?.to_owned(),
            application_data,
        })
    }

    /// The ISO 4217 number of the currency.
    pub(super) fn numeric(&self) -> Option<&'static str> {
        match self.currency.as_str() {
            "HKD" => Some("344"),
            "CNY" => Some("156"),
            _ => None,
        }
    }
}

/// What the device does wrong, on request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    /// One bit of what is sealed changes after it was signed.
    pub(super) altered: bool,
    /// The token is made for somebody else.
    pub(super) for_another: bool,
    /// It was made an hour ago.
    pub(super) old: bool,
}

/// The number of the card in the device: the acquirer's test card that is approved.
pub(super) const CARD: &str = "9999000000000010";
