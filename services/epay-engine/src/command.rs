//! What can be asked of the engine, and the digest that tells a repeat from another request.

use epay_domain::bill::RevenueLine;
use epay_money::{BillId, BillTypeCode, BillerId, Money, PaymentId, RailId};
use epay_store::IdempotencyKey;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// Issue a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueBill {
    /// The department.
    pub biller: BillerId,
    /// The kind of bill.
    pub bill_type: BillTypeCode,
    /// The number as the department wrote it.
    pub number: String,
    /// What is demanded.
    pub amount: Money,
    /// Last day for payment.
    pub due_date: Date,
    /// The period or matter.
    pub description: String,
    /// What the amount is made of; empty for the kind's default line.
    pub lines: Vec<RevenueLine>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Withdraw a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawBill {
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// Why.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Start a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePayment {
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// The rail.
    pub rail: RailId,
    /// What to pay; all that is outstanding when unset.
    pub amount: Option<Money>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Give a payment up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelPayment {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// A message of a rail whose signature has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The rail.
    pub rail: RailId,
    /// The channel key that signed it.
    pub channel_key: String,
    /// The sender's id of it.
    pub message_id: String,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The bytes.
    pub body: Vec<u8>,
}

/// A key with the digest of what was asked under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keyed {
    pub(crate) key: IdempotencyKey,
    pub(crate) digest: Vec<u8>,
}

/// The fields of a request, hashed with their lengths, so that no two requests run into each other.
fn digest(fields: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update(field.len().to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().to_vec()
}

fn keyed(biller: &BillerId, caller: &str, kind: &str, key: &str, fields: &[&str]) -> Keyed {
    Keyed {
        key: IdempotencyKey {
            biller: biller.clone(),
            scope: format!("{kind}:{caller}"),
            key: key.to_owned(),
        },
        digest: digest(fields),
    }
}

impl IssueBill {
    pub(crate) fn keyed(&self) -> Keyed {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| format!("{}={}", line.code, line.minor))
            .collect();
        let fields = [
            self.bill_type.as_str(),
            &self.number,
            &self.amount.to_string(),
            &self.due_date.to_string(),
            &self.description,
            &lines.join(","),
        ];
        keyed(
            &self.biller,
            &self.caller,
            "issue",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl WithdrawBill {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [&self.bill.to_string(), self.reason.as_str()];
        keyed(
            &self.biller,
            &self.caller,
            "withdraw",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl CreatePayment {
    pub(crate) fn keyed(&self) -> Keyed {
        let amount = self
            .amount
            .map_or_else(String::new, |amount| amount.to_string());
        let fields = [&self.bill.to_string(), self.rail.as_str(), &amount];
        keyed(
            &self.biller,
            &self.caller,
            "pay",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl CancelPayment {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [self.payment.to_string()];
        keyed(
            &self.biller,
            &self.caller,
            "cancel",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}
