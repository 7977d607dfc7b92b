//! People, each subscribed to some accounts.

use std::time::{Duration, Instant};

use epay_contact::{
    CONTACT_ROLE, Consent, ContactKeys, Contacts, NewPerson, NewSubscription, Point,
};
use epay_domain::BillType;
use epay_domain::notification::Preferences;
use epay_money::{Language, PersonId};
use epay_notice::{Channel, Tongue};
use epay_pg::{PoolOptions, build_pool};
use futures_util::StreamExt as _;
use tokio_postgres::Config;
use uuid::Uuid;

use crate::demands::number;

/// Accounts of one person.
const ACCOUNTS: u64 = 50;
/// People written at once.
const WRITERS: usize = 16;

pub(crate) fn contacts(config: &Config) -> Contacts {
    let options = PoolOptions {
        size: WRITERS,
        role: Some(CONTACT_ROLE.to_owned()),
        ..PoolOptions::named("bench contacts")
    };
    let pool = build_pool(config, &options).expect("a pool");
    Contacts::new(pool, ContactKeys::new(&[vec![5; 32].into()]).expect("keys"))
}

/// As many people as there are demands to hear of.
pub(crate) async fn subscribe(contacts: &Contacts, kind: &BillType, demands: u64) -> Duration {
    let started = Instant::now();
    let people = demands.div_ceil(ACCOUNTS);
    futures_util::stream::iter(0..people)
        .for_each_concurrent(WRITERS, async |person| {
            let first = person * ACCOUNTS + 1;
            let last = (first + ACCOUNTS - 1).min(demands);
            subscribe_one(contacts, kind, (person, first, last)).await;
        })
        .await;
    started.elapsed()
}

async fn subscribe_one(
    contacts: &Contacts,
    kind: &BillType,
    (person, first, last): (u64, u64, u64),
) {
    let at = jiff::Timestamp::now();
    let id = PersonId::new(Uuid::from_u128(u128::from(person) + 1));
    let telephone = format!("+85260{person:06}");
    let new = NewPerson {
        id,
        points: vec![Point::read(Channel::Sms, &telephone).expect("a number")],
        preferences: Preferences {
            tongue: Tongue::One(Language::Traditional),
            channels: vec![Channel::Sms],
            reminders: true,
            quiet: None,
        },
        consent: Consent {
            id: Uuid::from_u128(u128::from(person) + 1),
            words: "2026-11".to_owned(),
            at,
        },
        client: "bench".to_owned(),
        at,
    };
    contacts.create(&new).await.expect("a person");
    for account in first..=last {
        let wish = NewSubscription {
            id: Uuid::from_u128(u128::from(account)),
            person: id,
            kind,
            number: &number(account),
            at,
        };
        contacts.subscribe(&wish).await.expect("a subscription");
    }
}
