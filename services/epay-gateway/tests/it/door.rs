//! What is true of the port itself: health, reflection, gRPC-Web, CORS, documents, bounds, TLS.

use std::time::Duration;

use bytes::Bytes;
use epay_gateway::{Role, TlsPaths};
use epay_proto::v1;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use prost::Message as _;
use serde_json::Value;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt as _;

use crate::support::{Bearer, House, crypto, http_client};

#[tokio::test]
async fn health_is_open_and_turns_when_the_gateway_stops() {
    let house = House::start().await;
    let client = http_client();
    for (path, key) in [("/healthz", "alive"), ("/readyz", "ready")] {
        let answer = client.get(house.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()[key], true);
    }
    let mut health = HealthClient::new(house.channel().await);
    for service in [
        "",
        "epay.v1.BillService",
        "epay.v1.PaymentService",
        "epay.v1.QrService",
        "epay.v1.LedgerService",
    ] {
        let answer = health
            .check(HealthCheckRequest {
                service: service.to_owned(),
            })
            .await
            .unwrap();
        assert_eq!(answer.into_inner().status, 1, "{service} serves");
    }
    let mut watched = health
        .watch(HealthCheckRequest {
            service: String::new(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status, 1);
    house.shutdown.cancel();
    assert_eq!(
        watched.message().await.unwrap().unwrap().status,
        2,
        "not serving any more"
    );
    drop(watched);
    house.stop().await;
}

#[tokio::test]
async fn reflection_lists_the_services_and_can_be_closed() {
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let house = House::start().await;
    let mut reflection = ServerReflectionClient::new(house.channel().await);
    let request = tokio_stream::iter([list.clone()]);
    let mut answers = reflection
        .server_reflection_info(request)
        .await
        .unwrap()
        .into_inner();
    let answer = answers
        .message()
        .await
        .unwrap()
        .unwrap()
        .message_response
        .unwrap();
    let MessageResponse::ListServicesResponse(services) = answer else {
        panic!("{answer:?}")
    };
    let names: Vec<String> = services
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for name in [
        "epay.v1.BillService",
        "epay.v1.LedgerService",
        "grpc.health.v1.Health",
    ] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} in {names:?}"
        );
    }
    drop(answers);
    house.stop().await;

    let house = House::start_with(|config| config.reflection = false).await;
    let mut reflection = ServerReflectionClient::new(house.channel().await);
    let status = reflection
        .server_reflection_info(tokio_stream::iter([list]))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    house.stop().await;
}

#[tokio::test]
async fn the_documents_are_open_and_the_page_runs_no_script() {
    let house = House::start().await;
    let client = http_client();
    let document: Value = client
        .get(house.url("/openapi.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/rails/{rail}/notices"]["post"].is_object());
    let page = client.get(house.url("/docs")).send().await.unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(page.text().await.unwrap().contains("/v1/bills:lookup"));
    house.stop().await;
}

/// A gRPC-Web frame of one message.
fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame
}

#[tokio::test]
async fn web_pages_call_by_grpc_web_and_only_named_origins_may_read() {
    let house = House::start().await;
    let client = http_client();
    let url = house.url("/epay.v1.BillService/ListBillTypes");
    let call = |origin: &str| {
        client
            .post(&url)
            .header("content-type", "application/grpc-web+proto")
            .header("origin", origin)
            .body(frame(&v1::ListBillTypesRequest {}.encode_to_vec()))
    };
    let answer = call("https://portal.test")
        .bearer_auth(house.token(Role::CitizenPortal))
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "https://portal.test"
    );
    let exposed = answer.headers()["access-control-expose-headers"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        exposed.contains("grpc-status") && exposed.contains("grpc-message"),
        "{exposed}"
    );
    let body: Bytes = answer.bytes().await.unwrap();
    let length = usize::try_from(u32::from_be_bytes(body[1..5].try_into().unwrap())).unwrap();
    let types = v1::ListBillTypesResponse::decode(&body[5..5 + length])
        .unwrap()
        .bill_types;
    assert_eq!(types.len(), 3);

    let answer = call("https://elsewhere.test").send().await.unwrap();
    assert!(
        answer
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
    let answer = call("https://portal.test").send().await.unwrap();
    assert_eq!(
        answer.headers()["grpc-status"],
        "16",
        "no token is no token here too"
    );

    let preflight = client
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "https://portal.test");
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "authorization,x-grpc-web");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(
        answer.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("authorization")
    );
    house.stop().await;
}

#[tokio::test]
async fn whoever_is_refused_at_the_door_keeps_the_connection() {
    /// More answers than a connection survives whose senders' words were left unread.
    const CALLS: usize = 4_000;
    for (requests_max, code) in [(0, Code::ResourceExhausted), (CALLS, Code::Unauthenticated)] {
        let house = House::start_with(|config| config.limits.requests_max = requests_max).await;
        let stranger = PaymentServiceClient::new(house.channel().await);
        let calls = (0..CALLS).map(|_| async {
            let asked = v1::CreatePaymentRequest {
                bill: "x".repeat(1_000),
                ..v1::CreatePaymentRequest::default()
            };
            let refused = stranger.clone().create_payment(asked).await;
            refused.expect_err("neither room nor token").code()
        });
        let codes = futures_util::future::join_all(calls).await;
        assert_eq!(codes, vec![code; CALLS]);
        house.stop().await;
    }
}

#[tokio::test]
async fn a_busy_gateway_turns_callers_away_at_once_and_says_when_to_come_back() {
    let house = House::start_with(|config| config.limits.requests_max = 0).await;
    let mut bills = house.caller(Role::CitizenPortal).await.bills();
    let status = bills
        .list_bill_types(v1::ListBillTypesRequest {})
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "OVERLOADED"
    );
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
    let client = http_client();
    for (path, expected) in [("/v1/qr:decode", 429), ("/rails/fps/notices", 503)] {
        let answer = client
            .post(house.url(path))
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
        assert_eq!(answer.headers()["retry-after"], "1", "{path}");
        assert_eq!(
            answer.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
    }
    assert_eq!(
        client
            .get(house.url("/healthz"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    house.stop().await;
}

#[tokio::test]
async fn deadlines_and_message_sizes_are_kept() {
    let house = House::start().await;
    let caller = house.caller(Role::CitizenPortal).await;
    let mut request = Request::new(v1::ListBillTypesRequest {});
    request.set_timeout(Duration::ZERO);
    let status = caller.bills().list_bill_types(request).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status:?}"
    );
    let long = v1::DecodeQrRequest {
        payload: "0".repeat(300 * 1024),
    };
    let status = caller.qr().decode_qr(long).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    let long = v1::DecodeQrRequest {
        payload: "0".repeat(4_097),
    };
    let status = caller.qr().decode_qr(long).await.unwrap_err();
    assert_eq!(
        status.get_details_bad_request().unwrap().field_violations[0].reason,
        "FIELD_TOO_LONG"
    );
    house.stop().await;
}

#[tokio::test]
async fn tls_serves_both_protocols_with_the_certificate_of_the_files() {
    crypto();
    let folder = tempfile::tempdir().unwrap();
    let paths = TlsPaths {
        certificates: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&paths.certificates, made.cert.pem()).unwrap();
    std::fs::write(&paths.key, made.signing_key.serialize_pem()).unwrap();
    let house = House::start_with(|config| config.tls = Some(paths)).await;

    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(made.cert.pem()))
        .domain_name("localhost");
    let url = format!("https://{}", house.address);
    let channel = Channel::from_shared(url.clone())
        .unwrap()
        .tls_config(tls)
        .unwrap()
        .connect()
        .await
        .unwrap();
    let bearer = Bearer::new(&house.token(Role::Finance));
    let mut bills = v1::bill_service_client::BillServiceClient::with_interceptor(channel, bearer);
    assert_eq!(
        bills
            .list_bill_types(v1::ListBillTypesRequest {})
            .await
            .unwrap()
            .into_inner()
            .bill_types
            .len(),
        3
    );

    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .resolve("localhost", house.address)
        .build()
        .unwrap();
    let answer = client
        .get(format!(
            "https://localhost:{}/healthz",
            house.address.port()
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    house.stop().await;
}

#[tokio::test]
async fn a_changed_certificate_is_used_without_a_restart() {
    crypto();
    let folder = tempfile::tempdir().unwrap();
    let paths = TlsPaths {
        certificates: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    let write = |paths: &TlsPaths| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(&paths.key, made.signing_key.serialize_pem()).unwrap();
        std::fs::write(&paths.certificates, made.cert.pem()).unwrap();
        made.cert.pem()
    };
    let first = write(&paths);
    let kept = paths.clone();
    let house = House::start_with(|config| config.tls = Some(kept)).await;
    let trusts = async |pem: &str| {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .resolve("localhost", house.address)
            .build()
            .unwrap();
        let url = format!("https://localhost:{}/healthz", house.address.port());
        client.get(url).send().await.is_ok()
    };
    assert!(trusts(&first).await);
    let second = write(&paths);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(16)).await;
    tokio::time::resume();
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while !trusts(&second).await {
        assert!(
            tokio::time::Instant::now() < until,
            "the new certificate never came"
        );
    }
    assert!(!trusts(&first).await, "the old one is gone");
    house.stop().await;
}
