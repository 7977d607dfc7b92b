//! What the references and bill numbers of credits mean.
//!
//! By our reference first, then by bill number, each within the department that owns the credited account. One statement
//! for all references of a batch of messages; two more, for numbers, only where a reference is missing or unknown.

use std::collections::{BTreeSet, HashMap};

use epay_domain::MatchedBy;
use epay_money::{BillId, BillerId, PaymentId, RailId};
use epay_rail::Report;
use epay_store::{PaymentKey, Resolved};

use super::Opened;
use crate::engine::Core;
use crate::error::BatchError;
use crate::plans::with_kept_plans;

/// What references and bill numbers mean.
#[derive(Debug, Default)]
pub(super) struct Matches {
    pub(super) references: HashMap<(BillerId, String), PaymentKey>,
    /// The one payment by this rail that waits for money for this bill.
    waiting: HashMap<(BillerId, BillId, RailId), PaymentId>,
    numbers: HashMap<(BillerId, String), BillId>,
}

/// One statement, whose plan is kept: planned anew for every number of references it would cost six times what it does.
async fn by_reference(
    core: &Core,
    references: &[(BillerId, String)],
) -> Result<Vec<Resolved>, BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let found = epay_store::resolve_references(&tx, references);
    let found = with_kept_plans(&tx, found).await?;
    tx.rollback().await?;
    Ok(found)
}

impl Matches {
    pub(super) async fn look_up(core: &Core, opened: &[Opened]) -> Result<Self, BatchError> {
        let mut matches = Self::default();
        let mut references = matches.unmatched(opened, |report| report.reference.as_ref());
        // A hint names no account: the reference is looked for with every department.
        let departments: BTreeSet<BillerId> = core
            .catalogue
            .load()
            .kinds()
            .iter()
            .map(|kind| kind.biller.clone())
            .collect();
        for hint in opened.iter().flat_map(|opened| &opened.hints) {
            references.extend(departments.iter().map(|book| (book.clone(), hint.clone())));
        }
        if !references.is_empty() {
            for found in by_reference(core, &references).await? {
                let of = PaymentKey {
                    biller: found.biller.clone(),
                    payment: found.payment,
                    bills: found.bills,
                };
                matches
                    .references
                    .insert((found.biller, found.reference), of);
            }
        }
        // Only what no reference matched: nearly nothing, as long as banks carry references.
        let numbers = matches.unmatched(opened, |report| report.bill_number.as_ref());
        if !numbers.is_empty() {
            let client = core.pool.get().await?;
            for (biller, number, bill) in epay_store::resolve_numbers(&client, &numbers).await? {
                matches.numbers.insert((biller, number), bill);
            }
            let bills = matches.numbered();
            let found = epay_store::waiting_payments(&client, &bills).await?;
            matches.waiting.extend(found);
        }
        Ok(matches)
    }

    /// Each word of the credits that nothing matches yet, once.
    fn unmatched(
        &self,
        opened: &[Opened],
        word: impl Fn(&Report) -> Option<&String>,
    ) -> Vec<(BillerId, String)> {
        let words: BTreeSet<_> = opened
            .iter()
            .flat_map(|opened| &opened.credits)
            .filter(|(book, report, _entry)| self.by_reference(book, report).is_none())
            .filter_map(|(book, report, _entry)| Some((book.clone(), word(report)?.clone())))
            .collect();
        words.into_iter().collect()
    }

    /// The bills that numbers were found to mean.
    fn numbered(&self) -> Vec<(BillerId, BillId)> {
        let found = self.numbers.iter();
        found
            .map(|((biller, _number), bill)| (biller.clone(), *bill))
            .collect()
    }

    fn by_reference(&self, book: &BillerId, report: &Report) -> Option<&PaymentKey> {
        let reference = report.reference.as_ref()?;
        self.references.get(&(book.clone(), reference.clone()))
    }

    /// The bills, the payment and the ground on which a credit belongs to them. A payer who types a bill number at the
    /// rail, as at PPS, leaves no reference: the payment by that rail that waits for the bill is then the one meant.
    pub(super) fn of(
        &self,
        rail: &RailId,
        book: &BillerId,
        report: &Report,
    ) -> (Vec<BillId>, Option<PaymentId>, MatchedBy) {
        if let Some(of) = self.by_reference(book, report) {
            return (of.bills.clone(), Some(of.payment), MatchedBy::Reference);
        }
        let by_number = report
            .bill_number
            .as_ref()
            .and_then(|number| self.numbers.get(&(book.clone(), number.clone())));
        match by_number {
            Some(bill) => {
                let waiting = self.waiting.get(&(book.clone(), *bill, rail.clone()));
                (vec![*bill], waiting.copied(), MatchedBy::BillNumber)
            }
            None => (vec![], None, MatchedBy::None),
        }
    }
}
