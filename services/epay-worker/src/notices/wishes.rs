//! From news to plans, without looking at anything: what is to be told of, and the notices that this makes.

use std::collections::{BTreeSet, HashMap};

use epay_domain::bill::Bill;
use epay_domain::notification::{
    EndedPayment, MoneyNews, Planned, Preferences, bill_ready, of_bill, of_licence,
};
use epay_domain::refund::Refund;
use epay_domain::{PublicEventKind, Receipt, Terms};
use epay_engine::Catalogue;
use epay_money::{BillId, BillerId, BusinessCalendar, CalendarError, PaymentId};
use epay_notice::{Details, Kind};
use epay_store::notice::{NewsItem, PaymentEnd};
use jiff::Timestamp;
use uuid::Uuid;

/// A bill by its key.
pub(super) type BillKey = (BillerId, BillId);

/// What news of bills are about, gathered from many batches.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// Bills that were issued.
    pub(super) issued: Vec<BillKey>,
    /// Bills that were revised, and when.
    pub(super) revised: Vec<(BillKey, Timestamp)>,
    /// Bills of which a person wants to hear from now on.
    pub(super) subscribed: Vec<(BillKey, Uuid, Timestamp)>,
    /// Bills for which money came.
    pub(super) paid: BTreeSet<BillKey>,
    /// Bills of which money was sent back.
    pub(super) refunded: BTreeSet<BillKey>,
    /// Payments that ended without money, with their bill and the moment.
    pub(super) ended: Vec<(BillKey, PaymentId, Timestamp)>,
    /// Bills that are planned anew.
    pub(super) again: Vec<BillKey>,
    /// When the first of all this happened.
    pub(super) since: Option<Timestamp>,
}

/// Whether people are told of news of this kind.
pub(super) const fn is_told(kind: PublicEventKind) -> bool {
    match kind {
        PublicEventKind::BillIssued
        | PublicEventKind::BillPartPaid
        | PublicEventKind::BillPaid
        | PublicEventKind::MoneyHeld
        | PublicEventKind::BillRevised
        | PublicEventKind::PaymentSettled
        | PublicEventKind::PaymentEnded
        | PublicEventKind::RefundPaid => true,
        PublicEventKind::BillReopened
        | PublicEventKind::BillWithdrawn
        | PublicEventKind::PaymentStarted
        | PublicEventKind::PaymentUnclear
        | PublicEventKind::RefundApproved
        | PublicEventKind::RefundCameBack
        | PublicEventKind::PaymentProgressed
        | PublicEventKind::PaymentChargedBack
        | PublicEventKind::PaymentChargebackReversed => false,
    }
}

impl Wishes {
    /// Gathers news.
    pub(super) fn of<'a>(news: impl Iterator<Item = &'a NewsItem>) -> Self {
        let mut wishes = Self::default();
        for item in news {
            match item {
                NewsItem::Batch(batch) => {
                    for row in &batch.rows {
                        let kind = PublicEventKind::read(&row.kind);
                        if let (Some(kind), Some(bill)) = (kind, row.bill) {
                            let key = (row.biller.clone(), bill);
                            wishes.add(kind, (key, row.payment), batch.at);
                        }
                    }
                }
                NewsItem::Subscribed {
                    biller,
                    bill,
                    person,
                    since,
                } => wishes
                    .subscribed
                    .push(((biller.clone(), *bill), *person, *since)),
                // Which bills, the planner looks up.
                NewsItem::Holidays { .. } => {}
            }
        }
        wishes
    }

    fn add(
        &mut self,
        kind: PublicEventKind,
        (key, payment): (BillKey, Option<PaymentId>),
        at: Timestamp,
    ) {
        match kind {
            PublicEventKind::BillIssued => self.issued.push(key),
            PublicEventKind::BillRevised => self.revised.push((key, at)),
            PublicEventKind::BillPartPaid
            | PublicEventKind::BillPaid
            | PublicEventKind::MoneyHeld
            | PublicEventKind::PaymentSettled => {
                self.paid.insert(key);
            }
            PublicEventKind::RefundPaid => {
                self.refunded.insert(key);
            }
            PublicEventKind::PaymentEnded => {
                self.ended.extend(payment.map(|payment| (key, payment, at)));
            }
            PublicEventKind::BillReopened
            | PublicEventKind::BillWithdrawn
            | PublicEventKind::PaymentStarted
            | PublicEventKind::PaymentUnclear
            | PublicEventKind::RefundApproved
            | PublicEventKind::RefundCameBack
            | PublicEventKind::PaymentProgressed
            | PublicEventKind::PaymentChargedBack
            | PublicEventKind::PaymentChargebackReversed => return,
        }
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }

    /// Every bill that any of it is about, once.
    pub(super) fn bills(&self) -> Vec<BillKey> {
        let mut keys: BTreeSet<&BillKey> = self.issued.iter().collect();
        keys.extend(self.revised.iter().map(|(key, _at)| key));
        keys.extend(self.subscribed.iter().map(|(key, _person, _since)| key));
        keys.extend(self.ended.iter().map(|(key, _payment, _at)| key));
        keys.extend(&self.paid);
        keys.extend(&self.refunded);
        keys.extend(&self.again);
        keys.into_iter().cloned().collect()
    }
}

/// What was read for the wishes.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) bills: HashMap<BillId, Bill>,
    /// Who is told of each bill, and since when.
    pub(super) subscribers: HashMap<BillId, Vec<(Uuid, Timestamp)>>,
    pub(super) preferences: HashMap<Uuid, Preferences>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) refunds: Vec<Refund>,
    pub(super) ends: HashMap<PaymentId, PaymentEnd>,
}

/// A notice that a person is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) person: Uuid,
    pub(super) bill: BillKey,
    pub(super) planned: Planned,
    pub(super) details: Details,
}

/// The notices that wishes make. What happened before a person subscribed is not told to that person.
pub(super) fn plans(wishes: &Wishes, facts: &Facts, rules: &Rules<'_>) -> Vec<Plan> {
    let mut plans = Vec::new();
    for key in &wishes.issued {
        for (bill, person, since) in facts.of(key) {
            let with_ready = since <= bill.created_at;
            let from = since.max(bill.created_at);
            rules.add_bill(&mut plans, (bill, person), (from, with_ready));
        }
    }
    for (key, at) in &wishes.revised {
        for (bill, person, since) in facts.of(key) {
            rules.add_bill(&mut plans, (bill, person), (since.max(*at), false));
        }
    }
    for (key, person, since) in &wishes.subscribed {
        for (bill, known, _since) in facts.of(key) {
            if known == *person {
                rules.add_bill(&mut plans, (bill, known), (*since, false));
            }
        }
    }
    for (bill, news) in money(wishes, facts) {
        for (_bill, person, since) in facts.of(&bill) {
            if let Some(planned) = news.planned().filter(|_planned| since <= news.at) {
                plans.push(Plan {
                    person,
                    bill: bill.clone(),
                    planned,
                    details: news.details.clone(),
                });
            }
        }
    }
    plans
}

/// The reminders that bills have from now on by other holidays. What should have been told before was told, or is not told any more.
pub(super) fn plans_again(
    wishes: &Wishes,
    facts: &Facts,
    rules: &Rules<'_>,
    now: Timestamp,
) -> Vec<Plan> {
    let mut plans = Vec::new();
    for key in &wishes.again {
        for (bill, person, since) in facts.of(key) {
            rules.add_bill(&mut plans, (bill, person), (since.max(now), false));
        }
    }
    plans
}

/// What happened to money, each with its bill.
fn money(wishes: &Wishes, facts: &Facts) -> Vec<(BillKey, MoneyNews)> {
    let mut news = Vec::new();
    for receipt in &facts.receipts {
        if let Some(bill) = receipt.bill {
            let key = (receipt.biller.clone(), bill);
            news.push((key, MoneyNews::received(receipt)));
        }
    }
    for refund in &facts.refunds {
        if let Some(bill) = refund.bill {
            news.push(((refund.biller.clone(), bill), MoneyNews::refunded(refund)));
        }
    }
    for (key, payment, at) in &wishes.ended {
        if let Some(end) = facts.ends.get(payment) {
            let ended = EndedPayment {
                id: end.id,
                amount: end.amount,
                reference: end.reference.clone(),
                dishonoured: end.dishonoured,
                at: *at,
            };
            news.push((key.clone(), MoneyNews::ended(&ended)));
        }
    }
    news
}

impl Facts {
    /// A bill with each person who is told of it, and since when.
    fn of(&self, (_biller, bill): &BillKey) -> impl Iterator<Item = (&Bill, Uuid, Timestamp)> {
        let people = self.subscribers.get(bill).map_or(&[][..], Vec::as_slice);
        let bill = self.bills.get(bill);
        people
            .iter()
            .filter_map(move |(person, since)| Some((bill?, *person, *since)))
    }
}

/// What moments follow from.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) calendar: &'a BusinessCalendar,
    pub(super) catalogue: &'a Catalogue,
}

impl Rules<'_> {
    fn add_bill(
        &self,
        plans: &mut Vec<Plan>,
        (bill, person): (&Bill, Uuid),
        (from, with_ready): (Timestamp, bool),
    ) {
        let planned = match self.of_whole_bill(bill, from) {
            Ok(planned) => planned,
            Err(error) => {
                // Nobody knows the holidays of that year yet: it is said that there is a bill, and no day is guessed.
                tracing::warn!(bill = %bill.id, %error, "Reminders of a bill could not be planned");
                bill_ready(from, bill.due_date).into_iter().collect()
            }
        };
        let told = planned
            .into_iter()
            .filter(|one| with_ready || one.kind != Kind::BillReady);
        plans.extend(told.map(|planned| Plan {
            person,
            bill: (bill.biller.clone(), bill.id),
            planned,
            details: Details::default(),
        }));
    }

    /// The notices of a bill; of one that is paid by instalments, those of each. Of one that renews a licence, the licence's: they say the
    /// same day, and what it means.
    fn of_whole_bill(&self, bill: &Bill, from: Timestamp) -> Result<Vec<Planned>, CalendarError> {
        if let Some(licence) = &bill.licence {
            let kind = self.catalogue.kind(&bill.bill_type);
            let nothing = Terms::default();
            let terms = kind.map_or(&nothing, |kind| &kind.terms);
            return of_licence(from, licence.days(terms), self.calendar);
        }
        let mut planned = of_bill(from, bill.due_date, self.calendar)?;
        for later in bill.instalments.iter().skip(1) {
            let of_it = of_bill(from, later.due_date, self.calendar)?;
            planned.extend(of_it.into_iter().filter(|one| one.kind != Kind::BillReady));
        }
        Ok(planned)
    }
}
