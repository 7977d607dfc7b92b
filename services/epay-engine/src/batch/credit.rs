//! Booking one credit of a rail message.

use epay_domain::credit::{Credit, Match, decide};
use epay_domain::payment::{self, PaymentFact};
use epay_money::{JournalId, ReceiptId};
use epay_rail::Finding;
use epay_store::QuarantineEntry;
use jiff::civil::Date;

use super::CreditCommand;
use super::book::{Book, FeeKey, to_json};
use super::decide::{Context, Decided};
use crate::error::{EngineError, chain};

/// Books a credit, or sets it apart. The same credit told again is no news.
pub(crate) fn book_credit(
    book: &mut Book,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    match command.report.finding {
        Finding::Settled => settled(book, command, context)?,
        Finding::Accepted => tell(book, command, &PaymentFact::Accepted),
        Finding::Declined => {
            tell(
                book,
                command,
                &PaymentFact::Declined {
                    reason: "declined by the rail".to_owned(),
                },
            );
        }
        Finding::Unclear => tell(book, command, &PaymentFact::Unclear),
        // Money that left again, and answers to questions that are not asked yet, need a person.
        Finding::Conditional
        | Finding::Waiting
        | Finding::Closed
        | Finding::Voided
        | Finding::Dishonoured
        | Finding::RefundAccepted
        | Finding::Refunded
        | Finding::RefundRejected
        | Finding::Returned
        | Finding::ChargedBack
        | Finding::ChargebackReversed
        | Finding::NotFound => {
            let code = command.report.finding.as_str();
            set_apart(
                book,
                command,
                code,
                "this finding needs a person".to_owned(),
            );
        }
    }
    if command.completes_message {
        book.writes.finished_messages.push(command.message);
    }
    Ok(Decided::Done)
}

fn settled(
    book: &mut Book,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let key = command.receipt_key();
    if book.snapshot.receipts.contains(&key) {
        return Ok(());
    }
    let rail = context
        .rails
        .get(&command.rail)
        .ok_or(EngineError::NotFound { what: "the rail" })?;
    let profile = rail.rail.profile();
    let report = &command.report;
    let receipt_business_date = business_date(context, command, profile.receipt_cutoff);
    let fees = FeeKey {
        book: command.book.clone(),
        rail: command.rail.clone(),
        currency: report.amount.currency(),
        date: receipt_business_date,
    };
    let credit = Credit {
        receipt: ReceiptId::new(context.ids.next()),
        journal: JournalId::new(context.ids.next()),
        fee_journal: book.fee_journal(&fees, context.ids),
        book: command.book.clone(),
        rail: command.rail.clone(),
        accounts: &rail.accounts,
        fee_minor: profile.fee.per_item_minor,
        message: command.message,
        rail_account: report.rail_account.clone(),
        rail_reference: report.rail_reference.clone(),
        amount: report.amount,
        instructed_at: report.instructed_at,
        receipt_business_date,
        value_date: report.value_date,
    };
    let bill = command
        .bill
        .and_then(|id| book.snapshot.bills.get(&(command.book.clone(), id)))
        .cloned();
    let kind = bill
        .as_ref()
        .and_then(|bill| context.catalogue.kind(&bill.bill_type))
        .cloned();
    let payment = command
        .payment
        .and_then(|id| book.snapshot.payments.get(&(command.book.clone(), id)))
        .cloned();
    let matched = Match {
        bill: bill.as_ref().zip(kind.as_deref()),
        payment: payment.as_ref(),
        by: command.matched_by,
    };
    match decide(&credit, matched, context.now) {
        Ok(decision) => {
            book.add_fee(&fees, decision.receipt.fee_minor);
            keep(book, command, decision);
        }
        // A fault in configuration: the money is set apart, visibly, and never dropped.
        Err(error) => set_apart(book, command, "not_bookable", chain(&error)),
    }
    book.snapshot.receipts.insert(key);
    Ok(())
}

/// The day whose feed carries the credit. Outside the calendar's years the bank's own booking date stands in.
fn business_date(context: Context<'_>, command: &CreditCommand, cutoff: jiff::civil::Time) -> Date {
    context
        .calendar
        .receipt_business_date(command.report.instructed_at, cutoff)
        .unwrap_or(command.report.booking_date)
}

fn keep(book: &mut Book, command: &CreditCommand, decision: epay_domain::credit::Decision) {
    if let Some((bill, events)) = decision.bill {
        let first = bill.version.saturating_sub(count(events.len()));
        for (event, version) in events.iter().zip(first.saturating_add(1)..) {
            book.record(
                &bill.biller,
                bill.id.uuid(),
                version,
                event.kind(),
                to_json(event),
            );
        }
        book.keep_bill(bill);
    }
    if let Some((payment, events)) = decision.payment {
        let first = payment.version.saturating_sub(count(events.len()));
        for (event, version) in events.iter().zip(first.saturating_add(1)..) {
            book.record(
                &payment.biller,
                payment.id.uuid(),
                version,
                event.kind(),
                to_json(event),
            );
        }
        book.keep_payment(payment);
    }
    book.writes.receipts.push(decision.receipt);
    book.writes.journals.extend(decision.journals);
    book.effects(&command.book, decision.effects);
}

fn count(events: usize) -> i32 {
    i32::try_from(events).unwrap_or(i32::MAX)
}

fn tell(book: &mut Book, command: &CreditCommand, fact: &PaymentFact) {
    let payment = command
        .payment
        .and_then(|id| book.snapshot.payments.get(&(command.book.clone(), id)))
        .cloned();
    match payment {
        Some(payment) => {
            let events = payment::told(&payment, fact);
            if !events.is_empty() {
                book.change_payment(payment, &events);
            }
        }
        None => set_apart(
            book,
            command,
            fact.as_str(),
            "no payment has this reference".to_owned(),
        ),
    }
}

fn set_apart(book: &mut Book, command: &CreditCommand, code: &str, detail: String) {
    book.writes.quarantine.push(QuarantineEntry {
        message: command.message,
        entry: command.entry,
        path: format!(
            "{}/{}",
            command.report.rail_account, command.report.rail_reference
        ),
        code: code.to_owned(),
        detail,
    });
}
