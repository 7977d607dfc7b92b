//! Movements of money at a rail that are no receipt: what it says that it pays over, and what disputes take back and bring
//! again.

use epay_domain::payment::{self, PaymentFact};
use epay_ledger::recipes::{self, RailAccounts};
use epay_ledger::{Draft, LedgerError};
use epay_money::{JournalId, Money, SettlementBatchId};
use epay_rail::{Finding, PaidOver};
use epay_store::reconciliation::SettlementBatch;
use epay_store::{Movement, MovementKey, QuarantineEntry};
use jiff::civil::Date;

use super::book::Book;
use super::decide::{Context, Decided};
use super::finding::{payment_of, set_apart};
use super::{CreditCommand, PayoutCommand, taken_back};
use crate::error::{EngineError, chain};

const PAYOUT: &str = "payout";

impl PayoutCommand {
    pub(crate) fn movement_key(&self) -> MovementKey {
        MovementKey {
            biller: self.book.clone(),
            rail: self.rail.clone(),
            rail_account: self.payout.rail_account.clone(),
            rail_reference: self.payout.rail_reference.clone(),
            kind: PAYOUT.to_owned(),
        }
    }
}

impl CreditCommand {
    /// What makes a movement the same one when it is told again: a dispute's, or that of a promise returned late.
    pub(crate) fn movement_key(&self) -> Option<MovementKey> {
        let kind = self.report.finding;
        let moves = matches!(
            kind,
            Finding::ChargedBack | Finding::ChargebackReversed | Finding::Dishonoured
        );
        moves.then(|| MovementKey {
            biller: self.book.clone(),
            rail: self.rail.clone(),
            rail_account: self.report.rail_account.clone(),
            rail_reference: self.report.rail_reference.clone(),
            kind: kind.as_str().to_owned(),
        })
    }
}

fn accounts<'a>(
    rail: &epay_money::RailId,
    context: Context<'a>,
) -> Result<&'a RailAccounts, EngineError> {
    context
        .rails
        .get(rail)
        .map(|rail| &rail.accounts)
        .ok_or(EngineError::NotFound { what: "the rail" })
}

/// Writes a journal and the record of the movement.
fn write(
    book: &mut Book,
    draft: Result<Draft, LedgerError>,
    mut movement: Movement,
    day: Date,
    context: Context<'_>,
) -> Result<(), LedgerError> {
    movement.journal = JournalId::new(context.ids.next());
    let journal = draft?.journal(
        movement.journal,
        movement.key.biller.clone(),
        context.now,
        day,
        movement.message.to_string(),
    )?;
    book.writes.journals.push(journal);
    book.snapshot.movements.insert(movement.key.clone());
    book.writes.movements.push(movement);
    Ok(())
}

/// A rail says what it pays over: a batch that the bank's statement must show. Its word moves no money; the entry that
/// meets it does (J02, J03, J04, J13, J14).
pub(crate) fn payout(
    book: &mut Book,
    command: &PayoutCommand,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    // Books of an earlier version moved the bank's account at the rail's word; such a payout stays booked.
    if book.snapshot.movements.contains(&command.movement_key()) {
        return Ok(Decided::Done);
    }
    let rail = context.rails.get(&command.rail);
    let reported =
        rail.is_some_and(|rail| rail.rail.profile().settlement.paid == PaidOver::Reported);
    let payout = &command.payout;
    let (net, fee) = (payout.net.minor(), payout.fee.minor());
    let adds_up = net.checked_add(fee) == Some(payout.gross.minor())
        && payout.net.currency() == payout.gross.currency()
        && payout.fee.currency() == payout.gross.currency();
    // A report that comes to nothing is kept for its rows; no money is expected with it.
    let pays = net > 0 || payout.gross.minor() == 0 && net == 0;
    let problem = match (reported, adds_up, pays) {
        // Its payments are expected at the bank without one: a batch as well would be expected twice.
        (false, _, _) => Some("this rail is not set to report what it pays over"),
        (true, false, _) => Some("gross is not net and fee"),
        (true, true, false) => Some("it pays nothing"),
        (true, true, true) => None,
    };
    if let Some(problem) = problem {
        let path = format!("{}/{}", payout.rail_account, payout.rail_reference);
        book.writes.quarantine.push(QuarantineEntry {
            message: command.message,
            // Apart from the numbers of reports and unreadable entries.
            entry: command.entry.saturating_add(PAYOUT_ENTRIES),
            path,
            code: "not_bookable".to_owned(),
            detail: problem.to_owned(),
        });
        return Ok(Decided::Done);
    }
    book.writes.batches.push(SettlementBatch {
        id: SettlementBatchId::new(context.ids.next()),
        biller: command.book.clone(),
        rail: command.rail.clone(),
        rail_account: payout.rail_account.clone(),
        reference: payout.rail_reference.clone(),
        currency: payout.gross.currency(),
        gross_minor: payout.gross.minor(),
        fee_minor: fee,
        net_minor: net,
        items: i32::try_from(payout.items).unwrap_or(i32::MAX),
        value_date: payout.value_date,
        message: command.message,
    });
    book.writes.items.extend(command.items.iter().cloned());
    Ok(Decided::Done)
}

/// Where the entries of payouts begin in a message's numbering.
pub(crate) const PAYOUT_ENTRIES: i32 = 1_000_000_000;

/// A dispute took money back, or brought it again (J10). The bill stays as it is; people decide. What may be refunded
/// follows at once.
pub(crate) fn chargeback(
    book: &mut Book,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let Some(key) = command.movement_key() else {
        return Ok(());
    };
    if book.snapshot.movements.contains(&key) {
        return Ok(());
    }
    let accounts = accounts(&command.rail, context)?;
    let report = &command.report;
    let (currency, minor) = (report.amount.currency(), report.amount.minor());
    let fee = report.fee.map_or(0, Money::minor);
    let (draft, fact) = if report.finding == Finding::ChargedBack {
        let fact = PaymentFact::ChargedBack {
            minor,
            fee_minor: fee,
            reason: report.reason.clone().unwrap_or_default(),
        };
        (recipes::chargeback(accounts, currency, minor, fee), fact)
    } else {
        let draft = recipes::chargeback_reversed(accounts, currency, minor, fee);
        (draft, PaymentFact::ChargebackReversed { minor })
    };
    let movement = Movement {
        key,
        payment: command.payment,
        amount: report.amount,
        fee_minor: fee,
        items: 1,
        value_date: report.value_date,
        message: command.message,
        journal: JournalId::new(context.ids.next()),
    };
    if let Err(error) = write(book, draft, movement, report.booking_date, context) {
        set_apart(book, command, "not_bookable", chain(&error));
        return Ok(());
    }
    tell(book, command, &fact);
    Ok(())
}

fn tell(book: &mut Book, command: &CreditCommand, fact: &PaymentFact) {
    match payment_of(book, command) {
        Some(payment) => {
            if command.report.finding == Finding::ChargedBack {
                taken_back::reclaim(book, command, &payment);
            } else {
                taken_back::restore(book, &payment, command.report.amount);
            }
            let events = payment::told(&payment, fact);
            book.change_payment(payment, &events);
        }
        // Booked, and nobody knows whose: a person must look.
        None => set_apart(
            book,
            command,
            fact.as_str(),
            "no payment has this reference".to_owned(),
        ),
    }
}
