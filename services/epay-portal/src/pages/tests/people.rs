//! Signing in: where a browser is sent, what it brings back, and what is refused.

use epay_iamsmart_client::{IamSmart, IamSmartOptions};
use http::header::{COOKIE, LOCATION, SET_COOKIE};

use super::*;
use crate::pages::account;
use crate::pages::common::file_of_json;
use crate::session::{FormUnderWay, Kept, Session};
use crate::web::Fault;

/// A key of nobody's, for tests.
const KEY: &str = include_str!("../../../../../adapters/rail-wallet/tests/keys/ours.pem");

/// A portal whose iAM Smart is a port that nobody listens on.
async fn portal() -> Arc<Portal> {
    // A second test finds the first one's choice in place, which is the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let mut portal = lonely_portal().await;
    let iam_smart = IamSmart::new(&IamSmartOptions {
        url: "http://127.0.0.1:9/iam-smart".parse().unwrap(),
        client_id: "service".to_owned(),
        secret: "secret".into(),
        private_key: KEY.into(),
    });
    Arc::get_mut(&mut portal).unwrap().iam_smart = Some(iam_smart.unwrap());
    portal
}

async fn answer(portal: &Arc<Portal>, path: &str, cookie: Option<&str>) -> Response {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let request = request.body(Body::empty()).unwrap();
    router(Arc::clone(portal)).oneshot(request).await.unwrap()
}

/// Name and value of the cookie that an answer sets.
fn cookie(answer: &Response) -> String {
    let header = answer.headers()[SET_COOKIE].to_str().unwrap();
    assert!(
        header.contains("; HttpOnly; SameSite=Lax; Secure"),
        "{header}"
    );
    header.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_what_is_kept_and_where_to_sign_in() {
    let portal = portal().await;
    for (path, language) in [
        ("/en/account", Language::English),
        ("/zh-hant/account", Language::Traditional),
        ("/zh-hans/account/erase", Language::Simplified),
        ("/en/account/data.json", Language::English),
    ] {
        let answer = answer(&portal, path, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let page = body(answer).await;
        html::is_sound(&page, language);
        assert!(page.contains("/sign-in?next=/account"), "{page}");
    }
}

#[tokio::test]
async fn a_browser_leaves_with_a_state_that_its_cookie_alone_knows() {
    let portal = portal().await;
    let leaving = answer(&portal, "/en/sign-in?next=/account", None).await;
    assert_eq!(leaving.status(), StatusCode::SEE_OTHER);
    let to = leaving.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(
        to.starts_with("http://127.0.0.1:9/iam-smart/api/v1/auth/getQR?"),
        "{to}"
    );
    assert!(
        to.contains("redirectURI=https%3A%2F%2Fpay.example%2Fen%2Fsign-in%2Fback"),
        "{to}"
    );
    let state = to
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let cookie = cookie(&leaving);
    assert!(!cookie.contains(state));
    let rows = [
        // Somebody else's link, in a browser that began nothing.
        (format!("code=c&state={state}"), None, StatusCode::GONE),
        (
            format!("code=c&state=x{state}"),
            Some(&cookie),
            StatusCode::GONE,
        ),
        (
            format!("error_code=D40001&state={state}"),
            Some(&cookie),
            StatusCode::FORBIDDEN,
        ),
        (
            format!("error_code=D99999&state={state}"),
            Some(&cookie),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            format!("state={state}"),
            Some(&cookie),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        // Nobody listens there.
        (
            format!("code=c&state={state}"),
            Some(&cookie),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
    ];
    for (query, sent, status) in rows {
        let path = format!("/en/sign-in/back?{query}");
        let back = answer(&portal, &path, sent.map(String::as_str)).await;
        assert_eq!(back.status(), status, "{query}");
        assert!(!back.headers().contains_key(SET_COOKIE), "{query}");
        html::is_sound(&body(back).await, Language::English);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_form_of_a_person_is_told_beside_its_field() {
    for field in ["language", "by-iam-smart", "sms", "email", "agreed"] {
        let visit = visit(Language::English, "/account").await;
        let fault = Fault {
            field: field.to_owned(),
            text: "what is wrong".to_owned(),
        };
        let response = account::shown_for_test(&visit, fault);
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = body(response).await;
        html::is_sound(&page, Language::English);
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}");
        assert_eq!(page.matches("what is wrong").count(), 2, "{field}");
    }
}

#[tokio::test]
async fn without_iam_smart_there_is_no_sign_in() {
    for path in [
        "/en/account",
        "/en/sign-in",
        "/en/sign-in/back?code=c&state=s",
    ] {
        let (status, _, page) = ask(get(path)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.contains("/en/account\""), "{path}");
    }
}

#[tokio::test]
async fn what_is_kept_as_a_file_is_kept_by_no_cache_and_under_a_name() {
    let file = file_of_json("bill-notices-data", b"{}".to_vec()).unwrap();
    let rows = [
        ("content-type", "application/json"),
        (
            "content-disposition",
            "attachment; filename=\"bill-notices-data.json\"",
        ),
        ("cache-control", "no-store"),
    ];
    for (name, value) in rows {
        assert_eq!(file.headers()[name], value);
    }
    assert_eq!(body(file).await, "{}");
    // A name that would break out of the header is none.
    assert!(file_of_json("a\nb", vec![]).is_err());
}

/// A cookie as a browser sends it.
fn sent<K: Kept>(portal: &Portal, kept: &K) -> String {
    let now = Timestamp::now();
    let header = kept.kept(&portal.sealer, now, true).unwrap();
    let header = header.to_str().unwrap();
    header.split(';').next().unwrap().to_owned()
}

fn signed_in(person: &str) -> Session {
    Session {
        person: person.to_owned(),
    }
}

#[tokio::test]
async fn a_form_is_allowed_by_a_sign_in_of_its_own_which_names_it() {
    let portal = portal().await;
    let nobody = answer(&portal, "/en/account/fill", None).await;
    assert_eq!(nobody.status(), StatusCode::OK);
    assert!(body(nobody).await.contains("/sign-in?next=/account"));
    let session = sent(&portal, &signed_in("one"));
    for (path, scopes) in [
        ("/en/account/fill", "scope=eidapi_auth+eidapi_formFilling&"),
        ("/en/sign-in?next=/account", "scope=eidapi_auth&"),
    ] {
        let leaving = answer(&portal, path, Some(&session)).await;
        assert_eq!(leaving.status(), StatusCode::SEE_OTHER);
        let to = leaving.headers()[LOCATION].to_str().unwrap();
        assert!(to.contains(scopes), "{to}");
    }
}

#[tokio::test]
async fn a_form_is_shown_in_the_browser_and_to_the_person_that_asked_for_it() {
    let portal = portal().await;
    let form = FormUnderWay {
        name: "contactForms/1".to_owned(),
        state: "s".to_owned(),
        person: "one".to_owned(),
    };
    let [one, other] = ["one", "other"].map(|person| sent(&portal, &signed_in(person)));
    let form = sent(&portal, &form);
    let rows = [
        // Another browser, another person, another state, no state.
        (one.clone(), "state=s", StatusCode::GONE),
        (format!("{other}; {form}"), "state=s", StatusCode::GONE),
        (format!("{one}; {form}"), "state=x", StatusCode::GONE),
        (format!("{one}; {form}"), "", StatusCode::GONE),
        // The gateway of these tests does not answer.
        (
            format!("{one}; {form}"),
            "state=s",
            StatusCode::SERVICE_UNAVAILABLE,
        ),
    ];
    for (cookies, query, status) in rows {
        let path = format!("/en/account/filled?{query}");
        let shown = answer(&portal, &path, Some(&cookies)).await;
        assert_eq!(shown.status(), status, "{query}");
        html::is_sound(&body(shown).await, Language::English);
    }
    let nobody = answer(&portal, "/en/account/filled?state=s", Some(&form)).await;
    assert_eq!(nobody.status(), StatusCode::OK, "it asks to sign in");
}
