//! One batch: the commands that one commit carries.
//!
//! [`snapshot`] reads and locks everything that the commands speak of, in one round trip; [`decide`] works in
//! memory and answers every command; [`writes`] sends one statement a table and the journals behind them, in
//! one round trip too, so that the hot rows of the ledger are locked last and held for as short as possible.
//!
//! Beside the bills: [`pay`] starts, ends and captures payments, [`outcome`] takes what became of an order,
//! [`finding`] what a rail reported, [`failover`] goes on by another rail, [`follow`] asks again what is not known,
//! [`taken_back`] keeps what may be refunded in step with what payers' banks take back.

mod book;
mod credit;
mod decide;
mod failover;
mod finding;
mod follow;
mod movement;
mod outcome;
mod pay;
mod promise;
mod resolve;
mod returned;
mod snapshot;
mod taken_back;
mod writes;

pub(crate) use book::to_json;
pub(crate) use decide::{Context, Decided, decide};
pub(crate) use movement::PAYOUT_ENTRIES;
pub(crate) use outcome::{Claim, OrderCommand, Outcome};
pub(crate) use pay::{check_handover, refused_by_rail};
pub(crate) use snapshot::Snapshot;
pub(crate) use writes::Writes;

use epay_domain::MatchedBy;
use epay_money::{BillId, BillerId, MessageId, PaymentId, RailId};
use epay_rail::{Payout, Report};
use epay_store::PaymentKey;
use epay_store::reconciliation::SettlementItem;

use crate::command::{
    CancelPayment, CapturePayment, CreatePayment, IssueBill, Keyed, ResolvePayment, ReviseBill,
    SubmitInstrument, WithdrawBill,
};

/// Something to be decided, with all keys resolved: the bills of a payment were looked up before the command was
/// queued, which is safe because they never change.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Issue(Box<IssueBill>, Keyed),
    Revise(Box<ReviseBill>, Keyed),
    Withdraw(WithdrawBill, Keyed),
    Pay(Box<CreatePayment>, Keyed),
    Cancel(CancelPayment, PaymentKey, Keyed),
    Submit(Box<SubmitInstrument>, PaymentKey, Keyed),
    Capture(CapturePayment, PaymentKey, Keyed),
    Credit(Box<CreditCommand>),
    Payout(Box<PayoutCommand>),
    /// What became of an order.
    Order(Box<OrderCommand>),
    /// Two people found out what became of the money.
    Resolve(Box<ResolvePayment>, PaymentKey),
    /// A person looks after an unclear payment, or no longer.
    Assign {
        of: PaymentKey,
        owner: Option<String>,
        caller: String,
    },
    /// Somebody says that there is news at the rail.
    Check(PaymentKey),
    /// It is time to look at a payment again.
    Tick(PaymentKey),
    /// A payment's time to pay has run out.
    Deadline(PaymentKey),
}

/// A report of a rail message, matched but not yet decided.
#[derive(Debug, Clone)]
pub(crate) struct CreditCommand {
    pub(crate) rail: RailId,
    pub(crate) message: MessageId,
    pub(crate) book: BillerId,
    /// Which entry of the message, from 1.
    pub(crate) entry: i32,
    pub(crate) report: Report,
    /// The bills of the payment, or the one that was found by its number.
    pub(crate) bills: Vec<BillId>,
    pub(crate) payment: Option<PaymentId>,
    pub(crate) matched_by: MatchedBy,
    /// This is all that the message holds: the batch that books it also takes the message off the list.
    pub(crate) completes_message: bool,
}

/// A rail's payment to us for many collections.
#[derive(Debug, Clone)]
pub(crate) struct PayoutCommand {
    pub(crate) rail: RailId,
    pub(crate) message: MessageId,
    pub(crate) book: BillerId,
    /// Which payout of the message, from 1.
    pub(crate) entry: i32,
    pub(crate) payout: Payout,
    /// The rows of the report that are about its account, unless they are written with the parts of a file.
    pub(crate) items: Vec<SettlementItem>,
}

impl Command {
    /// The bills that the command is about, with their department.
    pub(crate) fn bills(&self) -> Option<(&BillerId, &[BillId])> {
        match self {
            Self::Issue(..) | Self::Payout(_) => None,
            Self::Revise(command, _) => {
                Some((&command.biller, std::slice::from_ref(&command.bill)))
            }
            Self::Withdraw(command, _) => {
                Some((&command.biller, std::slice::from_ref(&command.bill)))
            }
            Self::Pay(command, _) => Some((&command.biller, &command.bills)),
            Self::Credit(command) => Some((&command.book, &command.bills)),
            Self::Cancel(..)
            | Self::Submit(..)
            | Self::Capture(..)
            | Self::Order(_)
            | Self::Resolve(..)
            | Self::Assign { .. }
            | Self::Check(_)
            | Self::Tick(_)
            | Self::Deadline(_) => self.of().map(|of| (&of.biller, of.bills.as_slice())),
        }
    }

    fn of(&self) -> Option<&PaymentKey> {
        match self {
            Self::Cancel(_, of, _)
            | Self::Submit(_, of, _)
            | Self::Capture(_, of, _)
            | Self::Resolve(_, of)
            | Self::Assign { of, .. }
            | Self::Check(of)
            | Self::Tick(of)
            | Self::Deadline(of) => Some(of),
            Self::Order(command) => Some(&command.of),
            Self::Issue(..)
            | Self::Revise(..)
            | Self::Withdraw(..)
            | Self::Pay(..)
            | Self::Credit(_)
            | Self::Payout(_) => None,
        }
    }

    /// The payment that the command is about.
    pub(crate) fn payment(&self) -> Option<(&BillerId, PaymentId)> {
        match self {
            Self::Credit(command) => command.payment.map(|payment| (&command.book, payment)),
            other => other.of().map(|of| (&of.biller, of.payment)),
        }
    }

    /// The key under which the first answer is kept.
    pub(crate) const fn keyed(&self) -> Option<&Keyed> {
        match self {
            Self::Issue(_, keyed)
            | Self::Revise(_, keyed)
            | Self::Withdraw(_, keyed)
            | Self::Pay(_, keyed)
            | Self::Cancel(_, _, keyed)
            | Self::Submit(_, _, keyed)
            | Self::Capture(_, _, keyed) => Some(keyed),
            Self::Credit(_)
            | Self::Payout(_)
            | Self::Order(_)
            | Self::Resolve(..)
            | Self::Assign { .. }
            | Self::Check(_)
            | Self::Tick(_)
            | Self::Deadline(_) => None,
        }
    }
}
