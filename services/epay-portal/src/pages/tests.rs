//! Every page in every language is sound HTML; every screen says what it must; a silent gateway is told kindly.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use epay_money::{BillerId, Money};
use epay_proto::v1;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::pay::Seen;
use crate::config::{PortalConfig, TokenSource};
use crate::gateway::Gateway;
use crate::language::Language;
use crate::text::Text;
use crate::view::{
    Bill, BillKind, BillState, Code, Credit, Instalment, Next, PaidBill, Part, Payment,
    PaymentState,
};
use crate::web::{Demo, Portal, Visit, router};

mod forms;
mod html;
mod people;
mod screens;
mod several;
mod silent;

/// A portal whose gateway is a port that nobody listens on.
pub(crate) async fn lonely_portal() -> Arc<Portal> {
    let token = TokenSource::Secret(SecretString::from("token"));
    let config = PortalConfig::new("127.0.0.1:0".parse().unwrap(), "http://127.0.0.1:9", token);
    let gateway = Gateway::new(&config).await.unwrap();
    let demo = Demo {
        bank_app_url: Some("http://127.0.0.1:9900/"),
        wallet_app_url: Some("http://127.0.0.1:9900/wallets/app/open"),
        device_wallet_url: Some("http://127.0.0.1:9900/devices/"),
    };
    let portal = Portal::new(
        gateway,
        None,
        "https://pay.example/",
        demo,
        CancellationToken::new(),
    );
    Arc::new(portal.unwrap())
}

pub(super) async fn visit(language: Language, place: &str) -> Visit {
    Visit {
        text: Text::new(language),
        place: place.to_owned(),
        visitor: String::new(),
        session: None,
        portal: lonely_portal().await,
    }
}

pub(super) async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One request to the whole site.
pub(super) async fn ask(request: Request<Body>) -> (StatusCode, http::HeaderMap, String) {
    let response = router(lonely_portal().await)
        .oneshot(request)
        .await
        .unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, body(response).await)
}

pub(super) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(super) fn words(en: &str, zh_hant: &str, zh_hans: &str) -> Option<v1::LocalizedText> {
    Some(v1::LocalizedText {
        en: en.into(),
        zh_hant: zh_hant.into(),
        zh_hans: zh_hans.into(),
    })
}

pub(crate) fn kind() -> BillKind {
    BillKind {
        code: "rvd-rates".into(),
        biller_name: words(
            "TEST Rating and Valuation Department",
            "測試 差餉物業估價署",
            "测试 差饷物业估价署",
        ),
        name: words("Rates and Government rent", "差餉及地租", "差饷及地租"),
        number_label: words("Account number", "帳目編號", "帐目编号"),
        number_digits: 15,
        part_payment_allowed: true,
        methods: vec!["some-rail".into()],
        second_factor: None,
        late_rules: vec![],
        part_reference: words("Assessment number", "估價編號", "估价编号"),
    }
}

pub(super) fn now() -> Timestamp {
    "2026-01-20T08:00:00Z".parse().unwrap()
}

pub(super) fn payment(state: PaymentState, credits: Vec<Credit>) -> Payment {
    Payment {
        biller: BillerId::new("rvd").unwrap(),
        id: "01981a2b-0000-7000-8000-000000000001".parse().unwrap(),
        bills: vec![paid_bill(2, 372_000)],
        reference: "EP0123456789ABCDEFGH".into(),
        method: "fps_qr".into(),
        amount: Money::hkd(372_000),
        state,
        conditional: false,
        failure: None,
        due_date: Some(jiff::civil::date(2026, 1, 30)),
        created_at: Some(now()),
        expires_at: Some("2026-01-20T08:15:00Z".parse().unwrap()),
        next: Some(Next::Scan(Code {
            payload: "000201".into(),
            payee_name: words("TEST <Rating> & \"Valuation\"", "測試 差餉", "测试 差饷"),
            amount_editable: true,
            app_link: None,
        })),
        credits,
        version: 2,
        is_final: false,
        kind: "rvd-rates".into(),
        bill_number: "•••••••••••9011".into(),
    }
}

/// A bill that a payment pays, by the end of its id.
pub(super) fn paid_bill(id: u8, cents: i64) -> PaidBill {
    PaidBill {
        name: format!("billers/rvd/bills/01981a2b-0000-7000-8000-{id:012}"),
        number: format!("•••••••••••{:04}", 9_009 + u16::from(id)),
        amount: Money::hkd(cents),
    }
}

pub(super) fn seen(state: PaymentState, credits: Vec<Credit>) -> Seen {
    Seen {
        payment: payment(state, credits),
        kind: kind(),
        now: now(),
    }
}

/// 3,600 dollars in two instalments, with so many cents paid.
pub(crate) fn a_bill_by_instalments(paid: i64) -> Bill {
    let part = |number, day, minor: i64, before: i64| Instalment {
        number,
        due_date: day,
        amount: Money::hkd(minor),
        paid: Money::hkd(paid.saturating_sub(before).clamp(0, minor)),
        overdue: false,
    };
    let (first, second) = (
        jiff::civil::date(2026, 1, 30),
        jiff::civil::date(2026, 4, 8),
    );
    let next = if paid < 270_000 { first } else { second };
    let to = if paid < 270_000 { 270_000 } else { 360_000 };
    Bill {
        name: "billers/ird/bills/01981a2b-0000-7000-8000-000000000002".into(),
        biller: BillerId::new("ird").unwrap(),
        number: "•••••••9016".into(),
        demanded: Money::hkd(360_000),
        applied: Money::hkd(paid),
        outstanding: Money::hkd(360_000 - paid),
        due_date: first,
        description: "Year of assessment 2025/26".into(),
        state: BillState::Payable,
        overdue: false,
        paid_at: None,
        parts: vec![],
        instalments: vec![part(1, first, 270_000, 0), part(2, second, 90_000, 270_000)],
        payable_now: Money::hkd(to - paid),
        next_due_date: next,
        window: None,
    }
}

/// A credit: what arrived, then what was applied, overpaid, duplicate and unapplied, in cents.
pub(super) fn credit(cents: [i64; 5]) -> Credit {
    let [amount, applied, overpaid, duplicate, unapplied] = cents.map(Money::hkd);
    Credit {
        bill: String::new(),
        rail_reference: "FRN20260120001".into(),
        amount,
        applied,
        overpaid,
        duplicate,
        unapplied,
        instructed_at: now(),
        business_date: jiff::civil::date(2026, 1, 20),
        on_time: true,
    }
}
