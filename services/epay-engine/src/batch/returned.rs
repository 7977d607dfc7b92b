//! A promise that was returned after it had counted (J06, last part).
//!
//! The payment never was valid: its bills are due again by what its receipts had applied to them, its money is to
//! leave the bank, what was still held of it is given up, and the rest the department owes. What its receipts do not add up to is
//! set apart for a person.

use epay_domain::bill::{self, BillFact};
use epay_domain::payment::{Payment, PaymentEvent};
use epay_domain::{Receipt, promise};
use epay_store::Movement;

use super::CreditCommand;
use super::book::Book;
use super::decide::{Context, kind_of};
use super::finding::set_apart;
use super::promise::{entry, is_conditional};
use super::taken_back;
use crate::error::{EngineError, chain};
use crate::reconcile::told;

/// Books it, opens the bills, and records what happened to the payment.
pub(crate) fn after_honour(
    book: &mut Book,
    command: &CreditCommand,
    payment: Payment,
    events: &[PaymentEvent],
    context: Context<'_>,
) -> Result<(), EngineError> {
    let Some(key) = command.movement_key() else {
        return Ok(());
    };
    let receipts = book.receipts_of(&payment);
    if let Err(detail) = fits(command, &payment, &receipts, context) {
        set_apart(book, command, "returned_unlike_received", detail);
        let unexpected = PaymentEvent::Unexpected {
            fact: command.report.finding.as_str().to_owned(),
        };
        book.change_payment(payment, &[unexpected]);
        return Ok(());
    }
    let amount = command.report.amount;
    let pots = book.pots_of(&receipts);
    let journal = match promise::returned(entry(&payment, context), amount, &pots) {
        Ok(journal) => journal,
        Err(error) => {
            set_apart(book, command, "not_bookable", chain(&error));
            return Ok(());
        }
    };
    book.snapshot.movements.insert(key.clone());
    book.writes.movements.push(Movement {
        key,
        payment: Some(payment.id),
        amount,
        fee_minor: 0,
        items: 1,
        value_date: command.report.value_date,
        message: command.message,
        journal: journal.id(),
    });
    book.writes.journals.push(journal);
    let told = told::of_return(
        &payment,
        &command.report,
        context.ids.next(),
        context.calendar,
    );
    book.writes.told.push(told);
    for receipt in &receipts {
        reopen(book, receipt, context)?;
    }
    taken_back::reclaim(book, command, &payment);
    book.change_payment(payment, events);
    Ok(())
}

/// Whether what was returned is what the payment's receipts say that it brought.
fn fits(
    command: &CreditCommand,
    payment: &Payment,
    receipts: &[Receipt],
    context: Context<'_>,
) -> Result<(), String> {
    let conditional = context
        .rails
        .get(&payment.rail)
        .is_some_and(|rail| is_conditional(&rail.accounts));
    if !conditional {
        return Err("its rail's money counts at once".to_owned());
    }
    let amount = command.report.amount;
    let received = receipts.iter().try_fold(0_i64, |sum, receipt| {
        let same = receipt.amount.currency() == amount.currency();
        sum.checked_add(receipt.amount.minor()).filter(|_sum| same)
    });
    if received == Some(amount.minor()) {
        return Ok(());
    }
    Err(format!(
        "{amount} was returned, and its receipts are of another sum"
    ))
}

/// What a receipt had applied to its bill is due again.
fn reopen(book: &mut Book, receipt: &Receipt, context: Context<'_>) -> Result<(), EngineError> {
    let Some(id) = receipt.bill.filter(|_bill| receipt.applied_minor > 0) else {
        return Ok(());
    };
    let bill = book.bill(&receipt.biller, id)?.clone();
    let kind = kind_of(context, &bill.bill_type)?;
    let fact = BillFact::Returned {
        receipt: receipt.id,
        minor: receipt.applied_minor,
    };
    let events = bill::told(&bill, kind.policy, &fact);
    book.change_bill(bill, &events);
    Ok(())
}
