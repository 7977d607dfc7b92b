//! Consolidated bills, and several bills in one payment.

use super::forms::a_bill;
use super::*;
use crate::pages::basket::{self, Apart};
use crate::pages::together::Together;
use crate::pages::{bill, receipt};

/// A bill whose parts say what they are for, or not.
fn consolidated(shown: bool) -> Bill {
    let part = |number, label: &str, reference: &str, cents, paid| Part {
        number,
        label: if shown { label.into() } else { String::new() },
        reference: if shown {
            reference.into()
        } else {
            String::new()
        },
        amount: Money::hkd(cents),
        paid: Money::hkd(paid),
    };
    Bill {
        parts: vec![
            part(1, "Flat A <1>", "101-1", 200_000, 200_000),
            part(2, "Flat B", "101-2", 100_000, 2_000),
            part(3, "平台", "101-3", 72_000, 0),
        ],
        ..a_bill(BillState::Payable, false)
    }
}

#[tokio::test]
async fn a_consolidated_bill_lists_its_parts_and_how_each_stands() {
    let shows = [
        ["What this bill is for", "$20.00 paid", "Not paid yet"],
        ["綜合帳單各項", "已繳 20.00 元", "未繳付"],
        ["综合帐单各项", "已缴 20.00 元", "未缴付"],
    ];
    let hidden = ["Item 2", "第 2 項", "第 2 项"];
    let labels = ["Assessment number", "估價編號", "估价编号"];
    for (((language, words), item), label) in
        Language::ALL.into_iter().zip(shows).zip(hidden).zip(labels)
    {
        let visit = visit(language, "/bill/sealed").await;
        let page = body(bill::shown_for_test(
            &visit,
            kind(),
            consolidated(true),
            None,
        ))
        .await;
        html::is_sound(&page, language);
        for words in words
            .into_iter()
            .chain(["Flat A &#60;1&#62;", "101-2", label])
        {
            assert!(page.contains(words), "{language:?}: {words}");
        }
        let page = body(bill::shown_for_test(
            &visit,
            kind(),
            consolidated(false),
            None,
        ))
        .await;
        html::is_sound(&page, language);
        assert!(page.contains(item) && !page.contains(label), "{language:?}");
    }
}

fn together(states: &[BillState]) -> Together {
    let mut bills = states.iter().zip(2_u8..).map(|(state, id)| {
        let known = paid_bill(id, 0);
        Bill {
            name: known.name,
            number: known.number,
            ..a_bill(*state, false)
        }
    });
    Together {
        first: bills.next().unwrap(),
        others: bills.collect(),
    }
}

#[tokio::test]
async fn a_basket_lists_its_bills_and_their_total_in_every_language() {
    let shows = [
        [
            "Pay several bills together",
            "$7,440.00",
            "Remove",
            "Add another bill",
        ],
        ["一併繳付多張帳單", "7,440.00 元", "移除", "加入另一張帳單"],
        ["一并缴付多张帐单", "7,440.00 元", "移除", "加入另一张帐单"],
    ];
    for (language, words) in Language::ALL.into_iter().zip(shows) {
        let visit = visit(language, "/basket/sealed").await;
        let bills = together(&[BillState::Payable; 2]);
        let page = body(basket::shown_for_test(&visit, kind(), bills, None)).await;
        html::is_sound(&page, language);
        for words in words.into_iter().chain(["•••9011", "•••9012"]) {
            assert!(page.contains(words), "{language:?}: {words}");
        }
        let home = format!("/{}", language.segment());
        assert!(page.contains(&format!("href=\"{home}/method/")));
        assert!(page.contains(&format!("action=\"{home}/basket/sealed/remove\"")));
    }
}

#[tokio::test]
async fn a_bill_that_was_paid_meanwhile_must_be_removed_before_the_rest_is_paid() {
    let visit = visit(Language::English, "/basket/sealed").await;
    let bills = together(&[BillState::Payable, BillState::Paid]);
    let page = body(basket::shown_for_test(&visit, kind(), bills, None)).await;
    html::is_sound(&page, Language::English);
    assert!(page.contains("This bill has been paid"));
    assert!(page.contains("Remove the bills that cannot be paid now"));
    assert!(!page.contains("/en/method/"), "nothing leads on");
}

#[tokio::test]
async fn a_full_basket_takes_no_more() {
    let visit = visit(Language::English, "/basket/sealed").await;
    let bills = together(&[BillState::Payable; 10]);
    let page = body(basket::shown_for_test(&visit, kind(), bills, None)).await;
    html::is_sound(&page, Language::English);
    assert!(page.contains("You cannot add more bills"));
    assert!(!page.contains("id=\"number\""));
}

#[tokio::test]
async fn why_bills_cannot_be_paid_together_is_told_beside_the_field() {
    for language in Language::ALL {
        let visit = visit(language, "/basket/sealed").await;
        let mut told = std::collections::BTreeSet::new();
        for why in Apart::ALL {
            let bills = together(&[BillState::Payable; 2]);
            let response = basket::shown_for_test(&visit, kind(), bills, Some(why));
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let page = body(response).await;
            html::is_sound(&page, language);
            let words = basket::told(&visit, why).text;
            assert_eq!(
                page.matches(&words).count(),
                2,
                "{language:?} {why:?}: {words}"
            );
            told.insert(words);
        }
        assert_eq!(told.len(), Apart::ALL.len(), "each in words of its own");
    }
}

#[test]
fn bills_stand_apart_for_a_reason() {
    let there = together(&[BillState::Payable; 2]);
    let other = |change: fn(&mut Bill)| {
        let mut bill = Bill {
            name: paid_bill(9, 0).name,
            ..a_bill(BillState::Payable, false)
        };
        change(&mut bill);
        bill
    };
    let rows: [(Bill, Option<Apart>); 7] = [
        (other(|_| {}), None),
        (there.others[0].clone(), Some(Apart::AlreadyThere)),
        (
            other(|bill| bill.state = BillState::Paid),
            Some(Apart::Paid),
        ),
        (
            other(|bill| bill.state = BillState::Withdrawn),
            Some(Apart::Withdrawn),
        ),
        (
            other(|bill| bill.outstanding = Money::hkd(0)),
            Some(Apart::NothingDue),
        ),
        (
            other(|bill| {
                let day = jiff::civil::date(2020, 1, 1);
                bill.window = Some((day, day));
            }),
            Some(Apart::NotToday),
        ),
        (
            other(|bill| bill.outstanding = Money::new(1, epay_money::Currency::Cny)),
            Some(Apart::OtherCurrency),
        ),
    ];
    for (bill, expected) in rows {
        assert_eq!(basket::stands_apart(&there, &bill), expected);
    }
}

#[test]
fn several_bills_fit_a_payment_in_full_only() {
    let (one, two) = (
        together(&[BillState::Payable]),
        together(&[BillState::Payable; 2]),
    );
    for (bills, cents, fits) in [
        (&one, 372_000, true),
        (&one, 1, true),
        (&one, 372_001, false),
        (&two, 744_000, true),
        (&two, 743_999, false),
        (&two, 372_000, false),
        (
            &together(&[BillState::Payable, BillState::Paid]),
            372_000,
            false,
        ),
    ] {
        assert_eq!(bills.fit(Money::hkd(cents)), fits, "{cents}");
    }
}

#[tokio::test]
async fn a_receipt_of_several_bills_names_each() {
    for language in Language::ALL {
        let visit = visit(language, "/receipt/rvd/1").await;
        let bills = [paid_bill(2, 272_000), paid_bill(3, 100_000)];
        let credits = bills.iter().map(|bill| Credit {
            bill: bill.name.clone(),
            ..credit([bill.amount.minor(), bill.amount.minor(), 0, 0, 0])
        });
        let mut seen = seen(PaymentState::Settled, credits.collect());
        seen.payment.bills = bills.to_vec();
        let page = body(receipt::render(&visit, &seen).unwrap()).await;
        html::is_sound(&page, language);
        for number in ["•••9011", "•••9012"] {
            assert_eq!(
                page.matches(number).count(),
                2,
                "above and beside its credit"
            );
        }
        for words in ["HKD 3,720.00", "HKD 2,720.00", "HKD 1,000.00"] {
            assert!(page.contains(words), "{language:?}: {words}");
        }
    }
}

#[tokio::test]
async fn a_basket_opens_by_our_own_links_only() {
    for path in ["/en/basket/x", "/zh-hant/basket/AAAA"] {
        let (status, ..) = ask(get(path)).await;
        assert_eq!(status, StatusCode::GONE, "{path}");
    }
}
