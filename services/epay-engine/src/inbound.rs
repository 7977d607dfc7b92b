//! From a stored message to booked credits: decode, match, route.
//!
//! A batch of messages is decoded in memory; all references in it are looked up in one statement, and the bill
//! numbers of credits that no reference matched in another ([`matches`]); each credit is then queued for the
//! committers. An answer to an order of ours is about that order's payment, whatever else it says. What cannot be
//! read is set apart alone. A message leaves the pending list when all of it is booked or set apart.

pub(crate) mod chunks;
pub(crate) mod files;
mod local;
mod matches;
pub(crate) mod row;

use std::sync::Arc;

use epay_domain::bill::Bill;
use epay_domain::payment::Payment;
use epay_money::{BillerId, MessageId, Money};
use epay_rail::{Decoded, Inbound, Order, PaidOver, Payout, RecallNews, Report};
use epay_store::reconciliation::SettlementItem;
use epay_store::{Answers, BadRow, PaymentKey, QuarantineEntry, RawMessage, StoredOrder};
use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

use crate::batch::{Command, CreditCommand, Decided, OrderCommand, Outcome, PayoutCommand};
use crate::catalogue::TREASURY;
use crate::committer::Envelope;
use crate::engine::Core;
use crate::error::{BatchError, EngineError};
use crate::order;
use crate::queues::Queues;
use crate::recalls;
use crate::refund_orders;
use matches::Matches;

pub use files::{FILE_BYTES_MAX, FILE_CHUNK_BYTES};
pub use local::{FileDoor, LocalFileError};

/// Most messages that are decoded and matched together.
pub(crate) const BATCH_MESSAGES_MAX: usize = 256;
/// Most stored messages that may wait to be matched.
pub(crate) const QUEUE_MESSAGES_MAX: usize = 2_048;

/// Runs until the queue is closed and empty.
pub(crate) async fn run(core: Arc<Core>, queues: Queues, mut queue: mpsc::Receiver<RawMessage>) {
    let mut waiting = Vec::with_capacity(BATCH_MESSAGES_MAX);
    while queue.recv_many(&mut waiting, BATCH_MESSAGES_MAX).await > 0 {
        let messages = std::mem::take(&mut waiting);
        // A failure leaves the messages pending: they are taken up again later.
        if let Err(failure) = process(&core, &queues, &messages).await {
            error!(
                ?failure,
                messages = messages.len(),
                "Stored messages wait to be taken up again"
            );
        }
    }
}

/// A decoded message: what it reports, what could not be read, and what it says beside.
#[derive(Debug, Default)]
struct Opened {
    credits: Vec<(BillerId, Report, i32)>,
    unreadable: Vec<QuarantineEntry>,
    /// What became of the order that it answers.
    outcome: Option<OrderCommand>,
    /// References of collections of which it says something that may not be believed.
    hints: Vec<String>,
    payouts: Vec<PayoutCommand>,
    recalls: Vec<RecallNews>,
    /// Rows of a file that is a rail's settlement report.
    items: Vec<SettlementItem>,
    /// The business day that it tells whole.
    tells_day: Option<Date>,
}

/// The order that a message answers, with the payment that it is about.
#[derive(Debug)]
struct Answered {
    order: Order,
    status: u16,
    of: PaymentKey,
}

/// Decodes, matches and routes messages, and waits for those whose end nobody else notes.
pub(crate) async fn process(
    core: &Core,
    queues: &Queues,
    messages: &[RawMessage],
) -> Result<(), BatchError> {
    let mut opened = Vec::with_capacity(messages.len());
    for message in messages {
        let answered = match &message.answers {
            Some(answers) => Some(answered(core, answers).await?),
            None => None,
        };
        let mut one = open(core, message, answered, None);
        refund_orders::hear_notices(core, queues, &mut one.credits).await?;
        let news = std::mem::take(&mut one.recalls);
        one.unreadable
            .extend(recalls::hear(core, message, news).await?);
        opened.push(one);
    }
    let matches = Matches::look_up(core, &opened).await?;
    // All of them are on their way before one is waited for: what is in them then shares commits.
    let mut unfinished = vec![];
    for (message, opened) in messages.iter().zip(opened) {
        unfinished.extend(route(queues, message, opened, &matches).await);
    }
    finish(core, unfinished).await
}

/// The order that a message answers, put together again.
async fn answered(core: &Core, answers: &Answers) -> Result<Option<Answered>, BatchError> {
    let wanted = [(answers.biller.clone(), answers.key.clone())];
    let client = core.pool.get().await?;
    let Some(stored) = epay_store::orders(&client, &wanted).await?.pop() else {
        return Ok(None);
    };
    drop(client);
    let Ok((payment, bill)) = payment_and_bill(core, &stored).await else {
        return Ok(None);
    };
    let collect = order::collect_of(&payment, &bill, None);
    Ok(Some(Answered {
        order: order::whole(&stored, collect, None, None),
        status: answers.status,
        of: PaymentKey {
            biller: payment.biller.clone(),
            payment: payment.id,
            bills: payment.bills().collect(),
        },
    }))
}

/// The payment that an order is about, and its first bill.
pub(crate) async fn payment_and_bill(
    core: &Core,
    stored: &StoredOrder,
) -> Result<(Payment, Bill), EngineError> {
    let client = core.pool.get().await?;
    let payment = epay_store::payment(&client, &stored.biller, stored.payment)
        .await?
        .ok_or(EngineError::NotFound {
            what: "the payment",
        })?;
    let bill = epay_store::bill(&client, &payment.biller, payment.bill)
        .await?
        .ok_or(EngineError::NotFound { what: "the bill" })?;
    Ok((payment, bill))
}

/// `answered`: nothing for a notice, nothing within for an answer to an order that is not known. `row`: the only row that
/// is looked at, where one is read again.
fn open(
    core: &Core,
    message: &RawMessage,
    answered: Option<Option<Answered>>,
    row: Option<&BadRow>,
) -> Opened {
    let alone = |code: &str, detail: &str| Opened {
        unreadable: vec![match row {
            Some(row) => row::still(row, code, detail),
            None => whole(message.id, code, detail),
        }],
        ..Opened::default()
    };
    let Some(rail) = core.rails.get(&message.rail) else {
        return alone("unknown_rail", "this rail is not configured");
    };
    let answered = match answered {
        Some(None) => return alone("unknown_order", "the order that it answers is not known"),
        Some(known) => known,
        None => None,
    };
    let inbound = match &answered {
        Some(to) => Inbound::reply(&to.order, to.status, &message.body, message.received_at),
        None => Inbound::notice(&message.body, message.received_at),
    };
    match rail.rail.decode(&inbound) {
        Ok(decoded) => {
            let decoded = match row {
                Some(row) => row::only(decoded, row),
                None => decoded,
            };
            sort(core, message, decoded, answered.as_ref(), row)
        }
        Err(unreadable) => {
            let mut opened = alone(unreadable.code(), &unreadable.message);
            opened.outcome = answered.as_ref().map(|to| {
                let why = unreadable.message.clone();
                outcome_of(to, Outcome::Unreadable { why })
            });
            opened
        }
    }
}

fn outcome_of(to: &Answered, outcome: Outcome) -> OrderCommand {
    OrderCommand {
        of: to.of.clone(),
        key: to.order.header.key.clone(),
        kind: to.order.kind(),
        outcome,
    }
}

/// What was read, with the department of each movement. An answer's reports are about its order, unless they say
/// otherwise.
fn sort(
    core: &Core,
    message: &RawMessage,
    decoded: Decoded,
    answered: Option<&Answered>,
    row: Option<&BadRow>,
) -> Opened {
    let catalogue = core.catalogue.load();
    let book_of = |account: &str| {
        catalogue
            .owner(&message.rail, account)
            .or(answered.map(|to| &to.of.biller))
            .unwrap_or(&core.treasury)
            .clone()
    };
    let outcome = answered.map(|to| {
        let outcome = Outcome::Answered {
            presentation: decoded.presentation,
            keep: decoded.keep,
            silent: decoded.reports.is_empty(),
        };
        outcome_of(to, outcome)
    });
    let mut opened = Opened {
        outcome,
        hints: decoded
            .hints
            .into_iter()
            .map(|hint| hint.reference)
            .collect(),
        recalls: decoded.recalls,
        tells_day: decoded.tells_day,
        ..Opened::default()
    };
    let of_report = answered.is_none() && is_settlement_report(core, message, &decoded.payouts);
    for (mut report, entry) in decoded.reports.into_iter().zip(1_i32..) {
        // Read again, a row keeps its number.
        let entry = row.map_or(entry, |row| row.key.entry);
        if let Some(to) = answered {
            let own = &to.order;
            report
                .order_key
                .get_or_insert_with(|| own.header.key.clone());
            report
                .reference
                .get_or_insert_with(|| own.collect.reference.clone());
        }
        let book = book_of(&report.rail_account);
        if of_report {
            opened.items.push(item_of(message, &book, &report, entry));
        }
        opened.credits.push((book, report, entry));
    }
    for (payout, entry) in decoded.payouts.into_iter().zip(1_i32..) {
        opened.payouts.push(PayoutCommand {
            rail: message.rail.clone(),
            message: message.id,
            book: book_of(&payout.rail_account),
            entry,
            items: opened
                .items
                .extract_if(.., |item| item.rail_account == payout.rail_account)
                .collect(),
            payout,
        });
    }
    for entry in decoded.unreadable {
        opened.unreadable.push(QuarantineEntry {
            message: message.id,
            // Below zero: apart from the numbers of the readable ones.
            entry: i32::try_from(entry.index)
                .map_or(i32::MIN, |index| (-1_i32).saturating_sub(index)),
            path: entry.path,
            code: entry.code.to_owned(),
            detail: entry.message,
        });
    }
    opened
}

/// A rail that pays over by the batch sends its report as a file, or as a message that announces the batch.
fn is_settlement_report(core: &Core, message: &RawMessage, payouts: &[Payout]) -> bool {
    let rail = core.rails.get(&message.rail);
    let reported =
        rail.is_some_and(|rail| rail.rail.profile().settlement.paid == PaidOver::Reported);
    // A part of a file has no body of its own here.
    reported && (message.body.is_empty() || !payouts.is_empty())
}

fn item_of(message: &RawMessage, book: &BillerId, report: &Report, line: i32) -> SettlementItem {
    SettlementItem {
        biller: book.clone(),
        message: message.id,
        line,
        rail: message.rail.clone(),
        rail_account: report.rail_account.clone(),
        rail_reference: report.rail_reference.clone(),
        reference: report.reference.clone(),
        finding: report.finding.as_str().to_owned(),
        currency: report.amount.currency(),
        amount_minor: report.amount.minor(),
        fee_minor: report.fee.map(Money::minor),
        day: report.booking_date,
        journal: None,
    }
}

fn whole(message: MessageId, code: &str, detail: &str) -> QuarantineEntry {
    QuarantineEntry {
        message,
        entry: 0,
        path: "/".to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

/// A message whose end is noted when everything in it is recorded.
struct Unfinished<'a> {
    message: &'a RawMessage,
    unreadable: Vec<QuarantineEntry>,
    tells_day: Option<Date>,
    answers: Vec<oneshot::Receiver<Result<Decided, EngineError>>>,
}

/// Queues what a message holds. Nothing is answered where the batch that books it notes its end.
async fn route<'a>(
    queues: &Queues,
    message: &'a RawMessage,
    opened: Opened,
    matches: &Matches,
) -> Option<Unfinished<'a>> {
    let alone = opened.credits.len() == 1
        && opened.unreadable.is_empty()
        && opened.outcome.is_none()
        && opened.payouts.is_empty()
        && opened.tells_day.is_none();
    let mut answers = Vec::new();
    let outcome = opened
        .outcome
        .map(|outcome| Command::Order(Box::new(outcome)));
    let payouts = opened
        .payouts
        .into_iter()
        .map(|payout| Command::Payout(Box::new(payout)));
    // What the order became comes first: it is the ground that the reports stand on.
    let credits = opened.credits.into_iter().map(|(book, report, entry)| {
        let (bills, payment, matched_by) = matches.of(&message.rail, &book, &report);
        Command::Credit(Box::new(CreditCommand {
            rail: message.rail.clone(),
            message: message.id,
            book,
            entry,
            report,
            bills,
            payment,
            matched_by,
            completes_message: alone,
        }))
    });
    for command in outcome.into_iter().chain(credits).chain(payouts) {
        let reply = if alone {
            None
        } else {
            let (reply, answer) = oneshot::channel();
            answers.push(answer);
            Some(reply)
        };
        queues.put(Envelope { command, reply }).await;
    }
    for hint in &opened.hints {
        let of = matches
            .references
            .iter()
            .find(|((_book, reference), _of)| reference == hint);
        if let Some((_key, of)) = of {
            // Only a hint: if it is lost, the payment's own timer asks.
            let command = Command::Check(of.clone());
            queues
                .put(Envelope {
                    command,
                    reply: None,
                })
                .await;
        }
    }
    (!alone).then_some(Unfinished {
        message,
        unreadable: opened.unreadable,
        tells_day: opened.tells_day,
        answers,
    })
}

/// Waits for the credits of messages and takes those off the pending list whose every one was recorded, in one commit.
async fn finish(core: &Core, unfinished: Vec<Unfinished<'_>>) -> Result<(), BatchError> {
    let mut finished = Vec::with_capacity(unfinished.len());
    for mut one in unfinished {
        let mut recorded = true;
        for answer in one.answers.drain(..) {
            recorded &= matches!(answer.await, Ok(Ok(_recorded)));
        }
        if recorded {
            finished.push(one);
        } else {
            warn!(message = %one.message.id, "A message stays pending: not all of its credits are recorded");
        }
    }
    if finished.is_empty() {
        return Ok(());
    }
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let now = core.clock.now();
    for one in &finished {
        if !one.unreadable.is_empty() {
            epay_store::quarantine_in(&tx, &one.unreadable, now).await?;
        }
        if let Some(day) = one.tells_day {
            let of = (&one.message.rail, day);
            epay_store::insert_rail_day_in(&tx, of, one.message.id, now).await?;
        }
    }
    let ids: Vec<MessageId> = finished.iter().map(|one| one.message.id).collect();
    epay_store::forget_pending_in(&tx, &ids).await?;
    tx.commit().await?;
    Ok(())
}

/// The book for accounts that nobody owns.
pub(crate) fn treasury() -> Result<BillerId, epay_money::IdError> {
    BillerId::new(TREASURY)
}
