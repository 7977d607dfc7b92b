//! A store of its own for every test, and people to put in.

use deadpool_postgres::Pool;
use epay_contact::{
    CONTACT_ROLE, Consent, ContactKeys, Contacts, MIGRATIONS, NewPerson, NewSubscription, Point,
    Purpose, Reader,
};
use epay_domain::notification::{Preferences, QuietHours};
use epay_domain::{
    AccountDigits, BillType, CheckDigit, LocalizedText, NumberRule, OverPolicy, Policy, Terms,
};
use epay_money::{BillTypeCode, BillerId, Language, PersonId};
use epay_notice::{Channel, Tongue};
use epay_pg::PoolOptions;
use epay_pg::testing::TestDatabase;
use jiff::Timestamp;
use jiff::civil::time;
use secrecy::SecretSlice;
use uuid::Uuid;

/// Addresses of nobody.
pub(crate) const TELEPHONE: &str = "+85261230001";
pub(crate) const EMAIL: &str = "canary@example.org";
pub(crate) const IDENTITY: &str = "tokenised-id-of-nobody";

/// A migrated database with contacts in it.
pub(crate) struct House {
    pub(crate) database: TestDatabase,
    pub(crate) contacts: Contacts,
}

impl House {
    pub(crate) async fn new() -> Self {
        let sets = [
            epay_ledger_pg::MIGRATIONS,
            epay_store::MIGRATIONS,
            MIGRATIONS,
        ];
        let database = TestDatabase::create(&sets).await;
        let contacts = Contacts::new(pool_as(&database, CONTACT_ROLE), keys(&[1]));
        Self { database, contacts }
    }

    /// The same store with other keys.
    pub(crate) fn with_keys(&self, bytes: &[u8]) -> Contacts {
        Contacts::new(pool_as(&self.database, CONTACT_ROLE), keys(bytes))
    }

    pub(crate) async fn as_role(&self, role: &str) -> deadpool_postgres::Object {
        let pool = pool_as(&self.database, role);
        pool.get().await.expect("a connection")
    }

    /// Someone with every right.
    pub(crate) async fn superuser(&self) -> deadpool_postgres::Object {
        self.database.pool().get().await.expect("a connection")
    }
}

fn pool_as(database: &TestDatabase, role: &str) -> Pool {
    database.pool_with(PoolOptions {
        size: 6,
        role: Some(role.to_owned()),
        ..PoolOptions::named("epay test")
    })
}

/// Keys of one repeated byte each.
pub(crate) fn keys(bytes: &[u8]) -> ContactKeys {
    let secrets: Vec<SecretSlice<u8>> = bytes.iter().map(|byte| vec![*byte; 32].into()).collect();
    ContactKeys::new(&secrets).expect("keys")
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().expect("a moment")
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId::new(id(number))
}

pub(crate) fn point(channel: Channel, typed: &str) -> Point {
    Point::read(channel, typed).expect("an address")
}

/// Somebody with a telephone and a mailbox.
pub(crate) fn somebody(number: u128) -> NewPerson {
    NewPerson {
        id: person(number),
        points: vec![point(Channel::Sms, TELEPHONE), point(Channel::Email, EMAIL)],
        preferences: Preferences {
            tongue: Tongue::One(Language::Traditional),
            channels: vec![Channel::Email, Channel::Sms],
            reminders: true,
            quiet: Some(QuietHours {
                from: time(22, 0, 0, 0),
                until: time(8, 0, 0, 0),
            }),
        },
        consent: Consent {
            id: id(number.wrapping_add(1_000_000)),
            words: "2026-11".to_owned(),
            at: now(),
        },
        client: "portal".to_owned(),
        at: now(),
    }
}

pub(crate) fn reader() -> Reader {
    Reader {
        name: "worker".to_owned(),
        purpose: Purpose::SendNotice,
        at: now(),
    }
}

fn text(words: &str) -> LocalizedText {
    LocalizedText {
        en: words.to_owned(),
        zh_hant: words.to_owned(),
        zh_hans: words.to_owned(),
    }
}

/// A kind whose numbers are twelve digits; the first ten are the account.
pub(crate) fn kind(code: &str) -> BillType {
    BillType {
        code: BillTypeCode::new(code).expect("a code"),
        biller: BillerId::new("wsd").expect("a department"),
        biller_name: text("TEST department"),
        name: text("Demand"),
        number_label: text("Number"),
        number: NumberRule {
            digits: 12,
            check_digit: CheckDigit::None,
            trailing_a: false,
        },
        policy: Policy {
            part_allowed: true,
            exact_only: false,
            over: OverPolicy::HoldForRefund,
        },
        payees: vec![],
        default_line: "10-water".to_owned(),
        terms: Terms {
            account: Some(AccountDigits {
                skipped: 0,
                count: 10,
            }),
            ..Terms::default()
        },
    }
}

/// That a person wants to hear of an account.
pub(crate) fn wish<'a>(
    (number, of): (u128, u128),
    kind: &'a BillType,
    bill: &'a str,
) -> NewSubscription<'a> {
    NewSubscription {
        id: id(number),
        person: person(of),
        kind,
        number: bill,
        at: now(),
    }
}
