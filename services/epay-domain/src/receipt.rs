//! A receipt: one credit that a rail reported, and what became of every cent of it.

use epay_money::{BillId, BillerId, JournalId, MessageId, Money, PaymentId, RailId, ReceiptId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::bill::ClearedPart;

/// How a credit found its bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By our reference, so by a payment.
    Reference,
    /// By the number of a bill.
    BillNumber,
    /// Not at all.
    None,
}

/// Why money could not be applied and lies in suspense (account 2110).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// No bill could be found for it.
    Unidentified,
    /// The bill had been withdrawn.
    BillWithdrawn,
    /// The bill may only be paid whole.
    PartNotAllowed,
    /// Only the exact amount discharges the bill.
    ExactAmountRequired,
    /// Another currency than the bill's.
    WrongCurrency,
}

impl HoldReason {
    /// Every reason, for tables and tests.
    pub const ALL: [Self; 5] = [
        Self::Unidentified,
        Self::BillWithdrawn,
        Self::PartNotAllowed,
        Self::ExactAmountRequired,
        Self::WrongCurrency,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unidentified => "unidentified",
            Self::BillWithdrawn => "bill_withdrawn",
            Self::PartNotAllowed => "part_not_allowed",
            Self::ExactAmountRequired => "exact_amount_required",
            Self::WrongCurrency => "wrong_currency",
        }
    }
}

impl MatchedBy {
    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::BillNumber => "bill_number",
            Self::None => "none",
        }
    }
}

/// One credit, kept for ever. `applied + overpaid + forwarded + duplicate + unapplied = amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The department whose account was credited: the ledger book.
    pub biller: BillerId,
    /// The rail that reported it.
    pub rail: RailId,
    /// The account at the bank.
    pub rail_account: String,
    /// The bank's reference: unique with rail and account.
    pub rail_reference: String,
    /// Which part of the credit, from 1: a credit that pays several bills makes a receipt for each.
    pub part: i32,
    /// The message that reported it.
    pub message: MessageId,
    /// The bill, where one was found.
    pub bill: Option<BillId>,
    /// The payment, where one was found.
    pub payment: Option<PaymentId>,
    /// How it was matched.
    pub matched_by: MatchedBy,
    /// What arrived.
    pub amount: Money,
    /// Minor units applied to the bill.
    pub applied_minor: i64,
    /// What of that cleared which part, where the bill is a consolidated one.
    pub cleared: Vec<ClearedPart>,
    /// Minor units above what was due, held for a refund.
    pub overpaid_minor: i64,
    /// Minor units above what was due, carried forward to the department.
    pub forwarded_minor: i64,
    /// Minor units for a bill that had been paid already.
    pub duplicate_minor: i64,
    /// Minor units in suspense.
    pub unapplied_minor: i64,
    /// Why they are in suspense.
    pub hold_reason: Option<HoldReason>,
    /// When the payer gave the instruction.
    pub instructed_at: Timestamp,
    /// The day whose feed carries it.
    pub receipt_business_date: Date,
    /// The day on which the money is in the bank.
    pub value_date: Date,
    /// Paid by the end of the due date; unset where there is no bill.
    pub on_time: Option<bool>,
    /// The journal that booked it.
    pub journal: JournalId,
    /// Minor units that the rail will charge for it.
    pub fee_minor: i64,
    /// The journal that accrued the fee, together with those of other receipts decided at the same time; unset
    /// where the rail charges nothing.
    pub fee_journal: Option<JournalId>,
    /// When it was recorded here.
    pub created_at: Timestamp,
}
