//! The pages before a payment: find, check, review. Rendered from what a gateway would say.

use super::*;
use crate::pages::{Problem, bill, find, method, receipt, review};
use crate::view::Method;

pub(super) fn a_bill(state: BillState, overdue: bool) -> Bill {
    let paid = state == BillState::Paid;
    Bill {
        name: "billers/rvd/bills/01981a2b-0000-7000-8000-000000000002".into(),
        biller: BillerId::new("rvd").unwrap(),
        number: "•••••••••••9011".into(),
        demanded: Money::hkd(372_000),
        applied: Money::hkd(if paid { 372_000 } else { 0 }),
        outstanding: Money::hkd(if paid { 0 } else { 372_000 }),
        due_date: jiff::civil::date(2026, 1, 30),
        description: "January to March 2026".into(),
        state,
        overdue,
        paid_at: paid.then(now),
        parts: vec![],
        instalments: vec![],
        payable_now: Money::hkd(if paid { 0 } else { 372_000 }),
        next_due_date: jiff::civil::date(2026, 1, 30),
        window: None,
    }
}

#[tokio::test]
async fn a_bill_says_how_it_stands_in_every_language() {
    let cases: &[(BillState, bool, bool, [&str; 3])] = &[
        (
            BillState::Payable,
            false,
            true,
            ["30 January 2026", "2026年1月30日", "2026年1月30日"],
        ),
        (
            BillState::Payable,
            true,
            true,
            ["This bill is overdue", "此帳單已逾期", "此帐单已逾期"],
        ),
        (
            BillState::Paid,
            false,
            false,
            [
                "This bill was paid on 20 January 2026. You do not need to pay again",
                "此帳單已於 2026年1月20日 繳付，無須再次付款",
                "此帐单已于 2026年1月20日 缴付，无须再次付款",
            ],
        ),
        (
            BillState::Withdrawn,
            false,
            false,
            ["Do not pay this bill.", "請勿繳付此帳單", "请勿缴付此帐单"],
        ),
    ];
    for (state, overdue, payable, shows) in cases {
        for (language, words) in Language::ALL.into_iter().zip(shows) {
            let visit = visit(language, "/bill/sealed").await;
            let page = body(bill::shown_for_test(
                &visit,
                kind(),
                a_bill(*state, *overdue),
                None,
            ))
            .await;
            html::is_sound(&page, language);
            assert!(page.contains(words), "{state:?} {language:?}");
            assert_eq!(page.contains("<form"), *payable, "{state:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_amount_is_told_in_the_summary_beside_the_field_and_in_the_title() {
    let visit = visit(Language::English, "/bill/sealed").await;
    let page = body(bill::shown_for_test(
        &visit,
        kind(),
        a_bill(BillState::Payable, false),
        Some("9999"),
    ))
    .await;
    html::is_sound(&page, Language::English);
    assert_eq!(page.matches("Amount must be $3,720.00 or less").count(), 2);
    assert!(page.contains("<title>Error: Check your bill"));
    assert!(page.contains("value=\"9999\""), "what was typed is kept");
}

#[tokio::test]
async fn a_bill_by_instalments_shows_its_schedule_and_lets_the_payer_choose() {
    let shows = [
        [
            "$2,700.00, due by 30 January 2026",
            "All that is left: $3,600.00",
            "a surcharge of five",
        ],
        [
            "2,700.00 元，於 2026年1月30日 或之前繳付",
            "全部餘額：3,600.00 元",
            "百分之五",
        ],
        [
            "2,700.00 元，于 2026年1月30日 或之前缴付",
            "全部余额：3,600.00 元",
            "百分之五",
        ],
    ];
    let kind = BillKind {
        late_rules: words("a surcharge of five", "百分之五", "百分之五")
            .into_iter()
            .collect(),
        ..kind()
    };
    for (language, shows) in Language::ALL.into_iter().zip(shows) {
        let visit = visit(language, "/bill/sealed").await;
        let whole = a_bill_by_instalments(0);
        let page = body(bill::shown_for_test(&visit, kind.clone(), whole, None)).await;
        html::is_sound(&page, language);
        for words in shows {
            assert!(page.contains(words), "{language:?} {words}");
        }
        assert_eq!(page.matches("type=\"radio\"").count(), 3);
        let last = a_bill_by_instalments(270_000);
        let page = body(bill::shown_for_test(&visit, kind.clone(), last, None)).await;
        html::is_sound(&page, language);
        assert!(!page.contains("type=\"radio\""), "nothing is to be chosen");
    }
}

#[tokio::test]
async fn a_bill_outside_its_window_is_not_payable_and_says_when_it_is() {
    let visit = visit(Language::English, "/bill/sealed").await;
    let closed = Bill {
        window: Some((
            jiff::civil::date(2020, 1, 1),
            jiff::civil::date(2020, 12, 31),
        )),
        ..a_bill(BillState::Payable, false)
    };
    let page = body(bill::shown_for_test(&visit, kind(), closed, None)).await;
    html::is_sound(&page, Language::English);
    assert!(page.contains("from 1 January 2020 to 31 December 2020"));
    assert!(!page.contains("<form"));
}

#[tokio::test]
async fn a_visitor_who_searched_too_often_is_told_when_to_try_again() {
    for (language, words) in
        Language::ALL
            .into_iter()
            .zip(["You can search again after", "後再次搜尋", "后再次搜寻"])
    {
        let visit = visit(language, "/find/rvd-rates").await;
        let response = Problem::Later { seconds: 42 }.page(&visit);
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "42");
        let page = body(response).await;
        html::is_sound(&page, language);
        assert!(page.contains(words), "{language:?}");
    }
}

#[tokio::test]
async fn a_kind_that_must_be_paid_whole_has_no_field_for_an_amount() {
    let visit = visit(Language::English, "/bill/sealed").await;
    let whole = BillKind {
        part_payment_allowed: false,
        ..kind()
    };
    let page = body(bill::shown_for_test(
        &visit,
        whole,
        a_bill(BillState::Payable, false),
        None,
    ))
    .await;
    assert!(!page.contains("name=\"amount\"") && page.contains("<form"));
}

#[tokio::test]
async fn a_wrong_number_is_told_in_words_of_the_bill() {
    let shows = [
        [
            "Enter the account number shown on your bill",
            "輸入帳單上的帳目編號",
            "输入帐单上的帐目编号",
        ],
        [
            "Account number must be 15 digits",
            "帳目編號須為 15 位數字",
            "帐目编号须为 15 位数字",
        ],
        [
            "Check the account number: one or more digits do not match",
            "請核對帳目編號，有數字不符",
            "请核对帐目编号，有数字不符",
        ],
        [
            "Check the number and the registration mark, or contact the department",
            "請核對號碼及車輛登記號碼，或聯絡有關部門",
            "请核对号码及车辆登记号码，或联络有关部门",
        ],
        [
            "Enter the registration mark shown on your bill",
            "輸入帳單上的車輛登記號碼",
            "输入帐单上的车辆登记号码",
        ],
    ];
    let kind = BillKind {
        second_factor: words("Registration mark", "車輛登記號碼", "车辆登记号码"),
        ..kind()
    };
    for (wrong, shows) in find::Wrong::ALL.into_iter().zip(shows) {
        for (language, words) in Language::ALL.into_iter().zip(shows) {
            let visit = visit(language, "/find/rvd-rates").await;
            let typed = find::Typed {
                number: "<0001>".to_owned(),
                second_factor: "<AB>".to_owned(),
            };
            let page = body(find::ask(&visit, &kind, typed, Some(wrong))).await;
            html::is_sound(&page, language);
            assert_eq!(page.matches(words).count(), 2, "{wrong:?} {language:?}");
            assert!(page.contains("value=\"&#60;0001&#62;\""));
            assert!(page.contains("value=\"&#60;AB&#62;\""));
        }
    }
}

#[tokio::test]
async fn the_ways_to_pay_are_radios_with_cut_off_and_limit_and_closed_ones_say_why() {
    let way = |word: &str, open: bool, reasons: &[&str]| Method {
        word: word.into(),
        open,
        closed_reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        cutoff: Some("17:00".into()),
        limit: Some(Money::hkd(10_000_000)),
    };
    let methods = vec![
        way("fps_qr", true, &[]),
        way("card", false, &["amount_too_large"]),
        way("octopus", false, &["amount_step"]),
        way("pps_checkout", false, &["closed_now"]),
        way("payme", false, &["unhealthy"]),
        way("carrier_pigeon", true, &[]),
    ];
    let shows = [
        [
            "Counts for today if you pay before 17:00 on a business day. Up to $100,000.00.",
            "only for payments up to $100,000.00",
            "only for amounts in whole 10 cents",
            "closed at this hour",
            "not available at the moment",
        ],
        [
            "工作天 17:00 前付款即日計算。上限 100,000.00 元。",
            "只適用於不超過 100,000.00 元 的付款",
            "金額須為一角的倍數",
            "現時並非服務時間",
            "暫時未能使用",
        ],
        [
            "工作天 17:00 前付款即日计算。上限 100,000.00 元。",
            "只适用于不超过 100,000.00 元 的付款",
            "金额须为一角的倍数",
            "现时并非服务时间",
            "暂时未能使用",
        ],
    ];
    for (language, words) in Language::ALL.into_iter().zip(shows) {
        for wrong in [false, true] {
            let visit = visit(language, "/method/sealed").await;
            let bill = a_bill(BillState::Payable, false);
            let page = body(method::shown_for_test(&visit, bill, methods.clone(), wrong)).await;
            html::is_sound(&page, language);
            for words in words {
                assert!(page.contains(words), "{language:?}: no {words} in {page}");
            }
            assert_eq!(page.matches("type=\"radio\"").count(), 2);
            assert_eq!(page.contains("method-error"), wrong);
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_says_that_it_is_no_receipt() {
    for (language, words) in Language::ALL.into_iter().zip([
        [
            "Acknowledgement",
            "This is an acknowledgement, not a receipt.",
        ],
        ["確認通知", "並非收據"],
        ["确认通知", "并非收据"],
    ]) {
        let visit = visit(language, "/receipt/rvd/1").await;
        let mut seen = seen(PaymentState::Sending, vec![]);
        seen.payment.conditional = true;
        let page = body(receipt::render(&visit, &seen).unwrap()).await;
        html::is_sound(&page, language);
        for words in words
            .into_iter()
            .chain(["HKD 3,720.00", "EP0123456789ABCDEFGH"])
        {
            assert!(page.contains(words), "{language:?}: {words}");
        }
        assert!(!page.contains("proof.json"), "nothing is booked yet");
    }
}

#[tokio::test]
async fn the_review_says_that_nothing_is_paid_yet() {
    for (language, words) in Language::ALL.into_iter().zip([
        "You are about to pay $3,720.00",
        "你將會繳付 3,720.00 元",
        "你将会缴付 3,720.00 元",
    ]) {
        let visit = visit(language, "/review/sealed").await;
        let page = body(review::shown_for_test(
            &visit,
            kind(),
            a_bill(BillState::Payable, false),
        ))
        .await;
        html::is_sound(&page, language);
        assert!(page.contains(words));
    }
}

#[tokio::test]
async fn a_receipt_names_amount_references_times_and_its_own_address() {
    for (language, words) in Language::ALL.into_iter().zip([
        [
            "Receipt",
            "20 January 2026, 16:00:00 (Hong Kong time)",
            "Download the proof of this receipt",
        ],
        [
            "收據",
            "2026年1月20日 16:00:00（香港時間）",
            "下載此收據的證明",
        ],
        [
            "收据",
            "2026年1月20日 16:00:00（香港时间）",
            "下载此收据的证明",
        ],
    ]) {
        let visit = visit(language, "/receipt/rvd/1").await;
        let mut late = credit([100_000, 100_000, 0, 0, 0]);
        late.on_time = false;
        let seen = seen(
            PaymentState::Settled,
            vec![credit([272_000, 272_000, 0, 0, 0]), late],
        );
        let page = body(receipt::render(&visit, &seen).unwrap()).await;
        html::is_sound(&page, language);
        let everywhere = [
            "HKD 3,720.00",
            "HKD 1,000.00",
            "EP0123456789ABCDEFGH",
            "FRN20260120001",
            "https://pay.example/",
            "/01981a2b-0000-7000-8000-000000000001/proof.json\"",
            "tag-warning",
        ];
        for words in words.into_iter().chain(everywhere) {
            assert!(page.contains(words), "{language:?}: {words}");
        }
    }
}
