//! Answers to a checkout that was to begin, and to single transactions, as reports.

use epay_money::{Money, hong_kong_date};
use epay_rail::{Ask, Decoded, Finding, Order, Presentation, Report, Unreadable, UnreadableKind};
use jiff::Timestamp;

use crate::answer::{self, Begun, One, Reply, TransactionPart};
use crate::codes::{self, Movement, Outcome};
use crate::kept::Kept;
use crate::settings::Acquirer;

/// The version of the page that the payer is sent to.
const CHECKOUT_VERSION: &str = "1.0.0";

/// What the answer to [`Ask::Collect`] says: the page for the payer, or that there is none.
pub(crate) fn begun(acquirer: &Acquirer, reply: &Reply<'_>) -> Result<Decoded, Unreadable> {
    let read: Begun = match answer::read(reply.body) {
        Ok(read) => read,
        Err(fault) if reply.is_success() => return Err(fault),
        Err(_no_json) => return Ok(one(plain(reply, Finding::Unclear, None))),
    };
    let session = read
        .session
        .and_then(|session| session.id)
        .filter(|id| answer::is_id(id));
    if let (Some("SUCCESS"), Some(id), true) = (read.result.as_deref(), session, reply.is_success())
    {
        let keep = Kept {
            indicator: read.success_indicator.filter(|text| answer::is_id(text)),
            authorisation: None,
        };
        let base = &acquirer.base_url;
        let url = format!("{base}/checkout/pay/{id}?checkoutVersion={CHECKOUT_VERSION}");
        return Ok(Decoded {
            presentation: Some(Presentation::Redirect { url }),
            keep: keep.write(),
            ..Decoded::default()
        });
    }
    // No session, no page: nobody can have paid. Only a cause that says so is believed.
    let cause = read.error.and_then(|error| error.cause);
    let finding = match (read.result.as_deref(), codes::begun(cause.as_deref())) {
        (Some("ERROR"), Outcome::Declined) => Finding::Declined,
        _ => Finding::Unclear,
    };
    Ok(one(plain(
        reply,
        finding,
        cause.filter(|cause| is_word(cause)),
    )))
}

/// What the answer to a transaction says.
pub(crate) fn done(reply: &Reply<'_>) -> Result<Decoded, Unreadable> {
    let read: One = match answer::read(reply.body) {
        Ok(read) => read,
        Err(fault) if reply.is_success() => return Err(fault),
        Err(_no_json) => return Ok(one(plain(reply, Finding::Unclear, None))),
    };
    let key = &reply.order.header.key;
    let named = read
        .transaction
        .as_ref()
        .and_then(|transaction| transaction.id.as_deref());
    // An error names no transaction; a transaction of another order is nobody's answer.
    same(reply.order, order_id(&read), read.merchant.as_deref())?;
    if named.is_some_and(|id| id != key) {
        return Err(stranger());
    }
    let expected = movement_of(&reply.order.ask);
    let told = reading(&read, reply.order, reply.at);
    let Some(told) = told.filter(|told| reply.is_success() && Some(told.movement) == expected)
    else {
        return Ok(one(plain(reply, Finding::Unclear, None)));
    };
    let finding = codes::finding(told.movement, told.outcome).unwrap_or(Finding::Unclear);
    let keep = (finding == Finding::Accepted)
        .then(|| keep(reply.order, key))
        .flatten();
    Ok(Decoded {
        keep,
        ..one(told.report(reply.order, finding))
    })
}

/// What each order does at the acquirer.
const fn movement_of(ask: &Ask) -> Option<Movement> {
    match ask {
        Ask::Tender(_) => Some(Movement::Authorisation),
        Ask::Capture { .. } => Some(Movement::Capture),
        Ask::Void => Some(Movement::VoidAuthorisation),
        Ask::Refund(_) => Some(Movement::Refund),
        Ask::Collect | Ask::Query(_) | Ask::Close | Ask::Recall(_) => None,
    }
}

/// One transaction, understood.
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) movement: Movement,
    pub(crate) outcome: Outcome,
    amount: Money,
    recorded_at: Timestamp,
    instructed_at: Timestamp,
    reason: Option<String>,
    payer: Option<String>,
    receipt: Option<String>,
}

/// Reads one transaction; nothing when it has no id or no amount that we could book.
pub(crate) fn reading(read: &One, order: &Order, at: Timestamp) -> Option<Told> {
    let transaction: &TransactionPart = read.transaction.as_ref()?;
    let id = transaction.id.clone().filter(|id| answer::is_id(id))?;
    let movement = codes::movement(transaction.kind.as_deref());
    let response = read.response.as_ref();
    let gateway_code = response.and_then(|response| response.gateway_code.as_deref());
    let acquirer_code = response.and_then(|response| response.acquirer_code.as_deref());
    let amount = match movement {
        // A void, and a question who the payer is, move no amount of their own.
        Movement::VoidAuthorisation | Movement::Nothing => order.collect.amount,
        Movement::Authorisation
        | Movement::Purchase
        | Movement::Capture
        | Movement::VoidCapture
        | Movement::Refund
        | Movement::Unlisted => answer::amount(
            transaction.amount.as_deref(),
            transaction.currency.as_deref(),
        )?,
    };
    let recorded_at = read.time_of_record.unwrap_or(at);
    let created_at = read.order.as_ref().and_then(|order| order.creation_time);
    Some(Told {
        id,
        movement,
        outcome: codes::outcome(read.result.as_deref(), gateway_code),
        amount,
        recorded_at,
        instructed_at: match movement {
            // The payer said yes when the order was made at the acquirer, not when we captured it.
            Movement::Authorisation | Movement::Purchase | Movement::Capture => {
                created_at.unwrap_or(recorded_at)
            }
            Movement::Nothing
            | Movement::VoidAuthorisation
            | Movement::VoidCapture
            | Movement::Refund
            | Movement::Unlisted => recorded_at,
        },
        reason: codes::reason(gateway_code, acquirer_code),
        payer: read
            .source_of_funds
            .as_ref()
            .and_then(|funds| funds.shown()),
        receipt: transaction
            .receipt
            .clone()
            .filter(|receipt| answer::is_id(receipt)),
    })
}

impl Told {
    /// The report of it. An authorisation on the hosted page has an id that the page chose; it is the outcome of the
    /// collection itself. Every other transaction is named by the key of its order.
    pub(crate) fn report(self, order: &Order, finding: Finding) -> Report {
        let collect = &order.collect;
        let of_the_page = self.movement == Movement::Authorisation && is_hosted(order);
        let key = if of_the_page {
            &collect.reference
        } else {
            &self.id
        };
        let date = hong_kong_date(self.recorded_at);
        Report {
            rail_account: collect.payee.clone(),
            rail_reference: rail_reference(&collect.reference, &self.id),
            reference: Some(collect.reference.clone()),
            bill_number: None,
            order_key: Some(key.clone()),
            amount: self.amount,
            fee: None,
            finding,
            reason: self.reason,
            instructed_at: self.instructed_at,
            booking_date: date,
            value_date: date,
            payer: self.payer,
            end_to_end_id: None,
            clearing_reference: self.receipt,
        }
    }
}

/// Whether the payer was sent to the acquirer's page.
pub(crate) fn is_hosted(order: &Order) -> bool {
    order.collect.method == crate::settings::HOSTED
}

/// A name for a transaction that no other order's has: transaction ids of the acquirer's own count from 1 in each order.
pub(crate) fn rail_reference(reference: &str, id: &str) -> String {
    if id.starts_with(reference) {
        id.to_owned()
    } else {
        format!("{reference}/{id}")
    }
}

/// What to keep once the authorisation has a name.
pub(crate) fn keep(order: &Order, authorisation: &str) -> Option<String> {
    let kept = Kept {
        authorisation: Some(authorisation.to_owned()),
        ..Kept::read(order.header.kept.as_deref())
    };
    kept.write()
}

/// A report about the order that was asked, when the acquirer's words name no movement.
pub(crate) fn plain(reply: &Reply<'_>, finding: Finding, reason: Option<String>) -> Report {
    let order = reply.order;
    let collect = &order.collect;
    let amount = match &order.ask {
        Ask::Capture { amount } => *amount,
        Ask::Refund(refund) => refund.amount,
        Ask::Collect | Ask::Tender(_) | Ask::Query(_) | Ask::Void | Ask::Close | Ask::Recall(_) => {
            collect.amount
        }
    };
    let date = hong_kong_date(reply.at);
    Report {
        rail_account: collect.payee.clone(),
        rail_reference: rail_reference(&collect.reference, &order.header.key),
        reference: Some(collect.reference.clone()),
        bill_number: None,
        order_key: Some(order.header.key.clone()),
        amount,
        fee: None,
        finding,
        reason,
        instructed_at: reply.at,
        booking_date: date,
        value_date: date,
        payer: None,
        end_to_end_id: None,
        clearing_reference: None,
    }
}

/// The order and the merchant that are named must be the ones that were asked about.
pub(crate) fn same(
    order: &Order,
    id: Option<&str>,
    merchant: Option<&str>,
) -> Result<(), Unreadable> {
    let ours = id.is_none_or(|id| id == order.collect.reference)
        && merchant.is_none_or(|merchant| merchant == order.collect.payee);
    if ours { Ok(()) } else { Err(stranger()) }
}

fn stranger() -> Unreadable {
    answer::unreadable(
        UnreadableKind::WrongMessage,
        "it speaks of another order, transaction or merchant than was asked about",
    )
}

fn order_id(read: &One) -> Option<&str> {
    read.order.as_ref().and_then(|order| order.id.as_deref())
}

/// Whether a text is one of the gateway's own words, and so certainly no personal data.
fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn one(report: Report) -> Decoded {
    Decoded {
        reports: vec![report],
        ..Decoded::default()
    }
}
