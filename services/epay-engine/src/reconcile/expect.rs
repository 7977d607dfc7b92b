//! What a break makes expected: the rest, what is to go back, the end of a dispute, a fee that is owed.

use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::{Case, ItemKind, Kept};
use epay_domain::statement::EntryDirection;
use epay_ledger::chart;
use epay_store::reconciliation::Expectation;
use jiff::civil::Date;

use super::Seen;
use super::found::{Run, Together};

impl Run<'_> {
    /// The rest of a batch that is short, or what is to go back of one that is over: a break stands for it.
    pub(super) fn expect_rest(&mut self, case: &Case, kept: &Kept, of: &Together<'_>) {
        let Some(first) = of.left.first() else { return };
        // What lies on the bare accounts belongs to no rail: a person must say what it is.
        if kept.account.parts().next().is_none() {
            return;
        }
        let over = chart::UNIDENTIFIED.covers(&kept.account);
        self.writes.expectations.push(Expectation {
            level: Level::Bank,
            id: case.id.uuid(),
            kind: if over {
                ItemKind::Surplus
            } else {
                ItemKind::Shortfall
            },
            direction: if over {
                EntryDirection::Debit
            } else {
                EntryDirection::Credit
            },
            minor: kept.minor,
            gross_minor: kept.minor,
            fee_minor: None,
            day: self.books.context.today,
            expected_on: None,
            case: Some(case.id),
            journal: None,
            ..first.what.clone()
        });
    }

    /// A dispute may end in our favour; its money then comes back.
    pub(super) fn expect_dispute(&mut self, case: &Case, one: &Seen) {
        self.writes.expectations.push(Expectation {
            level: Level::Rail,
            id: case.id.uuid(),
            kind: ItemKind::Dispute,
            rail: one.rail.clone(),
            account: one.account.clone(),
            direction: EntryDirection::Credit,
            rail_reference: None,
            reference: one.reference.clone(),
            bill_number: None,
            currency: one.currency,
            minor: one.minor,
            gross_minor: one.minor,
            fee_minor: None,
            day: one.day,
            expected_on: None,
            case: Some(case.id),
            journal: None,
        });
    }

    /// A rail owes a fee back, and is asked again when it has not paid by its day.
    pub(super) fn expect_claim(&mut self, case: &Case, kept: &Kept, expected_on: Date) {
        self.writes.expectations.push(Expectation {
            level: Level::Bank,
            id: case.id.uuid(),
            kind: ItemKind::Shortfall,
            rail: case.rail.clone(),
            account: case.account.clone(),
            direction: EntryDirection::Credit,
            rail_reference: None,
            // Shorter than the references that banks carry.
            reference: Some(case.id.uuid().simple().to_string()),
            bill_number: None,
            currency: case.currency,
            minor: kept.minor,
            gross_minor: kept.minor,
            fee_minor: None,
            day: self.books.context.today,
            expected_on: Some(expected_on),
            case: Some(case.id),
            journal: None,
        });
    }
}
