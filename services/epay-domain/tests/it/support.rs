//! One bill, one kind, one payment: what every table here starts from.
use epay_domain::bill::{Bill, BillState, RevenueLine};
use epay_domain::payment::{Payment, PaymentState};
use epay_domain::{
    BillType, CheckDigit, LocalizedText, NumberRule, OverPolicy, Payee, Policy, Reference, Terms,
};
use epay_money::{BillId, BillTypeCode, BillerId, BusinessCalendar, Money, PaymentId, RailId};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("2026-01-20T08:00:00Z")
}

pub(crate) fn calendar() -> BusinessCalendar {
    BusinessCalendar::vendored().unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn text(en: &str) -> LocalizedText {
    LocalizedText {
        en: en.into(),
        zh_hant: en.into(),
        zh_hans: en.into(),
    }
}

pub(crate) const PART: Policy = Policy {
    part_allowed: true,
    exact_only: false,
    over: OverPolicy::HoldForRefund,
};
pub(crate) const WHOLE: Policy = Policy {
    part_allowed: false,
    ..PART
};
pub(crate) const EXACT: Policy = Policy {
    part_allowed: false,
    exact_only: true,
    ..PART
};
pub(crate) const FORWARD: Policy = Policy {
    over: OverPolicy::CreditForward,
    ..PART
};

pub(crate) fn bill_type(policy: Policy) -> BillType {
    BillType {
        code: BillTypeCode::new("rvd-rates").unwrap(),
        biller: BillerId::new("rvd").unwrap(),
        biller_name: text("TEST department"),
        name: text("Demand"),
        number_label: text("Account number"),
        number: NumberRule {
            digits: 15,
            check_digit: CheckDigit::Mod11Radix10,
            trailing_a: false,
        },
        policy,
        payees: vec![Payee {
            rail: RailId::new("test").unwrap(),
            identifier: "999900201".into(),
            account: "999000000201".into(),
            name: text("TEST payee"),
        }],
        default_line: "02-gr".into(),
        terms: Terms::default(),
    }
}

pub(crate) fn bill(minor: i64) -> Bill {
    Bill {
        id: BillId::new(id(1)),
        biller: BillerId::new("rvd").unwrap(),
        bill_type: BillTypeCode::new("rvd-rates").unwrap(),
        number: "000123456789011".into(),
        amount: Money::hkd(minor),
        applied_minor: 0,
        state: BillState::Open,
        due_date: "2026-01-30".parse().unwrap(),
        description: String::new(),
        lines: vec![RevenueLine {
            code: "02-gr".into(),
            minor,
        }],
        parts: vec![],
        instalments: vec![],
        instalment_missed: false,
        second_factor: None,
        licence: None,
        created_at: now(),
        paid_at: None,
        revision: 0,
        version: 1,
        under_way: vec![],
    }
}

pub(crate) fn payment(state: PaymentState) -> Payment {
    Payment {
        id: PaymentId::new(id(2)),
        biller: BillerId::new("rvd").unwrap(),
        bill: BillId::new(id(1)),
        reference: Reference::of(PaymentId::new(id(2))),
        rail: RailId::new("test").unwrap(),
        amount: Money::hkd(372_000),
        state,
        received_minor: 0,
        payee: "999900201".into(),
        presentation: None,
        parts: vec![],
        method: "test_qr".into(),
        remote: None,
        amount_editable: true,
        created_at: now(),
        expires_at: at("2026-01-20T08:15:00Z"),
        version: 2,
    }
}
