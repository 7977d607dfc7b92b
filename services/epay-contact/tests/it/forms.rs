//! Forms that the sign-in service fills in: kept for minutes, sealed, for one person.

use epay_contact::{
    Contacts, FORM_SECONDS, FormAnswer, FormEffect, FormState, NewForm, Point, Purpose, Reader,
};
use epay_notice::Channel;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

use crate::support::{EMAIL, House, IDENTITY, TELEPHONE, id, now, person, point, somebody};

const STATE: &str = "state-1";

fn identity(text: &str) -> Point {
    point(Channel::IamSmartPush, text)
}

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

async fn ask(contacts: &Contacts, number: u128, at: Timestamp) {
    let identity = identity(IDENTITY);
    let new = NewForm {
        id: id(number),
        identity: &identity,
        state: STATE,
        at,
    };
    contacts.ask_form(&new).await.unwrap();
}

fn filled(number: u128) -> FormAnswer {
    FormAnswer {
        id: id(number),
        state: STATE.to_owned(),
        given: Some(vec![
            point(Channel::Sms, TELEPHONE),
            point(Channel::Email, EMAIL),
        ]),
    }
}

/// How a form looks for somebody at a time: nothing, a word, or the addresses.
async fn seen(contacts: &Contacts, number: u128, (who, at): (&str, Timestamp)) -> String {
    let reader = Reader {
        name: "portal".to_owned(),
        purpose: Purpose::ShowToOwner,
        at,
    };
    let who = identity(who);
    let form = contacts.form(&reader, (id(number), &who)).await;
    match form.unwrap().map(|view| view.state) {
        None => "nothing".to_owned(),
        Some(FormState::Asked) => "asked".to_owned(),
        Some(FormState::Refused) => "refused".to_owned(),
        Some(FormState::Filled(addresses)) => {
            let ways = [Channel::Sms, Channel::Email].into_iter();
            let there = ways.filter_map(|way| addresses.on(way));
            let there: Vec<&str> = there.map(|address| address.expose_secret()).collect();
            there.join(" ")
        }
    }
}

#[tokio::test]
async fn what_is_told_is_kept_once_and_shown_to_whom_it_was_asked_of_until_it_is_over() {
    let house = House::new().await;
    let contacts = &house.contacts;
    ask(contacts, 1, now()).await;
    assert_eq!(seen(contacts, 1, (IDENTITY, now())).await, "asked");
    let other_state = FormAnswer {
        state: "another".to_owned(),
        ..filled(1)
    };
    let nothing = FormAnswer {
        given: None,
        ..filled(1)
    };
    let table = [
        (filled(2), 0, FormEffect::Foreign),
        (other_state, 0, FormEffect::Foreign),
        (filled(1), FORM_SECONDS + 1, FormEffect::Late),
        (filled(1), FORM_SECONDS, FormEffect::Kept),
        (filled(1), 0, FormEffect::Known),
        (nothing, 0, FormEffect::Known),
    ];
    for (answer, seconds, effect) in table {
        let heard = contacts.hear_form(&answer, after(seconds)).await.unwrap();
        assert_eq!(heard, effect, "{answer:?} after {seconds}");
    }
    let whole = format!("{TELEPHONE} {EMAIL}");
    let rows = [
        (IDENTITY, 0, whole.as_str()),
        (IDENTITY, FORM_SECONDS, whole.as_str()),
        (IDENTITY, FORM_SECONDS + 1, "nothing"),
        ("somebody-else", 0, "nothing"),
    ];
    for (who, seconds, expected) in rows {
        let seen = seen(contacts, 1, (who, after(seconds))).await;
        assert_eq!(seen, expected, "{who} after {seconds}");
    }
}

#[tokio::test]
async fn a_person_has_one_form_and_what_is_discarded_or_over_is_gone() {
    let house = House::new().await;
    let contacts = &house.contacts;
    ask(contacts, 1, now()).await;
    ask(contacts, 2, now()).await;
    assert_eq!(seen(contacts, 1, (IDENTITY, now())).await, "nothing");
    let refused = FormAnswer {
        given: None,
        ..filled(2)
    };
    contacts.hear_form(&refused, now()).await.unwrap();
    assert_eq!(seen(contacts, 2, (IDENTITY, now())).await, "refused");
    let stranger = identity("somebody-else");
    contacts.discard_form(id(2), &stranger).await.unwrap();
    assert_eq!(seen(contacts, 2, (IDENTITY, now())).await, "refused");
    for _again in 0..2 {
        contacts
            .discard_form(id(2), &identity(IDENTITY))
            .await
            .unwrap();
        assert_eq!(seen(contacts, 2, (IDENTITY, now())).await, "nothing");
    }
    ask(contacts, 3, now()).await;
    for (seconds, removed) in [
        (FORM_SECONDS, 0),
        (FORM_SECONDS + 1, 1),
        (FORM_SECONDS + 1, 0),
    ] {
        assert_eq!(
            contacts.remove_forms(after(seconds)).await.unwrap(),
            removed
        );
    }
}

#[tokio::test]
async fn whoever_reads_a_form_is_written_down_under_the_person_or_the_form() {
    let house = House::new().await;
    let contacts = &house.contacts;
    ask(contacts, 1, now()).await;
    contacts.hear_form(&filled(1), now()).await.unwrap();
    seen(contacts, 1, (IDENTITY, now())).await;
    let mut one = somebody(7);
    one.points.push(identity(IDENTITY));
    contacts.create(&one).await.unwrap();
    seen(contacts, 1, (IDENTITY, now())).await;
    seen(contacts, 1, ("somebody-else", now())).await;
    let client = house.superuser().await;
    let query = "SELECT person_id FROM contact.read ORDER BY read_id";
    let rows = client.query(query, &[]).await.unwrap();
    let read: Vec<uuid::Uuid> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(read, [id(1), id(7)]);
    // Who is forgotten leaves no form behind.
    let of = ("desk", now());
    contacts.erase(person(7), id(500), of).await.unwrap();
    assert_eq!(seen(contacts, 1, (IDENTITY, now())).await, "nothing");
}
