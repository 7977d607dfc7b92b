//! Notices to people, as desks see them.

use epay_domain::notification::{Failure, Notice, NoticeFact, NoticeState, Suppression};
use epay_engine::NoticeView;
use epay_money::PersonId;
use epay_notice::{Channel, Kind};
use epay_proto::v1;
use epay_store::notice::{NoticeCount, StoredNoticeEvent, WeatherWord};
use jiff::civil::Date;

use super::subscriber::channel;
use super::timestamp;
use crate::names;

const fn kind(kind: Kind) -> v1::NoticeKind {
    match kind {
        Kind::BillReady => v1::NoticeKind::BillReady,
        Kind::DueSoon => v1::NoticeKind::DueSoon,
        Kind::Overdue => v1::NoticeKind::Overdue,
        Kind::PaymentReceived => v1::NoticeKind::PaymentReceived,
        Kind::PaymentFailed => v1::NoticeKind::PaymentFailed,
        Kind::RefundSent => v1::NoticeKind::RefundSent,
        Kind::LicenceRenewalOpen => v1::NoticeKind::LicenceRenewalOpen,
        Kind::LicenceExpiring => v1::NoticeKind::LicenceExpiring,
        Kind::ChequeDishonoured => v1::NoticeKind::ChequeDishonoured,
    }
}

const fn state(state: NoticeState) -> v1::NoticeState {
    match state {
        NoticeState::Created => v1::NoticeState::Created,
        NoticeState::Sending => v1::NoticeState::Sending,
        NoticeState::Delivered => v1::NoticeState::Delivered,
        NoticeState::TemporaryFailure => v1::NoticeState::TemporaryFailure,
        NoticeState::PermanentFailure => v1::NoticeState::PermanentFailure,
        NoticeState::TechnicalFailure => v1::NoticeState::TechnicalFailure,
        NoticeState::Suppressed => v1::NoticeState::Suppressed,
        NoticeState::Expired => v1::NoticeState::Expired,
    }
}

/// The kind that a filter names; `None` for "any".
pub(crate) fn notice_kind_filter(wanted: v1::NoticeKind) -> Option<Kind> {
    Kind::ALL.into_iter().find(|known| kind(*known) == wanted)
}

/// The state that a filter names; `None` for "any".
pub(crate) fn notice_state_filter(wanted: v1::NoticeState) -> Option<NoticeState> {
    NoticeState::ALL
        .into_iter()
        .find(|known| state(*known) == wanted)
}

fn channel_or_none(known: Option<Channel>) -> i32 {
    known.map_or(v1::NoticeChannel::Unspecified, channel).into()
}

/// A notice without its facts.
pub(crate) fn notice(notice: &Notice) -> v1::Notice {
    let occasion = notice.name.split_once('/').map_or("", |(_kind, rest)| rest);
    v1::Notice {
        name: names::of_notice(&notice.biller, notice.id),
        bill: names::of_bill(&notice.biller, notice.bill),
        person: names::of_subscriber(PersonId::new(notice.person)),
        kind: kind(notice.kind).into(),
        occasion: occasion.to_owned(),
        state: state(notice.state).into(),
        reason: notice.reason.map_or("", Suppression::as_str).to_owned(),
        channel: channel_or_none(notice.channel),
        failed_channels: notice
            .failed
            .iter()
            .map(|way| channel(*way).into())
            .collect(),
        attempt_count: notice.attempts,
        next_time: notice.next_at.map(timestamp),
        expire_time: Some(timestamp(notice.expires_at)),
        template_version: notice
            .template_version
            .map_or(0, |version| i32::try_from(version).unwrap_or(i32::MAX)),
        create_time: Some(timestamp(notice.created_at)),
        update_time: Some(timestamp(notice.changed_at)),
        events: vec![],
    }
}

/// A notice with its facts.
pub(crate) fn notice_view(view: &NoticeView) -> v1::Notice {
    v1::Notice {
        events: view.events.iter().map(event).collect(),
        ..notice(&view.notice)
    }
}

fn event(event: &StoredNoticeEvent) -> v1::NoticeEvent {
    let (fact, failure) = match event.fact {
        NoticeFact::Taken => ("taken", ""),
        NoticeFact::Unknown => ("unknown", ""),
        NoticeFact::Delivered => ("delivered", ""),
        NoticeFact::Failed { failure } => ("failed", failure_word(failure)),
        NoticeFact::Suppressed { .. } => ("suppressed", ""),
        NoticeFact::Expired => ("expired", ""),
    };
    v1::NoticeEvent {
        fact: fact.to_owned(),
        failure: failure.to_owned(),
        channel: channel_or_none(event.channel),
        detail: event.detail.clone().unwrap_or_default(),
        time: Some(timestamp(event.at)),
    }
}

const fn failure_word(failure: Failure) -> &'static str {
    match failure {
        Failure::Temporary => "temporary",
        Failure::Permanent => "permanent",
        Failure::Technical => "technical",
    }
}

/// How many stand so.
pub(crate) fn notice_count(counted: &NoticeCount) -> v1::NoticeCount {
    v1::NoticeCount {
        kind: kind(counted.kind).into(),
        state: state(counted.state).into(),
        count: counted.count,
    }
}

/// A day's weather.
pub(crate) fn severe_weather(day: Date, words: &[WeatherWord]) -> v1::SevereWeather {
    v1::SevereWeather {
        name: names::of_severe_weather(day),
        severe: words.last().is_some_and(|word| word.severe),
        words: words
            .iter()
            .map(|word| v1::WeatherWord {
                severe: word.severe,
                person: word.person.clone(),
                time: Some(timestamp(word.at)),
            })
            .collect(),
    }
}
