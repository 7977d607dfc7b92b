//! Account codes, sides and classes.
//!
//! A code is four digits from the chart of accounts and then optional parts after dots, each of `a-z`, `0-9`
//! and `-`: `1110`, `5010.x`, `2010.rvd.02-gr`. The digits say what the account is; the parts say whose.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

/// Longest account code: four digits and two parts of 32 characters, the longest biller and revenue line.
pub const ACCOUNT_CODE_LENGTH_MAX: usize = 70;

/// Digits at the head of every code.
const HEAD_LENGTH: usize = 4;

/// The side of an account that a posting is written on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left side.
    Debit,
    /// The right side.
    Credit,
}

impl Side {
    /// The opposite side.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }

    /// `Dr` or `Cr`, as journals are printed.
    #[must_use]
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Debit => "Dr",
            Self::Credit => "Cr",
        }
    }
}

/// What an account measures; the first digit of its code.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AccountClass {
    /// What is held or owed to the book: 1xxx.
    Asset,
    /// What the book owes: 2xxx.
    Liability,
    /// What collecting costs: 5xxx.
    Expense,
    /// Kept beside the accounts and netting to nothing: 9xxx.
    Memorandum,
}

impl AccountClass {
    /// The side on which accounts of this class grow; a memorandum pair has one account on each side.
    #[must_use]
    pub const fn natural_side(self) -> Option<Side> {
        match self {
            Self::Asset | Self::Expense => Some(Side::Debit),
            Self::Liability => Some(Side::Credit),
            Self::Memorandum => None,
        }
    }
}

/// A validated account code, for instance `2010.rvd.02-gr`. Cheap to clone.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct AccountCode(Arc<str>);

/// A text that is not an account code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "account code {0:?} is not four digits followed by optional parts of a-z, 0-9 or '-', each after a dot \
     (at most {ACCOUNT_CODE_LENGTH_MAX} characters)"
)]
pub struct AccountCodeError(
    /// The text, cut to the longest a code may be.
    pub String,
);

impl AccountCode {
    /// Takes a code such as `1110` or `2010.rvd.02-gr`. Whether the chart knows it is asked when a journal is drafted.
    ///
    /// # Errors
    /// [`AccountCodeError`] for any other shape.
    pub fn new(text: &str) -> Result<Self, AccountCodeError> {
        if is_code(text) {
            Ok(Self(text.into()))
        } else {
            Err(AccountCodeError(
                text.chars().take(ACCOUNT_CODE_LENGTH_MAX).collect(),
            ))
        }
    }

    /// The whole code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The four digits that the chart of accounts lists.
    #[must_use]
    pub fn head(&self) -> &str {
        self.0.get(..HEAD_LENGTH).unwrap_or_default()
    }

    /// The parts after the four digits, in order.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('.').skip(1)
    }

    /// The code with one more part.
    ///
    /// # Errors
    /// [`AccountCodeError`] when the part has other characters than `a-z`, `0-9`, `-`, or the code grows too long.
    pub fn child(&self, part: &str) -> Result<Self, AccountCodeError> {
        Self::new(&format!("{self}.{part}"))
    }

    /// A code whose shape the chart's own test vouches for.
    pub(crate) fn of_chart(head: &'static str) -> Self {
        Self(head.into())
    }
}

fn is_code(text: &str) -> bool {
    let mut parts = text.split('.');
    text.len() <= ACCOUNT_CODE_LENGTH_MAX
        && parts.next().is_some_and(|head| {
            head.len() == HEAD_LENGTH && head.bytes().all(|byte| byte.is_ascii_digit())
        })
        && parts.all(is_part)
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl fmt::Display for AccountCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountCode {
    type Err = AccountCodeError;

    fn from_str(text: &str) -> Result<Self, AccountCodeError> {
        Self::new(text)
    }
}

impl TryFrom<String> for AccountCode {
    type Error = AccountCodeError;

    fn try_from(text: String) -> Result<Self, AccountCodeError> {
        Self::new(&text)
    }
}

impl From<AccountCode> for String {
    fn from(code: AccountCode) -> Self {
        code.as_str().to_owned()
    }
}
