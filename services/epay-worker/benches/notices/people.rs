//! People, each subscribed to some accounts: made as the pages make them, and their accounts written many at once, because a quarter's
//! two and a half million one by one would take longer than all that is measured.

use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Pool};
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
/// Subscriptions of one statement.
const ROWS: usize = 10_000;

fn keys() -> ContactKeys {
    ContactKeys::new(&[vec![5; 32].into()]).expect("keys")
}

pub(crate) fn contacts(config: &Config) -> Contacts {
    let options = PoolOptions {
        size: WRITERS,
        role: Some(CONTACT_ROLE.to_owned()),
        ..PoolOptions::named("bench contacts")
    };
    let pool = build_pool(config, &options).expect("a pool");
    Contacts::new(pool, keys())
}

/// As many people as there are demands to hear of.
pub(crate) async fn subscribe(
    (config, pool): (&Config, &Pool),
    kind: &BillType,
    demands: u64,
) -> Duration {
    let started = Instant::now();
    let contacts = contacts(config);
    futures_util::stream::iter(0..demands.div_ceil(ACCOUNTS))
        .for_each_concurrent(WRITERS, async |person| create(&contacts, person).await)
        .await;
    // The first is subscribed to as the pages do it; the others are rows of the same size.
    let (first, at) = (number(1), jiff::Timestamp::now());
    let wish = NewSubscription {
        id: Uuid::from_u128(1),
        person: person_of(1),
        kind,
        number: &first,
        at,
    };
    contacts.subscribe(&wish).await.expect("a subscription");
    let accounts: Vec<u64> = (2..=demands).collect();
    let client = pool.get().await.expect("a connection");
    for some in accounts.chunks(ROWS) {
        write(&client, kind, some).await;
    }
    started.elapsed()
}

fn person_of(account: u64) -> PersonId {
    PersonId::new(Uuid::from_u128(u128::from((account - 1) / ACCOUNTS) + 1))
}

/// Rows as those of the first account, for others.
async fn write(client: &Object, kind: &BillType, accounts: &[u64]) {
    let keys = keys();
    let (mut people, mut ids, mut digests) = (vec![], vec![], vec![]);
    for account in accounts {
        people.push(person_of(*account).uuid());
        ids.push(Uuid::from_u128(u128::from(*account)));
        let key = keys.account(kind, &number(*account));
        digests.push(key.digests().next().expect("a digest").to_vec());
    }
    let statement = "INSERT INTO contact.subscription (person_id, subscription_id, biller_id, bill_type, account, sealed, at) \
         SELECT new.person, new.id, first.biller_id, first.bill_type, new.account, first.sealed, first.at \
         FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS new (person, id, account), \
         (SELECT * FROM contact.subscription WHERE subscription_id = $4 LIMIT 1) AS first";
    let first = Uuid::from_u128(1);
    let written = client
        .execute(statement, &[&people, &ids, &digests, &first])
        .await
        .expect("subscriptions");
    assert_eq!(written, accounts.len() as u64);
}

async fn create(contacts: &Contacts, person: u64) {
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
}
