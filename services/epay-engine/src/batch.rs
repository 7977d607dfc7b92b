//! One batch: the commands that one commit carries.
//!
//! [`snapshot`] reads and locks everything that the commands speak of, in one round trip; [`decide`] works in
//! memory and answers every command; [`writes`] sends one statement a table and the journals behind them, in
//! one round trip too, so that the hot rows of the ledger are locked last and held for as short as possible.

mod book;
mod credit;
mod decide;
mod snapshot;
mod writes;

pub(crate) use decide::{Context, Decided, decide};
pub(crate) use snapshot::Snapshot;
pub(crate) use writes::Writes;

use epay_domain::MatchedBy;
use epay_money::{BillId, BillerId, MessageId, PaymentId, RailId};
use epay_rail::Report;

use crate::command::{CancelPayment, CreatePayment, IssueBill, Keyed, WithdrawBill};

/// Something to be decided, with all keys resolved.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Issue(Box<IssueBill>, Keyed),
    Withdraw(WithdrawBill, Keyed),
    Pay(CreatePayment, Keyed),
    /// The bill of the payment was looked up before the command was queued.
    Cancel(CancelPayment, BillId, Keyed),
    Credit(Box<CreditCommand>),
    /// A payment's time to pay has run out.
    Deadline {
        biller: BillerId,
        payment: PaymentId,
        bill: BillId,
    },
}

/// A credit of a rail message, matched but not yet decided.
#[derive(Debug, Clone)]
pub(crate) struct CreditCommand {
    pub(crate) rail: RailId,
    pub(crate) message: MessageId,
    pub(crate) book: BillerId,
    /// Which entry of the message, from 1.
    pub(crate) entry: i32,
    pub(crate) report: Report,
    pub(crate) bill: Option<BillId>,
    pub(crate) payment: Option<PaymentId>,
    pub(crate) matched_by: MatchedBy,
    /// This is all that the message holds: the batch that books it also takes the message off the list.
    pub(crate) completes_message: bool,
}

impl Command {
    /// The bill that the command is about.
    pub(crate) fn bill(&self) -> Option<(&BillerId, BillId)> {
        match self {
            Self::Issue(..) => None,
            Self::Withdraw(command, _) => Some((&command.biller, command.bill)),
            Self::Pay(command, _) => Some((&command.biller, command.bill)),
            Self::Cancel(command, bill, _) => Some((&command.biller, *bill)),
            Self::Credit(command) => command.bill.map(|bill| (&command.book, bill)),
            Self::Deadline { biller, bill, .. } => Some((biller, *bill)),
        }
    }

    /// The payment that the command is about.
    pub(crate) fn payment(&self) -> Option<(&BillerId, PaymentId)> {
        match self {
            Self::Issue(..) | Self::Withdraw(..) | Self::Pay(..) => None,
            Self::Cancel(command, ..) => Some((&command.biller, command.payment)),
            Self::Credit(command) => command.payment.map(|payment| (&command.book, payment)),
            Self::Deadline {
                biller, payment, ..
            } => Some((biller, *payment)),
        }
    }

    /// The key under which the first answer is kept.
    pub(crate) fn keyed(&self) -> Option<&Keyed> {
        match self {
            Self::Issue(_, keyed)
            | Self::Withdraw(_, keyed)
            | Self::Pay(_, keyed)
            | Self::Cancel(_, _, keyed) => Some(keyed),
            Self::Credit(_) | Self::Deadline { .. } => None,
        }
    }
}
