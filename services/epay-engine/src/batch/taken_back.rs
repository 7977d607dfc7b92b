//! What the payer's bank took back of a payment: what may be refunded of its receipts follows at once.
//!
//! The parts of the payment's receipts are locked with the batch, behind its bills, and written with it, so that no
//! refund that is asked for at the same time can give the same money again.

use std::collections::{BTreeMap, HashMap};

use deadpool_postgres::Transaction;
use epay_domain::Receipt;
use epay_domain::payment::Payment;
use epay_domain::refund::{self, Pot, Source};
use epay_money::{BillerId, Money, PaymentId, ReceiptId};
use epay_rail::Finding;
use epay_store::{PotKey, StoreError};

use super::book::Book;
use super::finding::set_apart;
use super::{Command, CreditCommand};

/// One part of a receipt.
pub(crate) type PartKey = (BillerId, ReceiptId, Source);
/// A payment of a department.
type OfPayment = (BillerId, PaymentId);

/// What was read of the payments that banks took money back of.
#[derive(Debug, Default)]
pub(crate) struct TakenBack {
    receipts: HashMap<OfPayment, Vec<Receipt>>,
    pots: BTreeMap<PartKey, Pot>,
    /// Minor units of a payment that its payer's bank has at present.
    away_minor: HashMap<OfPayment, i64>,
}

impl Command {
    /// The payment whose receipts are read with the batch, because a bank took money of it back or brought it again.
    fn takes_back(&self) -> Option<OfPayment> {
        let Self::Credit(command) = self else {
            return None;
        };
        let takes = matches!(
            command.report.finding,
            Finding::ChargedBack | Finding::ChargebackReversed | Finding::Dishonoured
        );
        let payment = command.payment.filter(|_payment| takes)?;
        Some((command.book.clone(), payment))
    }
}

impl TakenBack {
    /// Reads and locks; asks nothing where no bank took anything back.
    pub(crate) async fn take(
        tx: &Transaction<'_>,
        commands: &[&Command],
    ) -> Result<Self, StoreError> {
        let mut payments: Vec<OfPayment> = commands
            .iter()
            .filter_map(|command| command.takes_back())
            .collect();
        payments.sort();
        payments.dedup();
        if payments.is_empty() {
            return Ok(Self::default());
        }
        let receipts = epay_store::receipts_of_payments_in(tx, &payments).await?;
        let parts: Vec<Pot> = receipts.iter().flat_map(refund::pots).collect();
        let mut taken = Self::default();
        if !parts.is_empty() {
            epay_store::open_pots_in(tx, &parts).await?;
            let keys: Vec<PotKey> = receipts
                .iter()
                .map(|receipt| (receipt.biller.clone(), receipt.id))
                .collect();
            for pot in epay_store::lock_pots_in(tx, &keys).await? {
                taken.pots.insert(key_of(&pot), pot);
            }
        }
        for receipt in receipts {
            if let Some(payment) = receipt.payment {
                let of = (receipt.biller.clone(), payment);
                taken.receipts.entry(of).or_default().push(receipt);
            }
        }
        let away = epay_store::taken_back_in(tx, &payments).await?;
        taken.away_minor = away.into_iter().collect();
        Ok(taken)
    }
}

fn key_of(pot: &Pot) -> PartKey {
    (pot.biller.clone(), pot.receipt, pot.source)
}

impl Book {
    /// The receipts of a payment: those that were read, and those that this batch makes.
    pub(crate) fn receipts_of(&self, payment: &Payment) -> Vec<Receipt> {
        let of = (payment.biller.clone(), payment.id);
        let read = self.snapshot.taken_back.receipts.get(&of);
        let made = self.writes.receipts.iter().filter(|receipt| {
            receipt.biller == payment.biller && receipt.payment == Some(payment.id)
        });
        read.into_iter().flatten().chain(made).cloned().collect()
    }

    /// The parts of receipts, as they stand now.
    pub(crate) fn pots_of(&self, receipts: &[Receipt]) -> Vec<Pot> {
        let known = |pot: Pot| {
            let known = self.snapshot.taken_back.pots.get(&key_of(&pot));
            known.cloned().unwrap_or(pot)
        };
        receipts.iter().flat_map(refund::pots).map(known).collect()
    }

    fn keep_pots(&mut self, pots: Vec<Pot>) {
        for pot in pots {
            let key = key_of(&pot);
            let before = self.snapshot.taken_back.pots.get(&key);
            if before.is_some_and(|before| before.version == pot.version) {
                continue;
            }
            let read = before.map(|before| before.version);
            let first = match self.writes.pots.get(&key) {
                Some((first, _pot)) => *first,
                None => read,
            };
            self.snapshot
                .taken_back
                .pots
                .insert(key.clone(), pot.clone());
            self.writes.pots.insert(key, (first, pot));
        }
    }
}

/// The payer's bank has money of a payment again. What refunds had taken of it went out twice, which a person must see.
pub(crate) fn reclaim(book: &mut Book, command: &CreditCommand, payment: &Payment) {
    let amount = command.report.amount;
    let mut pots = book.pots_of(&book.receipts_of(payment));
    pots.retain(|pot| pot.currency == amount.currency());
    let unheld = refund::reclaim(&mut pots, amount.minor());
    book.keep_pots(pots);
    moved(book, payment, amount.minor());
    let money = |minor| Money::new(minor, amount.currency());
    if unheld.short_minor > 0 || unheld.beyond_minor > 0 {
        let detail = format!(
            "of {amount} that the payer's bank took back, {} had been refunded and {} is on no receipt that can be \
             refunded",
            money(unheld.short_minor),
            money(unheld.beyond_minor)
        );
        set_apart(book, command, "taken_back_unheld", detail);
    }
}

/// The payer's bank brought money of a payment again.
pub(crate) fn restore(book: &mut Book, payment: &Payment, amount: Money) {
    let of = (payment.biller.clone(), payment.id);
    let away = book.snapshot.taken_back.away_minor.get(&of).copied();
    let mut pots = book.pots_of(&book.receipts_of(payment));
    pots.retain(|pot| pot.currency == amount.currency());
    refund::restore(&mut pots, away.unwrap_or(0), amount.minor());
    book.keep_pots(pots);
    moved(book, payment, amount.minor().saturating_neg());
}

fn moved(book: &mut Book, payment: &Payment, minor: i64) {
    let of = (payment.biller.clone(), payment.id);
    let away = book.snapshot.taken_back.away_minor.entry(of).or_default();
    *away = away.saturating_add(minor);
}
