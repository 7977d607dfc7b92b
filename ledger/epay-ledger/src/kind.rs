//! The closed list of reasons for which a journal exists: one a recipe.

use core::fmt;
use core::str::FromStr;

/// Which recipe made a journal. The codes are stored for ever: add, never rename.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// Money arrived by a rail.
    Receipt,
    /// The channel's fee for an item became due.
    FeeAccrual,
    /// A rail's clearing balance reached the bank account.
    Sweep,
    /// Collections were passed on to the department.
    Remittance,
    /// An operator's invoice was paid.
    FeeInvoice,
    /// Unapplied money was matched to a bill.
    SuspenseMatch,
    /// An overpayment was carried forward to the department instead of being refunded.
    CreditForward,
    /// Two people agreed to give money back.
    RefundApproved,
    /// The bank was told to pay a refund.
    RefundSent,
    /// The bank's statement has the debit of a refund.
    RefundDebited,
    /// The receiving bank refused the refund.
    RefundRejected,
    /// What a department owed back was kept from what it is owed.
    Clawback,
    /// A rail holds money of a payer for us.
    Authorisation,
    /// A signed promise was taken in.
    Conditional,
    /// A promise was honoured and became a receipt.
    ConditionalReceipt,
    /// The bank told that it honoured a promise: its money is on the way to the bank account.
    PromiseHonoured,
    /// A promise that had been honoured was returned unpaid after all.
    ReturnedUnpaid,
    /// The bank's statement has the debit of a returned promise.
    ReturnDebited,
    /// The bank debited less than it had told.
    DebitShort,
    /// A rail paid over what it collected, less what it keeps.
    Payout,
    /// A payer's bank took money back by a dispute.
    Chargeback,
    /// A dispute was won and its money came back.
    ChargebackReversed,
    /// A rail paid over less than its batch has.
    SettlementShort,
    /// A rail paid over more than its batch has.
    SettlementOver,
    /// What a rail had paid too little arrived.
    ShortfallReceived,
    /// What a rail had paid too much went back to it.
    SurplusReturned,
    /// The bank's statement has a credit that nobody expected.
    UnidentifiedCredit,
    /// The bank's statement has a debit that nobody expected.
    UnexpectedDebit,
    /// It became known what an unidentified credit was.
    CreditIdentified,
    /// It became known what an unexpected debit was.
    DebitIdentified,
    /// A held credit was taken in, as money without a bill.
    HeldToSuspense,
    /// Two people wrote a small difference off.
    WriteOff,
    /// A department bears what is missing.
    DepartmentClaim,
    /// A rail kept too much, and owes it back.
    FeeClaimed,
    /// A dispute was lost: the department bears it.
    ChargebackLost,
    /// The mirror of an earlier journal.
    Reversal,
}

impl JournalKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 36] = [
        Self::Receipt,
        Self::FeeAccrual,
        Self::Sweep,
        Self::Remittance,
        Self::FeeInvoice,
        Self::SuspenseMatch,
        Self::CreditForward,
        Self::RefundApproved,
        Self::RefundSent,
        Self::RefundDebited,
        Self::RefundRejected,
        Self::Clawback,
        Self::Authorisation,
        Self::Conditional,
        Self::ConditionalReceipt,
        Self::PromiseHonoured,
        Self::ReturnedUnpaid,
        Self::ReturnDebited,
        Self::DebitShort,
        Self::Payout,
        Self::Chargeback,
        Self::ChargebackReversed,
        Self::SettlementShort,
        Self::SettlementOver,
        Self::ShortfallReceived,
        Self::SurplusReturned,
        Self::UnidentifiedCredit,
        Self::UnexpectedDebit,
        Self::CreditIdentified,
        Self::DebitIdentified,
        Self::HeldToSuspense,
        Self::WriteOff,
        Self::DepartmentClaim,
        Self::FeeClaimed,
        Self::ChargebackLost,
        Self::Reversal,
    ];

    /// The stable code, as stored and as shown to machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::FeeAccrual => "fee_accrual",
            Self::Sweep => "sweep",
            Self::Remittance => "remittance",
            Self::FeeInvoice => "fee_invoice",
            Self::SuspenseMatch => "suspense_match",
            Self::CreditForward => "credit_forward",
            Self::RefundApproved => "refund_approved",
            Self::RefundSent => "refund_sent",
            Self::RefundDebited => "refund_debited",
            Self::RefundRejected => "refund_rejected",
            Self::Clawback => "clawback",
            Self::Authorisation => "authorisation",
            Self::Conditional => "conditional",
            Self::ConditionalReceipt => "conditional_receipt",
            Self::PromiseHonoured => "promise_honoured",
            Self::ReturnedUnpaid => "returned_unpaid",
            Self::ReturnDebited => "return_debited",
            Self::DebitShort => "debit_short",
            Self::Payout => "payout",
            Self::Chargeback => "chargeback",
            Self::ChargebackReversed => "chargeback_reversed",
            Self::SettlementShort => "settlement_short",
            Self::SettlementOver => "settlement_over",
            Self::ShortfallReceived => "shortfall_received",
            Self::SurplusReturned => "surplus_returned",
            Self::UnidentifiedCredit => "unidentified_credit",
            Self::UnexpectedDebit => "unexpected_debit",
            Self::CreditIdentified => "credit_identified",
            Self::DebitIdentified => "debit_identified",
            Self::HeldToSuspense => "held_to_suspense",
            Self::WriteOff => "write_off",
            Self::DepartmentClaim => "department_claim",
            Self::FeeClaimed => "fee_claimed",
            Self::ChargebackLost => "chargeback_lost",
            Self::Reversal => "reversal",
        }
    }
}

impl fmt::Display for JournalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code that no recipe has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of journal")]
pub struct UnknownJournalKind(
    /// The text, cut short.
    pub String,
);

impl FromStr for JournalKind {
    type Err = UnknownJournalKind;

    fn from_str(text: &str) -> Result<Self, UnknownJournalKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownJournalKind(text.chars().take(32).collect()))
    }
}
