//! Booking money that came: a receipt for each bill that it pays, and the end of what was promised before.

use std::sync::Arc;

use epay_domain::BillType;
use epay_domain::bill::Bill;
use epay_domain::credit::{Credit, Debit, Decision, Match, decide};
use epay_domain::payment::{Payment, PaymentPart};
use epay_ledger::recipes::RailAccounts;
use epay_money::{BillId, JournalId, Money, ReceiptId};
use epay_rail::{FeePaid, Profile};
use jiff::civil::Date;

use super::CreditCommand;
use super::book::{Book, FeeKey, to_json};
use super::decide::Context;
use super::finding::{payment_of, set_apart};
use super::promise;
use crate::error::{EngineError, chain};

/// Books money that came, or sets it apart. The same credit told again is no news.
pub(crate) fn settled(
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
    let shares = shares(book, command);
    // Decided as a whole before any of it is kept: a fault in configuration sets the whole credit apart.
    let decided = shares
        .iter()
        .zip(1_i32..)
        .map(|(share, part)| {
            let one = One {
                command,
                profile,
                accounts: &rail.accounts,
                share: *share,
                part,
            };
            one.decide(book, context)
        })
        .collect::<Result<Vec<_>, _>>();
    let before = match decided {
        Ok(decided) => promises(book, command, &rail.accounts, context)?.map(|()| decided),
        Err(problem) => Err(problem),
    };
    match before {
        Ok(decided) => {
            for (decision, fees) in decided {
                book.add_fee(&fees, decision.receipt.fee_minor);
                keep(book, command, decision);
            }
        }
        // A fault in configuration: the money is set apart, visibly, and never dropped.
        Err(problem) => set_apart(book, command, "not_bookable", problem),
    }
    book.snapshot.receipts.insert(key);
    Ok(())
}

/// Which bill gets how much: all of it the one that was found, or each its share.
fn shares(book: &Book, command: &CreditCommand) -> Vec<(Option<BillId>, i64)> {
    let minor = command.report.amount.minor();
    match payment_of(book, command) {
        Some(payment) if !payment.parts.is_empty() => payment
            .shares(minor)
            .into_iter()
            .map(|PaymentPart { bill, minor }| (Some(bill), minor))
            .collect(),
        Some(_) | None => vec![(command.bills.first().copied(), minor)],
    }
}

/// Ends what was promised: the memorandum of an authorisation is mirrored, a cheque's honouring is booked.
fn promises(
    book: &mut Book,
    command: &CreditCommand,
    accounts: &RailAccounts,
    context: Context<'_>,
) -> Result<Result<(), String>, EngineError> {
    let conditional = promise::is_conditional(accounts);
    // What another rail promised is not what this one pays.
    let promised = payment_of(book, command).filter(|payment| payment.rail == command.rail);
    let Some(mut payment) = promised else {
        if conditional {
            let of = (&command.book, command.message.to_string());
            let amount = command.report.amount;
            let booked = promise::honoured(book, None, amount, accounts, of, context);
            return Ok(booked.map_err(|error| chain(&error)));
        }
        return Ok(Ok(()));
    };
    let held = payment
        .remote
        .as_ref()
        .is_some_and(|remote| remote.authorised.is_some());
    if held {
        promise::release(book, &mut payment, context)?;
        keep_remote(book, payment);
    } else if conditional {
        let of = (&command.book, payment.id.to_string());
        let amount = command.report.amount;
        let booked = promise::honoured(book, Some(&mut payment), amount, accounts, of, context);
        if let Err(error) = booked {
            return Ok(Err(chain(&error)));
        }
        keep_remote(book, payment);
    }
    Ok(Ok(()))
}

fn keep_remote(book: &mut Book, payment: Payment) {
    if payment.remote.is_some() {
        book.keep_as_it_is(payment);
    }
}

/// One bill's share of a credit.
#[derive(Debug, Clone, Copy)]
struct One<'a> {
    command: &'a CreditCommand,
    profile: &'a Profile,
    accounts: &'a RailAccounts,
    share: (Option<BillId>, i64),
    part: i32,
}

impl One<'_> {
    fn decide(self, book: &mut Book, context: Context<'_>) -> Result<(Decision, FeeKey), String> {
        let (command, report) = (self.command, &self.command.report);
        let receipt_business_date = business_date(context, command, self.profile.receipt_cutoff);
        let fees = FeeKey {
            book: command.book.clone(),
            rail: command.rail.clone(),
            currency: report.amount.currency(),
            date: receipt_business_date,
        };
        let first = self.part == 1;
        let credit = Credit {
            receipt: ReceiptId::new(context.ids.next()),
            journal: JournalId::new(context.ids.next()),
            fee_journal: book.fee_journal(&fees, context.ids),
            book: command.book.clone(),
            rail: command.rail.clone(),
            accounts: self.accounts,
            fee_minor: if first { self.fee() } else { 0 },
            part: self.part,
            tell_minor: first.then(|| report.amount.minor()),
            debit: if promise::is_conditional(self.accounts) {
                Debit::Conditional
            } else {
                Debit::Clearing
            },
            message: command.message,
            rail_account: report.rail_account.clone(),
            rail_reference: report.rail_reference.clone(),
            amount: Money::new(self.share.1, report.amount.currency()),
            instructed_at: report.instructed_at,
            receipt_business_date,
            value_date: report.value_date,
        };
        let bill = self
            .share
            .0
            .and_then(|id| book.snapshot.bills.get(&(command.book.clone(), id)))
            .cloned();
        let kind: Option<Arc<BillType>> = bill
            .as_ref()
            .and_then(|bill: &Bill| context.catalogue.kind(&bill.bill_type))
            .cloned();
        let payment = payment_of(book, command);
        let matched = Match {
            bill: bill.as_ref().zip(kind.as_deref()),
            payment: payment.as_ref(),
            by: command.matched_by,
        };
        decide(&credit, matched, context.now)
            .map(|decision| (decision, fees))
            .map_err(|error| chain(&error))
    }

    /// What the rail will invoice for the item; nothing where it keeps its fee back from what it pays over.
    const fn fee(self) -> i64 {
        match self.profile.fee.paid {
            FeePaid::ByInvoice => self.profile.fee.per_item_minor,
            FeePaid::FromPayout => 0,
        }
    }
}

/// The day whose feed carries the credit. Outside the calendar's years the bank's own booking date stands in.
fn business_date(context: Context<'_>, command: &CreditCommand, cutoff: jiff::civil::Time) -> Date {
    context
        .calendar
        .receipt_business_date(command.report.instructed_at, cutoff)
        .unwrap_or(command.report.booking_date)
}

fn keep(book: &mut Book, command: &CreditCommand, decision: Decision) {
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
    if let Some((mut payment, events)) = decision.payment {
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
        // What was promised ended after the decision was made.
        if let Some(known) = payment_of(book, command) {
            payment.remote = known.remote;
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
