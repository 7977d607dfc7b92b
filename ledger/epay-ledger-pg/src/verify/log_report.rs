//! What a verification of the log found.

use core::fmt;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// Most journals that one finding names: more than a head covers in a quiet second.
pub const SUSPECTS_MAX: usize = 20;

/// Where a head comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadSource {
    /// The database.
    Stored,
    /// The auditor.
    Kept,
}

/// A journal and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeafName {
    /// The place, from zero.
    pub leaf_index: u64,
    /// The biller.
    pub book: String,
    /// The journal.
    pub journal: Uuid,
}

/// One thing that is wrong with the log, or that the log says is wrong with the journals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogFinding {
    /// A journal is not what was sealed.
    #[serde(rename = "journal_altered")]
    Altered(LeafName),
    /// A journal was sealed and is not there.
    #[serde(rename = "journal_removed")]
    Removed(LeafName),
    /// A journal should have been sealed and has no leaf.
    #[serde(rename = "journal_unsealed")]
    Unsealed {
        /// The biller.
        book: String,
        /// The journal.
        journal: Uuid,
    },
    /// Leaves are missing in the middle of the log.
    #[serde(rename = "log_gap")]
    Gap {
        /// The first that is missing.
        first: u64,
        /// The next one that is there.
        after: u64,
    },
    /// A head does not fit the leaves up to its size.
    #[serde(rename = "log_head")]
    Head {
        /// Where the head comes from.
        source: HeadSource,
        /// Its size.
        tree_size: u64,
        /// The largest size at which a head still fits.
        fits_until: u64,
        /// The journals in between, as they are now, the first [`SUSPECTS_MAX`] of them.
        suspects: Vec<LeafName>,
        /// How many there are.
        suspects_count: u64,
    },
    /// Journals that stand behind one of a later transaction, in a log of which some head does not fit.
    #[serde(rename = "log_disorder")]
    Disorder {
        /// The first [`SUSPECTS_MAX`] of them.
        journals: Vec<LeafName>,
    },
    /// A head is of more leaves than there are: the tail was cut off.
    #[serde(rename = "log_truncated")]
    Truncated {
        /// Where the head comes from.
        source: HeadSource,
        /// Leaves that there are.
        leaves: u64,
        /// Leaves that were signed.
        signed: u64,
        /// When.
        sealed_at: Timestamp,
    },
    /// There are leaves that no head of the database was signed for.
    #[serde(rename = "log_unsigned")]
    Unsigned {
        /// Leaves that there are.
        leaves: u64,
        /// Leaves that were signed.
        signed: u64,
    },
    /// A head is not signed by one of the keys.
    #[serde(rename = "log_signature")]
    Signature {
        /// Where the head comes from.
        source: HeadSource,
        /// Its size.
        tree_size: u64,
        /// The key that it names.
        key_id: String,
        /// What is wrong.
        what: String,
    },
    /// A stored subtree is not what its leaves make.
    #[serde(rename = "log_subtree")]
    Subtree {
        /// Its level.
        level: u8,
        /// Its place among those of its level.
        subtree_index: u64,
    },
    /// The sealer's own note of where it stands is not what the leaves make.
    #[serde(rename = "log_state")]
    State,
}

impl fmt::Display for HeadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stored => "the database's head",
            Self::Kept => "the head that was kept",
        })
    }
}

impl fmt::Display for LeafName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (book, journal, leaf) = (&self.book, self.journal, self.leaf_index);
        write!(f, "{book}: journal {journal} (leaf {leaf})")
    }
}

impl fmt::Display for LogFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered(name) => write!(f, "{name} is not what was sealed"),
            Self::Removed(name) => write!(f, "{name} was sealed and is not there"),
            Self::Unsealed { book, journal } => write!(
                f,
                "{book}: journal {journal} is older than the last seal and is not in the log"
            ),
            Self::Gap { first, after } => write!(
                f,
                "the log has no leaves from {first} to below {after}; later roots cannot be made"
            ),
            Self::Head {
                source,
                tree_size,
                fits_until,
                suspects,
                suspects_count,
            } => {
                write!(
                    f,
                    "{source} of {tree_size} leaves does not fit: something was changed, moved or removed among leaves \
                     {fits_until} to below {tree_size}; there are now {suspects_count}:"
                )?;
                list(f, suspects)
            }
            Self::Disorder { journals } => {
                f.write_str(
                    "these stand behind journals of later transactions, innocently where theirs took long:",
                )?;
                list(f, journals)
            }
            Self::Truncated {
                source,
                leaves,
                signed,
                sealed_at,
            } => write!(
                f,
                "{source} of {sealed_at} covers {signed} leaves and the log has {leaves}: journals were cut off its end"
            ),
            Self::Unsigned { leaves, signed } => write!(
                f,
                "the database's last head covers {signed} leaves and the log has {leaves}: nobody signed for what is behind it"
            ),
            Self::Signature {
                source,
                tree_size,
                key_id,
                what,
            } => write!(
                f,
                "{source} of {tree_size} leaves (key {key_id:?}) is not believed: {what}"
            ),
            Self::Subtree {
                level,
                subtree_index,
            } => write!(
                f,
                "the stored subtree {subtree_index} of level {level} is not what its leaves make"
            ),
            Self::State => f.write_str(
                "the sealer's note of where it stands is not what the leaves make; it cannot go on",
            ),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, names: &[LeafName]) -> fmt::Result {
    names.iter().try_for_each(|name| write!(f, "\n    {name}"))
}
