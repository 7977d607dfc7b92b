//! A key is changed for another while people are told of bills.

use epay_contact::{ContactError, KeyFault};
use epay_notice::Channel;
use secrecy::SecretSlice;

use crate::support::{House, IDENTITY, id, keys, kind, person, point, reader, somebody, wish};

#[tokio::test]
async fn people_are_taken_over_to_a_new_key_and_the_old_one_may_go() {
    let house = House::new().await;
    let water = kind("wsd-water");
    for number in 1..=3 {
        let mut one = somebody(number);
        if number == 1 {
            one.points.push(point(Channel::IamSmartPush, IDENTITY));
        }
        house.contacts.create(&one).await.unwrap();
        let wish = wish((number, number), &water, "000123456701");
        house.contacts.subscribe(&wish).await.unwrap();
    }
    let client = house.superuser().await;
    // Of one person, the row was altered: the others do not wait for it.
    let alter =
        "UPDATE contact.person SET data_key = decode(repeat('00', 60), 'hex') WHERE person_id = $1";
    client.execute(alter, &[&id(2)]).await.unwrap();

    let both = house.with_keys(&[2, 1]);
    // Between the keys everybody is found, old and new.
    both.create(&somebody(4)).await.unwrap();
    both.subscribe(&wish((4, 4), &water, "000123456701"))
        .await
        .unwrap();
    let account = both.keys().account(&water, "000123456702");
    assert_eq!(both.subscribers(&[account]).await.unwrap().len(), 4);

    let rotated = both.rotate(None).await.unwrap();
    assert_eq!((rotated.people, rotated.next), (2, None));
    assert_eq!(rotated.unopened, [person(2)]);
    let again = both.rotate(None).await.unwrap();
    assert_eq!((again.people, again.unopened.len()), (0, 1));
    let mut counts: Vec<u64> = both.people_by_key().await.unwrap().into_values().collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 3]);

    let new = house.with_keys(&[2]);
    let account = new.keys().account(&water, "000123456702");
    let mut found: Vec<_> = new
        .subscribers(&[account])
        .await
        .unwrap()
        .into_iter()
        .map(|one| one.person)
        .collect();
    found.sort_unstable();
    assert_eq!(found, [person(1), person(3), person(4)]);
    let identity = point(Channel::IamSmartPush, IDENTITY);
    assert_eq!(new.find(&identity).await.unwrap(), Some(person(1)));
    let opened = new
        .open(&reader(), &[person(1), person(3), person(4)])
        .await;
    assert_eq!(opened.unwrap().len(), 3);
    let old = house.contacts.open(&reader(), &[person(1)]).await;
    assert!(matches!(old, Err(ContactError::Sealed { .. })), "{old:?}");
}

#[test]
fn keys_are_long_enough_few_enough_and_each_there_once() {
    let secret = |byte: u8, length: usize| SecretSlice::<u8>::from(vec![byte; length]);
    let rows = [
        (vec![], KeyFault::Missing),
        (vec![secret(1, 31)], KeyFault::TooShort),
        (vec![secret(1, 32), secret(1, 32)], KeyFault::Twice),
        (
            (1..=5).map(|byte| secret(byte, 32)).collect(),
            KeyFault::TooMany,
        ),
    ];
    for (secrets, expected) in rows {
        let fault = epay_contact::ContactKeys::new(&secrets).unwrap_err();
        assert_eq!(fault, expected);
    }
    // A key is known by its name, which tells nothing of it.
    let printed = format!("{:?}", keys(&[1, 2]));
    assert_eq!(
        printed.len(),
        "{\"0011223344556677\", \"0011223344556677\"}".len(),
        "{printed}"
    );
}
