//! Bounds of a token, and settings that no verifier can work with.

use epay_tokens::{
    AppleKey, ApplePay, AppleRoots, Freshness, GoogleKey, GooglePay, GoogleRoots, SetupError,
    TOKEN_BYTES_MAX,
};
use serde_json::json;

use crate::vector::{Apple, Google, apple, google, row, text, verdict};

#[test]
fn a_token_may_have_as_many_bytes_as_the_bound_and_not_one_more() {
    let vector = Google::of(&row(google(), "ECv2-card"));
    let full = |bytes: usize| {
        let mut token = vector.token.clone();
        token.push_str(&" ".repeat(bytes - token.len()));
        verdict(&vector.open(token.as_bytes()))
    };
    assert_eq!(full(TOKEN_BYTES_MAX), "accept");
    assert_eq!(full(TOKEN_BYTES_MAX + 1), "reject:too-large");
    let vector = Apple::of(&row(apple(), "EC_v1-ec-card"));
    let large = format!("{}{}", vector.token, " ".repeat(TOKEN_BYTES_MAX));
    assert_eq!(verdict(&vector.open(large.as_bytes())), "reject:too-large");
}

#[test]
fn a_version_of_another_word_is_refused() {
    let vector = Google::of(&row(google(), "ECv2-card"));
    for version in ["ECv3", "ecv2", "", "ECv2 "] {
        let token = vector.token.replace("\"ECv2\"", &format!("\"{version}\""));
        assert_eq!(
            verdict(&vector.open(token.as_bytes())),
            "reject:unknown-version"
        );
    }
    let vector = Apple::of(&row(apple(), "EC_v1-ec-card"));
    let token = vector.token.to_string().replace("EC_v1", "EC_v2");
    assert_eq!(
        verdict(&vector.open(token.as_bytes())),
        "reject:unknown-version"
    );
    let token = vector.token.to_string().replace("EC_v1", "RSA_v1");
    assert_eq!(verdict(&vector.open(token.as_bytes())), "reject:malformed");
}

#[test]
fn a_token_without_a_root_of_its_version_is_refused() {
    let vector = Google::of(&row(google(), "ECv2-card"));
    let other = Google::of(&row(google(), "ECv1-card"));
    let judged = other.open(vector.token.as_bytes());
    assert_eq!(verdict(&judged), "reject:no-root-key");
}

#[test]
fn settings_that_do_not_fit_are_refused_when_they_are_read() {
    let row_ec = row(apple(), "EC_v1-ec-card");
    let row_rsa = row(apple(), "RSA_v1-rsa-card");
    let certificate = text(&row_ec, "merchantCertificatePem");
    let other_key = text(&row_rsa, "merchantPrivateKeyPem");
    let pair = AppleKey::from_pair(certificate, other_key);
    assert_eq!(pair.err(), Some(SetupError::NotAPair));
    let no_key = AppleKey::from_pair(certificate, "no key");
    assert!(matches!(no_key, Err(SetupError::BadPrivateKey(_))));
    let no_certificate = AppleKey::from_certificate("no certificate");
    assert!(matches!(no_certificate, Err(SetupError::BadCertificate(_))));
    for text in ["", " \n"] {
        assert!(matches!(
            AppleRoots::from_pem(text),
            Err(SetupError::Missing(_))
        ));
    }
    let no_root =
        AppleRoots::from_pem("-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----");
    assert!(matches!(no_root, Err(SetupError::BadCertificate(_))));
    let roots = AppleRoots::from_pem(text(&row_ec, "rootsPem")).unwrap();
    let nobody = ApplePay::new(roots, vec![], Freshness::default());
    assert!(matches!(nobody, Err(SetupError::Missing(_))));

    let google_row = row(google(), "ECv2-card");
    let key = &google_row["rootSigningKeys"][0]["keyValue"];
    for (list, missing) in [
        (json!({"keys": []}), true),
        (
            json!({"keys": [{"keyValue": key, "protocolVersion": "ECv9"}]}),
            true,
        ),
        (
            json!({"keys": [{"keyValue": key, "protocolVersion": "ECv2"}]}),
            false,
        ),
        (
            json!({"keys": [{"keyValue": "AA==", "protocolVersion": "ECv1"}]}),
            false,
        ),
        (
            json!({"keys": [{"keyValue": key, "protocolVersion": "ECv1", "keyExpiration": "soon"}]}),
            false,
        ),
        (json!({"keys": {}}), false),
        (json!([]), false),
    ] {
        let fault = GoogleRoots::from_json(&list.to_string()).err().unwrap();
        assert_eq!(matches!(fault, SetupError::Missing(_)), missing, "{list}");
    }
    let list = json!({ "keys": google_row["rootSigningKeys"] }).to_string();
    let roots = GoogleRoots::from_json(&list).unwrap();
    let nobody = GooglePay::new(roots, vec![], vec![]);
    assert!(matches!(nobody, Err(SetupError::Missing(_))));
    assert!(GoogleKey::from_pkcs8_base64("AAAA").is_err());
    assert!(GoogleKey::from_pem(other_key).is_err());
    assert!(GoogleKey::from_pem(text(&row_ec, "merchantPrivateKeyPem")).is_ok());
}
