//! A payment that the bank has agreed to make, with everything that its rows and messages need.

use jiff::Timestamp;
use uuid::Uuid;

use crate::faults::Faults;

/// One side of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Account number in the bank's books.
    pub number: String,
    /// The holder's full name.
    pub name: String,
    /// Three-digit clearing code of the holder's bank.
    pub bank_code: String,
}

/// A transfer to be booked.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Who pays.
    pub payer: Account,
    /// Who is paid.
    pub payee: Account,
    /// What moves, in cents, after any fault.
    pub amount_cents: i64,
    /// What the code asked for.
    pub asked_cents: Option<i64>,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// Object 62/05 of the code.
    pub reference: Option<String>,
    /// Object 62/01 of the code.
    pub bill_number: Option<String>,
    /// SHA-256 of the code's text, in lower-case hexadecimal.
    pub qr_sha256: Option<String>,
    /// The scan that this pays.
    pub scan_id: Option<Uuid>,
    /// When the payer said yes.
    pub instructed_at: Timestamp,
    /// What goes wrong.
    pub faults: Faults,
}

/// Hides all of a name but the first letter of each word, as Hong Kong banks do: `CHAN Tai Man` is `C*** T** M**`.
pub(crate) fn masked(name: &str) -> String {
    let mask = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        format!("{first}{}", "*".repeat(letters.count()))
    };
    name.split_whitespace()
        .map(mask)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_name_keeps_first_letters_only() {
        let rows = [
            ("CHAN Tai Man", "C*** T** M**"),
            ("陳大文", "陳**"),
            ("A", "A"),
            ("", ""),
        ];
        for (name, expected) in rows {
            assert_eq!(masked(name), expected);
        }
    }
}
