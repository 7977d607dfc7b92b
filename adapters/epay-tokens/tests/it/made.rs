//! Every kept vector is judged as its row says, opened and passed on alike.

use secrecy::ExposeSecret as _;

use crate::vector::{Apple, Google, apple, google, row, taken, text, verdict};

/// Rules that only show once a token is open.
const INSIDE: [&str; 8] = [
    "reject:cannot-decrypt",
    "reject:message-expired",
    "reject:bad-payment",
    "reject:wrong-amount",
    "reject:wrong-currency",
    "reject:wrong-application-data",
    "reject:malformed",
    "accept",
];

#[test]
fn google_tokens_are_judged_as_marked() {
    for row in google() {
        let (id, expect) = (text(&row, "id"), text(&row, "expect"));
        let vector = Google::of(&row);
        let opened = vector.open(vector.token.as_bytes());
        assert_eq!(verdict(&opened), expect, "{id}");
        let passed_on = verdict(&vector.verify(vector.token.as_bytes()));
        let inside = INSIDE.contains(&expect) && passed_on == "accept";
        assert!(passed_on == expect || inside, "{id}: {passed_on}");
        if let Ok((verified, payment)) = opened {
            assert_eq!(payment.card.number.expose_secret(), "4111111111111111");
            assert_eq!(
                (payment.card.expiry_year, payment.card.expiry_month),
                (2028, 12)
            );
            assert_eq!(
                payment.card.cryptogram.is_some(),
                id.ends_with("device-card")
            );
            assert!(verified.message_id.is_some() && verified.expires_at > Some(vector.at));
        }
    }
}

#[test]
fn apple_tokens_are_judged_as_marked() {
    for row in apple() {
        let (id, expect) = (text(&row, "id"), text(&row, "expect"));
        let vector = Apple::of(&row);
        let token = vector.token.to_string();
        let opened = vector.open(token.as_bytes());
        assert_eq!(verdict(&opened), expect, "{id}");
        let passed_on = verdict(&vector.verify(token.as_bytes()));
        let inside = INSIDE.contains(&expect) && passed_on == "accept";
        let elsewhere = id.ends_with("another-merchant") && passed_on == "reject:wrong-recipient";
        assert!(
            passed_on == expect || inside || elsewhere,
            "{id}: {passed_on}"
        );
        if let Ok((verified, payment)) = opened {
            assert_eq!(payment.card.number.expose_secret(), "4111111111111111");
            assert_eq!(
                (payment.card.expiry_year, payment.card.expiry_month),
                (2028, 12)
            );
            assert_eq!(payment.approved, Some((12_345, "344".to_owned())));
            assert_eq!(
                verified.transaction_id,
                vector.token["header"]["transactionId"]
            );
            assert_eq!(
                verified.replay_key(),
                format!("apple:{}", verified.transaction_id)
            );
        }
    }
}

#[test]
fn a_token_for_another_recipient_of_the_same_house_is_called_that() {
    for row in taken(google()) {
        let vector = Google::of(&row);
        let house = epay_tokens::GooglePay::new(
            roots(&row),
            vec![
                vector.recipient.clone(),
                "merchant:other-department".to_owned(),
            ],
            vec![],
        )
        .unwrap();
        let judge =
            |recipient| verdict(&house.verify(vector.token.as_bytes(), recipient, vector.at));
        assert_eq!(judge(&vector.recipient), "accept");
        assert_eq!(judge("merchant:other-department"), "reject:wrong-recipient");
        assert_eq!(judge("merchant:nobody"), "reject:wrong-recipient");
    }
}

fn roots(row: &serde_json::Value) -> epay_tokens::GoogleRoots {
    let list = serde_json::json!({ "keys": row["rootSigningKeys"] }).to_string();
    epay_tokens::GoogleRoots::from_json(&list).unwrap()
}

#[test]
fn the_same_message_has_the_same_replay_key_whatever_is_around_it() {
    let vector = Google::of(&row(google(), "ECv2-card"));
    let (one, _) = vector.open(vector.token.as_bytes()).unwrap();
    let spaced = vector.token.replacen(':', " : ", 1);
    let (two, _) = vector.open(spaced.as_bytes()).unwrap();
    assert_eq!(one.replay_key(), two.replay_key());
}
