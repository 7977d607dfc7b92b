//! What every shape of a file must agree on.

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::csv;
use crate::{Direction, FeedRow};

/// The hash total is kept below this.
const HASH_TOTAL_MODULUS: u64 = 1_000_000_000_000;
/// Digits of a bill's number that the hash total takes, from its end.
const HASH_DIGITS: usize = 9;

/// The sum is more than can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rows of the file sum to more than can be held")]
pub struct TooLarge;

/// What the rows of a file come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many there are.
    pub rows: u64,
    /// Those of an earlier day than the file's.
    pub late_rows: u64,
    /// Minor units of the credits.
    pub credits_minor: i64,
    /// Minor units of the debits.
    pub debits_minor: i64,
    /// The sum of the last nine digits of each bill's number, modulo 10^12.
    pub hash_total: u64,
    /// SHA-256 over the rows as the CSV writes them.
    pub digest: [u8; 32],
}

impl Totals {
    /// Credits less debits, in minor units.
    #[must_use]
    pub const fn net_minor(&self) -> i64 {
        // Both are sums of positive amounts, so their difference always fits.
        self.credits_minor.saturating_sub(self.debits_minor)
    }
}

/// Counts, sums and digests rows.
#[derive(Debug)]
pub struct Tally {
    day: Date,
    totals: Totals,
    digest: Sha256,
    line: Vec<u8>,
}

impl Tally {
    /// No rows yet, of a file of this day.
    #[must_use]
    pub fn new(day: Date) -> Self {
        Self {
            day,
            totals: Totals {
                rows: 0,
                late_rows: 0,
                credits_minor: 0,
                debits_minor: 0,
                hash_total: 0,
                digest: [0; 32],
            },
            digest: Sha256::new(),
            line: Vec::new(),
        }
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn add(&mut self, row: &FeedRow) -> Result<(), TooLarge> {
        let totals = &mut self.totals;
        let sum = match row.direction {
            Direction::Credit => &mut totals.credits_minor,
            Direction::Debit => &mut totals.debits_minor,
        };
        *sum = sum.checked_add(row.amount_minor).ok_or(TooLarge)?;
        totals.rows = totals.rows.checked_add(1).ok_or(TooLarge)?;
        let late = u64::from(row.of_day < self.day);
        totals.late_rows = totals.late_rows.saturating_add(late);
        let number = row.bill_number.as_deref().map_or(0, hash_of);
        totals.hash_total = totals
            .hash_total
            .saturating_add(number)
            .checked_rem(HASH_TOTAL_MODULUS)
            .unwrap_or(0);
        self.line.clear();
        csv::row(row, &mut self.line);
        self.digest.update(&self.line);
        Ok(())
    }

    /// What they come to.
    #[must_use]
    pub fn totals(self) -> Totals {
        Totals {
            digest: self.digest.finalize().into(),
            ..self.totals
        }
    }
}

/// The last nine digits of a bill's number as a number; letters are passed over.
fn hash_of(number: &str) -> u64 {
    let digits = number.bytes().rev().filter(u8::is_ascii_digit);
    let place = std::iter::successors(Some(1_u64), |place| place.checked_mul(10));
    digits
        .take(HASH_DIGITS)
        .zip(place)
        .fold(0_u64, |sum, (digit, place)| {
            let value = u64::from(digit.saturating_sub(b'0')).saturating_mul(place);
            sum.saturating_add(value)
        })
}

#[cfg(test)]
mod tests {
    use super::hash_of;

    #[test]
    fn the_hash_takes_the_last_nine_digits() {
        let table = [
            ("000123456789011", 456_789_011),
            ("12", 12),
            ("", 0),
            ("1234567890A", 234_567_890),
            ("AB", 0),
        ];
        for (number, hash) in table {
            assert_eq!(hash_of(number), hash, "{number}");
        }
    }
}
