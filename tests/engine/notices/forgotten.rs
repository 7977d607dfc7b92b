//! A person is forgotten beside books that do not notice, and is told nothing more.

use epay_ledger::log::{PublicKeys, SigningKey};
use epay_ledger_pg::{Evidence, Sealer, log_heads, verify_against};
use epay_money::PersonId;
use jiff::SignedDuration;
use uuid::Uuid;

use super::gateway::Answer;
use super::post::{Post, telephone};
use super::{NUMBER, TO_THE_LAST_REMINDER};
use crate::house::{House, RVD, credit, notice};

/// A second account of the same people, whose bill is not paid.
const OWED: &str = "000123456789020";
const ORIGIN: &str = "test.example/ledger";
/// A key made of one byte, in PKCS#8 (RFC 8410), without its 32 last bytes.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn key() -> SigningKey {
    SigningKey::from_pkcs8("k1", &[PKCS8.as_slice(), &[1; 32]].concat()).unwrap()
}

/// Seals every journal; what an auditor keeps of it.
async fn sealed(house: &House) -> Evidence {
    let mut client = house.database.service_pool().get().await.unwrap();
    let mut sealer = Sealer::new(key(), ORIGIN).unwrap();
    let now = house.engine.now();
    while sealer.seal(&mut client, now).await.unwrap().is_more() {}
    let mut keys = PublicKeys::default();
    keys.insert("k1", key().public_key()).unwrap();
    let mut heads = log_heads(&**client, None, 1_000).await.unwrap();
    heads.reverse();
    assert!(!heads.is_empty(), "something was sealed");
    Evidence {
        keys: Some(keys),
        heads,
    }
}

/// Two people who hear of two accounts; one bill is owed, the other is paid, and the news of it wait for another try.
async fn two_people_and_a_payment() -> (House, Post, Uuid) {
    let mut house = House::open().await;
    let post = Post::open(&house).await;
    let person = post.person(&house, 1, (NUMBER, Post::wants())).await;
    post.person(&house, 2, (NUMBER, Post::wants())).await;
    for number in [1, 2] {
        post.follow(&house, number, ("rvd-rates", OWED)).await;
    }
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    house.bill("rvd-rates", OWED, 50_000).await;
    post.tell(&house).await;
    let view = house.payment(&bill, "k1").await;
    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("n1", &body).await.unwrap();
    house.settle().await;
    post.gateway.answers([Answer::Refuses(503, "busy"); 2]);
    post.tell(&house).await;
    assert_eq!((post.gateway.taken().len(), post.gateway.refused()), (4, 2));
    (house, post, person)
}

/// "name state reason" of one person's notices, with how many they are.
async fn told(house: &House, person: Uuid) -> Vec<String> {
    let client = house.pool().get().await.unwrap();
    let query = "SELECT concat_ws(' ', split_part(name, '/', 1), state, reason, count(*)) FROM epay.notice \
                 WHERE person_id = $1 GROUP BY split_part(name, '/', 1), state, reason ORDER BY 1";
    let rows = client.query(query, &[&person]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn no_table_but_those_of_contacts_changes_and_nothing_in_any_leads_to_the_person() {
    let (house, post, person) = two_people_and_a_payment().await;
    let evidence = sealed(&house).await;
    let client = house.pool().get().await.unwrap();
    let key = "SELECT encode(data_key, 'hex') FROM contact.person WHERE person_id = $1";
    let key: String = client.query_one(key, &[&person]).await.unwrap().get(0);
    let sealed_points = "SELECT encode(sealed, 'hex') FROM contact.point WHERE person_id = $1";
    let points = client.query(sealed_points, &[&person]).await.unwrap();
    let mut gone: Vec<String> = points.iter().map(|row| row.get(0)).collect();
    assert_eq!(gone.len(), 2);
    gone.push(key);

    let before = house.database.rows().await;
    let by = ("portal", house.engine.now());
    let (of, record) = (PersonId::new(person), Uuid::from_u128(9_000));
    post.contacts.erase(of, record, by).await.unwrap();
    let after = house.database.rows().await;
    for table in before.tables().filter(|one| !one.starts_with("contact.")) {
        assert_eq!(before.of(table), after.of(table), "{table}");
    }
    // What must be as it was is there at all.
    for books in [
        "epay.bill",
        "epay.payment",
        "epay.receipt",
        "ledger.journal",
        "ledger.log_head",
    ] {
        assert!(!after.of(books).is_empty(), "{books}");
    }
    for sealed in &gone {
        assert_eq!(before.holding(sealed).len(), 1, "it was there");
        assert_eq!(
            after.holding(sealed),
            [""; 0],
            "the key and what it opens are gone"
        );
    }
    for secret in [telephone(1), "person-1@example.org".to_owned()] {
        assert_eq!(after.holding(&secret), [""; 0], "{secret}");
    }
    let mut client = house.database.service_pool().get().await.unwrap();
    let report = verify_against(&mut client, &evidence, |_step| {})
        .await
        .unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn what_waits_for_the_person_is_suppressed_and_their_neighbour_hears_of_all_of_it() {
    let (house, post, person) = two_people_and_a_payment().await;
    let by = ("portal", house.engine.now());
    let (of, record) = (PersonId::new(person), Uuid::from_u128(9_000));
    post.contacts.erase(of, record, by).await.unwrap();
    // The news of the payment are tried again; then come the last reminder, and the bill's last day.
    for forward in [
        SignedDuration::from_mins(10),
        TO_THE_LAST_REMINDER,
        SignedDuration::from_hours(6 * 24),
    ] {
        house.clock.forward(forward);
        post.tell(&house).await;
    }
    assert_eq!(
        told(&house, person).await,
        [
            "bill_ready sending 2",
            "due_soon suppressed no_channel 2",
            "due_soon suppressed paid 2",
            "overdue suppressed no_channel 1",
            "overdue suppressed paid 1",
            "payment_received suppressed no_channel 1",
        ]
    );
    assert_eq!(
        told(&house, Uuid::from_u128(2)).await,
        [
            "bill_ready sending 2",
            "due_soon sending 2",
            "due_soon suppressed paid 2",
            "overdue sending 1",
            "overdue suppressed paid 1",
            "payment_received sending 1",
        ]
    );
    let mine = telephone(1);
    let taken = post.gateway.taken();
    let to_me = taken.iter().filter(|one| one.to == mine).count();
    assert_eq!((to_me, taken.len()), (2, 8), "two before, none after");
}
