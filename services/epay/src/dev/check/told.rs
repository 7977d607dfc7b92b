//! What a person is told: somebody subscribes to the bill's account before it is paid, and has the news on a telephone afterwards.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use epay_proto::pbjson_types::Timestamp;
use epay_proto::v1::{
    ContactPoint, CreateSubscriberRequest, CreateSubscriptionRequest, NoticeChannel, NoticeConsent,
    NoticeLanguage, Payment, Subscriber,
};
use serde_json::Value;

use super::super::House;
use super::{Client, bearing};
use crate::load::DemoBill;

/// How long news may take from a settled payment to a telephone.
const TOLD_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Telephones of the check: none of them is one with which the sandbox has something in mind.
const TELEPHONES: std::ops::Range<u32> = 60_000_000..70_000_000;

impl Client {
    /// Somebody with a telephone that nobody else has, told of the account of this bill; answers the telephone.
    pub(super) async fn subscribe(&self, bill: &DemoBill) -> anyhow::Result<String> {
        let telephone = format!("+852{}", rand::random_range(TELEPHONES));
        let sms = i32::from(NoticeChannel::Sms);
        let somebody = Subscriber {
            language: NoticeLanguage::English.into(),
            channels: vec![sms],
            reminders: true,
            contact_points: vec![ContactPoint {
                channel: sms,
                address: telephone.clone(),
            }],
            consent: Some(NoticeConsent {
                version: "demo".to_owned(),
                time: Some(now()?),
            }),
            ..Subscriber::default()
        };
        let wanted = CreateSubscriberRequest {
            subscriber: Some(somebody),
            ..CreateSubscriberRequest::default()
        };
        let mut people = self.people.clone();
        let request = bearing(wanted, &self.citizen)?;
        let somebody = people.create_subscriber(request).await?.into_inner();
        let wanted = CreateSubscriptionRequest {
            parent: somebody.name,
            bill_type: bill.bill_type.to_string(),
            number: bill.number.clone(),
            second_factor: bill.second_factor.clone(),
            ..CreateSubscriptionRequest::default()
        };
        people
            .create_subscription(bearing(wanted, &self.citizen)?)
            .await?;
        Ok(telephone)
    }

    /// The message on this telephone that names the payment, once it is there.
    pub(super) async fn told(
        &self,
        house: &House,
        (telephone, payment): (&str, &Payment),
    ) -> anyhow::Result<String> {
        let url = format!("{}/arrivals/list", house.sandbox.url);
        let wait = async {
            loop {
                let list: Value = self.http.get(&url).send().await?.json().await?;
                if let Some(text) = found(&list, telephone, &payment.reference) {
                    return anyhow::Ok(text);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(TOLD_WAIT, wait)
            .await
            .context("nobody was told of the payment in time")?
    }
}

fn found(list: &Value, telephone: &str, reference: &str) -> Option<String> {
    let text = |row: &Value, field: &str| Some(row.get(field)?.as_str()?.to_owned());
    let mut rows = list.get("arrived")?.as_array()?.iter();
    rows.find_map(|row| {
        let body = text(row, "body")?;
        let is_it = text(row, "recipient")? == telephone && body.contains(reference);
        is_it.then_some(body)
    })
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp {
        seconds: i64::try_from(since.as_secs())?,
        nanos: 0,
    })
}
