use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use epay_channels::{Address, Channels, ChannelsOptions, Message, SenderId, Sent, SmsOptions};
use epay_domain::notification::Failure;
use epay_money::Language;
use epay_notice::{Channel, Tongue};
use epay_rail_kit::channel::{KeyRing, Request, TOLERANCE_SECONDS, verify};
use epay_rail_kit::transport::ChannelKey;
use jiff::Timestamp;
use secrecy::SecretSlice;
use tokio::net::TcpListener;
use uuid::Uuid;

const SECRET: &[u8] = b"a-secret-of-more-than-thirty-two-bytes";
const NUMBER: &str = "+85291234567";

fn message(id: u128) -> Message {
    Message {
        id: Uuid::from_u128(id),
        to: Address::Sms(NUMBER.into()),
        title: None,
        body: "差餉繳費通知".to_owned(),
        tongue: Tongue::One(Language::Traditional),
    }
}

fn channels(endpoint: &str) -> Channels {
    crate::install_crypto_provider();
    let sms = SmsOptions {
        endpoint: endpoint.parse().unwrap(),
        key: ChannelKey {
            id: "epay-1".to_owned(),
            secrets: vec![SecretSlice::from(SECRET.to_vec())],
        },
        sender: "#HKGovPay".parse().unwrap(),
    };
    Channels::open(ChannelsOptions {
        sms: Some(sms),
        ..ChannelsOptions::default()
    })
    .unwrap()
}

/// A gateway that believes what is signed, and answers with one status and body.
async fn gateway(status: u16, answer: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer: Arc<str> = answer.into();
    let take = move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let secret = SecretSlice::from(SECRET.to_vec());
        let ring = KeyRing::new([("epay-1".to_owned(), vec![secret])]).unwrap();
        let request = Request {
            method: "POST",
            path: uri.path(),
            body: &body,
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let verified = verify(&ring, header, &request, Timestamp::now(), TOLERANCE_SECONDS);
        let order: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "clientReference": verified.unwrap().message_id, "sender": "#HKGovPay", "to": NUMBER,
            "language": "zh-HK", "text": "差餉繳費通知",
        });
        assert_eq!(order, expected);
        (StatusCode::from_u16(status).unwrap(), answer.to_string())
    };
    let router = Router::new().route("/sms/v1/messages", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/sms")
}

#[tokio::test]
async fn an_answer_says_what_is_known_of_the_message() {
    let taken = Sent::Taken {
        provider_reference: "S-1".to_owned(),
    };
    let failed = |failure, detail: &str| Sent::Failed {
        failure,
        detail: detail.to_owned(),
    };
    let unknown = |detail: &str| Sent::Unknown {
        detail: detail.to_owned(),
    };
    let table = [
        (202, r#"{"providerReference":"S-1"}"#, taken.clone()),
        (200, r#"{"providerReference":"S-1"}"#, taken),
        (200, "{}", unknown("200 ?")),
        (
            422,
            r#"{"code":"number_refused"}"#,
            failed(Failure::Permanent, "422 number_refused"),
        ),
        (
            429,
            r#"{"code":"rate_limited"}"#,
            failed(Failure::Technical, "429 rate_limited"),
        ),
        (
            409,
            r#"{"code":"reference_reused"}"#,
            failed(Failure::Technical, "409 reference_reused"),
        ),
        (401, "", failed(Failure::Technical, "401 ?")),
        (
            503,
            r#"{"code":"busy"}"#,
            failed(Failure::Technical, "503 busy"),
        ),
        (503, "", unknown("503 ?")),
        // What is no word may quote the number.
        (500, r#"{"code":"+85291234567"}"#, unknown("500 ?")),
        (500, r#"{"code":"85291234567"}"#, unknown("500 ?")),
        (302, "", unknown("302 ?")),
    ];
    for (status, answer, expected) in table {
        let channels = channels(&gateway(status, answer).await);
        assert_eq!(
            channels.send(&message(7)).await,
            expected,
            "{status} {answer}"
        );
    }
}

#[tokio::test]
async fn a_gateway_that_is_not_there_has_certainly_not_taken_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sent = channels(&format!("http://{address}"))
        .send(&message(1))
        .await;
    assert!(
        matches!(
            sent,
            Sent::Failed {
                failure: Failure::Technical,
                ..
            }
        ),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_channel_that_is_not_configured_fails_at_once() {
    crate::install_crypto_provider();
    let channels = Channels::open(ChannelsOptions::default()).unwrap();
    assert!(!channels.has(Channel::Sms));
    let sent = channels.send(&message(1)).await;
    assert!(matches!(sent, Sent::Failed { .. }), "{sent:?}");
}

#[test]
fn a_message_shows_nothing_of_a_person() {
    let shown = format!("{:?}", message(7));
    assert!(!shown.contains("9123") && !shown.contains('差'), "{shown}");
}

#[test]
fn a_sender_is_a_registered_name() {
    let table = [
        ("#HKGovPay", true),
        ("#HKPF-eTT", true),
        ("#1234567890", false),
        ("#HKGovPay-TD", false),
        ("HKGovPay", false),
        ("#", false),
        ("#HK Gov", false),
    ];
    for (text, good) in table {
        assert_eq!(text.parse::<SenderId>().is_ok(), good, "{text}");
    }
}
