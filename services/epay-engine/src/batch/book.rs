//! The batch's working copy: the snapshot, changed event by event, and the writes that follow from it.

use std::collections::BTreeMap;

use epay_domain::Effect;
use epay_domain::bill::{self, Bill, BillEvent};
use epay_domain::credit::{FeesDue, fees_journal};
use epay_domain::payment::{self, Payment, PaymentEvent, order_key};
use epay_money::{BillId, BillerId, Currency, JournalId, PaymentId, RailId};
use epay_rail::OrderKind;
use epay_store::{FirstAnswer, NewOrder, OutboxRow, StoredAsk, StoredEvent};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use tracing::error;
use uuid::Uuid;

use super::{Snapshot, Writes};
use crate::Ids;
use crate::catalogue::Rails;
use crate::command::Keyed;
use crate::error::EngineError;

/// The working copy.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) snapshot: Snapshot,
    pub(crate) writes: Writes,
    pub(crate) now: Timestamp,
    fees: BTreeMap<FeeKey, Fees>,
}

/// Fees that one journal accrues: a rail's, in one book and currency, for one business day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FeeKey {
    pub(crate) book: BillerId,
    pub(crate) rail: RailId,
    pub(crate) currency: Currency,
    pub(crate) date: Date,
}

#[derive(Debug)]
struct Fees {
    journal: JournalId,
    minor: i64,
}

impl Book {
    pub(crate) fn open(snapshot: Snapshot, now: Timestamp) -> Self {
        Self {
            snapshot,
            writes: Writes::default(),
            now,
            fees: BTreeMap::new(),
        }
    }

    /// The journal that will accrue the fees of this batch under a key.
    pub(crate) fn fee_journal(&mut self, key: &FeeKey, ids: &dyn Ids) -> JournalId {
        if let Some(fees) = self.fees.get(key) {
            return fees.journal;
        }
        let journal = JournalId::new(ids.next());
        self.fees.insert(key.clone(), Fees { journal, minor: 0 });
        journal
    }

    /// Adds the fee of one receipt.
    pub(crate) fn add_fee(&mut self, key: &FeeKey, minor: i64) {
        if let Some(fees) = self.fees.get_mut(key) {
            // A batch has some hundred fees of some cents.
            fees.minor = fees.minor.saturating_add(minor);
        }
    }

    /// The writes, with the fees of the batch accrued.
    pub(crate) fn close(mut self, rails: &Rails) -> Writes {
        for (key, fees) in &self.fees {
            let Some(rail) = rails.get(&key.rail).filter(|_open| fees.minor > 0) else {
                continue;
            };
            let due = FeesDue {
                book: &key.book,
                rail: &key.rail,
                accounts: &rail.accounts,
                currency: key.currency,
                receipt_business_date: key.date,
                minor: fees.minor,
            };
            match fees_journal(fees.journal, &due, self.now) {
                Ok(journal) => self.writes.journals.push(journal),
                // Each fee was tried by itself when its receipt was decided, so this does not occur.
                Err(error) => error!(%error, "Fees could not be accrued"),
            }
        }
        self.writes
    }

    pub(crate) fn bill(&self, biller: &BillerId, id: BillId) -> Result<&Bill, EngineError> {
        self.snapshot
            .bills
            .get(&(biller.clone(), id))
            .ok_or(EngineError::NotFound { what: "the bill" })
    }

    pub(crate) fn payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<&Payment, EngineError> {
        self.snapshot
            .payments
            .get(&(biller.clone(), id))
            .ok_or(EngineError::NotFound {
                what: "the payment",
            })
    }

    /// A new bill, before its first event.
    pub(crate) fn add_bill(&mut self, bill: Bill, events: &[BillEvent]) -> Bill {
        let bill = self.run_bill(bill, events);
        self.writes.new_bills.push(bill.clone());
        self.snapshot
            .bills
            .insert((bill.biller.clone(), bill.id), bill.clone());
        bill
    }

    /// Events on a known bill.
    pub(crate) fn change_bill(&mut self, bill: Bill, events: &[BillEvent]) -> Bill {
        let bill = self.run_bill(bill, events);
        self.keep_bill(bill.clone());
        bill
    }

    /// Events on a known bill that change what it says.
    pub(crate) fn revise_bill(&mut self, bill: Bill, events: &[BillEvent]) -> Bill {
        let bill = self.change_bill(bill, events);
        let key = (bill.biller.clone(), bill.id);
        self.writes.revised_bills.insert(key, bill.clone());
        bill
    }

    /// A bill as it stands now.
    pub(crate) fn keep_bill(&mut self, mut bill: Bill) {
        let key = (bill.biller.clone(), bill.id);
        // Kept by `mark_under_way` alone; a bill that was decided upon may be older in this.
        if let Some(known) = self.snapshot.bills.get(&key) {
            bill.under_way.clone_from(&known.under_way);
        }
        self.writes.changed_bills.insert(key.clone(), bill.clone());
        self.snapshot.bills.insert(key, bill);
    }

    fn run_bill(&mut self, mut bill: Bill, events: &[BillEvent]) -> Bill {
        for event in events {
            bill = bill::apply(bill, event, self.now);
            self.record(
                &bill.biller.clone(),
                bill.id.uuid(),
                bill.version,
                event.kind(),
                to_json(event),
            );
            self.effects(&bill.biller.clone(), bill::effects(&bill, event));
        }
        bill
    }

    /// A new payment, before its first event.
    pub(crate) fn add_payment(&mut self, payment: Payment, events: &[PaymentEvent]) -> Payment {
        let payment = self.run_payment(payment, events).with_plain_timer();
        let key = (payment.biller.clone(), payment.id);
        self.writes
            .new_payments
            .insert(key.clone(), payment.clone());
        self.mark_under_way(&payment);
        self.snapshot.payments.insert(key, payment.clone());
        payment
    }

    /// Events on a known payment; without events, what else changed of it is kept.
    pub(crate) fn change_payment(&mut self, payment: Payment, events: &[PaymentEvent]) -> Payment {
        let payment = self.run_payment(payment, events);
        self.keep_payment(payment)
    }

    /// A payment as it stands now; one that this batch inserts is inserted as it stands.
    pub(crate) fn keep_payment(&mut self, payment: Payment) -> Payment {
        let payment = payment.with_plain_timer();
        self.keep_as_it_is(payment.clone());
        payment
    }

    /// What is known beside the state changed, and the timer is as the caller set it.
    pub(crate) fn keep_as_it_is(&mut self, payment: Payment) {
        let key = (payment.biller.clone(), payment.id);
        self.mark_under_way(&payment);
        if let Some(new) = self.writes.new_payments.get_mut(&key) {
            new.clone_from(&payment);
        } else {
            self.writes
                .changed_payments
                .insert(key.clone(), payment.clone());
        }
        self.snapshot.payments.insert(key, payment);
    }

    /// Keeps each bill's list of payments that may still take money for it.
    fn mark_under_way(&mut self, payment: &Payment) {
        let blocks = payment.blocks_others();
        for id in payment.bills() {
            let key = (payment.biller.clone(), id);
            let Some(bill) = self.snapshot.bills.get_mut(&key) else {
                continue;
            };
            if bill.under_way.contains(&payment.id) == blocks {
                continue;
            }
            bill.under_way.retain(|known| *known != payment.id);
            if blocks {
                bill.under_way.push(payment.id);
            }
            self.writes.under_way.insert(key, bill.clone());
        }
    }

    /// The bills of a payment, as they stand now.
    pub(crate) fn bills_of(&self, payment: &Payment) -> Result<Vec<Bill>, EngineError> {
        payment
            .bills()
            .map(|id| self.bill(&payment.biller, id).cloned())
            .collect()
    }

    /// Queues an order about a payment, not to be sent before `next_at`, and answers its key. The payment must be kept
    /// afterwards: it counts its orders.
    pub(crate) fn order(
        &mut self,
        payment: &mut Payment,
        ask: StoredAsk,
        next_at: Timestamp,
        instrument: Option<Vec<u8>>,
        ids: &dyn Ids,
    ) -> Option<String> {
        let remote = payment.remote.as_mut()?;
        if ask.kind() != OrderKind::Collect {
            remote.orders = remote.orders.saturating_add(1);
        }
        let (orders, kept) = (remote.orders, remote.kept.clone());
        let key = if ask.kind() == OrderKind::Collect {
            payment.collect_key()
        } else {
            order_key(payment.reference.as_str(), ask.kind(), orders)
        };
        self.writes.orders.push(NewOrder {
            biller: payment.biller.clone(),
            key: key.clone(),
            payment: payment.id,
            rail: payment.rail.clone(),
            ask,
            kept,
            at: self.now,
            nonce: ids.next().into_bytes(),
            next_at,
            instrument,
        });
        let biller = payment.biller.clone();
        self.effects(
            &biller,
            vec![Effect::SendOrder {
                payment: payment.id,
            }],
        );
        Some(key)
    }

    fn run_payment(&mut self, mut payment: Payment, events: &[PaymentEvent]) -> Payment {
        for event in events {
            payment = payment::apply(payment, event);
            self.record(
                &payment.biller.clone(),
                payment.id.uuid(),
                payment.version,
                event.kind(),
                to_json(event),
            );
            self.effects(&payment.biller.clone(), payment::effects(&payment, event));
        }
        payment
    }

    /// Appends an event.
    pub(crate) fn record(
        &mut self,
        biller: &BillerId,
        aggregate: Uuid,
        version: i32,
        kind: &str,
        body: Value,
    ) {
        self.writes.events.push(StoredEvent {
            biller: biller.clone(),
            aggregate,
            version,
            kind: kind.to_owned(),
            body,
            at: self.now,
        });
    }

    /// Puts effects into the outbox.
    pub(crate) fn effects(&mut self, biller: &BillerId, effects: Vec<Effect>) {
        let rows = effects.iter().map(|effect| OutboxRow::of(effect, biller));
        self.writes.outbox.extend(rows);
    }

    /// Keeps the first answer to a keyed command, for later batches and for repeats within this one.
    pub(crate) fn answered(&mut self, keyed: &Keyed, answer: Uuid, version: i32) {
        let first = FirstAnswer {
            key: keyed.key.clone(),
            digest: keyed.digest.clone(),
            answer,
            version,
        };
        self.writes.answers.push(first.clone());
        self.snapshot.answers.insert(keyed.key.clone(), first);
    }
}

/// An event as JSON. Events are plain data: they always have a JSON form.
pub(crate) fn to_json(event: &impl serde::Serialize) -> Value {
    serde_json::to_value(event).unwrap_or(Value::Null)
}
