//! Days and feeds.

use epay_engine::{DayView, FeedAlert};
use epay_feed::{DeliveryState, FeedRow, Shape};
use epay_money::{Currency, Money};
use epay_proto::v1;
use epay_store::feed::{Feed, FeedDelivery, FeedDeliveryAttempt, FeedFile, FeedVerdict, ShapeSeal};

use super::{amount, date, minor, timestamp};
use crate::names;

pub(crate) fn business_day(view: &DayView) -> v1::BusinessDay {
    let day = &view.day;
    v1::BusinessDay {
        name: names::of_business_day(&day.biller, day.day),
        close_time: Some(timestamp(day.closed_at)),
        closed_by: day.closed_by.clone(),
        late_rails: day.late.iter().map(ToString::to_string).collect(),
        reason: day.reason.clone().unwrap_or_default(),
        files: view.files.iter().map(feed_file).collect(),
    }
}

pub(crate) fn feed(feed: &Feed) -> v1::Feed {
    v1::Feed {
        name: names::of_feed(&feed.key),
        last_sequence: feed.last_sequence,
        closing_balance: minor(feed.closing_minor, feed.key.currency),
    }
}

pub(crate) fn feed_file(file: &FeedFile) -> v1::FeedFile {
    let currency = file.key.currency;
    let totals = &file.totals;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let state = match file.acknowledged {
        None => v1::FeedFileState::Sent,
        Some(FeedVerdict::Accepted) => v1::FeedFileState::Accepted,
        Some(FeedVerdict::Differs) => v1::FeedFileState::Differs,
        Some(FeedVerdict::Refused) => v1::FeedFileState::Refused,
    };
    v1::FeedFile {
        name: names::of_feed_file(&file.key, file.sequence),
        sequence: file.sequence,
        day: Some(date(file.day)),
        row_count: count(totals.rows),
        late_row_count: count(totals.late_rows),
        credits: minor(totals.credits_minor, currency),
        debits: minor(totals.debits_minor, currency),
        opening_balance: minor(file.opening_minor, currency),
        closing_balance: minor(file.closing_minor(), currency),
        hash_total: count(totals.hash_total),
        rows_sha256: totals.digest.to_vec(),
        seal_time: Some(timestamp(file.sealed_at)),
        acknowledge_by: Some(date(file.ack_due_on)),
        state: state.into(),
        shapes: file
            .shapes
            .iter()
            .map(|seal| feed_shape(file, seal))
            .collect(),
    }
}

pub(crate) fn feed_shape(file: &FeedFile, seal: &ShapeSeal) -> v1::FeedFileShape {
    v1::FeedFileShape {
        shape: shape_word(seal.shape).into(),
        file_name: epay_feed::file_name(&file.head(), seal.shape),
        size_bytes: seal.bytes,
        sha256: seal.digest.to_vec(),
    }
}

const fn shape_word(shape: Shape) -> v1::FeedShape {
    match shape {
        Shape::Csv => v1::FeedShape::Csv,
        Shape::Camt053 => v1::FeedShape::Camt053,
        Shape::Camt054 => v1::FeedShape::Camt054,
        Shape::Mt940 => v1::FeedShape::Mt940,
    }
}

/// The shape that a request names, where it names one.
pub(crate) const fn shape_named(shape: v1::FeedShape) -> Option<Shape> {
    match shape {
        v1::FeedShape::Unspecified => None,
        v1::FeedShape::Csv => Some(Shape::Csv),
        v1::FeedShape::Camt053 => Some(Shape::Camt053),
        v1::FeedShape::Camt054 => Some(Shape::Camt054),
        v1::FeedShape::Mt940 => Some(Shape::Mt940),
    }
}

/// The shape that a request names; CSV where it names none.
pub(crate) fn shape_of(shape: v1::FeedShape) -> Shape {
    shape_named(shape).unwrap_or(Shape::Csv)
}

/// Alerts, and the files that they are about, each once.
pub(crate) fn feed_alerts(alerts: &[FeedAlert]) -> v1::ListFeedAlertsResponse {
    let mut files: Vec<v1::FeedFile> = Vec::new();
    for alert in alerts {
        let file = feed_file(&alert.file);
        if !files.iter().any(|known| known.name == file.name) {
            files.push(file);
        }
    }
    v1::ListFeedAlertsResponse {
        files,
        alerts: alerts.iter().map(feed_alert).collect(),
    }
}

fn feed_alert(alert: &FeedAlert) -> v1::FeedAlert {
    let shape = alert.shape.map_or(v1::FeedShape::Unspecified, shape_word);
    v1::FeedAlert {
        file: names::of_feed_file(&alert.file.key, alert.file.sequence),
        reason: alert.reason.code().to_owned(),
        shape: shape.into(),
        description: alert.words.clone(),
    }
}

/// A delivery with the last lines of its log.
pub(crate) fn feed_delivery(delivery: &FeedDelivery) -> v1::FeedDelivery {
    let state = match delivery.state {
        DeliveryState::Waiting => v1::FeedDeliveryState::Waiting,
        DeliveryState::Delivered => v1::FeedDeliveryState::Delivered,
        DeliveryState::GivenUp => v1::FeedDeliveryState::GivenUp,
        DeliveryState::Conflict => v1::FeedDeliveryState::Conflict,
    };
    let key = &delivery.key;
    v1::FeedDelivery {
        file: names::of_feed_file(&key.feed, key.sequence),
        shape: shape_word(key.shape).into(),
        state: state.into(),
        attempt_count: delivery.attempts,
        next_attempt_time: delivery.next_at.map(timestamp),
        end_time: delivery.ended_at.map(timestamp),
        attempts: delivery.log.iter().map(feed_attempt).collect(),
    }
}

fn feed_attempt(line: &FeedDeliveryAttempt) -> v1::FeedDeliveryAttempt {
    v1::FeedDeliveryAttempt {
        attempt: line.attempt,
        time: Some(timestamp(line.at)),
        destination: line.destination.clone(),
        outcome: line.outcome.clone(),
        description: line.words.clone(),
        latency_millis: line.latency_ms,
    }
}

pub(crate) fn feed_row(row: FeedRow, currency: Currency) -> v1::FeedRow {
    v1::FeedRow {
        line: i32::try_from(row.line).unwrap_or(i32::MAX),
        reference: row.reference,
        bill_number: row.bill_number.unwrap_or_default(),
        bill_type: row.bill_type.unwrap_or_default(),
        revenue_line: row.revenue_line,
        rail: row.rail.unwrap_or_default(),
        rail_reference: row.rail_reference.unwrap_or_default(),
        instructed_time: Some(timestamp(row.instructed_at)),
        receipt_business_date: Some(date(row.of_day)),
        value_date: Some(date(row.value_date)),
        amount: Some(amount(Money::new(row.amount_minor, currency))),
        direction: row.direction.as_str().to_owned(),
        corrects: row.corrects.unwrap_or_default(),
    }
}
