//! Proofs: what we sign the other side verifies by its own rule, with another library; what it signs we verify, and any
//! byte changed in body, time or nonce is refused.

use crate::support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_rail::{Ask, Call, Door, Header, NotGenuine, Order, Outbound, Question, Rail, Unverified};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{any, prop_assert};
use proptest::proptest;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{PrivateKey, PublicKey};
use sha2::{Digest as _, Sha256};

/// When the notices below were signed.
const AT: i64 = 1_768_923_930;

/// A notice with its proof, as it comes in.
#[derive(Clone)]
struct Notice {
    target: &'static str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Notice {
    fn new(headers: &[(&str, String)], body: &str) -> Self {
        Self {
            target: "/rails/wallet/notices",
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn judged(&self, rail: &dyn Rail, received_at: Timestamp) -> Result<String, NotGenuine> {
        rail.authenticate(&Unverified {
            door: Door::Notice {
                target: self.target,
            },
            headers: &self.headers,
            body: &self.body,
            received_at,
        })
        .map(|genuine| genuine.key_id)
    }

    fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        for header in &mut changed.headers {
            if header.0 == name {
                value.clone_into(&mut header.1);
            }
        }
        changed
    }

    fn without(&self, name: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(given, _value)| given != name);
        changed
    }
}

fn signed_at() -> Timestamp {
    Timestamp::from_second(AT).unwrap()
}

fn rsa_signed(pem: &str, text: &str) -> String {
    let key = SigningKey::<Sha256>::new(PrivateKey::from_pkcs8_pem(pem).unwrap());
    STANDARD.encode(key.sign(text.as_bytes()).to_vec())
}

fn rsa_verified(pem: &str, text: &str, signature: &str) -> bool {
    let key = VerifyingKey::<Sha256>::new(PublicKey::from_public_key_pem(pem).unwrap());
    let bytes = STANDARD.decode(signature).unwrap();
    let signature = Signature::try_from(bytes.as_slice()).unwrap();
    key.verify(text.as_bytes(), &signature).is_ok()
}

fn hmac(secret: &str, text: &str) -> String {
    let secret = STANDARD.decode(secret).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    STANDARD.encode(mac.chain_update(text).finalize().into_bytes())
}

fn wechat_notice(key: &str, serial: &str) -> Notice {
    let body = r#"{"id":"EV-1","event_type":"TRANSACTION.SUCCESS"}"#;
    let signature = rsa_signed(key, &format!("{AT}\nNONCE123\n{body}\n"));
    let headers = [
        ("wechatpay-timestamp", AT.to_string()),
        ("wechatpay-nonce", "NONCE123".to_owned()),
        ("wechatpay-serial", serial.to_owned()),
        ("wechatpay-signature", signature),
        (
            "wechatpay-signature-type",
            "WECHATPAY2-SHA256-RSA2048".to_owned(),
        ),
    ];
    Notice::new(&headers, body)
}

fn alipay_notice(key: &str, version: &str) -> Notice {
    let body = r#"{"notifyType":"PAYMENT_RESULT"}"#;
    let (client, time) = ("SANDBOX_5Y0000000000001", "2026-01-20T23:45:30+08:00");
    let text = format!("POST /rails/wallet/notices\n{client}.{time}.{body}");
    let signature = rsa_signed(key, &text)
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let headers = [
        ("client-id", client.to_owned()),
        ("request-time", time.to_owned()),
        (
            "signature",
            format!("algorithm=RSA256,keyVersion={version},signature={signature}"),
        ),
    ];
    Notice::new(&headers, body)
}

fn payme_notice(secret: &str, key_id: &str) -> Notice {
    let body = r#"{"statusCode":"PR005"}"#;
    let (time, trace) = (
        "2026-01-20T15:45:30Z",
        "0e6c1d7c-6a6e-4d5e-9d1a-0a0a0a0a0a0a",
    );
    let digest = format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)));
    let text = format!(
        "(request-target): post /rails/wallet/notices\nrequest-date-time: {time}\ndigest: {digest}\ntrace-id: {trace}"
    );
    let signature = format!(
        "keyId=\"{key_id}\",algorithm=\"hmac-sha256\",headers=\"(request-target) request-date-time digest trace-id\",\
         signature=\"{}\"",
        hmac(secret, &text)
    );
    let headers = [
        ("request-date-time", time.to_owned()),
        ("digest", digest),
        ("trace-id", trace.to_owned()),
        ("signature", signature),
    ];
    Notice::new(&headers, body)
}

fn octopus_notice(secret: &str) -> Notice {
    let body = r#"{"type":"payment"}"#;
    let signature = format!("v1,{}", hmac(secret, &format!("evt_1.{AT}.{body}")));
    let headers = [
        ("webhook-id", "evt_1".to_owned()),
        ("webhook-timestamp", AT.to_string()),
        ("webhook-signature", signature),
    ];
    Notice::new(&headers, body)
}

/// Each wallet with a notice that it believes, and the headers that the proof covers.
type Case = (Box<dyn Rail>, Notice, &'static [&'static str]);

fn cases() -> Vec<Case> {
    use support::{PLATFORM, SECRET};
    vec![
        (
            support::wechat(),
            wechat_notice(PLATFORM, "PUB_KEY_ID_01"),
            &["wechatpay-timestamp", "wechatpay-nonce"],
        ),
        (
            support::alipay(),
            alipay_notice(PLATFORM, "1"),
            &["client-id", "request-time"],
        ),
        (
            support::payme(),
            payme_notice(SECRET, "key-1"),
            &["request-date-time", "digest", "trace-id"],
        ),
        (
            support::octopus(),
            octopus_notice(SECRET),
            &["webhook-id", "webhook-timestamp"],
        ),
    ]
}

#[test]
fn a_notice_is_believed_for_five_minutes_and_no_longer() {
    for (rail, notice, _) in cases() {
        for (seconds, expected) in [
            (0, None),
            (300, None),
            (-300, None),
            (301, Some("stale")),
            (-301, Some("stale")),
        ] {
            let at = signed_at() + SignedDuration::from_secs(seconds);
            let code = notice
                .judged(rail.as_ref(), at)
                .err()
                .map(|error| error.code());
            assert_eq!(code, expected, "{} after {seconds} s", rail.profile().rail);
        }
    }
}

/// A wallet, a notice, and which key proves it, or why none does.
type Judged = (Box<dyn Rail>, Notice, Result<&'static str, &'static str>);

#[test]
fn a_key_that_was_changed_is_believed_beside_the_old_one_and_a_strange_one_never() {
    use support::{NEXT, NEXT_SECRET, PLATFORM, SECRET};
    let rows: [Judged; 10] = [
        (
            support::wechat(),
            wechat_notice(NEXT, "PUB_KEY_ID_02"),
            Ok("PUB_KEY_ID_02"),
        ),
        (
            support::wechat(),
            wechat_notice(NEXT, "PUB_KEY_ID_01"),
            Err("bad_signature"),
        ),
        (
            support::wechat(),
            wechat_notice(PLATFORM, "PUB_KEY_ID_03"),
            Err("unknown_key"),
        ),
        (support::alipay(), alipay_notice(NEXT, "2"), Ok("2")),
        (
            support::alipay(),
            alipay_notice(NEXT, "1"),
            Err("bad_signature"),
        ),
        (
            support::alipay(),
            alipay_notice(PLATFORM, "3"),
            Err("unknown_key"),
        ),
        (
            support::payme(),
            payme_notice(NEXT_SECRET, "key-2"),
            Ok("key-2"),
        ),
        (
            support::payme(),
            payme_notice(SECRET, "key-3"),
            Err("unknown_key"),
        ),
        (support::octopus(), octopus_notice(NEXT_SECRET), Ok("2027")),
        (
            support::octopus(),
            octopus_notice(support::OTHER_SECRET),
            Err("bad_signature"),
        ),
    ];
    for (rail, notice, expected) in rows {
        let judged = notice.judged(rail.as_ref(), signed_at());
        let judged = judged.as_deref().map_err(NotGenuine::code);
        assert_eq!(judged, expected, "{}", rail.profile().rail);
    }
}

#[test]
fn a_header_that_is_missing_or_there_twice_is_refused() {
    for (rail, notice, covered) in cases() {
        for name in covered {
            let missing = notice.without(name);
            assert!(
                missing.judged(rail.as_ref(), signed_at()).is_err(),
                "{name}"
            );
            let mut twice = notice.clone();
            let again = twice
                .headers
                .iter()
                .find(|(given, _)| given == name)
                .cloned();
            twice.headers.extend(again);
            assert!(twice.judged(rail.as_ref(), signed_at()).is_err(), "{name}");
        }
    }
}

#[test]
fn a_line_feed_cannot_move_from_one_signed_field_into_another() {
    let rail = support::wechat();
    let notice = wechat_notice(support::PLATFORM, "PUB_KEY_ID_01");
    let shifted = notice.with_header("wechatpay-nonce", "NONCE\n123");
    let judged = shifted.judged(rail.as_ref(), signed_at());
    assert_eq!(judged.unwrap_err().code(), "malformed");
}

#[test]
fn what_each_wallet_is_answered_is_word_for_word() {
    let answers: Vec<(u16, &str)> = cases()
        .into_iter()
        .map(|(rail, notice, _)| {
            let genuine = rail.authenticate(&Unverified {
                door: Door::Notice {
                    target: notice.target,
                },
                headers: &notice.headers,
                body: &notice.body,
                received_at: signed_at(),
            });
            let answer = genuine.unwrap().acknowledgement;
            (answer.status, answer.body)
        })
        .collect();
    let alipay =
        r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
    assert_eq!(answers, [(204, ""), (200, alipay), (200, ""), (204, "")]);
}

proptest! {
    #[test]
    fn any_byte_changed_in_the_body_is_refused(at in any::<proptest::sample::Index>(), flip in 1_u8..=255) {
        for (rail, notice, _) in prepared() {
            let mut changed = notice.clone();
            let at = at.index(changed.body.len());
            changed.body[at] ^= flip;
            prop_assert!(changed.judged(rail.as_ref(), signed_at()).is_err());
            changed.body.truncate(at);
            prop_assert!(changed.judged(rail.as_ref(), signed_at()).is_err());
        }
    }

    #[test]
    fn any_byte_changed_in_what_the_proof_covers_is_refused(at in any::<proptest::sample::Index>(), other in "[ -~]") {
        for (rail, notice, covered) in prepared() {
            for name in *covered {
                let (_, value) = notice.headers.iter().find(|(given, _)| given == name).unwrap();
                let mut changed = value.clone();
                let at = at.index(changed.len());
                changed.replace_range(at..=at, &other);
                if changed != *value {
                    let judged = notice.with_header(name, &changed).judged(rail.as_ref(), signed_at());
                    prop_assert!(judged.is_err(), "{name}: {changed}");
                }
            }
        }
    }

    #[test]
    fn what_we_sign_the_other_side_verifies(nonce in any::<[u8; 16]>(), second in 1_700_000_000_i64..1_900_000_000, text in "\\PC{0,40}") {
        let at = Timestamp::from_second(second).unwrap();
        for ask in [Ask::Collect, Ask::Query(Question::Collection), Ask::Close] {
            for (open, (method, payee)) in [support::wechat, support::alipay, support::payme].into_iter().zip(support::SAMPLES) {
                let mut collect = support::collect(method, payee);
                collect.description.clone_from(&text);
                let key = collect.reference.clone();
                let header = Header { key, at, nonce, kept: None, bearer: Some("token".to_owned()) };
                let order = Order { header, collect, ask: ask.clone() };
                let Ok(Outbound::Call(call)) = open().encode(&order) else {
                    panic!("{method} refuses the sample");
                };
                prop_assert!(verified(method, &call), "{method}");
            }
        }
    }
}

fn prepared() -> &'static [Case] {
    static CASES: std::sync::OnceLock<Vec<Case>> = std::sync::OnceLock::new();
    CASES.get_or_init(cases)
}

/// Whether a request's signature holds, as the other side's documents describe it.
fn verified(method: &str, call: &Call) -> bool {
    let header = |name: &str| {
        let found = call.headers.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    let target = format!("/{}", call.url.splitn(4, '/').nth(3).unwrap());
    let body = core::str::from_utf8(&call.body).unwrap();
    let verb = call.method.as_str();
    match method {
        "wechat_pay" => {
            let (scheme, fields) = header("authorization").split_once(' ').unwrap();
            let field = |name: &str| {
                let rest = fields.split_once(&format!("{name}=\"")).unwrap().1;
                rest.split_once('"').unwrap().0.to_owned()
            };
            let text = format!(
                "{verb}\n{target}\n{}\n{}\n{body}\n",
                field("timestamp"),
                field("nonce_str")
            );
            scheme == "WECHATPAY2-SHA256-RSA2048"
                && rsa_verified(support::OURS_PUBLIC, &text, &field("signature"))
        }
        "alipay_hk" => {
            let text = format!(
                "POST {target}\n{}.{}.{body}",
                header("client-id"),
                header("request-time")
            );
            let signature = header("signature").split_once("signature=").unwrap().1;
            let signature = signature
                .replace("%2B", "+")
                .replace("%2F", "/")
                .replace("%3D", "=");
            rsa_verified(support::OURS_PUBLIC, &text, &signature)
        }
        _ => {
            let digest = format!("SHA-256={}", STANDARD.encode(Sha256::digest(&call.body)));
            let covered = [
                "api-version",
                "request-date-time",
                "content-type",
                "digest",
                "accept",
                "trace-id",
                "authorization",
            ];
            let mut text = format!("(request-target): {} {target}", verb.to_lowercase());
            for name in covered {
                text.push_str(&format!("\n{name}: {}", header(name)));
            }
            let expected = hmac(support::SECRET, &text);
            digest == header("digest")
                && header("signature").ends_with(&format!("signature=\"{expected}\""))
        }
    }
}
