//! One notice from its plan to its end, as stories.

#![expect(clippy::panic, reason = "helpers of tests may fail the test")]

use epay_domain::notification::{
    Decision, Failure, MessageKey, Notice, NoticeFact, NoticeState, Step, Suppression, TRIES_MAX,
    Tried, Try, notice_id,
};
use epay_money::{BillId, BillerId};
use epay_notice::{Channel, Details, Kind};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

fn now() -> Timestamp {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

fn later(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

fn notice() -> Notice {
    Notice {
        id: notice_id(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_1234)),
        person: Uuid::from_u128(7),
        biller: BillerId::new("rvd").unwrap(),
        bill: BillId::new(Uuid::from_u128(9)),
        kind: Kind::DueSoon,
        name: "due_soon/2026-11-30/7".to_owned(),
        about: None,
        expires_at: later(60 * 24 * 7),
        state: NoticeState::Created,
        channel: Some(Channel::Sms),
        failed: vec![],
        next_at: Some(now()),
        attempts: 0,
        tries: 0,
        round: 0,
        first_try_at: None,
        unsure: false,
        template_version: None,
        tongue: None,
        reason: None,
        details: Details::default(),
        created_at: now(),
        changed_at: now(),
        version: 0,
    }
}

/// Takes it up to be sent by the channel that it has.
fn begin(notice: &mut Notice, at: Timestamp) -> Try {
    let channel = notice.channel.unwrap();
    let lost_at = at + SignedDuration::from_mins(1);
    match notice.judged(Decision::Send(channel), at, lost_at) {
        (Step::Send(begun), None) => begun,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_that_was_taken_rests_until_its_channel_speaks() {
    let mut one = notice();
    let begun = begin(&mut one, now());
    assert_eq!(one.next_at, Some(later(1)), "lost, where nothing is said");
    assert_eq!(
        one.tried(begun, Tried::Taken, now()),
        Some(NoticeFact::Taken)
    );
    assert_eq!((one.state, one.next_at), (NoticeState::Sending, None));
    let told = one.heard(begun.message, Ok(()), later(2));
    assert_eq!(told, Some(NoticeFact::Delivered));
    assert_eq!((one.state, one.version), (NoticeState::Delivered, 2));
    // Twice, late, in disorder.
    for outcome in [Ok(()), Err(Failure::Permanent), Err(Failure::Temporary)] {
        assert_eq!(one.heard(begun.message, outcome, later(3)), None);
    }
    assert_eq!(
        one.tried(begun, Tried::Taken, later(4)),
        Some(NoticeFact::Taken)
    );
    assert_eq!(one.state, NoticeState::Delivered);
}

#[test]
fn a_channel_that_did_not_take_it_is_tried_again_with_the_same_message() {
    let mut one = notice();
    let first = begin(&mut one, now());
    one.tried(first, Tried::Failed(Failure::Technical), now());
    assert_eq!(one.next_at, Some(later(5)));
    assert_eq!(one.state, NoticeState::TechnicalFailure);
    let second = begin(&mut one, later(5));
    assert_eq!(second.message, first.message);
    assert!(!second.unsure, "the first was certainly not taken");
}

#[test]
fn no_such_address_opens_the_next_channel_at_once() {
    let mut one = notice();
    let begun = begin(&mut one, now());
    one.tried(begun, Tried::Failed(Failure::Permanent), now());
    assert_eq!(one.failed, [Channel::Sms]);
    assert_eq!((one.channel, one.next_at), (None, Some(now())));
    let lost_at = later(1);
    let (step, fact) = one.judged(Decision::Send(Channel::Email), now(), lost_at);
    assert_eq!((step, fact), (Step::Rest, None), "its own lane takes it up");
    let second = begin(&mut one, now());
    assert_ne!(second.message, begun.message);
    assert_eq!(second.message.channel, Channel::Email);
    // None is left: what is told is how the last one failed.
    one.tried(second, Tried::Failed(Failure::Permanent), now());
    let none = Decision::Suppress(Suppression::NoChannel);
    assert_eq!(one.judged(none, now(), lost_at), (Step::Rest, None));
    assert_eq!(
        (one.state, one.next_at),
        (NoticeState::PermanentFailure, None)
    );
}

#[test]
fn a_channel_that_gave_up_what_it_took_gets_another_message() {
    let mut one = notice();
    let first = begin(&mut one, now());
    one.tried(first, Tried::Taken, now());
    let told = one.heard(first.message, Err(Failure::Temporary), later(60));
    assert!(told.is_some());
    assert_eq!(one.next_at, Some(later(65)));
    let second = begin(&mut one, later(65));
    assert_eq!(second.message.round, 1);
    // The same word again, of the message before: it is known.
    assert_eq!(
        one.heard(first.message, Err(Failure::Temporary), later(66)),
        None
    );
    // A repeat of the first that was still on its way when the channel gave it up.
    assert_eq!(one.tried(first, Tried::Taken, later(67)), None);
    assert_eq!(one.next_at, Some(later(66)), "the second is on its way");
    // The first was delivered after all: nothing more is sent.
    one.heard(first.message, Ok(()), later(68));
    assert_eq!((one.state, one.next_at), (NoticeState::Delivered, None));
}

#[test]
fn a_try_of_which_nothing_is_known_closes_every_other_way() {
    let mut one = notice();
    let dead = begin(&mut one, now());
    // Its process died. Another one takes it up.
    assert_eq!(one.closed(), [Channel::IamSmartPush, Channel::Email]);
    let again = begin(&mut one, later(1));
    assert_eq!(again.message, dead.message);
    assert!(again.unsure);
    // It was not taken this time; the time before, nobody knows.
    one.tried(again, Tried::Failed(Failure::Temporary), later(1));
    assert!(one.unsure);
    let mut at = one.next_at.unwrap();
    for _ in 2..=TRIES_MAX {
        let begun = begin(&mut one, at);
        one.tried(begun, Tried::Failed(Failure::Temporary), at);
        at = one.next_at.unwrap_or(at);
    }
    assert_eq!(one.next_at, None, "its tries are used up");
    assert_eq!(one.channel, Some(Channel::Sms), "and no other way is tried");
    assert_eq!(one.state, NoticeState::TemporaryFailure);
    // What a dead process had in hand says nothing but that it was taken.
    assert_eq!(one.tried(dead, Tried::Failed(Failure::Permanent), at), None);
    assert_eq!(one.tried(dead, Tried::Taken, at), Some(NoticeFact::Taken));
    assert_eq!(one.state, NoticeState::Sending);
}

#[test]
fn decisions_against_sending_end_it_or_let_it_wait() {
    let table = [
        (
            Decision::Wait(later(9)),
            (NoticeState::Created, Some(later(9)), None),
        ),
        (
            Decision::Suppress(Suppression::Paid),
            (NoticeState::Suppressed, None, Some(Suppression::Paid)),
        ),
        (Decision::Expire, (NoticeState::Expired, None, None)),
        // The person chose another channel since it was planned.
        (
            Decision::Send(Channel::Email),
            (NoticeState::Created, Some(now()), None),
        ),
    ];
    for (decision, expected) in table {
        let mut one = notice();
        let (step, _fact) = one.judged(decision, now(), later(1));
        assert_eq!(step, Step::Rest);
        assert_eq!(
            (one.state, one.next_at, one.reason),
            expected,
            "{decision:?}"
        );
        assert_eq!(one.attempts, 0);
    }
}

#[derive(Debug, Clone)]
enum Happens {
    Begin,
    Tried(usize, u8),
    Heard(usize, u8),
}

fn happening() -> impl Strategy<Value = Happens> {
    prop_oneof![
        3 => Just(Happens::Begin),
        3 => (0_usize..4, 0_u8..5).prop_map(|(which, how)| Happens::Tried(which, how)),
        2 => (0_usize..4, 0_u8..4).prop_map(|(which, how)| Happens::Heard(which, how)),
    ]
}

proptest! {
    /// A channel that takes each id once, delivers what it took until it says that it gave it up, and tells of both whenever it likes.
    #[test]
    fn whatever_happens_in_whatever_order_a_person_is_told_once(happens in prop::collection::vec(happening(), 1..60)) {
        let mut one = notice();
        let mut begun: Vec<Try> = vec![];
        // What the channels have: the person gets what is taken and never given up.
        let mut taken: Vec<MessageKey> = vec![];
        let mut given_up: Vec<MessageKey> = vec![];
        let mut at = now();
        for happening in happens {
            at += SignedDuration::from_mins(1);
            match happening {
                Happens::Begin => {
                    let Some(next) = one.next_at else { continue };
                    at = at.max(next);
                    let closed = one.closed();
                    let ways = [Channel::Sms, Channel::Email];
                    let way = ways.into_iter().find(|way| !closed.contains(way));
                    let decision = way.map_or(Decision::Suppress(Suppression::NoChannel), Decision::Send);
                    if let (Step::Send(new), _) = one.judged(decision, at, at + SignedDuration::from_mins(1)) {
                        begun.push(new);
                    }
                }
                Happens::Tried(which, how) => {
                    if begun.is_empty() { continue }
                    let try_ = begun.remove(which % begun.len());
                    let known = taken.contains(&try_.message);
                    let tried = match how {
                        _ if known && how < 3 => Tried::Taken,
                        0 | 1 => { taken.push(try_.message); Tried::Taken }
                        2 => { taken.push(try_.message); Tried::Unknown }
                        3 => Tried::Unknown,
                        _ => Tried::Failed(Failure::Temporary),
                    };
                    one.tried(try_, tried, at);
                }
                Happens::Heard(which, how) => {
                    if taken.is_empty() { continue }
                    let message = taken[which % taken.len()];
                    if how == 0 && !given_up.contains(&message) {
                        one.heard(message, Ok(()), at);
                    } else if how == 1 && one.state != NoticeState::Delivered {
                        given_up.push(message);
                        one.heard(message, Err(Failure::Temporary), at);
                    }
                }
            }
            let reached = taken.iter().filter(|message| !given_up.contains(message)).count();
            prop_assert!(reached <= 1, "{reached} messages of one notice: {taken:?} {given_up:?}");
        }
    }
}
