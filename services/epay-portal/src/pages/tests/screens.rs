//! What each screen of a payment says, in each language.

use super::*;
use crate::pages::pay::show;
use crate::view::Screen;

/// A screen with the words it must show in English, Traditional and Simplified Chinese.
struct Case {
    state: PaymentState,
    credits: Vec<Credit>,
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
            screen: Screen::Held,
            shows: [
                &["We hold $3,720.00 in safe keeping. Do not pay again."],
                &["我們正妥為保管 3,720.00 元，請勿再次付款。"],
                &["我们正妥为保管 3,720.00 元，请勿再次付款。"],
            ],
        },
    ]
}

#[tokio::test]
async fn every_screen_says_what_it_must_in_every_language_and_is_sound() {
    for case in cases() {
        for (language, shows) in Language::ALL.into_iter().zip(case.shows) {
            let seen = seen(case.state, case.credits.clone());
            assert_eq!(seen.screen(), case.screen);
            let visit = visit(language, "/pay/rvd/01981a2b-0000-7000-8000-000000000001").await;
            let page = body(show(&visit, &seen, false)).await;
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
        true,
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
