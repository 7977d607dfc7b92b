//! Every RPC of the descriptor set, asked without a token, with a bad one, by every role, and for another department.

mod operations;
mod people;
mod raw;
mod requests;
mod review;

use epay_gateway::{Grant, Method, Role};
use tonic::client::Grpc;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use self::operations::operations;
use self::raw::Raw;
use self::requests::request;
use crate::support::{Bearer, Caller, House, http_client};

const ID: &str = "01940000-0000-7000-8000-000000000001";
const DAY: &str = "2026-01-21";

/// Asks over gRPC; the answer's code and stable reason.
async fn ask(
    caller: &Caller,
    token: Option<&Bearer>,
    method: Method,
    biller: &str,
) -> (Code, String) {
    let path = format!("/{}", method.full_name()).parse().unwrap();
    let mut request = Request::new(request(method, biller));
    if let Some(bearer) = token {
        request = tonic::service::Interceptor::call(&mut bearer.clone(), Request::new(()))
            .map(|with| {
                let (metadata, extensions, ()) = with.into_parts();
                Request::from_parts(metadata, extensions, request.into_inner())
            })
            .unwrap();
    }
    let mut client = Grpc::new(caller.channel.clone());
    client.ready().await.unwrap();
    match client.unary(request, path, Raw).await {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => (
            status.code(),
            status
                .get_details_error_info()
                .map_or_else(String::new, |info| info.reason),
        ),
    }
}

/// RPCs to which a caller sends a stream: JSON over HTTP has no such thing.
const GRPC_ONLY: [Method; 3] = [
    Method::UploadStatement,
    Method::UploadRailFile,
    Method::ImportBills,
];

const fn is_denial(code: Code) -> bool {
    matches!(code, Code::Unauthenticated | Code::PermissionDenied)
}

#[tokio::test]
async fn no_rpc_answers_without_a_token_or_to_the_wrong_role_or_for_another_department() {
    let house = House::start().await;
    let anybody = house.caller_with("garbage").await;
    for &method in Method::ALL {
        let name = method.full_name();
        assert_eq!(
            ask(&anybody, None, method, "rvd").await,
            (Code::Unauthenticated, "TOKEN_MISSING".to_owned()),
            "{name}"
        );
        let garbage = ask(&anybody, Some(&anybody.bearer), method, "rvd").await;
        assert_eq!(
            garbage,
            (Code::Unauthenticated, "TOKEN_MALFORMED".to_owned()),
            "{name}"
        );
    }
    for role in Role::ALL {
        let caller = house.caller(role).await;
        for &method in Method::ALL {
            let what = format!("{} as {role:?}", method.full_name());
            let own = ask(&caller, Some(&caller.bearer), method, "rvd").await;
            let other = ask(&caller, Some(&caller.bearer), method, "ird").await;
            match method.grant(role) {
                Grant::Nothing => {
                    let denied = (Code::PermissionDenied, "ROLE_DENIED".to_owned());
                    assert_eq!((&own, &other), (&denied, &denied), "{what}");
                }
                Grant::OwnBiller => {
                    assert!(!is_denial(own.0), "{what}: {own:?}");
                    assert_eq!(
                        other,
                        (Code::PermissionDenied, "BILLER_DENIED".to_owned()),
                        "{what}"
                    );
                }
                Grant::Any => {
                    assert!(!is_denial(own.0), "{what}: {own:?}");
                    assert!(!is_denial(other.0), "{what}: {other:?}");
                }
            }
        }
    }
    house.stop().await;
}

#[tokio::test]
async fn json_over_http_denies_what_grpc_denies() {
    let house = House::start().await;
    let client = http_client();
    let send = async |token: Option<&str>, verb: &reqwest::Method, path: &str| {
        let mut request = client.request(verb.clone(), house.url(path));
        if [reqwest::Method::POST, reqwest::Method::PATCH].contains(verb) {
            request = request
                .header("content-type", "application/json")
                .body("{}");
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: serde_json::Value = answer.json().await.unwrap_or_default();
        (
            status,
            body["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let tokens: Vec<(Role, String)> = Role::ALL
        .into_iter()
        .map(|role| (role, house.token(role)))
        .collect();
    assert_eq!(
        operations("rvd").len(),
        Method::ALL.len() - GRPC_ONLY.len(),
        "every RPC has a path"
    );
    for (method, verb, path) in operations("rvd") {
        assert_eq!(
            send(None, &verb, &path).await,
            (401, "TOKEN_MISSING".to_owned()),
            "{path}"
        );
        assert_eq!(
            send(Some("garbage"), &verb, &path).await,
            (401, "TOKEN_MALFORMED".to_owned()),
            "{path}"
        );
        for (role, token) in &tokens {
            let (status, reason) = send(Some(token), &verb, &path).await;
            let denied = method.grant(*role) == Grant::Nothing;
            assert_eq!(
                (status, reason.as_str()) == (403, "ROLE_DENIED"),
                denied,
                "{path} as {role:?}: {status} {reason}"
            );
            assert_ne!(status, 401, "{path} as {role:?}");
        }
    }
    let department = house.token(Role::Department);
    for (method, verb, path) in operations("ird") {
        if method.grant(Role::Department) == Grant::OwnBiller && verb == reqwest::Method::GET {
            assert_eq!(
                send(Some(&department), &verb, &path).await,
                (403, "BILLER_DENIED".to_owned()),
                "{path}"
            );
        }
    }
    house.stop().await;
}
