//! What a code says that stands on paper: it has no attempt, no expiry and no payer, only the bill.

use epay_money::Money;

/// A code to be printed on a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedCode {
    /// Who is paid, by the identifier that the payer's app is given.
    pub payee: String,
    /// How much.
    pub amount: Money,
    /// The payer may pay another amount.
    pub amount_editable: bool,
    /// The number on the bill.
    pub bill_number: String,
}
