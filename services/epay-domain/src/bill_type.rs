//! Kinds of bill as data: what the number looks like, who is paid, and what may be paid.

mod check;
mod terms;

pub use check::{KindFault, TEXT_CHARACTERS_MAX, check_kinds};
pub use terms::{
    AccountDigits, DueDates, FACTOR_CHARACTERS_MAX, INSTALMENTS_MAX, InstalmentPolicy, LateRule,
    LineName, PartPolicy, PayWindow, SecondFactor, SecondFactorKind, Terms,
};

use epay_money::{BillTypeCode, BillerId, RailId};
use serde::{Deserialize, Serialize};

use crate::NumberRule;

/// The same short text in the three languages of the pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalizedText {
    /// English.
    pub en: String,
    /// Traditional Chinese.
    pub zh_hant: String,
    /// Simplified Chinese.
    pub zh_hans: String,
}

/// What becomes of money above what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverPolicy {
    /// Held for a refund (account 2120).
    HoldForRefund,
    /// Carried forward to the department as an advance.
    CreditForward,
}

/// What may be paid towards a bill of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Less than what is due may be paid.
    pub part_allowed: bool,
    /// Only the exact amount discharges the bill (penalties, licences); anything else is held.
    pub exact_only: bool,
    /// What becomes of the excess.
    pub over: OverPolicy,
}

/// Who receives a payment of this kind on one rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// The rail.
    pub rail: RailId,
    /// The identifier that the payer's app is given.
    pub identifier: String,
    /// The account at the bank that is credited, as the rail names it.
    pub account: String,
    /// The name that the pages show.
    pub name: LocalizedText,
}

/// A kind of bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillType {
    /// Its code, for instance `rvd-rates`.
    pub code: BillTypeCode,
    /// The department that issues it; also the ledger book that receives it.
    pub biller: BillerId,
    /// The department's name.
    pub biller_name: LocalizedText,
    /// The kind's name.
    pub name: LocalizedText,
    /// What the number on the bill is called.
    pub number_label: LocalizedText,
    /// What the number looks like.
    pub number: NumberRule,
    /// What may be paid.
    pub policy: Policy,
    /// Who is paid, on each rail that can pay it.
    pub payees: Vec<Payee>,
    /// Revenue line that takes a credit carried forward, and a bill issued without lines.
    pub default_line: String,
    /// Lines, instalments, lateness, and who may look.
    #[serde(default)]
    pub terms: Terms,
}

impl BillType {
    /// Who is paid by `rail`, if that rail can pay this kind.
    #[must_use]
    pub fn payee(&self, rail: &RailId) -> Option<&Payee> {
        self.payees.iter().find(|payee| payee.rail == *rail)
    }

    /// The part of a bill's number that names the account: who is subscribed to it hears of its next bill too.
    #[must_use]
    pub fn account<'a>(&self, number: &'a str) -> &'a str {
        let digits = self.terms.account;
        digits.map_or(number, |digits| digits.within(number))
    }

    /// The lowest and the highest number that bills of the same account can have.
    #[must_use]
    pub fn account_range(&self, number: &str) -> (String, String) {
        let digits = self.terms.account;
        digits.map_or_else(
            || (number.to_owned(), number.to_owned()),
            |digits| digits.range(number),
        )
    }

    /// The amount shown to the payer may be changed in the payer's app.
    #[must_use]
    pub const fn amount_editable(&self) -> bool {
        self.policy.part_allowed && !self.policy.exact_only
    }
}
