//! What callers get back.

use std::sync::Arc;

use epay_domain::bill::Bill;
use epay_domain::payment::{Evidence, Payment};
use epay_domain::proposal::Proposal;
use epay_domain::refund::Refund;
use epay_domain::{BillType, Receipt};
use jiff::Timestamp;

/// A bill with its kind.
#[derive(Debug, Clone)]
pub struct BillView {
    /// The bill.
    pub bill: Bill,
    /// Its kind.
    pub kind: Arc<BillType>,
}

/// A payment with its bills, and the credits that came for it.
#[derive(Debug, Clone)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// Its bill; the first, where there are several.
    pub bill: Bill,
    /// All its bills, in the order in which money is applied to them.
    pub bills: Vec<Bill>,
    /// The bills' kind.
    pub kind: Arc<BillType>,
    /// Credits, newest first.
    pub receipts: Vec<Receipt>,
}

/// A payment whose outcome is not known, for the people who look after such payments.
#[derive(Debug, Clone)]
pub struct UnclearView {
    /// The payment.
    pub view: PaymentView,
    /// Since when it is not known.
    pub since: Timestamp,
    /// Why, in a few words.
    pub why: String,
    /// How often the rail was asked.
    pub probes: u32,
    /// When it is asked next.
    pub next_probe_at: Option<Timestamp>,
    /// The rail was asked often enough that a person should look as well; it is still asked.
    pub needs_person: bool,
    /// What is known, oldest first.
    pub evidence: Vec<Evidence>,
    /// The person who looks after it.
    pub owner: Option<String>,
}

/// A refund with the proposal that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundView {
    /// The refund.
    pub refund: Refund,
    /// The proposal.
    pub proposal: Proposal,
}
