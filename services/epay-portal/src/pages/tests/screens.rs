//! What each screen of a payment says, in each language.

use super::*;
use crate::pages::pay::{Came, show};
use crate::view::{FailureKind, Handover, Screen};

/// A screen with the words it must show in English, Traditional and Simplified Chinese.
struct Case {
    state: PaymentState,
    credits: Vec<Credit>,
    change: fn(&mut Payment),
    screen: Screen,
    shows: [&'static [&'static str]; 3],
}

#[expect(clippy::too_many_lines, reason = "one row a screen")]
fn cases() -> Vec<Case> {
    let full = || credit([372_000, 372_000, 0, 0, 0]);
    vec![
        Case {
            state: PaymentState::AwaitingPayer,
            credits: vec![],
            change: |_| {},
            screen: Screen::Scan,
            shows: [
                &[
                    "Scan to pay $3,720.00",
                    "EP0123456789ABCDEFGH",
                    "Use this code before 16:15.",
                ],
                &["掃描二維碼繳付 3,720.00 元", "請於 16:15 前使用此二維碼。"],
                &["扫描二维码缴付 3,720.00 元", "请于 16:15 前使用此二维码。"],
            ],
        },
        Case {
            state: PaymentState::Unclear,
            credits: vec![],
            change: |_| {},
            screen: Screen::Checking,
            shows: [
                &[
                    "We are still checking. Do not pay again. Your reference is EP0123456789ABCDEFGH",
                ],
                &["我們正在核實付款，請勿再次付款。交易參考編號：EP0123456789ABCDEFGH"],
                &["我们正在核实付款，请勿再次付款。交易参考编号：EP0123456789ABCDEFGH"],
            ],
        },
        Case {
            state: PaymentState::Expired,
            credits: vec![],
            change: |_| {},
            screen: Screen::Expired,
            shows: [
                &[
                    "If you have paid, we will still match it",
                    "Get a new QR code",
                ],
                &["如已付款，我們仍會核對入帳", "取得新的二維碼"],
                &["如已付款，我们仍会核对入帐", "取得新的二维码"],
            ],
        },
        Case {
            state: PaymentState::Cancelled,
            credits: vec![],
            change: |_| {},
            screen: Screen::Cancelled,
            shows: [
                &["No money has been taken."],
                &["款項未有扣除。"],
                &["款项未有扣除。"],
            ],
        },
        Case {
            state: PaymentState::Failed,
            credits: vec![],
            change: |_| {},
            screen: Screen::Failed,
            shows: [
                &["No money has been taken."],
                &["款項未有扣除"],
                &["款项未有扣除"],
            ],
        },
        Case {
            state: PaymentState::Settled,
            credits: vec![full()],
            change: |_| {},
            screen: Screen::Received,
            shows: [
                &[
                    "Payment received",
                    "$3,720.00",
                    "in its records of 20 January 2026",
                    "View receipt",
                ],
                &[
                    "已收到付款",
                    "3,720.00 元",
                    "2026年1月20日 的紀錄",
                    "查看收據",
                ],
                &[
                    "已收到付款",
                    "3,720.00 元",
                    "2026年1月20日 的纪录",
                    "查看收据",
                ],
            ],
        },
        Case {
            state: PaymentState::Expired,
            credits: vec![credit([400_000, 372_000, 28_000, 0, 0])],
            change: |_| {},
            screen: Screen::Received,
            shows: [
                &["Payment received", "$280.00 is above"],
                &["多付的 280.00 元"],
                &["多付的 280.00 元"],
            ],
        },
        Case {
            state: PaymentState::Settled,
            credits: vec![full(), credit([372_000, 0, 0, 372_000, 0])],
            change: |_| {},
            screen: Screen::Received,
            shows: [
                &[
                    "This bill had been paid already",
                    "We hold $3,720.00 for a refund",
                ],
                &["我們保留 3,720.00 元 待退款"],
                &["我们保留 3,720.00 元 待退款"],
            ],
        },
        Case {
            state: PaymentState::Settled,
            credits: vec![credit([100_000, 100_000, 0, 0, 0])],
            change: |_| {},
            screen: Screen::Part,
            shows: [
                &["We received $1,000.00 of $3,720.00."],
                &["我們收到 3,720.00 元 之中的 1,000.00 元。"],
                &["我们收到 3,720.00 元 之中的 1,000.00 元。"],
            ],
        },
        Case {
            state: PaymentState::Settled,
            credits: vec![credit([372_000, 0, 0, 0, 372_000])],
            change: |_| {},
            screen: Screen::Held,
            shows: [
                &["We hold $3,720.00 in safe keeping. Do not pay again."],
                &["我們正妥為保管 3,720.00 元，請勿再次付款。"],
                &["我们正妥为保管 3,720.00 元，请勿再次付款。"],
            ],
        },
    ]
}

/// Screens of rails that do more than show a code.
#[expect(clippy::too_many_lines, reason = "one row a screen")]
fn other_rails() -> Vec<Case> {
    let case = |state, change, screen, shows| Case {
        state,
        credits: vec![],
        change,
        screen,
        shows,
    };
    vec![
        case(
            PaymentState::AwaitingPayer,
            |payment| {
                payment.method = "card".into();
                payment.next = Some(Next::Redirect {
                    url: "https://pay.example/hosted?a=1&b=2".into(),
                });
            },
            Screen::Leave,
            [
                &[
                    "Continue to pay $3,720.00",
                    "Nothing has been paid yet.",
                    "href=\"https://pay.example/hosted?a=1&#38;b=2\"",
                ],
                &["繼續繳付 3,720.00 元", "尚未付款。"],
                &["继续缴付 3,720.00 元", "尚未付款。"],
            ],
        ),
        case(
            PaymentState::AwaitingPayer,
            |payment| {
                payment.method = "pps_checkout".into();
                payment.next = Some(Next::Form {
                    action: "https://pay.example/form".into(),
                    fields: vec![("orderRef".into(), "<EP>".into())],
                });
            },
            Screen::Leave,
            [
                &[
                    "action=\"https://pay.example/form\"",
                    "name=\"orderRef\" value=\"&#60;EP&#62;\"",
                ],
                &["繼續付款"],
                &["继续付款"],
            ],
        ),
        case(
            PaymentState::AwaitingPayer,
            |payment| {
                payment.method = "pps".into();
                payment.next = Some(Next::Instructions {
                    fields: vec![
                        ("merchant_code".into(), "9999".into()),
                        ("bill_number".into(), "12345678903".into()),
                    ],
                });
            },
            Screen::Instruct,
            [
                &["Merchant code", "9999", "Bill number", "12345678903"],
                &["商戶編號", "帳單號碼"],
                &["商户编号", "帐单号码"],
            ],
        ),
        case(
            PaymentState::AwaitingPayer,
            |payment| {
                payment.method = "echeque".into();
                payment.next = Some(Next::Hand(Handover {
                    what: "echeque".into(),
                    media_type: "application/pdf".into(),
                    bytes_max: 2_097_152,
                    request_json: String::new(),
                }));
            },
            Screen::Hand,
            [
                &[
                    "Upload your e-Cheque for $3,720.00",
                    "up to 2 MB",
                    "multipart/form-data",
                ],
                &["上載金額為 3,720.00 元 的電子支票"],
                &["上载金额为 3,720.00 元 的电子支票"],
            ],
        ),
        case(
            PaymentState::AwaitingPayer,
            |payment| {
                payment.method = "apple_pay".into();
                payment.next = Some(Next::Hand(Handover {
                    what: "apple_pay".into(),
                    media_type: "application/json".into(),
                    bytes_max: 65_536,
                    request_json: "{\"a\":1}".into(),
                }));
            },
            Screen::Hand,
            [
                &[
                    "Pay $3,720.00 with Apple Pay",
                    "action=\"http://127.0.0.1:9900/devices/apple_pay\"",
                    "value=\"{&#34;a&#34;:1}\"",
                    "value=\"https://pay.example/en/pay/rvd/01981a2b-0000-7000-8000-000000000001/token\"",
                ],
                &["以 Apple Pay 繳付 3,720.00 元"],
                &["以 Apple Pay 缴付 3,720.00 元"],
            ],
        ),
        case(
            PaymentState::Sending,
            |payment| payment.next = None,
            Screen::Sending,
            [
                &["We are processing your payment", "Do not pay again."],
                &["正在處理你的付款", "請勿再次付款"],
                &["正在处理你的付款", "请勿再次付款"],
            ],
        ),
        case(
            PaymentState::Sending,
            |payment| payment.conditional = true,
            Screen::Clearing,
            [
                &[
                    "e-Cheque received, awaiting clearance",
                    "Do not pay again.",
                    "View acknowledgement",
                ],
                &["已收到電子支票，等候兌現", "請勿再次付款"],
                &["已收到电子支票，等候兑现", "请勿再次付款"],
            ],
        ),
        case(
            PaymentState::Closing,
            |_| {},
            Screen::Closing,
            [
                &["Wait until it is closed before you pay in another way."],
                &["請待付款關閉後，才以其他方法付款。"],
                &["请待付款关闭后，才以其他方法付款。"],
            ],
        ),
        case(
            PaymentState::Failed,
            |payment| payment.failure = Some(FailureKind::Declined),
            Screen::Failed,
            [
                &[
                    "Your bank declined the payment. No money has been taken. Try another card or method",
                    "Choose another way to pay",
                ],
                &["銀行拒絕付款，款項未有扣除。請改用其他信用卡或付款方法"],
                &["银行拒绝付款，款项未有扣除。请改用其他信用卡或付款方法"],
            ],
        ),
        case(
            PaymentState::Failed,
            |payment| payment.failure = Some(FailureKind::Dishonoured),
            Screen::Failed,
            [
                &[
                    "Your bank returned the e-Cheque. The bill is not paid. Pay again by 30 January 2026 to avoid a surcharge",
                ],
                &[
                    "銀行退回電子支票，帳單仍未繳付。請於 2026年1月30日 或之前重新繳付，以免被徵收附加費",
                ],
                &[
                    "银行退回电子支票，帐单仍未缴付。请于 2026年1月30日 或之前重新缴付，以免被征收附加费",
                ],
            ],
        ),
    ]
}

#[tokio::test]
async fn every_screen_says_what_it_must_in_every_language_and_is_sound() {
    for case in cases().into_iter().chain(other_rails()) {
        for (language, shows) in Language::ALL.into_iter().zip(case.shows) {
            let mut seen = seen(case.state, case.credits.clone());
            (case.change)(&mut seen.payment);
            assert_eq!(seen.screen(), case.screen);
            let visit = visit(language, "/pay/rvd/01981a2b-0000-7000-8000-000000000001").await;
            let page = body(show(&visit, &seen, &Came::default())).await;
            html::is_sound(&page, language);
            assert!(page.contains(&format!("data-screen=\"{}\"", case.screen.word())));
            for words in shows {
                assert!(
                    page.contains(words),
                    "{:?} {language:?}: no {words:?} in {page}",
                    case.screen
                );
            }
        }
    }
}

#[tokio::test]
async fn the_code_page_works_without_script_and_leads_to_the_bank_of_the_demonstration() {
    let visit = visit(
        Language::English,
        "/pay/rvd/01981a2b-0000-7000-8000-000000000001?checked=1",
    )
    .await;
    let page = body(show(
        &visit,
        &seen(PaymentState::AwaitingPayer, vec![]),
        &Came::asking(),
    ))
    .await;
    let own = "/en/pay/rvd/01981a2b-0000-7000-8000-000000000001";
    assert!(page.contains(&format!(
        "<noscript><meta http-equiv=\"refresh\" content=\"10; url={own}\"></noscript>"
    )));
    assert!(page.contains("We have not received your payment yet."));
    assert!(
        page.contains(
            "http://127.0.0.1:9900/app?scan=https%3A%2F%2Fpay.example%2Fen%2Fpay%2Frvd%2F"
        )
    );
    assert!(page.contains("data-expires-in=\"900000\""));
    assert!(
        page.contains("TEST &#60;Rating&#62; &#38; &#34;Valuation&#34;"),
        "names are escaped"
    );
    assert!(
        page.contains("to pay HKD 3,720.00 to TEST"),
        "those who hear the page hear the currency"
    );
}

#[tokio::test]
async fn a_page_whose_form_goes_to_the_rail_may_post_there_and_nowhere_else() {
    let visit = visit(
        Language::English,
        "/pay/rvd/01981a2b-0000-7000-8000-000000000001",
    )
    .await;
    let mut seen = seen(PaymentState::AwaitingPayer, vec![]);
    seen.payment.next = Some(Next::Form {
        action: "https://pay.example/form".into(),
        fields: vec![],
    });
    let response = show(&visit, &seen, &Came::default());
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("form-action 'self' https://pay.example;"),
        "{policy}"
    );
    assert!(
        !body(response).await.contains("data-go"),
        "who comes by a link is not taken on"
    );
}
