//! Orders of refunds: made, sent, asked about again, and what rails say of them.
//!
//! A refund that two people agreed to is claimed by one worker; its way is chosen and its order put into words first, so
//! that what no rail can carry goes to a person before anything is booked. Then the refund is told that an order is
//! about to leave (the money is in transit from here on), and only then is the order sent. What comes back is stored
//! before it is read. Silence is never a failure: the refund is unclear until the rail, a notice of the bank or a
//! person says more, and is looked at again with pauses that double. An order is repeated only word for word, and only
//! where the rail recognises a repeat by its key.

mod order;

use std::collections::BTreeSet;

use epay_domain::refund::{Refund, RefundFact, RefundState, Route, Ways, pays_out, way};
use epay_money::{BillerId, MessageId, PayoutAccountId};
use epay_rail::{
    Ask, Call, Decoded, Door, Finding, Inbound, Order, OrderKind, Outbound, Question, Rail, Report,
    Resend, Unverified,
};
use epay_rail_kit::transport::Sent;
use epay_store::{Answers, NewMessage, PayoutRow};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::desk::{self, Answer, Command, Tell};
use crate::engine::Core;
use crate::error::{BatchError, chain};
use crate::queues::Queues;
use crate::{Engine, EngineError};
use order::Subject;

/// Most refunds that one call takes up.
const CLAIMED_MAX: i64 = 64;
/// How long a refund may be in transit on a rail that cannot be asked. A bank tells of a transfer that it could not make
/// within a day or two; five leave room for a long weekend.
const SILENCE_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);

impl Engine {
    /// Takes up refunds that are to be sent or looked at again. Answers how many.
    ///
    /// # Errors
    /// [`EngineError`] when the database does not answer; what was not taken up waits.
    pub async fn send_refunds(&self) -> Result<usize, EngineError> {
        let now = self.core.clock.now();
        let claimed = {
            let client = self.core.pool.get().await?;
            epay_store::claim_refunds(&client, now, CLAIMED_MAX).await?
        };
        let count = claimed.len();
        let work = claimed.into_iter().map(|refund| self.look(refund));
        futures_util::future::try_join_all(work).await?;
        Ok(count)
    }

    async fn look(&self, refund: Refund) -> Result<(), EngineError> {
        match refund.state {
            RefundState::Approved => self.begin(refund).await,
            RefundState::Submitting => {
                let why = "whoever sent the order ended before it was answered".to_owned();
                self.tell_refund(&refund, RefundFact::Unclear { why }).await
            }
            RefundState::Unclear | RefundState::InTransit => self.ask_again(refund).await,
            RefundState::Proposed
            | RefundState::Refunded
            | RefundState::Queued
            | RefundState::Refused => Ok(()),
        }
    }

    /// The first order of an agreed refund, or the next one after an order that was certainly not sent.
    async fn begin(&self, refund: Refund) -> Result<(), EngineError> {
        let subject = self.subject(&refund).await?;
        let made = self.route(&refund, &subject).and_then(|route| {
            let order = subject.order(&refund, &route, refund_ask(&refund, &subject))?;
            let rail = self.rail(&route).ok_or("the rail is not open")?;
            Ok((route, order, rail))
        });
        let made = match made {
            Ok((route, order, rail)) => match self.with_bearer(rail.as_ref(), order).await {
                // Put into words here so that a refusal is known before anything is booked.
                Ok(order) => words(rail.as_ref(), &order).map(|call| (route, order, call)),
                Err(why) => {
                    warn!(refund = %refund.id, why, "A refund waits for an access token");
                    return Ok(());
                }
            },
            Err(why) => Err(why),
        };
        let (route, order, call) = match made {
            Ok(made) => made,
            Err(why) => {
                info!(refund = %refund.id, why, "A refund waits for a person");
                return self.tell_refund(&refund, RefundFact::NoWay { why }).await;
            }
        };
        let submitted = RefundFact::Submitted {
            route: route.clone(),
        };
        if matches!(self.tell_desk(&refund, submitted).await?, Answer::Held) {
            info!(refund = %refund.id, "A refund waits: the payer's bank has its money");
            return Ok(());
        }
        let refund = Refund {
            route: Some(route),
            state: RefundState::Submitting,
            ..refund
        };
        self.send_refund(&refund, &order, call).await
    }

    /// Asks the rail what became of an order, or repeats the order where the rail recognises it.
    async fn ask_again(&self, refund: Refund) -> Result<(), EngineError> {
        let Some(route) = refund.route.clone() else {
            return Ok(());
        };
        let Some(rail) = self.rail(&route) else {
            return Ok(());
        };
        let subject = self.subject(&refund).await?;
        let profile = rail.profile();
        let ask = if profile.takes(OrderKind::Query) {
            Ask::Query(Question::Order {
                key: route.order_key.clone(),
                kind: OrderKind::Refund,
            })
        } else if refund.state == RefundState::Unclear && profile.resend == Resend::SafeWithKey {
            refund_ask(&refund, &subject)
        } else {
            return self.mind_silence(&refund).await;
        };
        let made = match subject.order(&refund, &route, ask) {
            Ok(order) => self.with_bearer(rail.as_ref(), order).await,
            Err(why) => Err(why),
        };
        let made = made.and_then(|order| Ok((words(rail.as_ref(), &order)?, order)));
        match made {
            Ok((call, order)) => self.send_refund(&refund, &order, call).await,
            Err(why) => {
                warn!(refund = %refund.id, why, "An order cannot be asked about");
                Ok(())
            }
        }
    }

    /// A rail that cannot be asked has said nothing for long: the refund becomes unclear, which puts it before a person.
    async fn mind_silence(&self, refund: &Refund) -> Result<(), EngineError> {
        let silent = self.core.clock.now().duration_since(refund.changed_at);
        if refund.state != RefundState::InTransit || silent < SILENCE_MAX {
            return Ok(());
        }
        let why = "the rail took the refund on and has said nothing since".to_owned();
        self.tell_refund(refund, RefundFact::Unclear { why }).await
    }

    /// The order with an access token, where the rail works with them.
    async fn with_bearer(&self, rail: &dyn Rail, mut order: Order) -> Result<Order, String> {
        let (tokens, transport) = (&self.core.tokens, &self.core.transport);
        let (now, nonce) = (self.core.clock.now(), self.core.ids.next().into_bytes());
        order.header.bearer = tokens.bearer(rail, transport, now, nonce).await?;
        Ok(order)
    }

    async fn send_refund(
        &self,
        refund: &Refund,
        order: &Order,
        call: Call,
    ) -> Result<(), EngineError> {
        let Some(rail) = refund.route.as_ref().and_then(|route| self.rail(route)) else {
            return Ok(());
        };
        let first = refund.state == RefundState::Submitting;
        let sent = self
            .core
            .transport
            .send(rail.profile(), &call, &order.header.key)
            .await;
        let fact = match sent {
            Sent::Replied {
                status,
                headers,
                body,
            } => {
                let reply = Reply {
                    status,
                    headers: &headers,
                    body: &body,
                };
                return self.hear_refund(refund, order, rail.as_ref(), &reply).await;
            }
            // A repeat or a question that did not leave says nothing about the first order.
            Sent::NotSent(_) | Sent::Unknown(_) if !first => return Ok(()),
            Sent::NotSent(why) => RefundFact::NotSent {
                why: why.to_string(),
            },
            Sent::Unknown(why) => RefundFact::Unclear {
                why: why.to_string(),
            },
        };
        self.tell_refund(refund, fact).await
    }

    /// What a rail answered: stored, found genuine, read, and told.
    async fn hear_refund(
        &self,
        refund: &Refund,
        order: &Order,
        rail: &dyn Rail,
        reply: &Reply<'_>,
    ) -> Result<(), EngineError> {
        let at = self.core.clock.now();
        let unclear = |why: String| self.tell_refund(refund, RefundFact::Unclear { why });
        let unverified = Unverified {
            door: Door::Reply {
                order,
                status: reply.status,
            },
            headers: reply.headers,
            body: reply.body,
            received_at: at,
        };
        if let Err(fault) = rail.authenticate(&unverified) {
            return unclear(format!("the answer was not genuine: {fault}")).await;
        }
        let answers = Answers {
            biller: refund.biller.clone(),
            key: order.header.key.clone(),
            status: reply.status,
        };
        self.store_reply(answers, rail, reply.body).await?;
        match rail.decode(&Inbound::reply(order, reply.status, reply.body, at)) {
            Err(fault) => unclear(format!("the answer cannot be read: {}", fault.code())).await,
            Ok(Decoded { reports, .. }) if reports.is_empty() => {
                unclear(format!("the answer (status {}) says nothing", reply.status)).await
            }
            Ok(decoded) => {
                for report in &decoded.reports {
                    self.tell_refund(refund, fact_of(refund, report, at))
                        .await?;
                }
                Ok(())
            }
        }
    }

    async fn store_reply(
        &self,
        answers: Answers,
        rail: &dyn Rail,
        body: &[u8],
    ) -> Result<(), EngineError> {
        let id = MessageId::new(self.core.ids.next());
        let message = NewMessage {
            id,
            rail: rail.profile().rail.clone(),
            channel_key: "reply".to_owned(),
            // Each answer is a message of its own, also to the same question.
            sender_id: format!("{}:{id}", answers.key),
            digest: Sha256::digest(body).into(),
            body: body.to_vec(),
            received_at: self.core.clock.now(),
            answers: Some(answers),
        };
        let mut client = self.core.pool.get().await?;
        let stored = async {
            let tx = client.transaction().await?;
            epay_store::record_messages_in(&tx, &[message]).await?;
            // It is read here and now; a crash before that leaves the refund to be asked about again.
            epay_store::forget_pending_in(&tx, &[id]).await?;
            tx.commit().await?;
            Ok::<(), epay_store::StoreError>(())
        };
        stored.await.map_err(EngineError::from)
    }

    async fn tell_refund(&self, refund: &Refund, fact: RefundFact) -> Result<(), EngineError> {
        self.tell_desk(refund, fact).await.map(|_answer| ())
    }

    async fn tell_desk(&self, refund: &Refund, fact: RefundFact) -> Result<Answer, EngineError> {
        let order_key = match &fact {
            RefundFact::Submitted { .. } | RefundFact::NoWay { .. } => None,
            _ => refund.route.as_ref().map(|route| route.order_key.clone()),
        };
        let tell = Tell {
            biller: refund.biller.clone(),
            refund: refund.id,
            order_key,
            fact,
        };
        self.ask_desk(Command::Tell(Box::new(tell))).await
    }

    fn rail(&self, route: &Route) -> Option<std::sync::Arc<dyn Rail>> {
        self.core
            .rails
            .get(&route.rail)
            .map(|open| std::sync::Arc::clone(&open.rail))
    }

    fn route(&self, refund: &Refund, subject: &Subject) -> Result<Route, String> {
        let receipt = &subject.receipt;
        let original = self.core.rails.get(&receipt.rail);
        let payout = self
            .core
            .rails
            .iter()
            .map(|(_id, open)| open.rail.profile())
            .find(|profile| pays_out(profile));
        let ways = Ways {
            original: original.map(|open| open.rail.profile()),
            payout,
            verified: subject.verified(),
            now: self.core.clock.now(),
            nonce: self.core.ids.next().into_bytes(),
        };
        way(refund, receipt, ways)
    }
}

/// An answer as it came.
struct Reply<'a> {
    status: u16,
    headers: &'a [(String, String)],
    body: &'a [u8],
}

fn refund_ask(refund: &Refund, subject: &Subject) -> Ask {
    Ask::Refund(epay_rail::Refund {
        amount: refund.amount,
        original_rail_reference: subject.receipt.rail_reference.clone(),
        account: subject.account.as_ref().map(|row| row.account.clone()),
        reason: refund.reason.clone(),
    })
}

fn words(rail: &dyn Rail, order: &Order) -> Result<Call, String> {
    match rail.encode(order) {
        Ok(Outbound::Call(call)) => Ok(call),
        Ok(Outbound::Present(_)) => Err("the rail shows something instead of sending".to_owned()),
        Err(refusal) => Err(chain(&refusal)),
    }
}

impl Subject {
    /// The account, if two people agreed to it and it is for this receipt's money.
    fn verified(&self) -> Option<PayoutAccountId> {
        let fits = |row: &&PayoutRow| row.verified && row.receipt == self.receipt.id;
        self.account.as_ref().filter(fits).map(|row| row.id)
    }
}

/// Tells refunds what notices say of their orders, and takes those reports out of the list. A report of an order that
/// no refund has stays where it is.
pub(crate) async fn hear_notices(
    core: &Core,
    queues: &Queues,
    credits: &mut Vec<(BillerId, Report, i32)>,
) -> Result<(), BatchError> {
    let keys: BTreeSet<String> = credits
        .iter()
        .filter_map(|(_book, report, _entry)| report.order_key.clone())
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = keys.into_iter().collect();
    let refunds = {
        let client = core.pool.get().await?;
        epay_store::refunds_by_order(&client, &keys).await?
    };
    let named = |report: &Report| {
        let of = |refund: &&Refund| {
            let route = refund.route.as_ref();
            route.map(|route| &route.order_key) == report.order_key.as_ref()
        };
        report
            .order_key
            .as_ref()
            .and_then(|_| refunds.iter().find(of))
    };
    let (told, others): (Vec<_>, Vec<_>) = std::mem::take(credits)
        .into_iter()
        .partition(|(_book, report, _entry)| named(report).is_some());
    *credits = others;
    for (_book, report, _entry) in &told {
        let Some(refund) = named(report) else {
            continue;
        };
        let (reply, answer) = oneshot::channel();
        let tell = Tell {
            biller: refund.biller.clone(),
            refund: refund.id,
            order_key: report.order_key.clone(),
            fact: fact_of(refund, report, core.clock.now()),
        };
        let command = Command::Tell(Box::new(tell));
        // Facts wait for room. When the desk ended, the message stays pending and is taken up again.
        let _stopped = queues.desk.send(desk::Envelope { command, reply }).await;
        match answer.await {
            Ok(Ok(_recorded)) => {}
            Ok(Err(error)) => return Err(BatchError::Away(chain(&error))),
            Err(_dropped) => return Err(BatchError::Away("the desk ended".to_owned())),
        }
    }
    Ok(())
}

/// What a report says of the refund whose order it names.
pub(crate) fn fact_of(refund: &Refund, report: &Report, at: jiff::Timestamp) -> RefundFact {
    let why = || {
        let words = report.reason.clone();
        words.unwrap_or_else(|| report.finding.as_str().to_owned())
    };
    match report.finding {
        Finding::RefundAccepted | Finding::Accepted | Finding::Waiting => RefundFact::TakenOn,
        Finding::Refunded if report.amount == refund.amount => RefundFact::Refunded {
            rail_reference: report.rail_reference.clone(),
            at,
        },
        Finding::Refunded => RefundFact::Unclear {
            why: format!("{} was paid instead of {}", report.amount, refund.amount),
        },
        Finding::RefundRejected | Finding::Declined => RefundFact::Rejected { why: why() },
        Finding::Settled
        | Finding::Conditional
        | Finding::Closed
        | Finding::Voided
        | Finding::Dishonoured
        | Finding::Returned
        | Finding::ChargedBack
        | Finding::ChargebackReversed
        | Finding::NotFound
        | Finding::Unclear => RefundFact::Unclear { why: why() },
    }
}
