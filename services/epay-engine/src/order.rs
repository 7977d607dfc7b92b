//! An order in the rail's contract, put together again from what is stored: the same parts give the same words.

use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_rail::{Ask, Collect, Header, Instrument, Order};
use epay_store::{StoredAsk, StoredOrder};

/// The collection that a payment asks a rail for, as it was first asked for.
pub(crate) fn collect_of(payment: &Payment, first: &Bill, return_url: Option<String>) -> Collect {
    if let Some(remote) = &payment.remote {
        return remote.collect.clone();
    }
    Collect {
        method: payment.method.clone(),
        payee: payment.payee.clone(),
        amount: payment.amount,
        amount_editable: payment.amount_editable,
        reference: payment.reference.to_string(),
        bill_number: first.number.clone(),
        bills: u32::try_from(payment.parts.len().max(1)).unwrap_or(u32::MAX),
        description: first.description.clone(),
        return_url,
        asked_at: payment.created_at,
        expires_at: payment.expires_at,
    }
}

/// The whole order. `instrument` is what the payer handed over; an order that was answered has lost it, which no
/// answer's reading depends on.
pub(crate) fn whole(
    stored: &StoredOrder,
    collect: Collect,
    instrument: Option<(String, Vec<u8>)>,
    bearer: Option<String>,
) -> Order {
    let ask = match &stored.ask {
        StoredAsk::Collect => Ask::Collect,
        StoredAsk::Tender { instrument: kind } => {
            let (kind, bytes) = instrument.unwrap_or_else(|| (kind.clone(), vec![]));
            Ask::Tender(Instrument { kind, bytes })
        }
        StoredAsk::Query { question } => Ask::Query(question.clone()),
        StoredAsk::Capture { amount } => Ask::Capture { amount: *amount },
        StoredAsk::Void => Ask::Void,
        StoredAsk::Close => Ask::Close,
        StoredAsk::Refund { refund } => Ask::Refund(refund.clone()),
    };
    Order {
        header: Header {
            key: stored.key.clone(),
            at: stored.at,
            nonce: stored.nonce,
            kept: stored.kept.clone(),
            bearer,
        },
        collect,
        ask,
    }
}
