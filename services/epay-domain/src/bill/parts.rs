//! Parts: the properties, licences or items that one consolidated bill demands for at once.
//!
//! A consolidated bill is one bill with one number, paid as one. Money clears its parts in their order, and every cent of it
//! is booked on the revenue line of the part that it cleared. What is paid of a part follows from the list and from what was
//! applied to the bill alone, as with instalments.

use epay_money::Money;
use serde::{Deserialize, Serialize};

use super::{Bill, LINES_MAX, RevenueLine, is_line_code};
use crate::BillType;

/// Most parts of one bill.
pub const PARTS_MAX: usize = 100;
/// Most characters of a part's label.
pub const PART_LABEL_CHARACTERS_MAX: usize = 80;
/// Longest reference of a part.
pub const PART_REFERENCE_BYTES_MAX: usize = 48;

/// One of the things that a consolidated bill demands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillPart {
    /// What people call it: the address of a property, an item. Told to whoever the kind of bill allows.
    pub label: String,
    /// The department's own reference of it.
    pub reference: String,
    /// The code of the revenue line that it belongs to.
    pub line: String,
    /// Minor units.
    pub minor: i64,
}

/// What a receipt cleared of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedPart {
    /// The part's place on the bill, from 1.
    pub number: u32,
    /// The department's own reference of it.
    pub reference: String,
    /// Minor units.
    pub minor: i64,
}

/// Why parts are none of a consolidated bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartFault {
    /// The kind has none, or fewer.
    TooMany {
        /// Most that the kind allows.
        max: u32,
    },
    /// Revenue lines are named beside the parts, which name their own.
    LinesBeside,
    /// A label of nothing, too long, or with characters that cannot be printed.
    Label,
    /// A reference that is not one.
    Reference,
    /// The same reference and line twice.
    Twice,
    /// A revenue line that the kind does not have.
    Line,
    /// More revenue lines than a journal takes.
    TooManyLines,
    /// An amount of nothing or less, or another sum than the bill's.
    Sum,
}

impl PartFault {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooMany { .. } => "TOO_MANY_PARTS",
            Self::LinesBeside => "LINES_BESIDE_PARTS",
            Self::Label => "PART_LABEL",
            Self::Reference => "PART_REFERENCE",
            Self::Twice => "PART_TWICE",
            Self::Line => "PART_LINE",
            Self::TooManyLines => "TOO_MANY_PART_LINES",
            Self::Sum => "PARTS_DO_NOT_ADD_UP",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::TooMany { max: 0 } => "this kind of bill has none",
            Self::TooMany { .. } => "there are more than this kind of bill allows",
            Self::LinesBeside => "they name the revenue lines, so the bill names none itself",
            Self::Label => "a label is 1 to 80 characters that can be printed",
            Self::Reference => "a reference is 1 to 48 characters A-Z, a-z, 0-9 and . _ / : -",
            Self::Twice => "a reference stands once with each revenue line",
            Self::Line => "a part's line is one that this kind of bill has",
            Self::TooManyLines => "they belong to at most 16 revenue lines",
            Self::Sum => "they must be positive and add up to the bill's amount",
        }
    }
}

/// Judges the parts of a bill; none at all is always right.
pub(super) fn check_parts(
    parts: &[BillPart],
    lines: &[RevenueLine],
    amount: Money,
    bill_type: &BillType,
) -> Result<(), PartFault> {
    if parts.is_empty() {
        return Ok(());
    }
    let max = bill_type
        .terms
        .parts
        .as_ref()
        .map_or(0, |policy| policy.count_max);
    let most = usize::try_from(max).unwrap_or(0).min(PARTS_MAX);
    if parts.len() > most {
        return Err(PartFault::TooMany { max });
    }
    if !lines.is_empty() {
        return Err(PartFault::LinesBeside);
    }
    let mut sum = Some(0_i64);
    for (place, part) in parts.iter().enumerate() {
        check_words(part)?;
        if !is_line_code(&part.line) || !bill_type.terms.knows_line(&part.line) {
            return Err(PartFault::Line);
        }
        let same = |other: &BillPart| other.reference == part.reference && other.line == part.line;
        if parts.iter().take(place).any(same) {
            return Err(PartFault::Twice);
        }
        let positive = (part.minor > 0).then_some(part.minor);
        sum = sum
            .zip(positive)
            .and_then(|(sum, one)| sum.checked_add(one));
    }
    if sum != Some(amount.minor()) {
        return Err(PartFault::Sum);
    }
    if lines_of_parts(parts).len() > LINES_MAX {
        return Err(PartFault::TooManyLines);
    }
    Ok(())
}

fn check_words(part: &BillPart) -> Result<(), PartFault> {
    let characters = part.label.chars().count();
    let plain = !part.label.chars().any(char::is_control) && !part.label.trim().is_empty();
    if !plain || characters > PART_LABEL_CHARACTERS_MAX {
        return Err(PartFault::Label);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte);
    let fits = (1..=PART_REFERENCE_BYTES_MAX).contains(&part.reference.len());
    if !fits || !part.reference.bytes().all(allowed) {
        return Err(PartFault::Reference);
    }
    Ok(())
}

/// The sums of the parts by revenue line, in the order in which the lines first occur.
pub(super) fn lines_of_parts(parts: &[BillPart]) -> Vec<RevenueLine> {
    let shares = parts.iter().map(|part| (part.line.as_str(), part.minor));
    gather(shares)
        .into_iter()
        .map(|(code, minor)| RevenueLine { code, minor })
        .collect()
}

/// Adds up what goes to the same line, and leaves out what is nothing. The lines of a bill are few.
pub(super) fn gather<'a>(shares: impl Iterator<Item = (&'a str, i64)>) -> Vec<(String, i64)> {
    let mut sums: Vec<(String, i64)> = Vec::new();
    for (code, minor) in shares.filter(|(_, minor)| *minor > 0) {
        match sums.iter_mut().find(|(known, _)| known == code) {
            Some((_, sum)) => *sum = sum.saturating_add(minor),
            None => sums.push((code.to_owned(), minor)),
        }
    }
    sums
}

/// Pours `minor` over shares in their order, after `before` was poured: how much each of them takes.
pub(super) fn pour(
    shares: impl Iterator<Item = i64>,
    before: i64,
    minor: i64,
) -> impl Iterator<Item = i64> {
    shares.scan((before, minor), |(already, left), share| {
        let cleared = (*already).min(share);
        *already = already.saturating_sub(cleared);
        let taken = (*left).min(share.saturating_sub(cleared));
        *left = left.saturating_sub(taken);
        Some(taken)
    })
}

impl Bill {
    /// What `minor` clears of each part, after `applied_before` has cleared what it did; positive amounts only.
    #[must_use]
    pub fn cleared_parts(&self, applied_before: i64, minor: i64) -> Vec<ClearedPart> {
        let shares = self.parts.iter().map(|part| part.minor);
        self.parts
            .iter()
            .zip(pour(shares, applied_before, minor))
            .zip(1_u32..)
            .filter(|((_, taken), _)| *taken > 0)
            .map(|((part, taken), number)| ClearedPart {
                number,
                reference: part.reference.clone(),
                minor: taken,
            })
            .collect()
    }

    /// Minor units paid of each part, in their order.
    pub fn paid_of_parts(&self) -> impl Iterator<Item = i64> {
        pour(
            self.parts.iter().map(|part| part.minor),
            0,
            self.applied_minor,
        )
    }
}
