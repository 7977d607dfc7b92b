//! The lanes of notices: one a channel, and one for notices that have no channel yet.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deadpool_postgres::Pool;
use epay_channels::{Address, Channels, Message, Sent};
use epay_contact::{Addresses, ContactError, Contacts, Purpose, Reader};
use epay_domain::notification::{Failure, Tried, Try};
use epay_engine::Engine;
use epay_money::{BillId, BillerId, PersonId, hong_kong_date};
use epay_notice::{Channel, Shelf};
use epay_pg::{PoolOptions, build_pool};
use epay_store::notice;
use tokio::task::JoinSet;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::judge::{Judged, Letter, World};
use super::record::{Outcome, record};
use super::{AT_ONCE_MAX, BACK_OFF, BEAT, LOST_AFTER, OUTCOMES_MAX, READER, TAKEN_MAX};
use crate::WorkerError;

/// Which part of a lane must be free before more is taken up.
const ROOM_PART: usize = 4;

/// How notices are sent.
#[derive(Debug, Clone)]
pub struct SenderOptions {
    /// Where people are reached.
    pub contacts: Contacts,
    /// By what.
    pub channels: Channels,
    /// In which words.
    pub shelf: Arc<Shelf>,
    /// Messages under way by one channel at once; at most [`AT_ONCE_MAX`].
    pub at_once: usize,
}

/// Sends what is due by one channel, or finds a channel for what has none.
#[derive(Debug)]
pub struct Lane {
    channel: Option<Channel>,
    options: SenderOptions,
    engine: Engine,
    pool: Pool,
    flying: JoinSet<Outcome>,
    ended: Vec<Outcome>,
}

/// Runs every lane until `stop`, then lets the messages under way end.
///
/// # Errors
/// [`WorkerError`] when the connections cannot be set up at all.
pub async fn send_notices(
    config: &Config,
    engine: Engine,
    options: SenderOptions,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let mut lanes = JoinSet::new();
    let ways = Channel::ALL
        .into_iter()
        .filter(|way| options.channels.has(*way))
        .map(Some);
    for way in ways.chain([None]) {
        let lane = Lane::new(config, engine.clone(), options.clone(), way)?;
        lanes.spawn(lane.run(stop.clone()));
    }
    while lanes.join_next().await.is_some() {}
    Ok(())
}

impl Lane {
    /// A lane on two connections of its own, as the service role.
    ///
    /// # Errors
    /// [`WorkerError`] when they cannot be set up at all.
    pub fn new(
        config: &Config,
        engine: Engine,
        options: SenderOptions,
        channel: Option<Channel>,
    ) -> Result<Self, WorkerError> {
        let session = PoolOptions {
            size: 2,
            ..PoolOptions::named("epay notices").as_service()
        };
        Ok(Self {
            channel,
            options,
            engine,
            pool: build_pool(config, &session).map_err(WorkerError::broken)?,
            flying: JoinSet::new(),
            ended: Vec::new(),
        })
    }

    /// Works until `stop`, then lets the messages under way end and writes what came of them.
    async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match Box::pin(self.turn()).await {
                Ok(0) => BEAT,
                Ok(_) => continue,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    let channel = self.channel.map(Channel::as_str);
                    warn!(
                        error,
                        channel, "Notices were not all taken up; they wait in the database"
                    );
                    BACK_OFF
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = self.flying.join_next(), if !self.flying.is_empty() => self.land(ended),
                () = tokio::time::sleep(pause) => {}
            }
        }
        while let Some(ended) = self.flying.join_next().await {
            self.land(ended);
        }
        self.write().await;
    }

    /// Takes up what is due and lets all of it end; answers how many notices that were. For whoever wants to see the end of it.
    ///
    /// # Errors
    /// [`WorkerError`].
    pub async fn round(&mut self) -> Result<usize, WorkerError> {
        let taken = self.turn().await?;
        while let Some(ended) = self.flying.join_next().await {
            self.land(ended);
        }
        self.write().await;
        Ok(taken)
    }

    async fn turn(&mut self) -> Result<usize, WorkerError> {
        while let Some(ended) = self.flying.try_join_next() {
            self.land(ended);
        }
        self.write().await;
        self.take_up().await
    }

    fn land(&mut self, ended: Result<Outcome, tokio::task::JoinError>) {
        match ended {
            Ok(outcome) => self.ended.push(outcome),
            // Its notice is due again when its claim ends, as the same message.
            Err(error) => warn!(%error, "A message did not end in good order"),
        }
    }

    /// Writes what came of tries. What cannot be written is kept for the next turn, and sent again when that never comes.
    async fn write(&mut self) {
        while !self.ended.is_empty() {
            let count = self.ended.len().min(OUTCOMES_MAX);
            let batch = self.ended.get(..count).unwrap_or_default();
            if let Err(error) = record(&self.pool, batch, self.engine.now()).await {
                let error = &error as &dyn std::error::Error;
                warn!(error, "What came of notices could not be written yet");
                return;
            }
            self.ended.drain(..count);
        }
    }

    async fn take_up(&mut self) -> Result<usize, WorkerError> {
        let busy = self.flying.len().saturating_add(self.ended.len());
        let places = self.options.at_once.min(AT_ONCE_MAX);
        // Not one by one: what is taken up costs a transaction.
        let free = places.saturating_sub(busy);
        if busy > 0 && free.saturating_mul(ROOM_PART) < places {
            return Ok(0);
        }
        let room = i64::try_from(free).unwrap_or(TAKEN_MAX);
        let limit = if self.channel.is_some() {
            room
        } else {
            TAKEN_MAX
        };
        if limit == 0 {
            return Ok(0);
        }
        let (taken, judged) = self.decide(limit.min(TAKEN_MAX)).await?;
        if !judged.letters.is_empty() {
            self.send(judged.letters).await?;
        }
        Ok(taken)
    }

    /// Decides on what is due, and writes it: from then on whoever comes after us knows what may have been sent.
    async fn decide(&self, limit: i64) -> Result<(usize, Judged), WorkerError> {
        let now = self.engine.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let due = notice::due_notices_in(&tx, self.channel, now, limit).await?;
        if due.is_empty() {
            return Ok((0, Judged::default()));
        }
        let keys: BTreeSet<(BillerId, BillId)> = due
            .iter()
            .map(|one| (one.biller.clone(), one.bill))
            .collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let people: BTreeSet<_> = due.iter().map(|one| PersonId::new(one.person)).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let preferences = self.options.contacts.preferences(&people).await?;
        let shelf = Arc::clone(&self.options.shelf);
        let has = |way: &Channel| self.options.channels.has(*way);
        let world = World {
            bills: notice::bills_of(&tx, &keys).await?,
            preferences: preferences
                .into_iter()
                .map(|(person, mut wants)| {
                    // A way that there is not here is none.
                    wants.channels.retain(has);
                    (person.uuid(), wants)
                })
                .collect(),
            severe_weather: notice::severe_weather(&tx, hong_kong_date(now)).await?,
            catalogue: self.engine.reader().catalogue(),
            templates: shelf.latest(),
            now,
            lost_at: now.checked_add(LOST_AFTER).map_err(WorkerError::broken)?,
        };
        let taken = due.len();
        let judged = world.judge(due);
        notice::update_notices_in(&tx, &judged.notices, &judged.events).await?;
        tx.commit().await?;
        Ok((taken, judged))
    }

    async fn send(&mut self, letters: Vec<Letter>) -> Result<(), WorkerError> {
        let people: BTreeSet<PersonId> = letters
            .iter()
            .map(|one| PersonId::new(one.person))
            .collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let reader = Reader {
            name: READER.to_owned(),
            purpose: Purpose::SendNotice,
            at: self.engine.now(),
        };
        let opened = self.open(&reader, people).await?;
        for letter in letters {
            match message(&letter, &opened) {
                Ok(message) => {
                    let channels = self.options.channels.clone();
                    let begun = letter.begun;
                    self.flying.spawn(async move {
                        let sent = channels.send(&message).await;
                        outcome(begun, sent)
                    });
                }
                Err((failure, detail)) => self.ended.push(Outcome {
                    begun: letter.begun,
                    tried: Tried::Failed(failure),
                    detail,
                }),
            }
        }
        Ok(())
    }
}

impl Lane {
    /// Opens addresses. One that does not open keeps nobody else's shut: its person is left out, and the log says whose it is.
    async fn open(
        &self,
        reader: &Reader,
        mut people: Vec<PersonId>,
    ) -> Result<HashMap<PersonId, Addresses>, WorkerError> {
        loop {
            match self.options.contacts.open(reader, &people).await {
                Err(ContactError::Sealed { what, person }) if people.contains(&person) => {
                    warn!(%person, what, "An address does not open: its key is not configured, or the row was altered");
                    people.retain(|one| *one != person);
                }
                opened => return Ok(opened?),
            }
        }
    }
}

/// The message of a letter; why there is none.
fn message(
    letter: &Letter,
    opened: &HashMap<PersonId, Addresses>,
) -> Result<Message, (Failure, String)> {
    let text = letter.text.clone();
    let text = text.map_err(|fault| (Failure::Technical, fault))?;
    let channel = letter.begun.message.channel;
    let addresses = opened.get(&PersonId::new(letter.person));
    let address = addresses.and_then(|all| all.on(channel)).cloned();
    let address = address.ok_or_else(|| (Failure::Permanent, "there is no address".to_owned()))?;
    Ok(Message {
        id: letter.begun.message.id(),
        to: match channel {
            Channel::IamSmartPush => Address::IamSmart(address),
            Channel::Sms => Address::Sms(address),
            Channel::Email => Address::Email(address),
        },
        title: text.title,
        body: text.body,
        tongue: letter.tongue,
    })
}

fn outcome(begun: Try, sent: Sent) -> Outcome {
    let (tried, detail) = match sent {
        Sent::Taken { provider_reference } => (Tried::Taken, provider_reference),
        Sent::Failed { failure, detail } => (Tried::Failed(failure), detail),
        Sent::Unknown { detail } => (Tried::Unknown, detail),
    };
    if tried != Tried::Taken {
        info!(notice = %begun.message.notice, channel = begun.message.channel.as_str(), detail, "A notice was not taken");
    }
    Outcome {
        begun,
        tried,
        detail,
    }
}
