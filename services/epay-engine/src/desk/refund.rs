//! Commands and facts about refunds.

use epay_domain::Refusal;
use epay_domain::proposal::Subject;
use epay_domain::refund::{self, NewRefund, RefundAsk, RefundFact};
use epay_money::{BillerId, PayoutAccountId, ProposalId, ReceiptId, RefundId};

use super::book::Book;
use super::decide::propose;
use super::{Answer, RedirectRefund, RequestRefund, Tell};
use crate::RefundView;
use crate::command::Keyed;
use crate::error::EngineError;

/// A refund is asked for: what it takes of its receipt is taken now, and a second person must agree.
pub(super) fn request(
    book: &mut Book<'_>,
    command: &RequestRefund,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let key = (command.biller.clone(), command.receipt);
    let receipt = book.snapshot.receipts.get(&key).cloned();
    let receipt = receipt.ok_or(EngineError::NotFound {
        what: "the receipt",
    })?;
    known_account(book, &command.biller, command.receipt, command.account)?;
    let new = NewRefund {
        id: RefundId::new(book.context.ids.next()),
        proposal: ProposalId::new(book.context.ids.next()),
        source: command.source,
        amount: command.amount,
        account: command.account,
        reason: command.reason.clone(),
        consent: command.consent.clone(),
        at: book.now(),
    };
    let pots = book.pots_of(&receipt);
    let (refund, event, pot) =
        refund::request(&receipt, &pots, &new).map_err(EngineError::Refused)?;
    let refund = book.add_refund(refund, &event, pot);
    let subject = Subject::Refund { refund: refund.id };
    let why = (command.reason.as_str(), &command.caller);
    let amount = Some(refund.amount);
    let proposal = propose(book, new.proposal, &command.biller, subject, amount, why);
    book.answered(keyed, refund.id.uuid(), refund.version);
    Ok(Answer::Refund(Box::new(RefundView { refund, proposal })))
}

/// An account may be named as soon as it is proposed for this receipt; it must be verified before an order is made.
fn known_account(
    book: &Book<'_>,
    biller: &BillerId,
    receipt: ReceiptId,
    account: Option<PayoutAccountId>,
) -> Result<(), EngineError> {
    let Some(account) = account else {
        return Ok(());
    };
    let row = book.snapshot.accounts.get(&(biller.clone(), account));
    match row {
        Some(row) if row.receipt == receipt => Ok(()),
        Some(_) | None => Err(EngineError::Refused(Refusal::AccountNotVerified)),
    }
}

/// A person says where a refund goes that came back.
pub(super) fn redirect(
    book: &mut Book<'_>,
    command: &RedirectRefund,
) -> Result<Answer, EngineError> {
    let refund = find(book, &command.biller, command.refund)?;
    known_account(book, &command.biller, refund.receipt, command.account)?;
    let verified = |id| {
        let row = book.snapshot.accounts.get(&(command.biller.clone(), id));
        row.is_some_and(|row| row.verified)
    };
    if command.account.is_some_and(|id| !verified(id)) {
        return Err(EngineError::Refused(Refusal::AccountNotVerified));
    }
    let ask = RefundAsk::Redirect {
        account: command.account,
        by: command.caller.name.clone(),
    };
    let events = refund::asked(&refund, &ask).map_err(EngineError::Refused)?;
    if is_short(book, &refund) {
        return Err(EngineError::Refused(Refusal::TakenBackByBank));
    }
    let refund = book.change_refund(refund, &events)?;
    Ok(Answer::Again(refund.biller, refund.id.uuid()))
}

/// Whether the payer's bank took money back that refunds of the same payment have taken.
fn is_short(book: &Book<'_>, refund: &refund::Refund) -> bool {
    refund::is_short(&book.pots_of_payment(&refund.biller, refund.receipt))
}

fn find(book: &Book<'_>, biller: &BillerId, id: RefundId) -> Result<refund::Refund, EngineError> {
    let refund = book.snapshot.refunds.get(&(biller.clone(), id));
    refund
        .cloned()
        .ok_or(EngineError::NotFound { what: "the refund" })
}

/// The second person's word about a refund.
pub(super) fn decided(
    book: &mut Book<'_>,
    biller: &BillerId,
    id: RefundId,
    approved: bool,
    by: &str,
) -> Result<(), EngineError> {
    let refund = find(book, biller, id)?;
    if approved && is_short(book, &refund) {
        return Err(EngineError::Refused(Refusal::TakenBackByBank));
    }
    let by = by.to_owned();
    let fact = if approved {
        RefundFact::Approved { by }
    } else {
        RefundFact::Refused { by }
    };
    let events = refund::told(&refund, &fact);
    let refund = book.change_refund(refund, &events)?;
    if !approved {
        let key = (refund.biller.clone(), refund.receipt, refund.source);
        if let Some(pot) = book.snapshot.pots.get(&key).cloned() {
            book.keep_pot(pot.give_back(refund.amount));
        }
        let mut pots = book.pots_of_payment(&refund.biller, refund.receipt);
        refund::even_out(&mut pots);
        for pot in pots {
            book.keep_pot(pot);
        }
    }
    Ok(())
}

/// A fact about a refund. One that speaks of an earlier order than the present one is recorded, and changes nothing. An
/// order that was about to leave is held where the payer's bank has the money by now: the refund waits for a person.
pub(super) fn tell(book: &mut Book<'_>, command: &Tell) -> Result<Answer, EngineError> {
    let refund = find(book, &command.biller, command.refund)?;
    let leaves = matches!(command.fact, RefundFact::Submitted { .. });
    if leaves && is_short(book, &refund) {
        let why = Refusal::TakenBackByBank.to_string();
        let events = refund::told(&refund, &RefundFact::NoWay { why });
        book.change_refund(refund, &events)?;
        return Ok(Answer::Held);
    }
    let present = refund.route.as_ref().map(|route| route.order_key.as_str());
    let stale = command.order_key.is_some() && command.order_key.as_deref() != present;
    let events = if stale {
        vec![refund::RefundEvent::Unexpected {
            fact: format!("{} of an earlier order", command.fact.as_str()),
        }]
    } else {
        refund::told(&refund, &command.fact)
    };
    if !events.is_empty() {
        book.change_refund(refund, &events)?;
    }
    Ok(Answer::Done)
}
