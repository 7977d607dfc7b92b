//! What a token holds is shown to nobody: not by `Debug`, not by an error.

use epay_tokens::{AppleToken, GoogleToken};
use secrecy::ExposeSecret as _;

use crate::vector::{Apple, Google, apple, google, taken};

const NUMBER: &str = "4111111111111111";

#[test]
fn no_debug_output_shows_a_number_or_a_cryptogram() {
    let mut shown = Vec::new();
    for row in taken(google()) {
        let vector = Google::of(&row);
        let token = GoogleToken::parse(vector.token.as_bytes()).unwrap();
        let (verified, payment) = vector.open(vector.token.as_bytes()).unwrap();
        let proof = payment
            .card
            .cryptogram
            .as_ref()
            .map(|proof| proof.expose_secret().to_owned());
        let text = format!(
            "{token:?} {verified:?} {payment:?} {:?} {:?}",
            payment.card, vector.pay
        );
        shown.push((text, proof));
    }
    for row in taken(apple()) {
        let vector = Apple::of(&row);
        let text = vector.token.to_string();
        let token = AppleToken::parse(text.as_bytes()).unwrap();
        let (verified, payment) = vector.open(text.as_bytes()).unwrap();
        let proof = payment
            .card
            .cryptogram
            .as_ref()
            .map(|proof| proof.expose_secret().to_owned());
        let text = format!("{token:?} {verified:?} {payment:?} {:?}", vector.opens);
        shown.push((text, proof));
    }
    for (text, proof) in shown {
        assert!(!text.contains(NUMBER), "{text}");
        assert!(proof.is_none_or(|proof| !text.contains(&proof)), "{text}");
    }
}
