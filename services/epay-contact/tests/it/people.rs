//! People come, want things, are found by their accounts, and are looked at under their own role only.

use std::collections::HashMap;

use epay_contact::{ACCOUNTS_MAX, ContactError, SUBSCRIBERS_MAX};
use epay_notice::Channel;
use secrecy::ExposeSecret;

use crate::support::{
    EMAIL, House, IDENTITY, TELEPHONE, id, kind, now, person, point, reader, somebody, wish,
};

#[tokio::test]
async fn what_was_written_is_found_and_every_opening_is_written_down() {
    let house = House::new().await;
    let one = somebody(1);
    house.contacts.create(&one).await.unwrap();
    let wanted = house.contacts.preferences(&[person(1), person(9)]).await;
    assert_eq!(
        wanted.unwrap(),
        HashMap::from([(person(1), one.preferences)])
    );

    let client = house.superuser().await;
    let reads = "SELECT person_id, reader, purpose, channels, at FROM contact.read";
    assert!(client.query(reads, &[]).await.unwrap().is_empty());
    let opened = house
        .contacts
        .open(&reader(), &[person(1), person(9)])
        .await;
    let opened = opened.unwrap();
    assert_eq!(opened.len(), 1);
    let addresses = &opened[&person(1)];
    let address = |channel| addresses.on(channel).map(ExposeSecret::expose_secret);
    assert_eq!(address(Channel::Sms), Some(TELEPHONE));
    assert_eq!(address(Channel::Email), Some(EMAIL));
    assert_eq!(address(Channel::IamSmartPush), None);
    let rows = client.query(reads, &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.get::<_, uuid::Uuid>(0), id(1));
    assert_eq!(row.get::<_, &str>(1), "worker");
    assert_eq!(row.get::<_, &str>(2), "send_notice");
    assert_eq!(row.get::<_, Vec<&str>>(3), ["sms", "email"]);
    assert_eq!(row.get::<_, jiff::Timestamp>(4), now());
}

#[tokio::test]
async fn who_is_there_cannot_come_again_and_ways_need_addresses() {
    let house = House::new().await;
    let mut known = somebody(1);
    known.points.push(point(Channel::IamSmartPush, IDENTITY));
    house.contacts.create(&known).await.unwrap();
    let again = house.contacts.create(&somebody(1)).await;
    assert!(
        matches!(again, Err(ContactError::PersonIsThere)),
        "{again:?}"
    );
    // Another id, another key in front, and the same person at the sign-in service.
    known.id = person(2);
    known.consent.id = id(77);
    let again = house.with_keys(&[2, 1]).create(&known).await;
    assert!(
        matches!(again, Err(ContactError::PersonIsThere)),
        "{again:?}"
    );

    let mut twice = somebody(3);
    twice.points.push(point(Channel::Sms, "6123 0002"));
    let mut nowhere = somebody(4);
    nowhere.preferences.channels.push(Channel::IamSmartPush);
    let mut doubled = somebody(5);
    doubled.preferences.channels.push(Channel::Sms);
    for person in [twice, nowhere, doubled] {
        let refused = house.contacts.create(&person).await;
        assert!(matches!(refused, Err(ContactError::Ways)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_subscription_is_to_the_account_and_finds_its_next_bill() {
    let house = House::new().await;
    let (water, sewage) = (kind("wsd-water"), kind("wsd-sewage"));
    for number in [1, 2] {
        house.contacts.create(&somebody(number)).await.unwrap();
        let wish = wish((number, number), &water, "000123456701");
        let account = house.contacts.subscribe(&wish).await.unwrap();
        assert_eq!((account.id, account.tail.as_str()), (id(number), "4567"));
    }
    let keys = house.contacts.keys();
    // The next bill of the account, another account, another kind with the same digits.
    let asked = [
        keys.account(&water, "000123456702"),
        keys.account(&water, "000123456801"),
        keys.account(&sewage, "000123456701"),
    ];
    let found = house.contacts.subscribers(&asked).await.unwrap();
    let people: Vec<_> = found.iter().map(|one| (&one.account, one.person)).collect();
    assert_eq!(people, [(&asked[0], person(1)), (&asked[0], person(2))]);
    assert!(found.iter().all(|one| one.since == now()));

    // Again is the same; what was taken back finds nobody.
    let again = wish((3, 1), &water, "000123456709");
    assert_eq!(house.contacts.subscribe(&again).await.unwrap().id, id(1));
    for number in [1, 2] {
        house
            .contacts
            .unsubscribe(person(number), id(number), now())
            .await
            .unwrap();
    }
    assert!(house.contacts.subscribers(&asked).await.unwrap().is_empty());
    let nobody = house
        .contacts
        .subscribe(&wish((4, 9), &water, "000123456701"))
        .await;
    assert!(matches!(nobody, Err(ContactError::NoPerson)), "{nobody:?}");
}

#[tokio::test]
async fn accounts_and_people_have_their_bounds() {
    let house = House::new().await;
    let water = kind("wsd-water");
    house.contacts.create(&somebody(1)).await.unwrap();
    let numbers: Vec<String> = (0..=ACCOUNTS_MAX)
        .map(|one| format!("{one:010}00"))
        .collect();
    let mut refused = 0;
    for (place, number) in (1_u128..).zip(&numbers) {
        match house
            .contacts
            .subscribe(&wish((place, 1), &water, number))
            .await
        {
            Ok(_account) => assert!(refused == 0),
            Err(ContactError::TooManyAccounts { most }) => refused += most,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refused, ACCOUNTS_MAX);
    assert_eq!(
        house.contacts.accounts(person(1)).await.unwrap().len(),
        ACCOUNTS_MAX
    );

    let mut crowd = 0;
    for number in (2_u128..).take(SUBSCRIBERS_MAX + 1) {
        house.contacts.create(&somebody(number)).await.unwrap();
        let wish = wish((number * 1_000, number), &water, "999999999900");
        match house.contacts.subscribe(&wish).await {
            Ok(_account) => crowd += 1,
            Err(ContactError::TooManySubscribers { most }) => assert_eq!(crowd, most),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(crowd, SUBSCRIBERS_MAX);
}

#[tokio::test]
async fn a_row_that_was_moved_or_whose_key_is_gone_does_not_open() {
    let house = House::new().await;
    for number in [1, 2] {
        house.contacts.create(&somebody(number)).await.unwrap();
    }
    let gone = house.with_keys(&[2]).open(&reader(), &[person(1)]).await;
    assert!(matches!(gone, Err(ContactError::Sealed { .. })), "{gone:?}");
    let client = house.superuser().await;
    // Somebody with every right gives one person the other's mailbox.
    let swap = "UPDATE contact.point AS p SET sealed = o.sealed FROM contact.point AS o \
                WHERE p.person_id = $1 AND o.person_id = $2 AND p.channel = 'email' AND o.channel = 'email'";
    client.execute(swap, &[&id(1), &id(2)]).await.unwrap();
    let moved = house
        .contacts
        .open(&reader(), &[person(1), person(2)])
        .await;
    assert!(
        matches!(moved, Err(ContactError::Sealed { person: whose, .. }) if whose == person(1)),
        "{moved:?}"
    );
    // Nothing was opened, so nothing was written down.
    let reads = client
        .query_one("SELECT count(*) FROM contact.read", &[])
        .await
        .unwrap();
    assert_eq!(reads.get::<_, i64>(0), 0);
    assert_eq!(
        house
            .contacts
            .open(&reader(), &[person(2)])
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn contacts_are_closed_to_who_keeps_bills_and_bills_to_who_keeps_contacts() {
    let house = House::new().await;
    house.contacts.create(&somebody(1)).await.unwrap();
    let rows: [(&str, &[&str]); 2] = [
        (
            "epay_service",
            &[
                "SELECT 1 FROM contact.person",
                "SELECT 1 FROM contact.point",
                "SELECT 1 FROM contact.read",
            ],
        ),
        (
            "epay_contact",
            &[
                "SELECT 1 FROM epay.bill",
                "SELECT 1 FROM epay.payment",
                "DELETE FROM contact.person",
                "DELETE FROM contact.consent",
                "UPDATE contact.read SET reader = 'nobody'",
                "UPDATE contact.consent SET given = false",
            ],
        ),
    ];
    for (role, statements) in rows {
        let client = house.as_role(role).await;
        for statement in statements {
            let refused = client.execute(*statement, &[]).await.unwrap_err();
            let code = refused.code().map(tokio_postgres::error::SqlState::code);
            assert_eq!(code, Some("42501"), "{role}: {statement}");
        }
    }
}
