//! An issuer of tokens for tests, and the tokens that must not be believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epay_gateway::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde::Serialize;
use serde_json::json;
use tonic::Code;

use crate::support::{AUDIENCE, House, ISSUER};

/// What a token says.
#[derive(Clone, Serialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<i64>,
    pub(crate) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) biller: Option<String>,
}

impl Claims {
    pub(crate) fn of(role: Role) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: format!("test {}", role.as_str()),
            exp: jiff::Timestamp::now().as_second() + 600,
            nbf: None,
            role: role.as_str().to_owned(),
            biller: (role == Role::Department).then(|| "rvd".to_owned()),
        }
    }
}

/// Signs tokens with one key.
pub(crate) struct Issuer {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
    jwk: serde_json::Value,
}

impl Issuer {
    pub(crate) fn ed25519(kid: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
        Self {
            kid: kid.to_owned(),
            algorithm: Algorithm::EdDSA,
            key: EncodingKey::from_ed_der(&pair.serialize_der()),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", "x": x}),
        }
    }

    pub(crate) fn p256(kid: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let point = pair.public_key_raw();
        let (x, y) = (
            URL_SAFE_NO_PAD.encode(&point[1..33]),
            URL_SAFE_NO_PAD.encode(&point[33..65]),
        );
        Self {
            kid: kid.to_owned(),
            algorithm: Algorithm::ES256,
            key: EncodingKey::from_ec_der(&pair.serialize_der()),
            jwk: json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y}),
        }
    }

    pub(crate) fn jwks(&self) -> String {
        json!({"keys": [self.jwk]}).to_string()
    }

    pub(crate) fn token(&self, claims: &impl Serialize) -> String {
        self.token_with(self.header(), claims)
    }

    pub(crate) fn token_with(&self, header: Header, claims: &impl Serialize) -> String {
        encode(&header, claims, &self.key).unwrap()
    }

    fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        header
    }
}

type Row = (&'static str, String, &'static str);

/// Tokens that are wrong before their claims are read.
fn unverifiable(issuer: &Issuer) -> Vec<Row> {
    let good = Claims::of(Role::CitizenPortal);
    let mut no_kid = issuer.header();
    no_kid.kid = None;
    let mut unknown = issuer.header();
    unknown.kid = Some("test-2".to_owned());
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.kid = Some("test-1".to_owned());
    let public = EncodingKey::from_secret(issuer.jwk["x"].as_str().unwrap().as_bytes());
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"test-1"}"#),
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&good).unwrap())
    );
    let stranger = Issuer::ed25519("test-1").token(&good);
    vec![
        ("garbage", "garbage".to_owned(), "TOKEN_MALFORMED"),
        ("far too long", "a".repeat(9_000), "TOKEN_MALFORMED"),
        ("no algorithm", none, "TOKEN_MALFORMED"),
        (
            "no key id",
            issuer.token_with(no_kid, &good),
            "TOKEN_MALFORMED",
        ),
        (
            "unknown key",
            issuer.token_with(unknown, &good),
            "TOKEN_KEY_UNKNOWN",
        ),
        ("signed by somebody else", stranger, "TOKEN_REFUSED"),
        (
            "the public key as a secret",
            encode(&symmetric, &good, &public).unwrap(),
            "TOKEN_ALGORITHM",
        ),
    ]
}

/// Well-signed tokens whose claims are wrong.
fn unacceptable(issuer: &Issuer) -> Vec<Row> {
    let now = jiff::Timestamp::now().as_second();
    let with = |change: &dyn Fn(&mut Claims)| {
        let mut claims = Claims::of(Role::CitizenPortal);
        change(&mut claims);
        issuer.token(&claims)
    };
    let no_expiry = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "role": "finance"});
    vec![
        ("no expiry", issuer.token(&no_expiry), "TOKEN_REFUSED"),
        (
            "expired",
            with(&|claims| claims.exp = now - 60),
            "TOKEN_REFUSED",
        ),
        (
            "not yet",
            with(&|claims| claims.nbf = Some(now + 600)),
            "TOKEN_REFUSED",
        ),
        (
            "other issuer",
            with(&|claims| claims.iss = "x".to_owned()),
            "TOKEN_REFUSED",
        ),
        (
            "other audience",
            with(&|claims| claims.aud = "x".to_owned()),
            "TOKEN_REFUSED",
        ),
        (
            "unknown role",
            with(&|claims| claims.role = "king".to_owned()),
            "TOKEN_CLAIMS",
        ),
        (
            "no subject",
            with(&|claims| claims.sub.clear()),
            "TOKEN_CLAIMS",
        ),
        (
            "no biller",
            with(&|claims| claims.role = "department".to_owned()),
            "TOKEN_CLAIMS",
        ),
        (
            "no such biller",
            with(&|claims| claims.biller = Some("R V D".to_owned())),
            "TOKEN_CLAIMS",
        ),
    ]
}

#[tokio::test]
async fn tokens_that_prove_nothing_are_refused_and_the_reason_is_stable() {
    let house = House::start().await;
    let table = unverifiable(&house.issuer)
        .into_iter()
        .chain(unacceptable(&house.issuer));
    for (what, token, reason) in table {
        let mut bills = house.caller_with(&token).await.bills();
        let status = bills
            .list_bill_types(epay_proto::v1::ListBillTypesRequest {})
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{what}");
        let info = tonic_types::StatusExt::get_details_error_info(&status).unwrap();
        assert_eq!(info.reason, reason, "{what}");
        assert!(
            !status.message().contains(&token),
            "{what}: the answer quotes the token"
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn keys_are_fetched_from_the_issuer_and_made_up_key_ids_do_not_make_us_fetch_again() {
    use std::sync::Arc;

    use arc_swap::ArcSwap;
    use epay_gateway::JwksSource;

    crate::support::crypto();
    let first = Issuer::p256("a");
    let keys = Arc::new(ArcSwap::from_pointee(first.jwks()));
    let served = Arc::clone(&keys);
    let page = axum::Router::new().route(
        "/jwks",
        axum::routing::get(move || async move { served.load().as_ref().clone() }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let issuer_server = tokio::spawn(async move { axum_serve(listener, page).await });
    let house = House::start_with(|config| config.auth.jwks = JwksSource::Url(url)).await;
    let ask = async |issuer: &Issuer| {
        let token = issuer.token(&Claims::of(Role::Finance));
        let mut bills = house.caller_with(&token).await.bills();
        bills
            .list_bill_types(epay_proto::v1::ListBillTypesRequest {})
            .await
            .map(|_| ())
            .map_err(|status| status.code())
    };
    assert_eq!(ask(&first).await, Ok(()));
    // Within the shortest time between two fetches an unknown key stays unknown, however often it is asked for.
    let second = Issuer::ed25519("b");
    keys.store(Arc::new(second.jwks()));
    assert_eq!(ask(&second).await, Err(Code::Unauthenticated));
    assert_eq!(ask(&first).await, Ok(()));
    // Longer than that; only the clock moves.
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(11)).await;
    tokio::time::resume();
    assert_eq!(ask(&second).await, Ok(()), "a new key is found");
    let unseen = first.token(&Claims::of(Role::Auditor));
    let mut bills = house.caller_with(&unseen).await.bills();
    let status = bills
        .list_bill_types(epay_proto::v1::ListBillTypesRequest {})
        .await
        .unwrap_err();
    assert_eq!(
        status.code(),
        Code::Unauthenticated,
        "a withdrawn key proves nothing new"
    );
    issuer_server.abort();
    house.stop().await;
}

/// Serves a page over plain HTTP until it is aborted.
async fn axum_serve(listener: tokio::net::TcpListener, page: axum::Router) {
    let listener = listener.into_std().unwrap();
    axum_server::from_tcp(listener)
        .unwrap()
        .serve(page.into_make_service())
        .await
        .unwrap();
}
