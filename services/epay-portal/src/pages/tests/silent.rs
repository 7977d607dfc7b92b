//! The site with a gateway that does not answer, and with requests that nobody should make.

use super::*;

const PAYMENT: &str = "01981a2b-0000-7000-8000-000000000001";

#[tokio::test]
async fn a_silent_gateway_is_told_kindly_with_a_503_on_every_page() {
    let pages = [
        (
            "",
            "No new payment was started",
            "未有進行任何新付款",
            "未有进行任何新付款",
        ),
        (
            "/find/rvd-rates",
            "No new payment was started",
            "未有進行任何新付款",
            "未有进行任何新付款",
        ),
        (
            &format!("/pay/rvd/{PAYMENT}"),
            "Do not pay again",
            "請勿再次付款",
            "请勿再次付款",
        ),
        (
            &format!("/receipt/rvd/{PAYMENT}"),
            "Do not pay again",
            "請勿再次付款",
            "请勿再次付款",
        ),
        (
            &format!("/receipt/rvd/{PAYMENT}/proof.json"),
            "Do not pay again",
            "請勿再次付款",
            "请勿再次付款",
        ),
    ];
    for (path, en, zh_hant, zh_hans) in pages {
        for (language, words) in Language::ALL.into_iter().zip([en, zh_hant, zh_hans]) {
            let (status, headers, page) = ask(get(&format!("/{}{path}", language.segment()))).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(headers.contains_key("retry-after"));
            html::is_sound(&page, language);
            assert!(page.contains(words), "{path} {language:?}");
        }
    }
}

#[tokio::test]
async fn a_live_stream_is_refused_and_a_picture_is_not_drawn_while_the_gateway_is_silent() {
    for path in ["events", "status", "code.png", "save.png"] {
        let (status, ..) = ask(get(&format!("/en/pay/rvd/{PAYMENT}/{path}"))).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

#[tokio::test]
async fn an_address_that_is_no_page_says_so_in_the_visitors_language() {
    let cases = [
        ("/en/nothing", None, Language::English),
        ("/zh-hant/nothing", None, Language::Traditional),
        ("/nothing", Some("zh-CN"), Language::Simplified),
        ("/en/pay/RVD/not-a-payment", None, Language::English),
        (
            "/zh-hans/pay/rvd/not-a-payment/events-of-another",
            None,
            Language::Simplified,
        ),
        ("/en/receipt/rvd/1", None, Language::English),
    ];
    for (path, accepts, language) in cases {
        let mut request = get(path);
        if let Some(accepts) = accepts {
            request
                .headers_mut()
                .insert("accept-language", accepts.parse().unwrap());
        }
        let (status, _, page) = ask(request).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        html::is_sound(&page, language);
    }
}

#[tokio::test]
async fn the_front_door_leads_to_the_visitors_language() {
    for (accepts, home) in [
        ("", "/en"),
        ("zh-HK", "/zh-hant"),
        ("zh-CN,en;q=0.5", "/zh-hans"),
    ] {
        let mut request = get("/");
        request
            .headers_mut()
            .insert("accept-language", accepts.parse().unwrap());
        let (status, headers, _) = ask(request).await;
        assert_eq!(
            (status, headers["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, home)
        );
    }
    let (status, headers, _) = ask(get("/en/")).await;
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (StatusCode::PERMANENT_REDIRECT, "/en")
    );
}

#[tokio::test]
async fn a_sealed_link_that_is_not_ours_is_told_as_over() {
    for path in [
        "/en/bill/AAAA",
        "/en/review/nonsense",
        "/zh-hant/bill/%E5%B8%B3",
    ] {
        let (status, _, page) = ask(get(path)).await;
        assert_eq!(status, StatusCode::GONE, "{path}");
        assert!(page.contains("problem") || page.contains("<h1>"));
    }
}

#[tokio::test]
async fn a_button_followed_as_a_link_leads_to_the_payment_and_a_wrong_method_is_told() {
    let (status, headers, _) = ask(get(&format!("/zh-hant/pay/rvd/{PAYMENT}/renew"))).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(
        headers["location"].to_str().unwrap(),
        format!("/zh-hant/pay/rvd/{PAYMENT}")
    );
    let request = Request::delete("/en/help").body(Body::empty()).unwrap();
    let (status, _, page) = ask(request).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    html::is_sound(&page, Language::English);
}

#[tokio::test]
async fn a_form_that_nobody_types_is_refused_unread() {
    let request = Request::post("/en")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("bill_type={}", "x".repeat(10_000))))
        .unwrap();
    let (status, _, page) = ask(request).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    html::is_sound(&page, Language::English);
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers_and_help_needs_no_gateway() {
    for (path, cache) in [
        ("/en/help", "no-store"),
        ("/en/nothing", "no-store"),
        ("/", "no-store"),
    ] {
        let (_, headers, page) = ask(get(path)).await;
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'")
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], cache);
        assert!(!headers.contains_key("set-cookie"));
        if path == "/en/help" {
            html::is_sound(&page, Language::English);
        }
    }
}

#[tokio::test]
async fn the_files_of_a_page_are_served_for_ever() {
    let (_, _, page) = ask(get("/zh-hant/help")).await;
    let paths: Vec<&str> = page
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert_eq!(paths.len(), 3);
    for path in paths {
        let (status, headers, content) = ask(get(path)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        assert!(!content.is_empty());
    }
}
