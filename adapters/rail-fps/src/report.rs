//! A bank's message as reports: one for each movement of a notice, one for each order of a status report; and as news of
//! recalls.

use epay_camt::{BadEntry, Movement, OrderStatus, Unreadable as Unread, UnreadableKind as Kind};
use epay_money::{Money, hong_kong_date};
use epay_rail::{
    Ask, Decoded, Finding, Inbound, Order, Origin, Report, Unreadable, UnreadableEntry,
    UnreadableKind, is_reference,
};
use jiff::Timestamp;

use crate::codes;
use crate::payout::is_order_key;
use crate::recall;

/// Reads a message: the answer to a payout order, a notice, or a status report that came of its own accord.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub(crate) fn decode(inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
    if let Origin::Reply { order, status } = inbound.origin {
        if matches!(order.ask, Ask::Recall(_)) {
            return recall::taken(status);
        }
        return answer(order, status, inbound.body, inbound.received_at);
    }
    match epay_camt::read_notice(inbound.body) {
        Ok(notice) => Ok(Decoded {
            reports: notice.movements.into_iter().map(report).collect(),
            places: notice.places,
            unreadable: notice.bad_entries.into_iter().map(entry).collect(),
            ..Decoded::default()
        }),
        // It may be another message that banks send; if not, the first fault is the one to tell.
        Err(fault) if fault.kind == Kind::WrongMessage => {
            others(inbound).ok_or_else(|| unreadable(fault))
        }
        Err(fault) => Err(unreadable(fault)),
    }
}

/// A status report, a request to have payments back, or the answer to one of ours.
fn others(inbound: &Inbound<'_>) -> Option<Decoded> {
    if let Ok(report) = epay_camt::read_status_report(inbound.body) {
        return Some(statuses(&report.orders, None, inbound.received_at));
    }
    if let Ok(asked) = epay_camt::read_recall(inbound.body) {
        return Some(Decoded {
            recalls: asked.requests.into_iter().map(recall::wanted).collect(),
            unreadable: asked.bad_entries.into_iter().map(entry).collect(),
            ..Decoded::default()
        });
    }
    let resolution = epay_camt::read_resolution(inbound.body).ok()?;
    Some(recall::answered(resolution))
}

/// What the bank answered to a payout order: a status report, or nothing but that it took the message.
fn answer(order: &Order, status: u16, body: &[u8], at: Timestamp) -> Result<Decoded, Unreadable> {
    let taken = (200..300).contains(&status);
    if body.is_empty() || !taken {
        let (finding, reason) = if taken {
            (Finding::RefundAccepted, None)
        } else {
            // Only the bank's own words say that it will not pay.
            (Finding::Unclear, Some(format!("HTTP {status}")))
        };
        let said = OrderStatus {
            message_id: order.header.key.clone(),
            reason,
            ..OrderStatus::default()
        };
        return Ok(Decoded {
            reports: vec![of_order(&said, finding, Some(order), amount_of(order), at)],
            ..Decoded::default()
        });
    }
    let report = epay_camt::read_status_report(body).map_err(unreadable)?;
    Ok(statuses(&report.orders, Some(order), at))
}

fn amount_of(order: &Order) -> Money {
    match &order.ask {
        Ask::Refund(refund) => refund.amount,
        Ask::Collect
        | Ask::Tender(_)
        | Ask::Query(_)
        | Ask::Capture { .. }
        | Ask::Void
        | Ask::Close
        | Ask::Recall(_) => order.collect.amount,
    }
}

/// One report for each order that is spoken of. Amounts are the bank's own where it repeats them, else the order's.
fn statuses(orders: &[OrderStatus], answered: Option<&Order>, at: Timestamp) -> Decoded {
    let mut decoded = Decoded::default();
    for (index, said) in orders.iter().enumerate() {
        let finding = codes::of_order(said.status.as_deref());
        match said.amount.or_else(|| answered.map(amount_of)) {
            Some(amount) if amount.is_positive() => {
                decoded.add(index, of_order(said, finding, answered, amount, at));
            }
            Some(_) | None => decoded.unreadable.push(UnreadableEntry {
                index,
                path: "/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef/Amt"
                    .to_owned(),
                code: "no_amount",
                message: "the status names no amount, and answers no order of ours".to_owned(),
            }),
        }
    }
    decoded
}

fn of_order(
    said: &OrderStatus,
    finding: Finding,
    answered: Option<&Order>,
    amount: Money,
    at: Timestamp,
) -> Report {
    let key = said.end_to_end_id.as_ref().unwrap_or(&said.message_id);
    let day = hong_kong_date(at);
    Report {
        rail_account: answered.map_or_else(String::new, |order| order.collect.payee.clone()),
        rail_reference: said.bank_reference.clone().unwrap_or_else(|| key.clone()),
        reference: None,
        bill_number: None,
        order_key: is_order_key(key).then(|| key.clone()),
        amount,
        fee: None,
        finding,
        reason: reason(said),
        instructed_at: at,
        booking_date: day,
        value_date: day,
        payer: None,
        end_to_end_id: said.end_to_end_id.clone(),
        clearing_reference: None,
    }
}

fn reason(said: &OrderStatus) -> Option<String> {
    let words = [said.status.as_deref(), said.reason.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn report(movement: Movement) -> Report {
    let order_key = movement
        .end_to_end_id
        .clone()
        .filter(|key| is_order_key(key));
    let ours = order_key.is_some();
    Report {
        reference: movement.reference(is_reference),
        bill_number: movement.bill_number(is_reference),
        finding: codes::finding(movement.status.as_deref(), movement.direction, ours),
        reason: movement.return_reason.filter(|_code| ours),
        order_key,
        amount: movement.amount,
        fee: None,
        instructed_at: movement.instructed_at,
        booking_date: movement.booking_date,
        value_date: movement.value_date,
        rail_account: movement.account,
        rail_reference: movement.bank_reference,
        payer: movement.party,
        end_to_end_id: movement.end_to_end_id,
        clearing_reference: movement.clearing_reference,
    }
}

fn entry(bad: BadEntry) -> UnreadableEntry {
    UnreadableEntry {
        index: bad.index,
        path: bad.path,
        code: bad.code,
        message: bad.message,
    }
}

fn unreadable(fault: Unread) -> Unreadable {
    let kind = match fault.kind {
        Kind::TooLarge => UnreadableKind::TooLarge,
        Kind::WrongEncoding => UnreadableKind::WrongEncoding,
        Kind::Malformed => UnreadableKind::Malformed,
        Kind::Forbidden => UnreadableKind::Forbidden,
        Kind::TooDeep => UnreadableKind::TooDeep,
        Kind::TooManyEntries => UnreadableKind::TooManyEntries,
        Kind::TextTooLong => UnreadableKind::TextTooLong,
        Kind::WrongMessage => UnreadableKind::WrongMessage,
    };
    Unreadable {
        kind,
        path: fault.path,
        message: fault.message,
    }
}
