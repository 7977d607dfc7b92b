//! Who may agree to how much, as data.

use super::{Person, SubjectKind};

/// One row: people of this role may decide this kind of proposal, up to a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The role, as tokens name it.
    pub role: String,
    /// The kind of proposal.
    pub kind: SubjectKind,
    /// Most minor units that it may agree to; unset where there is no limit.
    pub most_minor: Option<i64>,
}

/// Every row. A role without a row decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    rows: Vec<Limit>,
}

/// What a person may do with a kind of proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// None of their roles may decide it.
    None,
    /// They may agree up to so much.
    UpTo(i64),
    /// They may agree to any amount.
    Any,
}

impl Limits {
    /// These rows.
    #[must_use]
    pub const fn new(rows: Vec<Limit>) -> Self {
        Self { rows }
    }

    /// The rows, for the console.
    #[must_use]
    pub fn rows(&self) -> &[Limit] {
        &self.rows
    }

    /// The widest right that any role of a person gives.
    pub(super) fn right(&self, person: &Person, kind: SubjectKind) -> Right {
        self.rows
            .iter()
            .filter(|row| row.kind == kind && person.roles.contains(&row.role))
            .fold(Right::None, |right, row| match (right, row.most_minor) {
                (Right::Any, _) | (_, None) => Right::Any,
                (Right::None, Some(most)) => Right::UpTo(most),
                (Right::UpTo(known), Some(most)) => Right::UpTo(known.max(most)),
            })
    }
}
