//! The totals of a file, defined over its bytes, so that they hold also for a row that breaks a rule.
//!
//! A field's number is what its ASCII digits give when they are read as one decimal number, everything else left out,
//! modulo 10^16. The amount total is the sum of the numbers of the amount fields, the hash total that of the bill
//! number fields, each modulo 10^16. A row without such a field adds nothing.

/// Totals are counted modulo this.
pub(crate) const MODULUS: u64 = 10_000_000_000_000_000;

/// What a trailer says, or what the rows add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// How many detail records.
    pub(crate) count: u64,
    /// Sum of the amounts.
    pub(crate) amount: u64,
    /// Sum of the bill numbers.
    pub(crate) hash: u64,
}

impl Totals {
    /// Adds a row.
    pub(crate) fn add(&mut self, bill_number: &[u8], amount: &[u8]) {
        self.count = self.count.saturating_add(1);
        self.amount = sum(self.amount, digits(amount));
        self.hash = sum(self.hash, digits(bill_number));
    }
}

/// The sum of two numbers below the modulus, below the modulus.
fn sum(one: u64, other: u64) -> u64 {
    one.saturating_add(other).checked_rem(MODULUS).unwrap_or(0)
}

/// The number of a field. A step stays far below the range of 64 bits: 10 × 10^16 + 9.
fn digits(field: &[u8]) -> u64 {
    field
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |number: u64, byte| {
            let digit = u64::from(byte.wrapping_sub(b'0'));
            number
                .saturating_mul(10)
                .saturating_add(digit)
                .checked_rem(MODULUS)
                .unwrap_or(0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_number_of_its_digits() {
        let table: [(&[u8], u64); 6] = [
            (b"", 0),
            (b"000123", 123),
            (b"12x34", 1_234),
            (b"no digits", 0),
            (b"9999999999999999", 9_999_999_999_999_999),
            (b"1234567890123456789012345", 123_456_789_012_345),
        ];
        for (field, expected) in table {
            assert_eq!(digits(field), expected, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn sums_go_round() {
        let mut totals = Totals::default();
        totals.add(b"9999999999999999", b"1");
        totals.add(b"2", b"41");
        let expected = Totals {
            count: 2,
            amount: 42,
            hash: 1,
        };
        assert_eq!(totals, expected);
    }
}
