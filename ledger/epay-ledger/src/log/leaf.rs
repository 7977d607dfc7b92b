//! A journal as bytes: one form, versioned, every text with its length before it, every number big-endian.
//!
//! The fields are plain, because an auditor must be able to hash a journal that no longer balances. The form is
//! described for strangers in `docs/ledger-log.md`; a change is a new version, and old leaves keep theirs.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::hash::LogHash;
use crate::account::Side;
use crate::journal::Journal;

/// The version of the form, its first byte.
pub const LEAF_VERSION: u8 = 1;

/// Everything of a journal that the log vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafFields<'a> {
    /// The journal's id.
    pub id: Uuid,
    /// The biller in whose book it lies.
    pub book: &'a str,
    /// Letters of its currency.
    pub currency: &'a str,
    /// Code of its kind.
    pub kind: &'a str,
    /// When it was decided; counts to the microsecond.
    pub posted_at: Timestamp,
    /// The day it belongs to.
    pub business_date: Date,
    /// What caused it.
    pub source: &'a str,
    /// The journal that it undoes.
    pub reverses: Option<Uuid>,
    /// Its postings in line order.
    pub lines: Vec<LeafLine<'a>>,
}

/// One posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafLine<'a> {
    /// Code of the account.
    pub account: &'a str,
    /// Minor units: a debit above zero, a credit below.
    pub amount_minor: i64,
}

impl<'a> LeafFields<'a> {
    /// The fields of a journal.
    #[must_use]
    pub fn of(journal: &'a Journal) -> Self {
        let lines = journal.postings().iter().map(|posting| LeafLine {
            account: posting.account.as_str(),
            // A posting is above zero, so its negative always exists.
            amount_minor: match posting.side {
                Side::Debit => posting.minor,
                Side::Credit => posting.minor.saturating_neg(),
            },
        });
        Self {
            id: journal.id().uuid(),
            book: journal.book().as_str(),
            currency: journal.currency().code(),
            kind: journal.kind().as_str(),
            posted_at: journal.posted_at(),
            business_date: journal.business_date(),
            source: journal.source(),
            reverses: journal.reverses().map(|id| id.uuid()),
            lines: lines.collect(),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![LEAF_VERSION];
        bytes.extend(self.id.as_bytes());
        put_text(&mut bytes, self.book);
        put_text(&mut bytes, self.currency);
        put_text(&mut bytes, self.kind);
        bytes.extend(self.posted_at.as_microsecond().to_be_bytes());
        put_text(&mut bytes, &self.business_date.to_string());
        put_text(&mut bytes, self.source);
        match self.reverses {
            Some(id) => {
                bytes.push(1);
                bytes.extend(id.as_bytes());
            }
            None => bytes.push(0),
        }
        put_length(&mut bytes, self.lines.len());
        for line in &self.lines {
            put_text(&mut bytes, line.account);
            bytes.extend(line.amount_minor.to_be_bytes());
        }
        bytes
    }

    /// The hash of the leaf.
    #[must_use]
    pub fn hash(&self) -> LogHash {
        LogHash::of_leaf(&self.to_bytes())
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_length(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// Four bytes: wider than any length that a journal can have, so that no two journals share their bytes.
fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}
