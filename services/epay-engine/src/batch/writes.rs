//! What a batch writes: one statement a table, the journals last, all in one round trip.

use std::collections::BTreeMap;

use deadpool_postgres::{Pool, Transaction};
use epay_domain::Receipt;
use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_domain::refund::Pot;
use epay_ledger::Journal;
use epay_ledger_pg::AccountDirectory;
use epay_money::{BillId, BillerId, MessageId, PaymentId};
use epay_store::reconciliation::{self, SettlementBatch, SettlementItem};
use epay_store::{
    FirstAnswer, Movement, NewOrder, OrderEnd, OutboxRow, QuarantineEntry, StoreError, StoredEvent,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::taken_back::PartKey;
use crate::error::BatchError;
use crate::reconcile::told::{self, Told};

/// Rows of one batch. A bill or payment that changed twice is written once, as it stands at the end.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    pub(crate) new_bills: Vec<Bill>,
    pub(crate) changed_bills: BTreeMap<(BillerId, BillId), Bill>,
    /// Of the changed bills, those that say something else now.
    pub(crate) revised_bills: BTreeMap<(BillerId, BillId), Bill>,
    pub(crate) new_payments: BTreeMap<(BillerId, PaymentId), Payment>,
    pub(crate) changed_payments: BTreeMap<(BillerId, PaymentId), Payment>,
    pub(crate) events: Vec<StoredEvent>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) answers: Vec<FirstAnswer>,
    pub(crate) outbox: Vec<OutboxRow>,
    pub(crate) quarantine: Vec<QuarantineEntry>,
    pub(crate) finished_messages: Vec<MessageId>,
    pub(crate) journals: Vec<Journal>,
    /// Bills on which the payments under way changed.
    pub(crate) under_way: BTreeMap<(BillerId, BillId), Bill>,
    pub(crate) orders: Vec<NewOrder>,
    pub(crate) order_ends: Vec<OrderEnd>,
    pub(crate) movements: Vec<Movement>,
    /// Parts of receipts: the version that was read, nothing for a receipt of this batch, and the part as it stands now.
    pub(crate) pots: BTreeMap<PartKey, (Option<i32>, Pot)>,
    /// What rails say that they pay over, and the rows of their reports.
    pub(crate) batches: Vec<SettlementBatch>,
    pub(crate) items: Vec<SettlementItem>,
    /// What the bank's statement must show because of what the bank told.
    pub(crate) told: Vec<Told>,
}

impl Writes {
    /// Nothing to write. Every field is named, so that a new one cannot be forgotten: a batch that is taken for empty is
    /// rolled back, and what it held is gone.
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            new_bills,
            changed_bills,
            revised_bills,
            new_payments,
            changed_payments,
            events,
            receipts,
            answers,
            outbox,
            quarantine,
            finished_messages,
            journals,
            under_way,
            orders,
            order_ends,
            movements,
            pots,
            batches,
            items,
            told: expected,
        } = self;
        let records = events.is_empty() && receipts.is_empty() && journals.is_empty();
        let bills = new_bills.is_empty() && changed_bills.is_empty() && under_way.is_empty();
        let bills = bills && revised_bills.is_empty();
        let payments = new_payments.is_empty() && changed_payments.is_empty();
        let told = answers.is_empty() && outbox.is_empty() && finished_messages.is_empty();
        let rails = orders.is_empty() && order_ends.is_empty() && movements.is_empty();
        let rails = rails && pots.is_empty();
        let settled = batches.is_empty() && items.is_empty() && expected.is_empty();
        records && bills && payments && told && rails && settled && quarantine.is_empty()
    }

    /// Writes it all in the caller's transaction. New accounts are made first, on a connection of their own.
    pub(crate) async fn write_in(
        &self,
        tx: &Transaction<'_>,
        pool: &Pool,
        directory: &AccountDirectory,
        batch: Uuid,
        now: Timestamp,
    ) -> Result<(), BatchError> {
        if !self.journals.is_empty() && !directory.knows(&self.journals) {
            let client = pool.get().await?;
            directory.ensure(&client, &self.journals).await?;
        }
        let new_payments: Vec<&Payment> = self.new_payments.values().collect();
        let (remote, shown): (Vec<&Payment>, Vec<&Payment>) = self
            .changed_payments
            .values()
            .partition(|payment| payment.remote.is_some());
        // Polled together, so the statements travel without waiting for each other's answers.
        let projections = futures_util::future::try_join3(
            self.write_bills_in(tx),
            skip_empty(
                &new_payments,
                epay_store::insert_payments_in(tx, &new_payments),
            ),
            skip_empty(&shown, epay_store::update_payments_in(tx, &shown)),
        );
        let records = futures_util::future::try_join4(
            skip_empty(&self.events, epay_store::insert_events_in(tx, &self.events)),
            skip_empty(
                &self.receipts,
                epay_store::insert_receipts_in(tx, &self.receipts),
            ),
            skip_empty(
                &self.answers,
                epay_store::insert_answers_in(tx, &self.answers, now),
            ),
            skip_empty(
                &self.outbox,
                epay_store::put_batch_in(tx, batch, &self.outbox, now),
            ),
        );
        let messages = futures_util::future::try_join(
            skip_empty(
                &self.quarantine,
                epay_store::quarantine_in(tx, &self.quarantine, now),
            ),
            skip_empty(
                &self.finished_messages,
                epay_store::forget_pending_in(tx, &self.finished_messages),
            ),
        );
        let rows = Box::pin(futures_util::future::try_join4(
            projections,
            records,
            messages,
            self.write_remote_in(tx, &remote, now),
        ));
        let rows = async {
            rows.await?;
            self.write_pots_in(tx).await
        };
        // Polled after the rows, so its statements travel behind theirs and the hot rows are still locked last.
        let journals = async {
            epay_ledger_pg::post_in(tx, directory, &self.journals).await?;
            Ok::<(), BatchError>(())
        };
        heard(futures_util::future::join(rows, journals).await)
    }
}

/// What came of a batch whose parts were both heard to their end: behind a journal that is refused, every other statement
/// fails as well, and what is to be done next is said by the journal's own error.
fn heard(
    (rows, journals): (Result<(), BatchError>, Result<(), BatchError>),
) -> Result<(), BatchError> {
    match (rows, journals) {
        (Ok(()), written) | (Err(_), written @ Err(BatchError::Again(_))) => written,
        (failed, _) => failed,
    }
}

impl Writes {
    async fn write_bills_in(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        let new: Vec<&Bill> = self.new_bills.iter().collect();
        let changed: Vec<&Bill> = self.changed_bills.values().collect();
        let revised: Vec<&Bill> = self.revised_bills.values().collect();
        futures_util::future::try_join3(
            skip_empty(&new, epay_store::insert_bills_in(tx, &new)),
            skip_empty(&changed, epay_store::update_bills_in(tx, &changed)),
            skip_empty(&revised, epay_store::revise_bills_in(tx, &revised)),
        )
        .await?;
        Ok(())
    }

    /// What is written only where a rail is asked over a network. Sends nothing where there is nothing of it.
    async fn write_remote_in(
        &self,
        tx: &Transaction<'_>,
        payments: &[&Payment],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let bills: Vec<&Bill> = self.under_way.values().collect();
        futures_util::future::try_join5(
            skip_empty(
                payments,
                epay_store::update_remote_payments_in(tx, payments),
            ),
            skip_empty(&bills, epay_store::update_under_way_in(tx, &bills)),
            skip_empty(
                &self.orders,
                epay_store::insert_orders_in(tx, &self.orders, now),
            ),
            skip_empty(
                &self.order_ends,
                epay_store::end_orders_in(tx, &self.order_ends),
            ),
            skip_empty(
                &self.movements,
                epay_store::insert_movements_in(tx, &self.movements, now),
            ),
        )
        .await?;
        futures_util::future::try_join3(
            skip_empty(
                &self.batches,
                reconciliation::insert_settlement_batches_in(tx, &self.batches, now),
            ),
            skip_empty(
                &self.items,
                reconciliation::insert_settlement_items_in(tx, &self.items),
            ),
            told::write_in(tx, &self.told, now),
        )
        .await?;
        Ok(())
    }
}

impl Writes {
    /// What was taken back of receipts: parts of this batch's own receipts are made, others written over what was read.
    async fn write_pots_in(&self, tx: &Transaction<'_>) -> Result<(), BatchError> {
        let (mut made, mut changed) = (vec![], vec![]);
        for (read, pot) in self.pots.values() {
            match read {
                Some(version) => changed.push((*version, pot)),
                None => made.push(pot.clone()),
            }
        }
        if !made.is_empty() {
            epay_store::open_pots_in(tx, &made).await?;
        }
        if changed.is_empty() {
            return Ok(());
        }
        let written = epay_store::write_pots_in(tx, &changed).await?;
        if u64::try_from(changed.len()) == Ok(written) {
            Ok(())
        } else {
            let what = "what is refundable was changed by another node";
            Err(BatchError::Again(what.to_owned()))
        }
    }
}

async fn skip_empty<T>(
    rows: &[T],
    write: impl Future<Output = Result<(), StoreError>>,
) -> Result<(), StoreError> {
    if rows.is_empty() { Ok(()) } else { write.await }
}
