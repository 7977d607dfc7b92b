//! The desk's working copy: the snapshot, changed event by event, and the writes that follow from it.

use epay_domain::Effect;
use epay_domain::proposal::{self, Proposal, ProposalEvent};
use epay_domain::refund::{self, Booking, Pot, Refund, RefundEvent, Source};
use epay_money::{BillerId, JournalId, ReceiptId, hong_kong_date};
use epay_store::{FirstAnswer, OutboxRow, PayoutRow, StoredEvent};
use jiff::Timestamp;
use uuid::Uuid;

use super::decide::Context;
use super::snapshot::Snapshot;
use super::writes::Writes;
use crate::batch::to_json;
use crate::command::Keyed;
use crate::error::{EngineError, chain};
use crate::reconcile::told;

/// The working copy.
#[derive(Debug)]
pub(super) struct Book<'a> {
    pub(super) snapshot: Snapshot,
    pub(super) writes: Writes,
    pub(super) context: Context<'a>,
}

impl<'a> Book<'a> {
    pub(super) fn open(snapshot: Snapshot, context: Context<'a>) -> Self {
        Self {
            snapshot,
            writes: Writes::default(),
            context,
        }
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.context.now
    }

    /// A refund before its first event, and what it takes of its receipt.
    pub(super) fn add_refund(&mut self, refund: Refund, event: &RefundEvent, pot: Pot) -> Refund {
        let refund = refund::apply(refund, event, self.now());
        self.record(
            &refund.biller,
            refund.id.uuid(),
            refund.version,
            event.kind(),
            event,
        );
        self.effects(&refund.biller, &refund::effects(&refund, event));
        let key = (refund.biller.clone(), refund.id);
        self.writes.new_refunds.insert(key.clone(), refund.clone());
        self.snapshot.refunds.insert(key, refund.clone());
        self.keep_pot(pot);
        refund
    }

    /// Events on a known refund, each with the journal that books it.
    pub(super) fn change_refund(
        &mut self,
        mut refund: Refund,
        events: &[RefundEvent],
    ) -> Result<Refund, EngineError> {
        for event in events {
            self.book(&refund, event)?;
            refund = refund::apply(refund, event, self.now());
            self.record(
                &refund.biller,
                refund.id.uuid(),
                refund.version,
                event.kind(),
                event,
            );
            self.effects(&refund.biller, &refund::effects(&refund, event));
        }
        let key = (refund.biller.clone(), refund.id);
        if let Some(new) = self.writes.new_refunds.get_mut(&key) {
            new.clone_from(&refund);
        } else {
            self.writes
                .changed_refunds
                .insert(key.clone(), refund.clone());
        }
        self.snapshot.refunds.insert(key, refund.clone());
        Ok(refund)
    }

    fn book(&mut self, before: &Refund, event: &RefundEvent) -> Result<(), EngineError> {
        let original = before
            .route
            .as_ref()
            .filter(|route| route.original)
            .and_then(|route| self.context.rails.get(&route.rail))
            .map(|open| &open.accounts);
        let broken = |error: &(dyn std::error::Error + 'static)| EngineError::Broken(chain(error));
        let booking = Booking { original };
        let draft = refund::journal(before, event, booking).map_err(|error| broken(&error))?;
        if let Some(draft) = draft {
            let journal = draft
                .journal(
                    JournalId::new(self.context.ids.next()),
                    before.biller.clone(),
                    self.now(),
                    hong_kong_date(self.now()),
                    before.id.to_string(),
                )
                .map_err(|error| broken(&error))?;
            self.writes.journals.push(journal);
        }
        if let Some(direction) = refund::on_statement(before, event, booking) {
            let Context { ids, calendar, .. } = self.context;
            let told = told::of_refund(before, direction, ids.next(), self.now(), calendar);
            self.writes.told.extend(told);
        }
        Ok(())
    }

    /// What is refundable of a receipt's part, as it stands now. The version that was read first is kept beside it.
    pub(super) fn keep_pot(&mut self, pot: Pot) {
        let key = (pot.biller.clone(), pot.receipt, pot.source);
        let read = self
            .snapshot
            .pots
            .get(&key)
            .map_or(pot.version, |known| known.version);
        if read == pot.version {
            return;
        }
        let first = self
            .writes
            .pots
            .get(&key)
            .map_or(read, |(first, _pot)| *first);
        self.snapshot.pots.insert(key.clone(), pot.clone());
        self.writes.pots.insert(key, (first, pot));
    }

    /// A new proposal.
    pub(super) fn add_proposal(&mut self, proposal: Proposal, event: &ProposalEvent) -> Proposal {
        let proposal = proposal::apply(proposal, event);
        self.record(
            &proposal.biller,
            proposal.id.uuid(),
            proposal.version,
            event.kind(),
            event,
        );
        self.writes.new_proposals.push(proposal.clone());
        proposal
    }

    /// A decided proposal.
    pub(super) fn decide_proposal(
        &mut self,
        mut proposal: Proposal,
        events: &[ProposalEvent],
    ) -> Proposal {
        for event in events {
            proposal = proposal::apply(proposal, event);
            self.record(
                &proposal.biller,
                proposal.id.uuid(),
                proposal.version,
                event.kind(),
                event,
            );
        }
        self.writes.decided.push(proposal.clone());
        self.snapshot
            .proposals
            .insert(proposal.id, proposal.clone());
        proposal
    }

    /// A new account, not verified yet.
    pub(super) fn add_account(&mut self, row: PayoutRow) {
        self.writes.new_accounts.push(row);
    }

    fn record(
        &mut self,
        biller: &BillerId,
        aggregate: Uuid,
        version: i32,
        kind: &str,
        body: &impl serde::Serialize,
    ) {
        self.writes.events.push(StoredEvent {
            biller: biller.clone(),
            aggregate,
            version,
            kind: kind.to_owned(),
            body: to_json(body),
            at: self.context.now,
        });
    }

    fn effects(&mut self, biller: &BillerId, effects: &[Effect]) {
        let rows = effects.iter().map(|effect| OutboxRow::of(effect, biller));
        self.writes.outbox.extend(rows);
    }

    /// Keeps the first answer to a keyed command, for later batches and for repeats within this one.
    pub(super) fn answered(&mut self, keyed: &Keyed, answer: Uuid, version: i32) {
        let first = FirstAnswer {
            key: keyed.key.clone(),
            digest: keyed.digest.clone(),
            answer,
            version,
        };
        self.writes.answers.push(first.clone());
        self.snapshot.answers.insert(keyed.key.clone(), first);
    }

    /// The parts of a receipt, as they stand now.
    pub(super) fn pots_of(&self, receipt: &epay_domain::Receipt) -> Vec<Pot> {
        Source::ALL
            .into_iter()
            .filter_map(|source| {
                let key = (receipt.biller.clone(), receipt.id, source);
                self.snapshot.pots.get(&key).cloned()
            })
            .collect()
    }

    /// The parts of all receipts of the payment that brought a receipt, or of the receipt alone.
    pub(super) fn pots_of_payment(&self, biller: &BillerId, receipt: ReceiptId) -> Vec<Pot> {
        let payment_of = |of: ReceiptId| {
            let known = self.snapshot.receipts.get(&(biller.clone(), of));
            known.and_then(|receipt| receipt.payment)
        };
        let payment = payment_of(receipt);
        let same = |pot: &&Pot| {
            let by_payment = payment.is_some() && payment_of(pot.receipt) == payment;
            pot.biller == *biller && (pot.receipt == receipt || by_payment)
        };
        self.snapshot.pots.values().filter(same).cloned().collect()
    }
}
