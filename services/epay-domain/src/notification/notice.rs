//! One notice to one person, from its plan to its end.
//!
//! 1. [`Notice::judged`]: what a decision makes of it. It is written before anything is sent, so that whoever comes after a crash knows
//!    that something may have been sent, and by which channel.
//! 2. [`Notice::tried`]: what came of a try.
//! 3. [`Notice::heard`]: what a channel tells later of what it took.
//!
//! A person is told once. Until a channel has said that a message did not reach the person, the same message, under the same id, is the only
//! one that is sent: a channel knows its id and delivers it once. Where nobody knows whether a message was taken, no other channel is tried.

use epay_money::{BillId, BillerId};
use epay_notice::{Channel, Details, Kind, Tongue};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::message::{MessageKey, ROUNDS_MAX};
use super::{Decision, Failure, NoticeFact, NoticeState, Suppression, Then, after, told};

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id, made by [`notice_id`](super::notice_id).
    pub id: Uuid,
    /// Who is told. Nothing else is known here of the person.
    pub person: Uuid,
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// What is told.
    pub kind: Kind,
    /// Its name among all notices of the person and the bill: under one name a person is told once.
    pub name: String,
    /// The last day that it is about, where there is one.
    pub about: Option<Date>,
    /// Nobody needs it from then on.
    pub expires_at: Timestamp,
    /// How it stands.
    pub state: NoticeState,
    /// By which channel it goes; not known where a new one must be chosen.
    pub channel: Option<Channel>,
    /// Channels by which it could not be told.
    pub failed: Vec<Channel>,
    /// When something is to be done; nothing where nothing is.
    pub next_at: Option<Timestamp>,
    /// How often it was sent, whatever came of it.
    pub attempts: i32,
    /// How often that failed on this channel.
    pub tries: i32,
    /// How often this channel gave up what it had taken.
    pub round: u8,
    /// When it was first sent by this channel.
    pub first_try_at: Option<Timestamp>,
    /// A message of this round may have been taken, and nobody knows.
    pub unsure: bool,
    /// The version of the texts that it was said in.
    pub template_version: Option<u32>,
    /// The language that it was said in.
    pub tongue: Option<Tongue>,
    /// Why it is never sent.
    pub reason: Option<Suppression>,
    /// What it says, without names; of news from the beginning, of others from the first try.
    pub details: Details,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Facts so far.
    pub version: i32,
}

/// What is to be done with a notice now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send it.
    Send(Try),
    /// Nothing more now.
    Rest,
}

/// One try, as its sender keeps it in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// Its number: whoever comes later has another.
    pub attempt: i32,
    /// The message that was sent.
    pub message: MessageKey,
    /// Before it the same message may have been taken, and nobody knew.
    pub unsure: bool,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The channel took it.
    Taken,
    /// The channel did not take it.
    Failed(Failure),
    /// Nobody knows.
    Unknown,
}

impl Notice {
    /// The message that goes, or went, by the channel.
    #[must_use]
    pub fn message(&self) -> Option<MessageKey> {
        Some(MessageKey {
            notice: self.id,
            channel: self.channel?,
            round: self.round,
        })
    }

    /// Ways that are closed to it: those that failed, and all others while one may have told it.
    #[must_use]
    pub fn closed(&self) -> Vec<Channel> {
        match self.channel {
            Some(only) if self.unsure => Channel::ALL
                .into_iter()
                .filter(|way| *way != only)
                .collect(),
            _ => self.failed.clone(),
        }
    }

    /// What a decision makes of it, and what is to be done. A try that says nothing until `lost_at` is lost.
    pub fn judged(
        &mut self,
        decision: Decision,
        now: Timestamp,
        lost_at: Timestamp,
    ) -> (Step, Option<NoticeFact>) {
        self.changed_at = now;
        match decision {
            Decision::Send(channel) if self.channel == Some(channel) => {
                let message = MessageKey {
                    notice: self.id,
                    channel,
                    round: self.round,
                };
                self.attempts = self.attempts.saturating_add(1);
                self.first_try_at = self.first_try_at.or(Some(now));
                self.next_at = Some(lost_at);
                let unsure = core::mem::replace(&mut self.unsure, true);
                let attempt = self.attempts;
                let begun = Try {
                    attempt,
                    message,
                    unsure,
                };
                (Step::Send(begun), None)
            }
            Decision::Send(channel) => {
                self.goes_by(Some(channel), now);
                (Step::Rest, None)
            }
            Decision::Wait(until) => {
                self.next_at = Some(until);
                (Step::Rest, None)
            }
            // No way is left: how the last one failed says more than that.
            Decision::Suppress(Suppression::NoChannel) if !self.failed.is_empty() => {
                self.next_at = None;
                (Step::Rest, None)
            }
            Decision::Suppress(reason) => {
                self.reason = Some(reason);
                (Step::Rest, self.ended(NoticeFact::Suppressed { reason }))
            }
            Decision::Expire => (Step::Rest, self.ended(NoticeFact::Expired)),
        }
    }

    /// What came of a try. Where another one has begun since, only that it was taken says something, and nothing does once the channel has
    /// given the message up.
    pub fn tried(&mut self, begun: Try, tried: Tried, now: Timestamp) -> Option<NoticeFact> {
        let late = begun.attempt != self.attempts && tried != Tried::Taken;
        if late || self.message() != Some(begun.message) {
            return None;
        }
        self.changed_at = now;
        match tried {
            Tried::Taken => {
                self.next_at = None;
                self.hear(NoticeFact::Taken)
            }
            Tried::Unknown => {
                self.tries = self.tries.saturating_add(1);
                match self.then(Failure::Technical, now) {
                    Then::Again(wait) => {
                        self.next_at = now.checked_add(wait).ok();
                        self.hear(NoticeFact::Unknown)
                    }
                    Then::NextChannel => self.ended(NoticeFact::Failed {
                        failure: Failure::Technical,
                    }),
                }
            }
            Tried::Failed(failure) => {
                self.unsure = begun.unsure;
                self.fails(failure, now)
            }
        }
    }

    /// What a channel tells of a message that it took. Told twice, late or in disorder, it is still true.
    pub fn heard(
        &mut self,
        message: MessageKey,
        outcome: Result<(), Failure>,
        now: Timestamp,
    ) -> Option<NoticeFact> {
        let Err(failure) = outcome else {
            if self.state == NoticeState::Delivered {
                return None;
            }
            (self.channel, self.next_at) = (Some(message.channel), None);
            self.changed_at = now;
            return self.hear(NoticeFact::Delivered);
        };
        let ended = matches!(
            self.state,
            NoticeState::Delivered | NoticeState::Suppressed | NoticeState::Expired
        );
        if ended || self.message() != Some(message) || self.attempts == 0 {
            return None;
        }
        self.changed_at = now;
        // The channel has given up what it took: from here on it is certain that the person was not told by it.
        self.unsure = false;
        if self.round >= ROUNDS_MAX {
            return self.moves_on(failure, now);
        }
        let fact = self.fails(failure, now);
        if self.channel.is_some() {
            self.round = self.round.saturating_add(1);
        }
        fact
    }

    fn fails(&mut self, failure: Failure, now: Timestamp) -> Option<NoticeFact> {
        self.tries = self.tries.saturating_add(1);
        match self.then(failure, now) {
            Then::Again(wait) => {
                self.next_at = now.checked_add(wait).ok();
                self.hear(NoticeFact::Failed { failure })
            }
            Then::NextChannel if self.unsure && failure != Failure::Permanent => {
                self.ended(NoticeFact::Failed { failure })
            }
            Then::NextChannel => self.moves_on(failure, now),
        }
    }

    fn moves_on(&mut self, failure: Failure, now: Timestamp) -> Option<NoticeFact> {
        self.failed.extend(self.channel);
        self.goes_by(None, now);
        self.hear(NoticeFact::Failed { failure })
    }

    fn goes_by(&mut self, channel: Option<Channel>, now: Timestamp) {
        self.channel = channel;
        (self.tries, self.round, self.unsure) = (0, 0, false);
        self.first_try_at = None;
        self.next_at = Some(now);
    }

    fn then(&self, failure: Failure, now: Timestamp) -> Then {
        let since = self
            .first_try_at
            .map_or(SignedDuration::ZERO, |first| now.duration_since(first));
        after(failure, u32::try_from(self.tries).unwrap_or(0), since)
    }

    fn ended(&mut self, fact: NoticeFact) -> Option<NoticeFact> {
        self.next_at = None;
        self.hear(fact)
    }

    fn hear(&mut self, fact: NoticeFact) -> Option<NoticeFact> {
        self.state = told(self.state, fact);
        self.version = self.version.saturating_add(1);
        Some(fact)
    }
}
