//! Answers, and above all a retrieved order: the truth about a collection, one report for each transaction.
//!
//! The transactions are read in the acquirer's order, each alone. Attempts on the hosted page that failed are not told
//! one by one, because the payer may try another card until the page closes; then the last refusal is told. An order
//! that is not there yet was not paid yet, and once the page has closed it will not be.

use epay_rail::{
    Ask, Decoded, Finding, OrderKind, Profile, Question, Report, Unreadable, UnreadableEntry,
    UnreadableKind,
};
use jiff::SignedDuration;

use crate::answer::{self, One, Reply, TRANSACTIONS_MAX, Whole};
use crate::codes::{self, Movement, Outcome};
use crate::kept::Kept;
use crate::report::{begun, done, is_hosted, keep, plain, rail_reference, reading, same};
use crate::settings::Acquirer;

/// How the gateway says that it has no such order: the cause, and how the explanation begins.
const NOT_FOUND: (&str, &str) = ("INVALID_REQUEST", "Unable to find order");
/// Order statuses of a payer who is still busy, or has turned back, on the hosted page.
const PAYER_IS_BUSY: &[&str] = &[
    "AUTHENTICATED",
    "AUTHENTICATION_INITIATED",
    "AUTHENTICATION_NOT_NEEDED",
    "AUTHENTICATION_UNSUCCESSFUL",
    "FAILED",
    "INITIATED",
];

/// What the answer to any order says.
pub(crate) fn answer(
    profile: &Profile,
    acquirer: &Acquirer,
    reply: &Reply<'_>,
) -> Result<Decoded, Unreadable> {
    match &reply.order.ask {
        Ask::Collect => begun(acquirer, reply),
        Ask::Query(question) => decode(profile, reply, question),
        Ask::Tender(_)
        | Ask::Capture { .. }
        | Ask::Void
        | Ask::Close
        | Ask::Refund(_)
        | Ask::Recall(_) => done(reply),
    }
}

/// What the answer to a question says.
fn decode(
    profile: &Profile,
    reply: &Reply<'_>,
    question: &Question,
) -> Result<Decoded, Unreadable> {
    let read: Whole = match answer::read(reply.body) {
        Ok(read) => read,
        Err(fault) if reply.is_success() => return Err(fault),
        Err(_no_json) => return Ok(alone(about(reply, question, Finding::Unclear))),
    };
    if !reply.is_success() {
        let finding = if is_not_found(&read) {
            missing(profile, reply, question)
        } else {
            Finding::Unclear
        };
        return Ok(alone(about(reply, question, finding)));
    }
    if read.id.is_none() {
        let words = "it is not an order";
        return Err(answer::unreadable(UnreadableKind::WrongMessage, words));
    }
    same(reply.order, read.id.as_deref(), read.merchant.as_deref())?;
    if read.transaction.len() > TRANSACTIONS_MAX {
        let words = format!("the order has more than {TRANSACTIONS_MAX} transactions");
        return Err(answer::unreadable(UnreadableKind::TooManyEntries, words));
    }
    let mut decoded = transactions(reply, &read);
    let decided = decoded
        .reports
        .iter()
        .any(|report| report.order_key.as_deref() == Some(key_of(reply, question)));
    let damaged = !decoded.unreadable.is_empty();
    if !decided && !damaged {
        let finding = undecided(profile, reply, question, &read, !decoded.reports.is_empty());
        if let Some(finding) = finding {
            let mut report = about(reply, question, finding);
            report.reason = last_refusal(&read);
            decoded.reports.push(report);
        }
    }
    Ok(decoded)
}

/// The readable transactions as reports, without the page's failed attempts.
fn transactions(reply: &Reply<'_>, read: &Whole) -> Decoded {
    let order = reply.order;
    let mut decoded = Decoded::default();
    for (index, raw) in read.transaction.iter().enumerate() {
        let one: Option<One> = serde_json::from_str(raw.get()).ok();
        let Some(told) = one.and_then(|one| reading(&one, order, reply.at)) else {
            decoded.unreadable.push(UnreadableEntry {
                index,
                path: format!("/transaction/{index}"),
                code: "bad_transaction",
                message: "the transaction has no id, no amount, or fields of another kind than documented".to_owned(),
            });
            continue;
        };
        let Some(finding) = codes::finding(told.movement, told.outcome) else {
            continue;
        };
        let attempt = told.movement == Movement::Authorisation && is_hosted(order);
        if attempt && told.outcome == Outcome::Declined {
            continue;
        }
        if told.movement == Movement::Authorisation && finding == Finding::Accepted {
            decoded.keep = keep(order, &told.id);
        }
        decoded.add(index, told.report(order, finding));
    }
    if decoded.keep.is_some() {
        // One attempt was approved, so what another one left open is no longer what the collection waits for.
        let own = order.collect.reference.as_str();
        let told = std::mem::take(&mut decoded.places).into_iter();
        let told: Vec<_> = told.zip(std::mem::take(&mut decoded.reports)).collect();
        for (place, report) in told {
            if report.order_key.as_deref() != Some(own) || report.finding != Finding::Unclear {
                decoded.add(place, report);
            }
        }
    }
    decoded
}

/// What to say of a question that no transaction answers; nothing when there is nothing to add.
fn undecided(
    profile: &Profile,
    reply: &Reply<'_>,
    question: &Question,
    read: &Whole,
    money_moved: bool,
) -> Option<Finding> {
    if let Question::Order { kind, .. } = question
        && *kind != OrderKind::Collect
    {
        // The order is there and this transaction is not among its own: it never arrived.
        return Some(Finding::NotFound);
    }
    if money_moved {
        return None;
    }
    let busy = read
        .status
        .as_deref()
        .is_none_or(|status| PAYER_IS_BUSY.contains(&status));
    if !busy {
        return Some(Finding::Unclear);
    }
    if !page_has_closed(profile, reply) {
        return Some(Finding::Waiting);
    }
    let refused = last_refusal(read).is_some();
    Some(if refused {
        Finding::Declined
    } else {
        Finding::Closed
    })
}

/// What an order that is not there means.
fn missing(profile: &Profile, reply: &Reply<'_>, question: &Question) -> Finding {
    let about_the_page = matches!(
        question,
        Question::Collection
            | Question::Order {
                kind: OrderKind::Collect,
                ..
            }
    );
    // The gateway makes the order when the payer acts on the page; what we kept proves that there is a page.
    let begun =
        is_hosted(reply.order) && Kept::read(reply.order.header.kept.as_deref()) != Kept::default();
    match (about_the_page && begun, page_has_closed(profile, reply)) {
        (true, false) => Finding::Waiting,
        (true, true) => Finding::Closed,
        (false, _) => Finding::NotFound,
    }
}

/// The page closes with the collection; the grace covers a payer who was in the middle of it.
fn page_has_closed(profile: &Profile, reply: &Reply<'_>) -> bool {
    let grace = SignedDuration::from_secs(i64::from(profile.grace_secs));
    reply
        .order
        .collect
        .expires_at
        .checked_add(grace)
        .is_ok_and(|closed_at| closed_at <= reply.at)
}

fn is_not_found(read: &Whole) -> bool {
    read.error.as_ref().is_some_and(|error| {
        let (cause, words) = NOT_FOUND;
        error.cause.as_deref() == Some(cause)
            && error
                .explanation
                .as_deref()
                .is_some_and(|given| given.starts_with(words))
    })
}

/// Why the payer's last attempt on the page failed.
fn last_refusal(read: &Whole) -> Option<String> {
    let texts = read.transaction.iter().rev();
    texts
        .filter_map(|raw| serde_json::from_str::<One>(raw.get()).ok())
        .find_map(|one| refusal_of(&one))
}

fn refusal_of(one: &One) -> Option<String> {
    let kind = one.transaction.as_ref()?.kind.as_deref();
    let response = one.response.as_ref()?;
    let code = response.gateway_code.as_deref();
    let refused = codes::movement(kind) == Movement::Authorisation
        && codes::outcome(one.result.as_deref(), code) == Outcome::Declined;
    refused.then(|| codes::reason(code, response.acquirer_code.as_deref()))?
}

/// The key of the order that the question is about.
fn key_of<'a>(reply: &'a Reply<'_>, question: &'a Question) -> &'a str {
    match question {
        Question::Order { key, .. } => key,
        Question::Collection => &reply.order.collect.reference,
    }
}

/// A report about what was asked, when the acquirer names no movement.
fn about(reply: &Reply<'_>, question: &Question, finding: Finding) -> Report {
    let key = key_of(reply, question).to_owned();
    debug_assert!(matches!(reply.order.ask, Ask::Query(_)));
    Report {
        rail_reference: rail_reference(&reply.order.collect.reference, &key),
        order_key: Some(key),
        ..plain(reply, finding, None)
    }
}

fn alone(report: Report) -> Decoded {
    Decoded {
        reports: vec![report],
        ..Decoded::default()
    }
}
