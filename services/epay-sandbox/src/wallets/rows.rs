//! Payments and refunds as they are stored.

use jiff::Timestamp;
use tokio_postgres::Row;

use super::kind::Wallet;
use crate::books::BooksError;
use crate::faults::Chosen;

pub(super) const PAYMENT: &str = "number, wallet, reference, merchant, token, amount_cents, description, notify_path, return_url, \
    state, paid_cents, payer_account, payer_name, faults, created_at, expires_at, paid_at, known_at";
pub(super) const REFUND: &str =
    "number, wallet, refund_key, reference, amount_cents, state, updated_at";

/// What a merchant asked for, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) number: i64,
    pub(super) wallet: String,
    pub(super) reference: String,
    pub(super) merchant: String,
    pub(super) token: String,
    pub(super) amount_cents: i64,
    pub(super) description: String,
    pub(super) notify_path: String,
    pub(super) return_url: Option<String>,
    pub(super) state: String,
    pub(super) paid_cents: Option<i64>,
    pub(super) payer_account: Option<String>,
    pub(super) payer_name: Option<String>,
    pub(super) faults: Chosen,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) paid_at: Option<Timestamp>,
    pub(super) known_at: Option<Timestamp>,
}

/// What the merchant is told of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Expired,
    Closed,
    Declined,
    Paid,
    Unknown,
}

impl Payment {
    pub(super) fn read(row: &Row) -> Result<Self, BooksError> {
        Ok(Self {
            number: row.try_get(0)?,
            wallet: row.try_get(1)?,
            reference: row.try_get(2)?,
            merchant: row.try_get(3)?,
            token: row.try_get(4)?,
            amount_cents: row.try_get(5)?,
            description: row.try_get(6)?,
            notify_path: row.try_get(7)?,
            return_url: row.try_get(8)?,
            state: row.try_get(9)?,
            paid_cents: row.try_get(10)?,
            payer_account: row.try_get(11)?,
            payer_name: row.try_get(12)?,
            faults: serde_json::from_value(row.try_get(13)?)?,
            created_at: row.try_get(14)?,
            expires_at: row.try_get(15)?,
            paid_at: row.try_get(16)?,
            known_at: row.try_get(17)?,
        })
    }

    pub(super) fn told(&self, now: Timestamp) -> State {
        match self.state.as_str() {
            "paid" if self.known_at.is_some_and(|known| known > now) => State::Unknown,
            "paid" => State::Paid,
            "declined" => State::Declined,
            "closed" => State::Closed,
            _ if now >= self.expires_at => State::Expired,
            _ => State::Open,
        }
    }

    /// Its wallet; rows hold no other words.
    pub(super) fn kind(&self) -> Wallet {
        Wallet::from_word(&self.wallet).unwrap_or(Wallet::Octopus)
    }

    /// The wallet's name for the movement.
    pub(super) fn movement(&self) -> String {
        match self.kind() {
            Wallet::WeChat => format!("42{:026}", self.number),
            Wallet::Alipay => format!("20260{:023}", self.number),
            Wallet::PayMe => format!("PT-{:012}", self.number),
            Wallet::Octopus => format!("OP-{:012}", self.number),
        }
    }

    /// What was taken, else what was asked for.
    pub(super) fn cents(&self) -> i64 {
        self.paid_cents.unwrap_or(self.amount_cents)
    }

    /// The payer's name with all but the first letters hidden.
    pub(super) fn masked_payer(&self) -> Option<String> {
        let name = self.payer_name.as_ref()?;
        let first: String = name.chars().take(2).collect();
        Some(format!("{first}***"))
    }
}

/// Money that goes back.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) number: i64,
    pub(super) wallet: String,
    pub(super) key: String,
    pub(super) reference: String,
    pub(super) amount_cents: i64,
    pub(super) state: String,
    pub(super) updated_at: Timestamp,
}

impl Refund {
    pub(super) fn read(row: &Row) -> Result<Self, BooksError> {
        Ok(Self {
            number: row.try_get(0)?,
            wallet: row.try_get(1)?,
            key: row.try_get(2)?,
            reference: row.try_get(3)?,
            amount_cents: row.try_get(4)?,
            state: row.try_get(5)?,
            updated_at: row.try_get(6)?,
        })
    }

    /// The wallet's name for it.
    pub(super) fn movement(&self) -> String {
        match Wallet::from_word(&self.wallet) {
            Some(Wallet::WeChat) => format!("503{:025}", self.number),
            Some(Wallet::Alipay) => format!("20261{:023}", self.number),
            Some(Wallet::PayMe) => format!("RF-{:012}", self.number),
            Some(Wallet::Octopus) | None => format!("OR-{:012}", self.number),
        }
    }
}
