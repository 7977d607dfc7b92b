//! What people decide about an unclear payment: two of them found out what became of the money, or one looks after it.

use epay_domain::payment::{self, PaymentFact, PaymentState};
use epay_domain::{MatchedBy, Refusal};
use epay_money::MessageId;
use epay_rail::{Finding, Report};
use epay_store::{PaymentKey, ReceiptKey};

use super::book::Book;
use super::decide::{Context, Decided};
use super::{CreditCommand, credit, promise};
use crate::command::{Found, ResolvePayment};
use crate::error::EngineError;

impl ResolvePayment {
    /// What makes the credit that they found the same one when the rail tells of it.
    pub(crate) fn receipt_key(&self) -> Option<ReceiptKey> {
        match &self.found {
            Found::Came {
                rail,
                rail_account,
                rail_reference,
                ..
            } => Some(ReceiptKey {
                biller: self.biller.clone(),
                rail: rail.clone(),
                rail_account: rail_account.clone(),
                rail_reference: rail_reference.clone(),
            }),
            Found::DidNotCome { .. } => None,
        }
    }
}

/// Books what two people found, or ends the payment. That they are two is their proposal's business.
///
/// # Errors
/// [`Refusal::NotUnclear`] when other evidence came first.
pub(crate) fn resolve(
    book: &mut Book,
    command: &ResolvePayment,
    of: &PaymentKey,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let mut payment = book.payment(&of.biller, of.payment)?.clone();
    if payment.state != PaymentState::Unclear {
        return Err(EngineError::Refused(Refusal::NotUnclear));
    }
    match &command.found {
        Found::Came {
            rail,
            rail_account,
            rail_reference,
            amount,
            value_date,
        } => {
            let report = Report {
                rail_account: rail_account.clone(),
                rail_reference: rail_reference.clone(),
                reference: Some(payment.reference.to_string()),
                bill_number: None,
                order_key: None,
                amount: *amount,
                fee: None,
                finding: Finding::Settled,
                reason: Some("found by two people".to_owned()),
                instructed_at: payment.created_at,
                booking_date: *value_date,
                value_date: *value_date,
                payer: None,
                end_to_end_id: None,
                clearing_reference: None,
            };
            let credit = CreditCommand {
                rail: rail.clone(),
                message: MessageId::new(command.proposal),
                book: of.biller.clone(),
                entry: 1,
                report,
                bills: of.bills.clone(),
                payment: Some(of.payment),
                matched_by: MatchedBy::Reference,
                completes_message: false,
            };
            credit::settled(book, &credit, context)?;
        }
        Found::DidNotCome { evidence } => {
            let fact = PaymentFact::FoundUnpaid {
                evidence: evidence.clone(),
            };
            let events = payment::told(&payment, &fact);
            promise::release(book, &mut payment, context)?;
            book.change_payment(payment, &events);
        }
    }
    Ok(Decided::Done)
}

/// A person looks after an unclear payment, or no longer.
///
/// # Errors
/// [`Refusal::NotUnclear`].
pub(crate) fn assign(
    book: &mut Book,
    of: &PaymentKey,
    owner: Option<&String>,
    caller: &str,
) -> Result<Decided, EngineError> {
    let mut payment = book.payment(&of.biller, of.payment)?.clone();
    let doubt = payment
        .remote
        .as_mut()
        .and_then(|remote| remote.doubt.as_mut())
        .filter(|_doubt| payment.state == PaymentState::Unclear);
    let Some(doubt) = doubt else {
        return Err(EngineError::Refused(Refusal::NotUnclear));
    };
    doubt.owner = owner.cloned();
    let now = book.now;
    if let Some(remote) = &mut payment.remote {
        let owner = owner.map_or("nobody", String::as_str);
        remote.evidence(now, format!("{caller} gave it to {owner}"));
    }
    book.keep_as_it_is(payment);
    Ok(Decided::Done)
}
