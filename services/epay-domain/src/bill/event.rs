//! What can happen to a bill. Stored as JSON under [`BillEvent::kind`]; fields may be added, never renamed.

use epay_money::ReceiptId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{BillPart, Instalment, Licence, RevenueLine};
use crate::HoldReason;

/// Something that happened to a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BillEvent {
    /// The department issued it.
    Issued {
        /// Its kind.
        bill_type: String,
        /// The number printed on it.
        number: String,
        /// Minor units demanded.
        minor: i64,
        /// ISO 4217 letters.
        currency: String,
        /// Last day for payment.
        due_date: Date,
        /// What the amount is made of.
        lines: Vec<RevenueLine>,
        /// What it demands for, where it is a consolidated bill.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<BillPart>,
        /// By what instalments it may be paid.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instalments: Vec<Instalment>,
        /// The vehicle licence that it renews.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        licence: Option<Licence>,
    },
    /// A credit, or a part of one, was applied.
    ReceiptApplied {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units applied.
        minor: i64,
        /// The payer gave the instruction by the end of the due date.
        on_time: bool,
    },
    /// Money above what was due is held for a refund.
    OverpaymentHeld {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units held.
        minor: i64,
    },
    /// Money above what was due went to the department as an advance.
    CreditForwarded {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units forwarded.
        minor: i64,
    },
    /// The bill had been paid already: all of it is held for a refund.
    DuplicateHeld {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units held.
        minor: i64,
    },
    /// The money could not be applied and lies in suspense.
    HeldInSuspense {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units held.
        minor: i64,
        /// Why.
        reason: HoldReason,
    },
    /// What a receipt had applied was returned unpaid: it is due again.
    ReceiptReturned {
        /// The receipt.
        receipt: ReceiptId,
        /// Minor units that are due again.
        minor: i64,
    },
    /// The department replaced what it says.
    Revised {
        /// Which revision this is.
        revision: i32,
        /// Minor units demanded now.
        minor: i64,
        /// Last day for payment now.
        due_date: Date,
        /// The period or matter.
        description: String,
        /// What the amount is made of now.
        lines: Vec<RevenueLine>,
        /// What it demands for, where it is a consolidated bill.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<BillPart>,
        /// By what instalments it may be paid now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instalments: Vec<Instalment>,
        /// The vehicle licence that it renews now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        licence: Option<Licence>,
    },
    /// The department withdrew it.
    Withdrawn {
        /// Why, in the department's words.
        reason: String,
    },
}

impl BillEvent {
    /// A stable word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "issued",
            Self::ReceiptApplied { .. } => "receipt_applied",
            Self::OverpaymentHeld { .. } => "overpayment_held",
            Self::CreditForwarded { .. } => "credit_forwarded",
            Self::DuplicateHeld { .. } => "duplicate_held",
            Self::HeldInSuspense { .. } => "held_in_suspense",
            Self::ReceiptReturned { .. } => "receipt_returned",
            Self::Revised { .. } => "revised",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}
