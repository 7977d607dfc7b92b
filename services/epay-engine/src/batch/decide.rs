//! Deciding a batch: pure but for the ids that it draws. Every command gets its own answer.

use std::sync::Arc;

use epay_domain::bill::{self, Bill, BillAsk, BillState, NewBill};
use epay_domain::payment::{self, PaymentFact};
use epay_domain::{BillType, Refusal};
use epay_money::{BillId, BillTypeCode, BillerId, PaymentId};
use epay_store::PaymentKey;
use jiff::Timestamp;

use super::book::Book;
use super::{Command, Snapshot, Writes, finding, follow, movement, outcome, pay, resolve};
use crate::catalogue::Rails;
use crate::command::{IssueBill, Keyed, ReviseBill, WithdrawBill};
use crate::error::EngineError;
use crate::health::RailsHealth;
use crate::{BillView, Catalogue, Ids, PaymentView};

/// What deciding needs beside the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) rails: &'a Rails,
    pub(crate) health: &'a RailsHealth,
    pub(crate) calendar: &'a epay_money::BusinessCalendar,
    pub(crate) ids: &'a dyn Ids,
    pub(crate) now: Timestamp,
}

/// An answer to one command.
#[derive(Debug)]
pub(crate) enum Decided {
    Bill(Box<BillView>),
    Payment(Box<PaymentView>),
    /// The command was answered before: the same answer has to be read back.
    BillAgain {
        biller: BillerId,
        bill: BillId,
        version: i32,
    },
    /// The command was answered before: the same answer has to be read back.
    PaymentAgain {
        biller: BillerId,
        payment: PaymentId,
        version: i32,
    },
    /// Recorded.
    Done,
}

/// Decides every command, in order.
pub(crate) fn decide(
    commands: &[&Command],
    snapshot: Snapshot,
    context: Context<'_>,
) -> (Writes, Vec<Result<Decided, EngineError>>) {
    let mut book = Book::open(snapshot, context.now);
    let answers = commands
        .iter()
        .map(|command| match first_answer(&book, command) {
            Some(answer) => answer,
            None => decide_one(&mut book, command, context),
        })
        .collect();
    (book.close(context.rails), answers)
}

/// The first answer to a repeated command, or the refusal of a key that was used for something else.
fn first_answer(book: &Book, command: &Command) -> Option<Result<Decided, EngineError>> {
    let keyed = command.keyed()?;
    let first = book.snapshot.answers.get(&keyed.key)?;
    if first.digest != keyed.digest {
        return Some(Err(EngineError::KeyReused));
    }
    let biller = keyed.key.biller.clone();
    let version = first.version;
    Some(Ok(match command {
        Command::Issue(..) | Command::Revise(..) | Command::Withdraw(..) => Decided::BillAgain {
            biller,
            bill: BillId::new(first.answer),
            version,
        },
        Command::Pay(..)
        | Command::Cancel(..)
        | Command::Submit(..)
        | Command::Capture(..)
        | Command::Credit(_)
        | Command::Payout(_)
        | Command::Order(_)
        | Command::Resolve(..)
        | Command::Assign { .. }
        | Command::Check(_)
        | Command::Tick(_)
        | Command::Deadline(_) => Decided::PaymentAgain {
            biller,
            payment: PaymentId::new(first.answer),
            version,
        },
    }))
}

fn decide_one(
    book: &mut Book,
    command: &Command,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    match command {
        Command::Issue(issue, keyed) => issue_bill(book, issue, keyed, context),
        Command::Revise(revise, keyed) => revise_bill(book, revise, keyed, context),
        Command::Withdraw(withdraw, keyed) => withdraw_bill(book, withdraw, keyed, context),
        Command::Pay(pay, keyed) => pay::create_payment(book, pay, keyed, context),
        Command::Cancel(cancel, of, keyed) => pay::cancel_payment(book, cancel, of, keyed, context),
        Command::Submit(submit, of, keyed) => {
            pay::submit_instrument(book, submit, of, keyed, context)
        }
        Command::Capture(capture, of, keyed) => {
            pay::capture_payment(book, capture, of, keyed, context)
        }
        Command::Credit(command) => finding::report(book, command, context),
        Command::Payout(command) => movement::payout(book, command, context),
        Command::Order(command) => outcome::order_ended(book, command, context),
        Command::Resolve(command, of) => resolve::resolve(book, command, of, context),
        Command::Assign { of, owner, caller } => resolve::assign(book, of, owner.as_ref(), caller),
        Command::Check(of) => follow::check(book, of, context),
        Command::Tick(of) => follow::tick(book, of, context),
        Command::Deadline(of) => deadline(book, of),
    }
}

pub(crate) fn kind_of(
    context: Context<'_>,
    code: &BillTypeCode,
) -> Result<Arc<BillType>, EngineError> {
    context
        .catalogue
        .kind(code)
        .cloned()
        .ok_or(EngineError::NotFound {
            what: "the kind of bill",
        })
}

fn issue_bill(
    book: &mut Book,
    command: &IssueBill,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let kind = kind_of(context, &command.bill_type)?;
    if kind.biller != command.biller {
        return Err(EngineError::NotFound {
            what: "the kind of bill",
        });
    }
    let new = NewBill {
        id: BillId::new(context.ids.next()),
        number: command.number.clone(),
        amount: command.amount,
        due_date: command.due_date,
        description: command.description.clone(),
        lines: command.lines.clone(),
        parts: command.parts.clone(),
        instalments: command.instalments.clone(),
        second_factor: command.second_factor,
        licence: command.licence.clone(),
    };
    let events = bill::issue(&new, &kind, context.calendar).map_err(EngineError::Refused)?;
    let [bill::BillEvent::Issued { number, lines, .. }] = events.as_slice() else {
        return Err(EngineError::Broken(
            "a bill was issued without its event".to_owned(),
        ));
    };
    let bill = Bill {
        id: new.id,
        biller: command.biller.clone(),
        bill_type: kind.code.clone(),
        number: number.clone(),
        amount: new.amount,
        applied_minor: 0,
        state: BillState::Open,
        due_date: new.due_date,
        description: new.description,
        lines: lines.clone(),
        parts: new.parts,
        instalments: new.instalments,
        instalment_missed: false,
        second_factor: new.second_factor,
        licence: new.licence,
        created_at: context.now,
        paid_at: None,
        revision: 0,
        version: 0,
        under_way: vec![],
    };
    let bill = book.add_bill(bill, &events);
    book.answered(keyed, bill.id.uuid(), bill.version);
    Ok(Decided::Bill(Box::new(BillView { bill, kind })))
}

fn revise_bill(
    book: &mut Book,
    command: &ReviseBill,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let mut bill = book.bill(&command.biller, command.bill)?.clone();
    let kind = kind_of(context, &bill.bill_type)?;
    let same_number = kind.number.read(&command.number).ok() == Some(bill.number.clone());
    if command.bill_type != bill.bill_type || !same_number {
        return Err(EngineError::Refused(Refusal::OtherDemand));
    }
    let events = bill::revise(&bill, &command.revision, &kind, context.calendar)
        .map_err(EngineError::Refused)?;
    bill.second_factor = command.revision.second_factor.or(bill.second_factor);
    let bill = book.revise_bill(bill, &events);
    book.answered(keyed, bill.id.uuid(), bill.version);
    Ok(Decided::Bill(Box::new(BillView { bill, kind })))
}

fn withdraw_bill(
    book: &mut Book,
    command: &WithdrawBill,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let bill = book.bill(&command.biller, command.bill)?.clone();
    let kind = kind_of(context, &bill.bill_type)?;
    let ask = BillAsk::Withdraw {
        reason: command.reason.clone(),
    };
    let events = bill::asked(&bill, &ask).map_err(EngineError::Refused)?;
    let bill = book.change_bill(bill, &events);
    book.answered(keyed, bill.id.uuid(), bill.version);
    Ok(Decided::Bill(Box::new(BillView { bill, kind })))
}

fn deadline(book: &mut Book, of: &PaymentKey) -> Result<Decided, EngineError> {
    let payment = book.payment(&of.biller, of.payment)?.clone();
    if book.now >= payment.expires_at {
        let events = payment::told(&payment, &PaymentFact::DeadlinePassed);
        if !events.is_empty() {
            book.change_payment(payment, &events);
        }
    }
    Ok(Decided::Done)
}
