//! Booking what is promised and not here: authorisations, and cheques on their way.

use epay_domain::payment::{self, Payment, PaymentEvent, PaymentFact, Promise};
use epay_domain::promise::{self, Entry};
use epay_ledger::recipes::RailAccounts;
use epay_ledger::{Journal, LedgerError, chart};
use epay_money::{JournalId, Money};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::CreditCommand;
use super::book::Book;
use super::decide::Context;
use super::finding::set_apart;
use super::returned;
use crate::error::{EngineError, chain};

pub(crate) fn entry(payment: &Payment, context: Context<'_>) -> Entry {
    Entry {
        journal: JournalId::new(context.ids.next()),
        book: payment.biller.clone(),
        at: context.now,
        day: today(context),
        source: payment.id.to_string(),
    }
}

/// Hong Kong's date: a promise is no receipt, so no cut-off moves it.
fn today(context: Context<'_>) -> Date {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    context.now.to_zoned(zone).date()
}

fn broken(error: &LedgerError) -> EngineError {
    EngineError::Broken(chain(error))
}

fn accounts<'a>(payment: &Payment, context: Context<'a>) -> Result<&'a RailAccounts, EngineError> {
    context
        .rails
        .get(&payment.rail)
        .map(|rail| &rail.accounts)
        .ok_or(EngineError::NotFound { what: "the rail" })
}

/// Whether a rail's money is promised first and honoured later.
pub(crate) fn is_conditional(accounts: &RailAccounts) -> bool {
    chart::CONDITIONAL_CLEARING.covers(&accounts.clearing)
}

/// Books what the rail holds for us (J02).
pub(crate) fn authorised(
    book: &mut Book,
    payment: &mut Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let amount = command.report.amount;
    let journal =
        promise::authorised(entry(payment, context), amount).map_err(|error| broken(&error))?;
    if let Some(remote) = &mut payment.remote {
        remote.authorised = Some(kept(&journal, amount));
    }
    book.writes.journals.push(journal);
    Ok(())
}

fn kept(journal: &Journal, amount: Money) -> Promise {
    Promise {
        journal: journal.id(),
        amount,
    }
}

/// Mirrors what was authorised, if anything is; answers whether there was.
pub(crate) fn release(
    book: &mut Book,
    payment: &mut Payment,
    context: Context<'_>,
) -> Result<bool, EngineError> {
    let Some(held) = payment
        .remote
        .as_mut()
        .and_then(|remote| remote.authorised.take())
    else {
        return Ok(false);
    };
    let journal =
        promise::released(entry(payment, context), &held).map_err(|error| broken(&error))?;
    book.writes.journals.push(journal);
    Ok(true)
}

/// A signed promise was taken in (J05, first part).
pub(crate) fn conditional(
    book: &mut Book,
    mut payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let amount = command.report.amount;
    let fact = PaymentFact::Conditional {
        minor: amount.minor(),
    };
    let events = payment::told(&payment, &fact);
    let news = events
        .iter()
        .any(|event| matches!(event, PaymentEvent::ReceivedConditionally { .. }));
    if news {
        match promise::received(
            entry(&payment, context),
            accounts(&payment, context)?,
            amount,
        ) {
            Ok(journal) => {
                if let Some(remote) = &mut payment.remote {
                    remote.conditional = Some(kept(&journal, amount));
                }
                book.writes.journals.push(journal);
            }
            Err(error) => set_apart(book, command, "not_bookable", chain(&error)),
        }
    }
    book.change_payment(payment, &events);
    Ok(())
}

/// A promise was returned unpaid (J06): the payment never was valid. Told again, it is no news.
pub(crate) fn dishonoured(
    book: &mut Book,
    mut payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let known = command
        .movement_key()
        .is_some_and(|key| book.snapshot.movements.contains(&key));
    if known {
        return Ok(());
    }
    let fact = PaymentFact::Dishonoured {
        minor: command.report.amount.minor(),
        reason: command
            .report
            .reason
            .clone()
            .unwrap_or_else(|| "returned unpaid".to_owned()),
    };
    let events = payment::told(&payment, &fact);
    let news = events
        .iter()
        .any(|event| matches!(event, PaymentEvent::Dishonoured { .. }));
    if news {
        let held = payment
            .remote
            .as_mut()
            .and_then(|remote| remote.conditional.take());
        if let Some(held) = held {
            let accounts = accounts(&payment, context)?;
            let journal = promise::dishonoured(entry(&payment, context), accounts, &held)
                .map_err(|error| broken(&error))?;
            book.writes.journals.push(journal);
        }
    }
    let counted = |event: &PaymentEvent| matches!(event, PaymentEvent::ReturnedAfterHonour { .. });
    if events.iter().any(counted) {
        return returned::after_honour(book, command, payment, &events, context);
    }
    book.change_payment(payment, &events);
    Ok(())
}

/// The journals before the receipts of a promise that was honoured (J05, second part): the bank has the money. A
/// promise that nobody told us of is booked with its honouring, so that 1150 stays equal to 2160.
pub(crate) fn honoured(
    book: &mut Book,
    payment: Option<&mut Payment>,
    amount: Money,
    accounts: &RailAccounts,
    (biller, source): (&epay_money::BillerId, String),
    context: Context<'_>,
) -> Result<(), LedgerError> {
    let held = payment
        .and_then(|payment| payment.remote.as_mut())
        .and_then(|remote| remote.conditional.take_if(|held| held.amount == amount));
    let make = || Entry {
        journal: JournalId::new(context.ids.next()),
        book: biller.clone(),
        at: context.now,
        day: today(context),
        source: source.clone(),
    };
    let held = match held {
        Some(held) => held,
        None => {
            let journal = promise::received(make(), accounts, amount)?;
            let held = kept(&journal, amount);
            book.writes.journals.push(journal);
            held
        }
    };
    let journal = promise::honoured(make(), accounts, &held)?;
    book.writes.journals.push(journal);
    Ok(())
}
