//! Sending orders to rails: claimed, put into words, sent, and what became of them decided.
//!
//! An order is claimed durably before it is sent. The same parts give the same words, so that a rail that knows a
//! repeat by its key is given the very same call again; any other is asked what became of the first. An answer is
//! stored raw, together with the end of its order, before it is decoded; from there it goes the way of every message.

use std::sync::Arc;

use epay_money::{MessageId, RailId};
use epay_rail::{Door, Genuine, Order, OrderKind, Outbound, Profile, Rail, Resend, Unverified};
use epay_rail_kit::transport::{NotSent, Sent};
use epay_store::{
    Answers, NewMessage, OrderEnd, OrderState, PaymentKey, RawMessage, StoredAsk, StoredOrder,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tracing::warn;

use crate::Engine;
use crate::batch::{Claim, Command, OrderCommand, Outcome};
use crate::error::EngineError;
use crate::{inbound, order};

/// Tries to send an order that a payer waits for, before it is given up as certainly not sent.
const PATIENT_TRIES: u32 = 3;
/// How often one order is sent again to a rail that knows repeats by their key.
const REPEATS_MAX: u32 = 4;
/// A claim lasts so much longer than the rail's own time for a call, which may be used twice: for a token and the call.
const CLAIM_SLACK: SignedDuration = SignedDuration::from_secs(10);

impl Engine {
    /// Every rail, and how many calls it takes at once.
    #[must_use]
    pub fn lanes(&self) -> Vec<(RailId, u32)> {
        self.core
            .rails
            .iter()
            .map(|(id, rail)| (id.clone(), rail.rail.profile().calls_at_once))
            .collect()
    }

    /// Claims orders that wait for a rail. Whoever claims one sends it.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`].
    pub async fn claim_orders(
        &self,
        rail: &RailId,
        limit: i64,
    ) -> Result<Vec<StoredOrder>, EngineError> {
        let Some(until) = self.claim_end(rail) else {
            return Ok(vec![]);
        };
        let client = self.core.pool.get().await?;
        let now = self.core.clock.now();
        Ok(epay_store::claim_orders(&client, rail, now, until, limit).await?)
    }

    /// Takes up orders that somebody claimed and died with: they may have left the house.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn bury_orders(&self, rail: &RailId, limit: i64) -> Result<usize, EngineError> {
        let (Some(until), Some(open)) = (self.claim_end(rail), self.core.rails.get(rail)) else {
            return Ok(0);
        };
        let dead = {
            let client = self.core.pool.get().await?;
            let now = self.core.clock.now();
            epay_store::take_dead_orders(&client, rail, now, until, limit).await?
        };
        let profile = open.rail.profile();
        for order in &dead {
            let why = "whoever sent it died".to_owned();
            self.lost(order, profile, why).await?;
        }
        Ok(dead.len())
    }

    fn claim_end(&self, rail: &RailId) -> Option<Timestamp> {
        let open = self.core.rails.get(rail)?;
        let call = i64::from(open.rail.profile().patience.call_millis);
        let lasts = SignedDuration::from_millis(call.saturating_mul(2)).checked_add(CLAIM_SLACK)?;
        self.core.clock.now().checked_add(lasts).ok()
    }

    /// Sends a claimed order, and decides what became of it.
    ///
    /// # Errors
    /// [`EngineError`]; the claim then ends by itself, and the order is taken up as one that may have left.
    pub async fn send_order(&self, stored: &StoredOrder) -> Result<(), EngineError> {
        let transport = &self.core.transport;
        let Some(open) = self.core.rails.get(&stored.rail) else {
            let why = "the rail is not configured".to_owned();
            return self.not_sent(stored, why, true).await;
        };
        let rail = Arc::clone(&open.rail);
        let whole = match self.put_together(rail.as_ref(), stored).await? {
            Ok(whole) => whole,
            Err(why) => return self.not_sent(stored, why, false).await,
        };
        let call = match rail.encode(&whole) {
            Ok(Outbound::Call(call)) => call,
            Ok(Outbound::Present(_)) => {
                let why = "the rail has nothing to send for it".to_owned();
                return self.not_sent(stored, why, true).await;
            }
            Err(refusal) => return self.not_sent(stored, refusal.to_string(), true).await,
        };
        if !call.uses_once.is_empty() {
            let client = self.core.pool.get().await?;
            let now = self.core.clock.now();
            let used = epay_store::note_uses(&client, stored, &call.uses_once, now).await?;
            if !used.is_empty() {
                let why = "what was handed over has been used before".to_owned();
                return self.not_sent(stored, why, true).await;
            }
        }
        match transport.send(rail.profile(), &call, &stored.key).await {
            Sent::Replied {
                status,
                headers,
                body,
            } => {
                let answer = Answer {
                    order: &whole,
                    status,
                    headers: &headers,
                    body,
                };
                self.answered(rail.as_ref(), stored, answer).await
            }
            Sent::NotSent(why) => {
                let hopeless = matches!(why, NotSent::Unsendable { .. });
                self.not_sent(stored, why.to_string(), hopeless).await
            }
            Sent::Unknown(why) => self.lost(stored, rail.profile(), why.to_string()).await,
        }
    }

    /// The order with all that its words need; or why it cannot be put together now.
    async fn put_together(
        &self,
        rail: &dyn Rail,
        stored: &StoredOrder,
    ) -> Result<Result<Order, String>, EngineError> {
        let instrument = if matches!(stored.ask, StoredAsk::Tender { .. }) {
            let client = self.core.pool.get().await?;
            epay_store::instrument(&client, stored).await?
        } else {
            None
        };
        let (payment, bill) = inbound::payment_and_bill(&self.core, stored).await?;
        let nonce = self.core.ids.next().into_bytes();
        let now = self.core.clock.now();
        let transport = &self.core.transport;
        let bearer = self.core.tokens.bearer(rail, transport, now, nonce).await;
        Ok(bearer.map(|bearer| {
            let collect = order::collect_of(&payment, &bill, None);
            order::whole(stored, collect, instrument, bearer)
        }))
    }

    async fn answered(
        &self,
        rail: &dyn Rail,
        stored: &StoredOrder,
        answer: Answer<'_>,
    ) -> Result<(), EngineError> {
        let received_at = self.core.clock.now();
        let message = Unverified {
            door: Door::Reply {
                order: answer.order,
                status: answer.status,
            },
            headers: answer.headers,
            body: &answer.body,
            received_at,
        };
        if answer.status == 401 {
            self.core.tokens.forget(&stored.rail).await;
        }
        let genuine = match rail.authenticate(&message) {
            Ok(genuine) => genuine,
            Err(error) => {
                warn!(
                    order = stored.key,
                    code = error.code(),
                    "An answer is not genuine"
                );
                let why = format!("the answer is not genuine: {error}");
                return self.lost(stored, rail.profile(), why).await;
            }
        };
        let raw = self
            .store_answer(stored, &genuine, answer.status, answer.body, received_at)
            .await?;
        if let Some(raw) = raw {
            let queues = self.queues()?;
            inbound::process(&self.core, &queues, &[raw])
                .await
                .map_err(|_stored_and_taken_up_later| EngineError::Unavailable)?;
        }
        Ok(())
    }

    /// Stores an answer and ends its order, in one commit.
    async fn store_answer(
        &self,
        stored: &StoredOrder,
        genuine: &Genuine,
        status: u16,
        body: Vec<u8>,
        received_at: Timestamp,
    ) -> Result<Option<RawMessage>, EngineError> {
        let answers = Some(Answers {
            biller: stored.biller.clone(),
            key: stored.key.clone(),
            status,
        });
        let new = NewMessage {
            id: MessageId::new(self.core.ids.next()),
            rail: stored.rail.clone(),
            channel_key: genuine.key_id.clone(),
            // A repeat of the order has an answer of its own.
            sender_id: format!("{}#{}", genuine.message_id, stored.tries),
            digest: Sha256::digest(&body).into(),
            body,
            received_at,
            answers,
        };
        let end = OrderEnd {
            biller: stored.biller.clone(),
            key: stored.key.clone(),
            state: OrderState::Answered,
            next_at: received_at,
            detail: format!("HTTP {status}"),
        };
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(lost_connection)?;
        let known = epay_store::record_messages_in(&tx, std::slice::from_ref(&new)).await?;
        epay_store::end_orders_in(&tx, &[end]).await?;
        tx.commit().await.map_err(lost_connection)?;
        let new_one = known.first() == Some(&epay_store::Recorded::New);
        Ok(new_one.then_some(RawMessage {
            id: new.id,
            rail: new.rail,
            body: new.body,
            received_at: new.received_at,
            answers: new.answers,
        }))
    }

    /// Certainly not sent this time; `hopeless` when trying again would be no better.
    async fn not_sent(
        &self,
        stored: &StoredOrder,
        why: String,
        hopeless: bool,
    ) -> Result<(), EngineError> {
        let now = self.core.clock.now();
        let payers = matches!(stored.ask.kind(), OrderKind::Collect | OrderKind::Tender);
        let given_up = match stored.ask.kind() {
            // The payment's own timer asks again.
            OrderKind::Query => true,
            _ if payers => hopeless || stored.tries >= PATIENT_TRIES,
            // What was refused in words needs other words; what the network refused is tried for as long as it takes.
            _ => hopeless,
        };
        if stored.left_house && payers && given_up {
            // That this try did not leave says nothing of an earlier one.
            return self.tell(stored, Outcome::Unknown { why }).await;
        }
        let pause = self.pause(stored, payers);
        let again_at = (!given_up).then(|| now.checked_add(pause).unwrap_or(now));
        let claim = Claim::of(stored);
        let outcome = Outcome::NotSent {
            why,
            again_at,
            claim,
        };
        self.tell(stored, outcome).await
    }

    fn pause(&self, stored: &StoredOrder, payers: bool) -> SignedDuration {
        if payers {
            return SignedDuration::from_millis(i64::from(stored.tries).saturating_mul(500));
        }
        let secs = self.core.rails.get(&stored.rail).map_or(60, |rail| {
            rail.rail.profile().patience.pause_secs(stored.tries)
        });
        SignedDuration::from_secs(i64::from(secs))
    }

    /// It may have left and no answer came: sent again where the rail knows a repeat by its key, else not known.
    async fn lost(
        &self,
        stored: &StoredOrder,
        profile: &Profile,
        why: String,
    ) -> Result<(), EngineError> {
        let kind = stored.ask.kind();
        let again = profile.resend == Resend::SafeWithKey
            && kind != OrderKind::Query
            && stored.tries < REPEATS_MAX;
        if again {
            let client = self.core.pool.get().await?;
            let now = self.core.clock.now();
            let at = now.checked_add(self.pause(stored, true)).unwrap_or(now);
            epay_store::repeat_order(&client, stored, at).await?;
            return Ok(());
        }
        self.tell(stored, Outcome::Unknown { why }).await
    }

    async fn tell(&self, stored: &StoredOrder, outcome: Outcome) -> Result<(), EngineError> {
        let of = self.key_of(&stored.biller, stored.payment).await?;
        self.tell_order(of, stored, outcome).await
    }

    async fn tell_order(
        &self,
        of: PaymentKey,
        stored: &StoredOrder,
        outcome: Outcome,
    ) -> Result<(), EngineError> {
        let command = OrderCommand {
            of,
            key: stored.key.clone(),
            kind: stored.ask.kind(),
            outcome,
        };
        self.ask(Command::Order(Box::new(command))).await?;
        Ok(())
    }

    /// Sends everything that waits, once, and waits for it: what a worker does on its beat, for tools and tests.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn send_waiting(&self) -> Result<usize, EngineError> {
        let mut sent = 0_usize;
        for (rail, at_once) in self.lanes() {
            self.bury_orders(&rail, i64::from(at_once)).await?;
            let orders = self.claim_orders(&rail, i64::from(at_once)).await?;
            sent = sent.saturating_add(orders.len());
            let all = orders.iter().map(|order| self.send_order(order));
            futures_util::future::try_join_all(all).await?;
        }
        Ok(sent)
    }
}

fn lost_connection(error: tokio_postgres::Error) -> EngineError {
    EngineError::from(epay_store::StoreError::from(error))
}

/// What came back for an order, before anybody believes it.
#[derive(Debug)]
struct Answer<'a> {
    order: &'a Order,
    status: u16,
    headers: &'a [(String, String)],
    body: Vec<u8>,
}
