//! From a stored message to booked credits: decode, match, route.
//!
//! A batch of messages is decoded in memory; all references in it are looked up in one statement, and the bill
//! numbers of credits that no reference matched in another; each credit then goes to the committer of its bill.
//! Matching is by our reference first, then by bill number, each within the department that owns the credited
//! account. What cannot be read is set apart alone. A message leaves the pending list when all of it is booked
//! or set apart.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use epay_domain::MatchedBy;
use epay_money::{BillId, BillerId, MessageId, PaymentId};
use epay_rail::{Inbound, Report};
use epay_store::{QuarantineEntry, RawMessage};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

use crate::batch::{Command, CreditCommand, Decided};
use crate::catalogue::TREASURY;
use crate::committer::Envelope;
use crate::engine::{Core, Queues};
use crate::error::{BatchError, EngineError};

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

/// A decoded message: what it reports, what could not be read.
#[derive(Debug)]
struct Opened {
    message: MessageId,
    credits: Vec<(BillerId, Report, i32)>,
    unreadable: Vec<QuarantineEntry>,
}

/// Decodes, matches and routes messages, and waits for those whose end nobody else notes.
pub(crate) async fn process(
    core: &Core,
    queues: &Queues,
    messages: &[RawMessage],
) -> Result<(), BatchError> {
    let opened: Vec<Opened> = messages.iter().map(|message| open(core, message)).collect();
    let matches = Matches::look_up(core, &opened).await?;
    for (message, opened) in messages.iter().zip(opened) {
        route(core, queues, message, opened, &matches).await?;
    }
    Ok(())
}

fn open(core: &Core, message: &RawMessage) -> Opened {
    let mut opened = Opened {
        message: message.id,
        credits: vec![],
        unreadable: vec![],
    };
    let Some(rail) = core.rails.get(&message.rail) else {
        opened.unreadable.push(whole(
            message.id,
            "unknown_rail",
            "this rail is not configured",
        ));
        return opened;
    };
    match rail
        .rail
        .decode(&Inbound::notice(&message.body, message.received_at))
    {
        Ok(decoded) => {
            let catalogue = core.catalogue.load();
            for (report, entry) in decoded.reports.into_iter().zip(1_i32..) {
                let book = catalogue
                    .owner(&message.rail, &report.rail_account)
                    .cloned()
                    .unwrap_or_else(|| core.treasury.clone());
                opened.credits.push((book, report, entry));
            }
            opened
                .unreadable
                .extend(decoded.unreadable.into_iter().map(|entry| {
                    QuarantineEntry {
                        message: message.id,
                        // Below zero: apart from the numbers of the readable ones.
                        entry: i32::try_from(entry.index)
                            .map_or(i32::MIN, |index| (-1_i32).saturating_sub(index)),
                        path: entry.path,
                        code: entry.code.to_owned(),
                        detail: entry.message,
                    }
                }));
        }
        Err(unreadable) => {
            opened
                .unreadable
                .push(whole(message.id, unreadable.code(), &unreadable.message));
        }
    }
    opened
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

/// What references and bill numbers mean.
#[derive(Debug, Default)]
struct Matches {
    references: HashMap<(BillerId, String), (PaymentId, BillId)>,
    numbers: HashMap<(BillerId, String), BillId>,
}

impl Matches {
    async fn look_up(core: &Core, opened: &[Opened]) -> Result<Self, BatchError> {
        let mut matches = Self::default();
        let references = matches.unmatched(opened, |report| report.reference.as_ref());
        if !references.is_empty() {
            let client = core.pool.get().await?;
            for found in epay_store::resolve_references(&client, &references).await? {
                let key = (found.biller, found.reference);
                matches.references.insert(key, (found.payment, found.bill));
            }
        }
        // Only what no reference matched: nearly nothing, as long as banks carry references.
        let numbers = matches.unmatched(opened, |report| report.bill_number.as_ref());
        if !numbers.is_empty() {
            let client = core.pool.get().await?;
            for (biller, number, bill) in epay_store::resolve_numbers(&client, &numbers).await? {
                matches.numbers.insert((biller, number), bill);
            }
        }
        Ok(matches)
    }

    /// Each word of the credits that nothing matches yet, once.
    fn unmatched(
        &self,
        opened: &[Opened],
        word: impl Fn(&Report) -> Option<&String>,
    ) -> Vec<(BillerId, String)> {
        let words: BTreeSet<_> = opened
            .iter()
            .flat_map(|opened| &opened.credits)
            .filter(|(book, report, _entry)| self.by_reference(book, report).is_none())
            .filter_map(|(book, report, _entry)| Some((book.clone(), word(report)?.clone())))
            .collect();
        words.into_iter().collect()
    }

    fn by_reference(&self, book: &BillerId, report: &Report) -> Option<(PaymentId, BillId)> {
        let reference = report.reference.as_ref()?;
        let key = (book.clone(), reference.clone());
        self.references.get(&key).copied()
    }

    fn of(
        &self,
        book: &BillerId,
        report: &Report,
    ) -> (Option<BillId>, Option<PaymentId>, MatchedBy) {
        if let Some((payment, bill)) = self.by_reference(book, report) {
            return (Some(bill), Some(payment), MatchedBy::Reference);
        }
        let by_number = report
            .bill_number
            .as_ref()
            .and_then(|number| self.numbers.get(&(book.clone(), number.clone())));
        match by_number {
            Some(bill) => (Some(*bill), None, MatchedBy::BillNumber),
            None => (None, None, MatchedBy::None),
        }
    }
}

async fn route(
    core: &Core,
    queues: &Queues,
    message: &RawMessage,
    opened: Opened,
    matches: &Matches,
) -> Result<(), BatchError> {
    let alone = opened.credits.len() == 1 && opened.unreadable.is_empty();
    let mut answers = Vec::new();
    for (book, report, entry) in opened.credits {
        let (bill, payment, matched_by) = matches.of(&book, &report);
        let command = Command::Credit(Box::new(CreditCommand {
            rail: message.rail.clone(),
            message: message.id,
            book,
            entry,
            report,
            bill,
            payment,
            matched_by,
            completes_message: alone,
        }));
        let reply = if alone {
            None
        } else {
            let (reply, answer) = oneshot::channel();
            answers.push(answer);
            Some(reply)
        };
        queues.put(Envelope { command, reply }).await;
    }
    if !alone {
        finish(core, opened.message, &opened.unreadable, answers).await?;
    }
    Ok(())
}

/// Waits for the credits of one message and takes it off the pending list, if every one was recorded.
async fn finish(
    core: &Core,
    message: MessageId,
    unreadable: &[QuarantineEntry],
    answers: Vec<oneshot::Receiver<Result<Decided, EngineError>>>,
) -> Result<(), BatchError> {
    for answer in answers {
        if !matches!(answer.await, Ok(Ok(_recorded))) {
            warn!(%message, "A message stays pending: not all of its credits are recorded");
            return Ok(());
        }
    }
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    if !unreadable.is_empty() {
        epay_store::quarantine_in(&tx, unreadable, core.clock.now()).await?;
    }
    epay_store::forget_pending_in(&tx, &[message]).await?;
    tx.commit().await?;
    Ok(())
}

/// The book for accounts that nobody owns.
pub(crate) fn treasury() -> Result<BillerId, epay_money::IdError> {
    BillerId::new(TREASURY)
}
