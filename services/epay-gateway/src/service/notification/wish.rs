//! What a person wants, read from a request. No answer quotes an address.

use epay_contact::{Change, Consent, Point};
use epay_domain::notification::{Preferences, QuietHours};
use epay_notice::{Channel, Tongue};
use epay_proto::v1;
use jiff::civil::Time;
use tonic::Status;
use uuid::Uuid;

use super::super::read;
use crate::convert::{channel_of, tongue_of};
use crate::fault;

/// An address on a channel.
pub(super) fn point(field: &str, channel: Channel, typed: &str) -> Result<Point, Status> {
    Point::read(channel, typed)
        .map_err(|fault| fault::invalid_field(field, fault.code(), &fault.to_string()))
}

/// Addresses, one a channel.
pub(super) fn points(field: &str, asked: &[v1::ContactPoint]) -> Result<Vec<Point>, Status> {
    let read = |one: &v1::ContactPoint| {
        let on = channel(&format!("{field}.channel"), one.channel)?;
        point(&format!("{field}.address"), on, &one.address)
    };
    asked.iter().map(read).collect()
}

fn channel(field: &str, number: i32) -> Result<Channel, Status> {
    let known = v1::NoticeChannel::try_from(number).ok();
    known.and_then(channel_of).ok_or_else(|| {
        fault::invalid_field(field, "CHANNEL_UNKNOWN", "must be a channel of notices")
    })
}

fn channels(field: &str, numbers: &[i32]) -> Result<Vec<Channel>, Status> {
    let numbers = numbers.iter();
    numbers.map(|number| channel(field, *number)).collect()
}

fn tongue(field: &str, number: i32) -> Result<Option<Tongue>, Status> {
    let known = v1::NoticeLanguage::try_from(number).map(tongue_of);
    known.map_err(|_unknown| {
        fault::invalid_field(field, "LANGUAGE_UNKNOWN", "must be a language of notices")
    })
}

fn time(field: &str, text: &str) -> Result<Time, Status> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let plain = two(hour) && two(minute);
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0)
            .ok()
            .filter(|_time| plain)
    };
    read().ok_or_else(|| {
        fault::invalid_field(field, "FIELD_MALFORMED", "must be a time such as \"22:00\"")
    })
}

/// Hours; none where both ends are empty.
fn quiet(field: &str, hours: &v1::QuietHours) -> Result<Option<QuietHours>, Status> {
    if hours.start.is_empty() && hours.end.is_empty() {
        return Ok(None);
    }
    let from = time(&format!("{field}.start"), &hours.start)?;
    let until = time(&format!("{field}.end"), &hours.end)?;
    Ok(Some(QuietHours { from, until }))
}

/// What a new person wants.
pub(super) fn preferences(asked: &v1::Subscriber) -> Result<Preferences, Status> {
    let hours = asked.quiet_hours.as_ref();
    let hours = hours.map(|hours| quiet("subscriber.quiet_hours", hours));
    Ok(Preferences {
        tongue: tongue("subscriber.language", asked.language)?.unwrap_or(Tongue::Both),
        channels: channels("subscriber.channels", &asked.channels)?,
        reminders: asked.reminders,
        quiet: hours.transpose()?.flatten(),
    })
}

/// What a person agreed to.
pub(super) fn consent(
    field: &str,
    asked: Option<&v1::NoticeConsent>,
    id: Uuid,
) -> Result<Consent, Status> {
    let asked = read::present(field, asked)?;
    let at = format!("{field}.time");
    Ok(Consent {
        id,
        words: asked.version.clone(),
        at: read::time(&at, read::present(&at, asked.time.as_ref())?)?,
    })
}

/// What is to be another way.
pub(super) fn change(asked: &v1::UpdateSubscriberRequest, record: Uuid) -> Result<Change, Status> {
    let version = || {
        let etag = asked.etag.parse();
        etag.map_err(|_not_ours| {
            fault::invalid_field("etag", "FIELD_MALFORMED", "must be an etag of an answer")
        })
    };
    let named = asked.channels.as_ref();
    let hours = asked.quiet_hours.as_ref();
    let agreed = asked.consent.as_ref();
    Ok(Change {
        tongue: tongue("language", asked.language)?,
        channels: named
            .map(|named| channels("channels.channels", &named.channels))
            .transpose()?,
        reminders: asked.reminders,
        quiet: hours.map(|hours| quiet("quiet_hours", hours)).transpose()?,
        points: points("contact_points", &asked.contact_points)?,
        removed: channels("removed_channels", &asked.removed_channels)?,
        consent: agreed
            .map(|agreed| consent("consent", Some(agreed), record))
            .transpose()?,
        version: if asked.etag.is_empty() {
            None
        } else {
            Some(version()?)
        },
    })
}
