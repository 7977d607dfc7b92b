//! What callers get back.

use std::sync::Arc;

use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_domain::{BillType, Receipt};

/// A bill with its kind.
#[derive(Debug, Clone)]
pub struct BillView {
    /// The bill.
    pub bill: Bill,
    /// Its kind.
    pub kind: Arc<BillType>,
}

/// A payment with its bill, and the credits that came for it.
#[derive(Debug, Clone)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// Its bill.
    pub bill: Bill,
    /// The bill's kind.
    pub kind: Arc<BillType>,
    /// Credits, newest first.
    pub receipts: Vec<Receipt>,
}
