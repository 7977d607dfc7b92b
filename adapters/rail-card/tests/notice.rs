//! Who may tell us something, and what we believe of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::RailId;
use epay_rail::{Door, NotGenuine, Rail, Unverified};
use jiff::Timestamp;

const OLD: &str = "old-notification-secret";
const NEW: &str = "new-notification-secret";

fn rail(secrets: &[&str]) -> Box<dyn Rail> {
    let settings = format!("notification_secrets = {secrets:?}");
    rail_card::open(&RailId::new("card-b").unwrap(), &settings).unwrap()
}

fn judge(rail: &dyn Rail, headers: &[(&str, &str)], body: &[u8]) -> Result<String, NotGenuine> {
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let message = Unverified {
        door: Door::Notice {
            target: "/rails/card-b/notices",
        },
        headers: &headers,
        body,
        received_at: Timestamp::UNIX_EPOCH,
    };
    rail.authenticate(&message).map(|genuine| {
        assert_eq!(genuine.acknowledgement.status, 200);
        genuine.message_id
    })
}

/// Headers, body, and the name of the message or why it is not believed.
type Row<'a> = (
    &'a [(&'a str, &'a str)],
    &'a [u8],
    Result<String, NotGenuine>,
);

#[test]
fn a_notification_needs_one_of_the_secrets_and_a_name() {
    let (secret, id) = ("x-notification-secret", "x-notification-id");
    let malformed = |name| Err(NotGenuine::Malformed { name });
    let missing = |name| Err(NotGenuine::Missing { name });
    let rows: [Row<'_>; 10] = [
        (&[(secret, OLD), (id, "N-1")], b"{}", Ok("N-1".to_owned())),
        (&[(secret, NEW), (id, "N-1")], b" {}", Ok("N-1".to_owned())),
        (
            &[(secret, "x"), (id, "N-1")],
            b"{}",
            Err(NotGenuine::BadSignature),
        ),
        (
            &[(secret, ""), (id, "N-1")],
            b"{}",
            Err(NotGenuine::BadSignature),
        ),
        (&[(id, "N-1")], b"{}", Err(NotGenuine::NoDoor)),
        (
            &[(secret, OLD), (secret, OLD), (id, "N-1")],
            b"{}",
            missing(secret),
        ),
        (&[(secret, OLD)], b"{}", missing(id)),
        (&[(secret, OLD), (id, "N 1")], b"{}", malformed(id)),
        // The shared secret opens no way for a settlement file.
        (
            &[(secret, OLD), (id, "N-1")],
            b"H,EPAY-CARD-SETTLEMENT",
            malformed("body"),
        ),
        (&[(secret, OLD), (id, "N-1")], b"", malformed("body")),
    ];
    let rail = rail(&[OLD, NEW]);
    for (headers, body, expected) in rows {
        assert_eq!(judge(rail.as_ref(), headers, body), expected, "{headers:?}");
    }
}

#[test]
fn without_a_secret_no_notification_is_believed() {
    let headers = [("x-notification-secret", OLD), ("x-notification-id", "N-1")];
    let answer = judge(rail(&[]).as_ref(), &headers, b"{}");
    assert_eq!(answer, Err(NotGenuine::BadSignature));
}

#[test]
fn secrets_and_passwords_are_hidden() {
    let settings =
        "notification_secrets = ['old-notification-secret']\n[merchants]\nM = 'pass-word'";
    let rail = rail_card::open(&RailId::new("card").unwrap(), settings).unwrap();
    let shown = format!("{rail:?}");
    assert!(
        !shown.contains(OLD) && !shown.contains("pass-word"),
        "{shown}"
    );
}
