//! Everything that a batch speaks of, locked and read.
//!
//! Bills are locked first, in the order of their keys, in one statement for the whole batch, so that no two batches
//! wait for each other, also where a payment is for several bills; what is read after that cannot change under us,
//! because whoever would change it needs a bill's lock too. All statements of a step travel together. Payments that
//! are under way on a bill that is to be paid are read in a second step, and only where there are some; so are orders
//! that are said not to have been sent.

use std::collections::{BTreeSet, HashMap, HashSet};

use deadpool_postgres::Transaction;
use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_money::{BillId, BillerId, PaymentId};
use epay_store::{
    FirstAnswer, IdempotencyKey, MovementKey, OrderKey, ReceiptKey, StoreError, StoredOrder,
};

use super::taken_back::TakenBack;
use super::{Command, CreditCommand, Outcome};

/// What was read for a batch.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) bills: HashMap<(BillerId, BillId), Bill>,
    pub(crate) payments: HashMap<(BillerId, PaymentId), Payment>,
    pub(crate) answers: HashMap<IdempotencyKey, FirstAnswer>,
    pub(crate) receipts: HashSet<ReceiptKey>,
    pub(crate) movements: HashSet<MovementKey>,
    /// Orders that are said not to have been sent.
    pub(crate) orders: HashMap<OrderKey, StoredOrder>,
    pub(crate) taken_back: TakenBack,
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

impl Command {
    fn receipt_key(&self) -> Option<ReceiptKey> {
        match self {
            Self::Credit(credit) => Some(credit.receipt_key()),
            Self::Resolve(resolve, _) => resolve.receipt_key(),
            Self::Issue(..)
            | Self::Revise(..)
            | Self::Withdraw(..)
            | Self::Pay(..)
            | Self::Cancel(..)
            | Self::Submit(..)
            | Self::Capture(..)
            | Self::Payout(_)
            | Self::Order(_)
            | Self::Assign { .. }
            | Self::Check(_)
            | Self::Tick(_)
            | Self::Deadline(_) => None,
        }
    }

    /// The order that the command says was not sent.
    fn not_sent(&self) -> Option<OrderKey> {
        match self {
            Self::Order(order) if matches!(order.outcome, Outcome::NotSent { .. }) => {
                Some((order.of.biller.clone(), order.key.clone()))
            }
            _ => None,
        }
    }

    fn movement_key(&self) -> Option<MovementKey> {
        match self {
            Self::Credit(credit) => credit.movement_key(),
            Self::Payout(payout) => Some(payout.movement_key()),
            Self::Issue(..)
            | Self::Revise(..)
            | Self::Withdraw(..)
            | Self::Pay(..)
            | Self::Cancel(..)
            | Self::Submit(..)
            | Self::Capture(..)
            | Self::Order(_)
            | Self::Resolve(..)
            | Self::Assign { .. }
            | Self::Check(_)
            | Self::Tick(_)
            | Self::Deadline(_) => None,
        }
    }
}

impl Snapshot {
    /// Locks and reads.
    pub(crate) async fn take(
        tx: &Transaction<'_>,
        commands: &[&Command],
    ) -> Result<Self, StoreError> {
        let bills = once(
            commands
                .iter()
                .filter_map(|command| command.bills())
                .flat_map(|(biller, bills)| bills.iter().map(|bill| (biller.clone(), *bill))),
        );
        let payments = once(
            commands
                .iter()
                .filter_map(|command| command.payment())
                .map(|(biller, payment)| (biller.clone(), payment)),
        );
        let keys = once(
            commands
                .iter()
                .filter_map(|command| command.keyed())
                .map(|keyed| keyed.key.clone()),
        );
        let credits = once(commands.iter().filter_map(|command| command.receipt_key()));
        let movements = once(commands.iter().filter_map(|command| command.movement_key()));
        let (bills, payments, answers, receipts, movements) = futures_util::future::try_join5(
            skip_empty(&bills, epay_store::lock_bills_in(tx, &bills)),
            skip_empty(&payments, epay_store::payments_in(tx, &payments)),
            skip_empty(&keys, epay_store::first_answers(tx, &keys)),
            skip_empty(&credits, epay_store::known_receipts_in(tx, &credits)),
            skip_empty(&movements, epay_store::known_movements_in(tx, &movements)),
        )
        .await?;
        let mut snapshot = Self {
            bills: bills
                .into_iter()
                .map(|bill| ((bill.biller.clone(), bill.id), bill))
                .collect(),
            payments: HashMap::new(),
            answers: answers
                .into_iter()
                .map(|answer| (answer.key.clone(), answer))
                .collect(),
            receipts: receipts.into_iter().collect(),
            movements: movements.into_iter().collect(),
            orders: HashMap::new(),
            // Behind the bills, which are locked now, and only where there is something.
            taken_back: TakenBack::take(tx, commands).await?,
        };
        snapshot.add(payments);
        let others = snapshot.under_way(commands);
        if !others.is_empty() {
            let others = epay_store::payments_in(tx, &others).await?;
            snapshot.add(others);
        }
        let not_sent = once(commands.iter().filter_map(|command| command.not_sent()));
        if !not_sent.is_empty() {
            let orders = epay_store::lock_orders_in(tx, &not_sent).await?.into_iter();
            snapshot.orders = orders
                .map(|order| ((order.biller.clone(), order.key.clone()), order))
                .collect();
        }
        Ok(snapshot)
    }

    fn add(&mut self, payments: Vec<Payment>) {
        for payment in payments {
            let key = (payment.biller.clone(), payment.id);
            self.payments.insert(key, payment);
        }
    }

    /// Payments under way on bills that somebody wants to pay, and that were not read yet.
    fn under_way(&self, commands: &[&Command]) -> Vec<(BillerId, PaymentId)> {
        once(
            commands
                .iter()
                .filter_map(|command| match command {
                    Command::Pay(pay, _) => Some(pay),
                    _ => None,
                })
                .flat_map(|pay| pay.bills.iter().map(|bill| (pay.biller.clone(), *bill)))
                .filter_map(|key| self.bills.get(&key))
                .flat_map(|bill| bill.under_way.iter().map(|id| (bill.biller.clone(), *id)))
                .filter(|key| !self.payments.contains_key(key)),
        )
    }
}

fn once<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<BTreeSet<T>>().into_iter().collect()
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
