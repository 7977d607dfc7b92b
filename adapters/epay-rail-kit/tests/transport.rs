//! What is said of a call, against a peer on a real socket that behaves in each of the ways a rail can.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use epay_rail::{Call, HttpMethod, Patience, Profile, RailAccountCodes, Seal};
use epay_rail_kit::channel::{KeyRing, Request, verify};
use epay_rail_kit::transport::{
    Breaker, ChannelKey, NotSent, REPLY_BYTES_MAX, Sent, Transport, Unknown,
};
use jiff::Timestamp;
use secrecy::SecretSlice;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

const SECRET: &[u8] = b"a-secret-of-more-than-thirty-two-bytes";

/// What the peer does with a connection after it has read a request.
#[derive(Debug, Clone)]
enum Peer {
    /// Sends these bytes and closes.
    Says(Vec<u8>),
    /// Says nothing until it is told to, then closes.
    Holds(Arc<Notify>),
}

/// A listening peer: its address, and every request that it read.
async fn peer(behaviour: Peer) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, behaviour.clone(), heard.clone()));
        }
    });
    (format!("http://{address}/orders?a=b"), requests)
}

async fn attend(mut stream: TcpStream, behaviour: Peer, heard: mpsc::UnboundedSender<String>) {
    let mut request = Vec::new();
    let mut piece = [0_u8; 4096];
    while !request.ends_with(b"hello") {
        let read = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(piece.get(..read).unwrap());
        if read == 0 {
            return;
        }
    }
    let _unheard = heard.send(String::from_utf8(request).unwrap());
    match behaviour {
        Peer::Says(bytes) => {
            let _gone = stream.write_all(&bytes).await;
        }
        Peer::Holds(until) => until.notified().await,
    }
}

fn profile(rail: &str, calls_at_once: u32, call_millis: u32) -> Profile {
    let accounts = RailAccountCodes {
        clearing: "1".to_owned(),
        fee_expense: "2".to_owned(),
        fee_accrued: "3".to_owned(),
    };
    let base = Profile::new(rail.parse().unwrap(), "Demo", accounts);
    Profile {
        calls_at_once,
        patience: Patience {
            call_millis,
            ..base.patience
        },
        ..base
    }
}

fn call(url: &str) -> Call {
    Call {
        method: HttpMethod::Post,
        url: url.to_owned(),
        headers: vec![("content-type", "text/plain".to_owned())],
        body: b"hello".to_vec(),
        seal: Seal::None,
        uses_once: vec![],
    }
}

fn transport() -> Transport {
    // Another test of this process may have been first.
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let key = ChannelKey {
        id: "gateway-1".to_owned(),
        secrets: vec![SecretSlice::from(SECRET.to_vec())],
    };
    Transport::new(BTreeMap::from([("sealed".parse().unwrap(), key)])).unwrap()
}

fn says(head: &str, body: &[u8]) -> Peer {
    let mut bytes =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    Peer::Says(bytes)
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let table = [
        ("200 OK\r\nX-Word: Yes", 200),
        ("302 Found\r\nlocation: http://127.0.0.1:1/", 302),
        ("409 Conflict", 409),
        ("503 Service Unavailable", 503),
    ];
    for (head, expected) in table {
        let (url, mut requests) = peer(says(head, b"answer")).await;
        let sent = transport()
            .send(&profile("demo", 4, 5_000), &call(&url), "K1")
            .await;
        let Sent::Replied {
            status,
            headers,
            body,
        } = sent
        else {
            panic!("{head}: {sent:?}");
        };
        assert_eq!((status, body.as_slice()), (expected, &b"answer"[..]));
        let word = headers.iter().find(|(name, _)| name == "x-word");
        assert_eq!(word.is_some(), expected == 200, "{headers:?}");
        let request = requests.recv().await.unwrap();
        assert!(
            request.starts_with("POST /orders?a=b HTTP/1.1\r\n"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn what_certainly_never_arrived_is_told_from_what_may_have() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let cut = Peer::Says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec());
    let huge = says("200 OK", &vec![b'x'; REPLY_BYTES_MAX + 1]);
    let full = says("200 OK", &vec![b'x'; REPLY_BYTES_MAX]);
    let never = Peer::Holds(Arc::new(Notify::new()));
    let table = [
        (closed, "not sent: no_connection"),
        (
            "http://127.0.0.1:1\u{7f}/".to_owned(),
            "not sent: unsendable",
        ),
        (peer(never).await.0, "unknown: timed_out"),
        (peer(Peer::Says(vec![])).await.0, "unknown: broken"),
        (peer(cut).await.0, "unknown: broken"),
        (peer(huge).await.0, "unknown: too_large"),
        (peer(full).await.0, "replied"),
    ];
    for (url, expected) in table {
        let sent = transport()
            .send(&profile("demo", 4, 1_000), &call(&url), "K1")
            .await;
        let told = match &sent {
            Sent::Replied { .. } => "replied".to_owned(),
            Sent::NotSent(why) => format!("not sent: {}", why.code()),
            Sent::Unknown(why) => format!("unknown: {}", why.code()),
        };
        assert_eq!(told, expected, "{url}: {sent:?}");
    }
}

#[tokio::test]
async fn a_full_lane_turns_calls_away_and_leaves_other_lanes_alone() {
    let let_go = Arc::new(Notify::new());
    let (slow, mut heard) = peer(Peer::Holds(Arc::clone(&let_go))).await;
    let (quick, _) = peer(says("200 OK", b"")).await;
    let transport = transport();
    let sick = profile("sick", 1, 60_000);
    let first = {
        let (transport, sick, slow) = (transport.clone(), sick.clone(), slow.clone());
        tokio::spawn(async move { transport.send(&sick, &call(&slow), "K1").await })
    };
    heard.recv().await.unwrap();
    let second = transport.send(&sick, &call(&slow), "K2").await;
    assert_eq!(second, Sent::NotSent(NotSent::LaneFull));
    let other = transport
        .send(&profile("well", 1, 60_000), &call(&quick), "K3")
        .await;
    assert!(
        matches!(other, Sent::Replied { status: 200, .. }),
        "{other:?}"
    );
    let_go.notify_waiters();
    let first = first.await.unwrap();
    assert!(
        matches!(first, Sent::Unknown(Unknown::Broken { .. })),
        "{first:?}"
    );
}

#[tokio::test]
async fn a_rail_that_keeps_failing_is_left_alone_for_a_while() {
    let (failing, _) = peer(says("500 Internal Server Error", b"")).await;
    let transport = transport();
    let sick = profile("sick", 4, 5_000);
    for _ in 0..5 {
        let sent = transport.send(&sick, &call(&failing), "K1").await;
        assert!(
            matches!(sent, Sent::Replied { status: 500, .. }),
            "{sent:?}"
        );
    }
    // The change is told, once; without it this would wait for ever.
    transport.breaker_changed().await;
    let sent = transport.send(&sick, &call(&failing), "K1").await;
    assert_eq!(sent, Sent::NotSent(NotSent::BreakerOpen));
    let health = transport.health(&sick.rail).unwrap();
    assert_eq!(health.breaker, Breaker::Open);
    assert_eq!((health.calls, health.failures), (5, 5));
    assert_eq!(transport.health(&"well".parse().unwrap()), None);
    assert_eq!(transport.all_health().len(), 1);
}

#[tokio::test]
async fn a_sealed_call_is_one_that_the_channel_verifies() {
    let (url, mut requests) = peer(says("200 OK", b"")).await;
    let sealed = Call {
        seal: Seal::Channel,
        ..call(&url)
    };
    let transport = transport();
    let unknown = transport
        .send(&profile("demo", 1, 5_000), &sealed, "K1")
        .await;
    assert!(matches!(unknown, Sent::NotSent(NotSent::Unsendable { .. })));
    let sent = transport
        .send(&profile("sealed", 1, 5_000), &sealed, "EP0AB1-R1")
        .await;
    assert!(matches!(sent, Sent::Replied { .. }), "{sent:?}");
    let text = requests.recv().await.unwrap();
    let header = |wanted: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            (name == wanted).then_some(value)
        })
    };
    let secret = SecretSlice::from(SECRET.to_vec());
    let ring = KeyRing::new([("gateway-1".to_owned(), vec![secret])]).unwrap();
    let request = Request {
        method: "POST",
        path: "/orders?a=b",
        body: b"hello",
    };
    let verified = verify(&ring, header, &request, Timestamp::now(), 60).unwrap();
    assert_eq!(verified.message_id, "EP0AB1-R1");
}
