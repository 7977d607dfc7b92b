//! The bills of one payment: one, or several of one kind that are paid together, each in full.

use epay_money::{Money, hong_kong_date};
use jiff::Timestamp;

use super::common::Row;
use crate::format;
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::seal::{BasketLink, BillLink};
use crate::text::Text;
use crate::view::{Bill, BillKind};
use crate::web::Visit;

/// Bills as they stand now, in the order in which they were gathered.
pub(super) struct Together {
    pub(super) first: Bill,
    pub(super) others: Vec<Bill>,
}

impl Together {
    /// Looks every one of them up.
    pub(super) async fn look_up(
        visit: &Visit,
        first: &BillLink,
        more: &[BillLink],
    ) -> Result<Self, Failure> {
        let gateway = &visit.portal.gateway;
        let first = gateway.find_bill(first, &visit.visitor).await?;
        let mut others = Vec::with_capacity(more.len());
        for link in more {
            others.push(gateway.find_bill(link, &visit.visitor).await?);
        }
        Ok(Self { first, others })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Bill> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Resource names.
    pub(super) fn names(&self) -> Vec<String> {
        self.all().map(|bill| bill.name.clone()).collect()
    }

    /// What is to be paid of all of them.
    pub(super) fn due(&self) -> Result<Money, Problem> {
        self.others
            .iter()
            .try_fold(self.first.outstanding, |sum, bill| {
                sum.checked_add(bill.outstanding)
            })
            .map_err(|_other_currency| Problem::Refused)
    }

    /// Whether they can still be paid with so much: part of one alone, several only in full.
    pub(super) fn fit(&self, amount: Money) -> bool {
        let today = hong_kong_date(Timestamp::now());
        let payable = self.all().all(|bill| bill.is_payable_on(today));
        let whole = self.due().is_ok_and(|due| due == amount);
        let part = self.others.is_empty() && amount.minor() <= self.first.outstanding.minor();
        payable && (whole || part)
    }

    /// A line for each of several bills; nothing for one.
    pub(super) fn rows(&self, text: Text, kind: &BillKind) -> Vec<Row> {
        if self.others.is_empty() {
            return vec![];
        }
        let each = self
            .all()
            .map(|bill| (bill.number.as_str(), bill.outstanding));
        rows(text, kind, each)
    }
}

/// A line for each bill: its number, and how much of the payment is for it.
pub(super) fn rows<'a>(
    text: Text,
    kind: &BillKind,
    bills: impl Iterator<Item = (&'a str, Money)>,
) -> Vec<Row> {
    let label = text.pick(kind.number_label.as_ref());
    bills
        .map(|(number, amount)| {
            let words = [
                ("number", number.to_owned()),
                ("amount", format::money(text.language, amount)),
            ];
            Row::new(label.clone(), text.fill("basket-line", words))
        })
        .collect()
}

/// Where the bills themselves are looked at: the page of one, or of several.
pub(super) fn address(
    visit: &Visit,
    first: &BillLink,
    more: &[BillLink],
) -> Result<String, Problem> {
    let sealer = &visit.portal.sealer;
    let now = Timestamp::now();
    if more.is_empty() {
        let sealed = sealer.seal(first, now)?;
        return Ok(visit.href(&format!("/bill/{sealed}")));
    }
    let mut bills = vec![first.clone()];
    bills.extend_from_slice(more);
    let sealed = sealer.seal(&BasketLink { bills }, now)?;
    Ok(visit.href(&format!("/basket/{sealed}")))
}
