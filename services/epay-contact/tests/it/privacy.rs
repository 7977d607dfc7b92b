//! What a person may count on: to be shown, changed and forgotten, and to learn who looked.

use epay_contact::{Change, ContactError, FormAnswer, NewForm, Purpose, Reader};
use epay_notice::Channel;

use crate::support::{
    EMAIL, House, IDENTITY, TELEPHONE, id, kind, now, person, point, reader, somebody, wish,
};

/// A form that the sign-in service filled in, and that its person has not read.
async fn form_told(house: &House) {
    let identity = point(Channel::IamSmartPush, IDENTITY);
    let form = NewForm {
        id: id(9),
        identity: &identity,
        state: "state-1",
        at: now(),
    };
    house.contacts.ask_form(&form).await.unwrap();
    let told = FormAnswer {
        id: id(9),
        state: "state-1".to_owned(),
        given: Some(vec![
            point(Channel::Sms, TELEPHONE),
            point(Channel::Email, EMAIL),
        ]),
    };
    house.contacts.hear_form(&told, now()).await.unwrap();
}

#[tokio::test]
async fn no_table_holds_a_contact_before_a_person_is_forgotten_or_after() {
    let house = House::new().await;
    let water = kind("wsd-water");
    let mut one = somebody(1);
    one.points.push(point(Channel::IamSmartPush, IDENTITY));
    house.contacts.create(&one).await.unwrap();
    house.contacts.create(&somebody(2)).await.unwrap();
    house
        .contacts
        .subscribe(&wish((1, 1), &water, "987654321001"))
        .await
        .unwrap();
    form_told(&house).await;
    let client = house.superuser().await;
    let before = house.database.rows().await;
    let secrets = [TELEPHONE, EMAIL, "canary", IDENTITY, "9876543210"];
    for secret in secrets {
        assert_eq!(before.holding(secret), [""; 0], "{secret}");
    }
    // The search itself finds what is there.
    for word in ["wsd-water", "portal"] {
        assert!(!before.holding(word).is_empty(), "{word}");
    }

    let of = ("desk", now());
    house.contacts.erase(person(1), id(500), of).await.unwrap();
    house.contacts.erase(person(1), id(501), of).await.unwrap();
    let after = house.database.rows().await;
    for secret in secrets.into_iter().chain(["wsd-water"]) {
        assert_eq!(after.holding(secret), [""; 0], "{secret}");
    }
    // The data key is gone, so what an older copy of the rows holds opens no more.
    let keys = "SELECT count(*) FROM contact.person WHERE data_key IS NOT NULL";
    assert_eq!(
        client.query_one(keys, &[]).await.unwrap().get::<_, i64>(0),
        1
    );
    let consents =
        "SELECT given, words, client FROM contact.consent WHERE person_id = $1 ORDER BY consent_id";
    let rows = client.query(consents, &[&id(1)]).await.unwrap();
    let rows: Vec<(bool, &str, &str)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect();
    assert_eq!(
        rows,
        [(false, "2026-11", "desk"), (true, "2026-11", "portal")]
    );

    let nobody = house.contacts.view(&reader(), person(1)).await;
    assert!(matches!(nobody, Err(ContactError::NoPerson)), "{nobody:?}");
    assert!(
        house
            .contacts
            .preferences(&[person(1)])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        house
            .contacts
            .open(&reader(), &[person(1)])
            .await
            .unwrap()
            .is_empty()
    );
    let never = house.contacts.erase(person(9), id(502), of).await;
    assert!(matches!(never, Err(ContactError::NoPerson)), "{never:?}");
    // Who is forgotten may come again, as somebody new.
    one.id = person(3);
    one.consent.id = id(503);
    house.contacts.create(&one).await.unwrap();
}

#[tokio::test]
async fn a_person_is_shown_masked_and_changes_what_is_wanted() {
    let house = House::new().await;
    house.contacts.create(&somebody(1)).await.unwrap();
    let owner = Reader {
        purpose: Purpose::ShowToOwner,
        ..reader()
    };
    let shown = house.contacts.view(&owner, person(1)).await.unwrap();
    let masked: Vec<(Channel, &str)> = shown
        .points
        .iter()
        .map(|(on, text)| (*on, text.as_str()))
        .collect();
    assert_eq!(
        masked,
        [
            (Channel::Sms, "•••• 001"),
            (Channel::Email, "c•••@example.org")
        ]
    );
    assert_eq!(shown.consent, Some(("2026-11".to_owned(), now())));

    let change = Change {
        reminders: Some(false),
        quiet: Some(None),
        points: vec![point(Channel::Email, "other@example.org")],
        removed: vec![Channel::Sms],
        version: Some(shown.version),
        ..Change::default()
    };
    let of = ("portal", now());
    house.contacts.change(person(1), &change, of).await.unwrap();
    let late = house.contacts.change(person(1), &change, of).await;
    assert!(
        matches!(late, Err(ContactError::VersionDiffers)),
        "{late:?}"
    );
    let shown = house.contacts.view(&owner, person(1)).await.unwrap();
    assert_eq!(
        shown.points,
        [(Channel::Email, "o•••@example.org".to_owned())]
    );
    assert_eq!(shown.preferences.channels, [Channel::Email]);
    assert!(!shown.preferences.reminders && shown.preferences.quiet.is_none());

    let nowhere = Change {
        channels: Some(vec![Channel::Sms]),
        ..Change::default()
    };
    let refused = house.contacts.change(person(1), &nowhere, of).await;
    assert!(matches!(refused, Err(ContactError::Ways)), "{refused:?}");
    let other = Change {
        points: vec![point(Channel::IamSmartPush, IDENTITY)],
        ..Change::default()
    };
    let refused = house.contacts.change(person(1), &other, of).await;
    assert!(
        matches!(refused, Err(ContactError::IdentityStays)),
        "{refused:?}"
    );
}
