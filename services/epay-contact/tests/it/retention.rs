//! What is past its time goes, in pieces, and nothing else does: with time as an argument, and the database's own clock as the last word on what
//! the role that keeps people may not remove.

use epay_contact::{Change, ContactError, FORGOTTEN_KEPT, IDLE_KEPT, Purpose, ReadFilter, Reader};
use epay_notice::Channel;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::support::{House, id, kind, now, person, reader, somebody, wish};

#[tokio::test]
async fn it_is_known_for_two_years_who_looked() {
    let house = House::new().await;
    house.contacts.create(&somebody(1)).await.unwrap();
    let old = Reader {
        at: "2020-01-01T00:00:00Z".parse().unwrap(),
        purpose: Purpose::AnswerRequest,
        ..reader()
    };
    // The database looks at its own clock.
    let new = Reader {
        at: Timestamp::now(),
        ..reader()
    };
    for who in [&old, &new, &new] {
        house.contacts.open(who, &[person(1)]).await.unwrap();
    }
    let page = |before| ReadFilter {
        person: Some(person(1)),
        before,
        size: 2,
    };
    let (first, next) = house.contacts.reads(page(None)).await.unwrap();
    assert_eq!(first.len(), 2);
    let (second, end) = house.contacts.reads(page(next)).await.unwrap();
    assert_eq!((second.len(), end), (1, None));
    assert_eq!(second[0].purpose, "answer_request");
    assert_eq!(second[0].channels, [Channel::Sms, Channel::Email]);

    // What is not old enough stays, even for a clock that is far ahead.
    let ahead = new.at.checked_add(87_600.hours()).unwrap();
    assert_eq!(house.contacts.remove_reads(ahead).await.unwrap(), 1);
    assert_eq!(house.contacts.remove_reads(ahead).await.unwrap(), 0);
    assert_eq!(house.contacts.reads(page(None)).await.unwrap().0.len(), 2);
    let client = house.as_role("epay_contact").await;
    let refused = client
        .execute("DELETE FROM contact.read", &[])
        .await
        .unwrap_err();
    assert_eq!(refused.code().map(|code| code.code()), Some("42501"));
}

/// How many people are there who are not forgotten.
async fn known(house: &House) -> usize {
    let people: Vec<_> = (1..=4).map(person).collect();
    house.contacts.preferences(&people).await.unwrap().len()
}

#[tokio::test]
async fn who_hears_of_nothing_for_a_year_is_forgotten_and_who_does_is_not() {
    let house = House::new().await;
    let water = kind("wsd-water");
    for number in 1..=4 {
        house.contacts.create(&somebody(number)).await.unwrap();
    }
    // 1 never follows anything; 2 does, and stops half a year later; 3 goes on; 4 follows nothing, and changes something half a year later.
    for number in [2, 3] {
        let wish = wish((number, number), &water, "000123456701");
        house.contacts.subscribe(&wish).await.unwrap();
    }
    let half = SignedDuration::from_hours(24 * 180);
    let later = now().checked_add(half).unwrap();
    house
        .contacts
        .unsubscribe(person(2), id(2), later)
        .await
        .unwrap();
    let change = Change {
        reminders: Some(false),
        ..Change::default()
    };
    let by = ("portal", later);
    house.contacts.change(person(4), &change, by).await.unwrap();

    let second = SignedDuration::from_secs(1);
    let year = now().checked_add(IDLE_KEPT).unwrap();
    let rows = [
        (year, 0, 4),
        (year.checked_add(second).unwrap(), 1, 3),
        (year.checked_add(half).unwrap(), 0, 3),
        (
            year.checked_add(half).unwrap().checked_add(second).unwrap(),
            2,
            1,
        ),
        (year.checked_add(half * 9).unwrap(), 0, 1),
    ];
    let mut records = 9_000_u128;
    for (at, forgotten, left) in rows {
        let next = || {
            records += 1;
            id(records)
        };
        let done = house.contacts.forget_idle(at, next).await.unwrap();
        assert_eq!((done, known(&house).await), (forgotten, left), "{at}");
    }
    let client = house.superuser().await;
    let points = "SELECT DISTINCT person_id FROM contact.point";
    let points = client.query(points, &[]).await.unwrap();
    let points: Vec<uuid::Uuid> = points.iter().map(|row| row.get(0)).collect();
    assert_eq!(points, [id(3)], "nobody else's address is left");
    let said = "SELECT count(*) FROM contact.consent WHERE NOT given AND client = 'retention'";
    let said: i64 = client.query_one(said, &[]).await.unwrap().get(0);
    assert_eq!(said, 3, "and it is written down why");
}

#[tokio::test]
async fn it_is_known_for_seven_years_that_a_person_was_forgotten() {
    let house = House::new().await;
    let erased: [(u128, Timestamp); 2] = [
        (1, "2016-01-01T00:00:00Z".parse().unwrap()),
        // The database looks at its own clock.
        (2, Timestamp::now()),
    ];
    for (number, at) in erased {
        house.contacts.create(&somebody(number)).await.unwrap();
        let record = id(8_000 + number);
        let by = ("desk", at);
        house
            .contacts
            .erase(person(number), record, by)
            .await
            .unwrap();
    }
    house.contacts.create(&somebody(3)).await.unwrap();
    // Too early for everybody, in time for one, and by a clock that is far ahead.
    let rows = [
        (erased[0].1.checked_add(FORGOTTEN_KEPT).unwrap(), 0),
        (Timestamp::now(), 1),
        (Timestamp::now().checked_add(FORGOTTEN_KEPT * 3).unwrap(), 0),
    ];
    for (at, removed) in rows {
        assert_eq!(house.contacts.remove_forgotten(at).await.unwrap(), removed);
    }
    let gone = house
        .contacts
        .erase(person(1), id(8_100), ("desk", now()))
        .await;
    assert!(matches!(gone, Err(ContactError::NoPerson)), "{gone:?}");
    let client = house.superuser().await;
    let left = "SELECT DISTINCT person_id FROM contact.consent ORDER BY person_id";
    let left = client.query(left, &[]).await.unwrap();
    let left: Vec<uuid::Uuid> = left.iter().map(|row| row.get(0)).collect();
    assert_eq!(left, [id(2), id(3)]);
    let client = house.as_role("epay_contact").await;
    for statement in ["DELETE FROM contact.person", "DELETE FROM contact.consent"] {
        let refused = client.execute(statement, &[]).await.unwrap_err();
        assert_eq!(refused.code().map(|code| code.code()), Some("42501"));
    }
}
