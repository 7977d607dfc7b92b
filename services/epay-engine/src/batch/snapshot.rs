//! Everything that a batch speaks of, locked and read.
//!
//! Bills are locked first, in the order of their keys; what is read after that cannot change under us,
//! because whoever would change it needs the bill's lock too. All statements of a step travel together.

use std::collections::{BTreeSet, HashMap, HashSet};

use deadpool_postgres::Transaction;
use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_money::{BillId, BillerId, PaymentId};
use epay_store::{FirstAnswer, IdempotencyKey, ReceiptKey, StoreError};

use super::{Command, CreditCommand};

/// What was read for a batch.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) bills: HashMap<(BillerId, BillId), Bill>,
    pub(crate) payments: HashMap<(BillerId, PaymentId), Payment>,
    pub(crate) answers: HashMap<IdempotencyKey, FirstAnswer>,
    pub(crate) receipts: HashSet<ReceiptKey>,
}

impl CreditCommand {
    /// What makes this credit the same credit when it is told again.
    pub(crate) fn receipt_key(&self) -> ReceiptKey {
        ReceiptKey {
            biller: self.book.clone(),
            rail: self.rail.clone(),
            rail_account: self.report.rail_account.clone(),
            rail_reference: self.report.rail_reference.clone(),
        }
    }
}

impl Snapshot {
    /// Locks and reads.
    pub(crate) async fn take(
        tx: &Transaction<'_>,
        commands: &[&Command],
    ) -> Result<Self, StoreError> {
        let bills: BTreeSet<_> = commands
            .iter()
            .filter_map(|command| command.bill())
            .map(|(biller, bill)| (biller.clone(), bill))
            .collect();
        let payments: BTreeSet<_> = commands
            .iter()
            .filter_map(|command| command.payment())
            .map(|(biller, payment)| (biller.clone(), payment))
            .collect();
        let keys: BTreeSet<_> = commands
            .iter()
            .filter_map(|command| command.keyed())
            .map(|keyed| keyed.key.clone())
            .collect();
        let credits: BTreeSet<_> = commands
            .iter()
            .filter_map(|command| match command {
                Command::Credit(credit) => Some(credit.receipt_key()),
                Command::Issue(..)
                | Command::Withdraw(..)
                | Command::Pay(..)
                | Command::Cancel(..)
                | Command::Deadline { .. } => None,
            })
            .collect();
        let (bills, payments, keys, credits) = (
            into_vec(bills),
            into_vec(payments),
            into_vec(keys),
            into_vec(credits),
        );
        let (bills, payments, answers, receipts) = futures_util::future::try_join4(
            skip_empty(&bills, epay_store::lock_bills_in(tx, &bills)),
            skip_empty(&payments, epay_store::payments_in(tx, &payments)),
            skip_empty(&keys, epay_store::first_answers_in(tx, &keys)),
            skip_empty(&credits, epay_store::known_receipts_in(tx, &credits)),
        )
        .await?;
        Ok(Self {
            bills: bills
                .into_iter()
                .map(|bill| ((bill.biller.clone(), bill.id), bill))
                .collect(),
            payments: payments
                .into_iter()
                .map(|payment| ((payment.biller.clone(), payment.id), payment))
                .collect(),
            answers: answers
                .into_iter()
                .map(|answer| (answer.key.clone(), answer))
                .collect(),
            receipts: receipts.into_iter().collect(),
        })
    }
}

fn into_vec<T>(set: BTreeSet<T>) -> Vec<T> {
    set.into_iter().collect()
}

async fn skip_empty<K, T>(
    keys: &[K],
    read: impl Future<Output = Result<Vec<T>, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    if keys.is_empty() {
        Ok(vec![])
    } else {
        read.await
    }
}
