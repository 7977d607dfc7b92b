//! Recalls: what rails say of them, what people decide, and what is said back.
//!
//! A message about a recall writes one row, which its own name keeps from being written twice; no money moves. A recall
//! that is wanted of us is tied to the receipt of the credit that it names, else to the payment of its reference, else to
//! nothing: a person knows more. What is to be said is claimed by one worker and repeated word for word, with pauses that
//! double, until the other side takes it: it recognises a repeat by our key.
//!
//! **Lock order**: a recall is written alone, over the version that was read.

use epay_domain::Refusal;
use epay_domain::proposal::Person;
use epay_domain::recall::{self, Direction, Recall, RecallState};
use epay_money::{BillerId, RailId, RecallId, RefundId};
use epay_rail::{
    Ask, Collect, Door, Header, Inbound, Order, OrderKind, Outbound, RecallNews, RecallWanted,
    Unverified,
};
use epay_rail_kit::transport::Sent;
use epay_store::{Page, PageRequest, QuarantineEntry, RawMessage, RecallFilter, ReceiptKey};
use jiff::SignedDuration;
use tracing::{info, warn};

use crate::engine::Core;
use crate::error::{BatchError, chain};
use crate::{Engine, EngineError, Reader, RefundView, RequestRefund};

/// Most recalls that one call takes up.
const CLAIMED_MAX: i64 = 64;

/// Say no to a recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineRecall {
    /// The department.
    pub biller: BillerId,
    /// The recall.
    pub recall: RecallId,
    /// Why, in words that the payer's bank may read.
    pub reason: String,
    /// Who says so.
    pub caller: Person,
}

/// Give back what a recall wants: a refund is asked for, and waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRecall {
    /// The recall.
    pub recall: RecallId,
    /// The refund. Its department is the recall's.
    pub refund: RequestRefund,
}

/// Ask for what a refund paid by mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallRefund {
    /// The department.
    pub biller: BillerId,
    /// The refund.
    pub refund: RefundId,
    /// Why, in words that the payee's bank may read.
    pub reason: String,
    /// Who asks.
    pub caller: Person,
}

/// Writes down what a message says of recalls. What cannot be tied to anything of ours is set apart.
pub(crate) async fn hear(
    core: &Core,
    message: &RawMessage,
    news: Vec<RecallNews>,
) -> Result<Vec<QuarantineEntry>, BatchError> {
    let mut apart = Vec::new();
    for (one, place) in news.into_iter().zip(1_i32..) {
        match one {
            RecallNews::Wanted(wanted) => write(core, message, wanted).await?,
            RecallNews::Answered {
                key,
                agreed,
                reason,
            } => {
                if !answered(core, &message.rail, &key, (agreed, reason)).await? {
                    apart.push(QuarantineEntry {
                        message: message.id,
                        entry: place,
                        path: "/".to_owned(),
                        code: "unknown_recall".to_owned(),
                        detail: "we asked nothing under this name".to_owned(),
                    });
                }
            }
        }
    }
    Ok(apart)
}

async fn write(core: &Core, message: &RawMessage, wanted: RecallWanted) -> Result<(), BatchError> {
    let account = wanted.rail_account.unwrap_or_default();
    let catalogue = core.catalogue.load();
    let owner = catalogue.owner(&message.rail, &account);
    let biller = owner.unwrap_or(&core.treasury).clone();
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let receipt = match wanted.rail_reference {
        None => None,
        Some(rail_reference) => {
            let key = ReceiptKey {
                biller: biller.clone(),
                rail: message.rail.clone(),
                rail_account: account,
                rail_reference,
            };
            epay_store::receipt_of(&tx, &key).await?
        }
    };
    let mut payment = receipt.and_then(|(_receipt, payment)| payment);
    if let (None, Some(reference)) = (payment, wanted.reference) {
        let keys = [(biller.clone(), reference)];
        let found = epay_store::resolve_references(&tx, &keys).await?;
        payment = found.first().map(|found| found.payment);
    }
    let now = core.clock.now();
    let recall = Recall {
        id: RecallId::new(core.ids.next()),
        biller,
        direction: Direction::Wanted,
        rail: message.rail.clone(),
        case: wanted.case,
        payment,
        receipt: receipt.map(|(receipt, _payment)| receipt),
        refund: None,
        order_key: None,
        amount: wanted.amount,
        why: wanted.reason.unwrap_or_default(),
        state: RecallState::Waiting,
        answer: None,
        by: None,
        told_at: None,
        created_at: now,
        changed_at: now,
        version: 1,
    };
    if epay_store::insert_recall(&tx, &recall).await? {
        info!(recall = %recall.id, "A payment is wanted back and waits for a person");
    }
    tx.commit().await?;
    Ok(())
}

/// `false` when there is no such question.
async fn answered(
    core: &Core,
    rail: &RailId,
    key: &str,
    (agreed, words): (bool, Option<String>),
) -> Result<bool, BatchError> {
    let client = core.pool.get().await?;
    let Some(recall) = epay_store::recall_by_key(&client, rail, key).await? else {
        return Ok(false);
    };
    if let Some(recall) = recall.answered(agreed, words, core.clock.now())
        && !epay_store::update_recall(&client, &recall).await?
    {
        return Err(BatchError::Again("a recall changed meanwhile".to_owned()));
    }
    Ok(true)
}

impl Engine {
    /// Declines a recall. The same word by the same person again is no news.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn decline_recall(&self, command: DeclineRecall) -> Result<Recall, EngineError> {
        let found = self.reader.recall(&command.biller, command.recall).await?;
        let by = command.caller.name;
        let again = found.state == RecallState::Declined
            && found.answer.as_ref() == Some(&command.reason)
            && found.by.as_ref() == Some(&by);
        if again {
            return Ok(found);
        }
        let declined = found.decline(command.reason, by, self.core.clock.now());
        self.keep(declined.map_err(EngineError::Refused)?).await
    }

    /// Asks for the refund that gives back what a recall wants, and ties the two together.
    ///
    /// # Errors
    /// [`EngineError`]. When the recall was decided otherwise in the meantime, the refund stays asked for: it moves
    /// nothing before a second person agrees.
    pub async fn return_recall(
        &self,
        command: ReturnRecall,
    ) -> Result<(Recall, RefundView), EngineError> {
        let (biller, by) = (
            command.refund.biller.clone(),
            command.refund.caller.name.clone(),
        );
        let found = self.reader.recall(&biller, command.recall).await?;
        let open = matches!(found.state, RecallState::Waiting | RecallState::Returning);
        if found.direction != Direction::Wanted || !open {
            return Err(EngineError::Refused(Refusal::RecallNotWaiting));
        }
        let view = self.request_refund(command.refund).await?;
        if found.refund == Some(view.refund.id) {
            return Ok((found, view));
        }
        let now = self.core.clock.now();
        let returning = found.give_back(&view.refund, by, now);
        let recall = self.keep(returning.map_err(EngineError::Refused)?).await?;
        Ok((recall, view))
    }

    /// Asks for what a refund paid by mistake. One question about an order at a time: a second one is the first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn recall_refund(&self, command: RecallRefund) -> Result<Recall, EngineError> {
        let refund = self.reader.refund(&command.biller, command.refund).await?;
        let id = RecallId::new(self.core.ids.next());
        let (why, by, now) = (command.reason, command.caller.name, self.core.clock.now());
        let recall = recall::ask(id, &refund.refund, why, by, now).map_err(EngineError::Refused)?;
        let takes = self
            .core
            .rails
            .get(&recall.rail)
            .is_some_and(|open| open.rail.profile().takes(OrderKind::Recall));
        if !takes {
            return Err(EngineError::Refused(Refusal::NothingToRecall));
        }
        let client = self.core.pool.get().await?;
        if epay_store::insert_recall(&client, &recall).await? {
            return Ok(recall);
        }
        let first = epay_store::open_recall_of(&client, &command.biller, command.refund).await?;
        first.ok_or(EngineError::Unavailable)
    }

    async fn keep(&self, recall: Recall) -> Result<Recall, EngineError> {
        let client = self.core.pool.get().await?;
        if epay_store::update_recall(&client, &recall).await? {
            Ok(recall)
        } else {
            // Somebody else decided a moment ago.
            Err(EngineError::Refused(Refusal::RecallNotWaiting))
        }
    }

    /// Follows what was decided about refunds, and says what is to be said. Answers how many recalls were taken up.
    ///
    /// # Errors
    /// [`EngineError`] when the database does not answer; what was not taken up waits.
    pub async fn tell_recalls(&self) -> Result<usize, EngineError> {
        let now = self.core.clock.now();
        let claimed = {
            let client = self.core.pool.get().await?;
            for (recall, refund) in epay_store::returning_recalls(&client, CLAIMED_MAX).await? {
                if let Some(recall) = recall.after(refund, now) {
                    // Another worker may have been first.
                    let _news = epay_store::update_recall(&client, &recall).await?;
                }
            }
            epay_store::claim_recalls(&client, now, CLAIMED_MAX).await?
        };
        let count = claimed.len();
        let work = claimed.into_iter().map(|recall| self.tell_recall(recall));
        futures_util::future::try_join_all(work).await?;
        Ok(count)
    }

    async fn tell_recall(&self, recall: Recall) -> Result<(), EngineError> {
        match self.say_of_recall(&recall).await {
            Ok(()) => {
                let told = recall.told(self.core.clock.now());
                let client = self.core.pool.get().await?;
                // When an answer came first, it says more.
                let _news = epay_store::update_recall(&client, &told).await?;
            }
            Err(why) => warn!(recall = %recall.id, why, "What is to be said of a recall waits"),
        }
        Ok(())
    }

    /// Sends what is to be said; an error says why it is not known to have been taken.
    async fn say_of_recall(&self, recall: &Recall) -> Result<(), String> {
        let words = recall.to_tell().ok_or("there is nothing to say")?;
        let open = self.core.rails.get(&recall.rail);
        let rail = &open.ok_or("the rail is not open")?.rail;
        let order = Order {
            header: Header {
                key: recall::order_key(recall.id),
                // The moment of the decision, so that a repeat has the same bytes.
                at: recall.changed_at,
                nonce: [0; 16],
                kept: None,
                bearer: None,
            },
            collect: stand_in(recall),
            ask: Ask::Recall(words),
        };
        let call = match rail.encode(&order) {
            Ok(Outbound::Call(call)) => call,
            Ok(Outbound::Present(_)) => return Err("the rail shows something instead".to_owned()),
            Err(refusal) => return Err(chain(&refusal)),
        };
        let (profile, key) = (rail.profile(), &order.header.key);
        match self.core.transport.send(profile, &call, key).await {
            Sent::Replied {
                status,
                headers,
                body,
            } => {
                let at = self.core.clock.now();
                let unverified = Unverified {
                    door: Door::Reply {
                        order: &order,
                        status,
                    },
                    headers: &headers,
                    body: &body,
                    received_at: at,
                };
                rail.authenticate(&unverified)
                    .map_err(|fault| chain(&fault))?;
                let inbound = Inbound::reply(&order, status, &body, at);
                rail.decode(&inbound)
                    .map(drop)
                    .map_err(|fault| chain(&fault))
            }
            Sent::NotSent(why) => Err(why.to_string()),
            Sent::Unknown(why) => Err(why.to_string()),
        }
    }
}

/// An order is about a collection; this one only carries the amount and our names.
fn stand_in(recall: &Recall) -> Collect {
    let asked_at = recall.created_at;
    Collect {
        method: String::new(),
        payee: String::new(),
        amount: recall.amount,
        amount_editable: false,
        reference: recall::order_key(recall.id),
        bill_number: String::new(),
        bills: 1,
        description: recall.why.clone(),
        return_url: None,
        asked_at,
        expires_at: asked_at
            .checked_add(SignedDuration::from_secs(1))
            .unwrap_or(asked_at),
    }
}

impl Reader {
    /// One recall.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn recall(&self, biller: &BillerId, id: RecallId) -> Result<Recall, EngineError> {
        let client = self.pool().get().await?;
        let found = epay_store::recall(&client, biller, id).await?;
        found.ok_or(EngineError::NotFound { what: "the recall" })
    }

    /// Recalls, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn recalls(
        &self,
        filter: &RecallFilter,
        page: PageRequest,
    ) -> Result<Page<Recall>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::recalls(&client, filter, page).await?)
    }
}
