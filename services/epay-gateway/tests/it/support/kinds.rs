//! The kinds of bill that the tests have.

use epay_domain::{
    BillType, CheckDigit, InstalmentPolicy, LocalizedText, NumberRule, OverPolicy, PartPolicy,
    Payee, Policy, SecondFactor, SecondFactorKind, Terms,
};
use epay_money::{BillTypeCode, BillerId, RailId};

use super::{ACCOUNT, BILL_TYPE, PENALTY, RAIL};

fn text(en: &str) -> LocalizedText {
    LocalizedText {
        en: en.to_owned(),
        zh_hant: en.to_owned(),
        zh_hans: en.to_owned(),
    }
}

/// Consolidated bills, whose parts are told to whoever finds the bill, or not.
fn parts(shown: bool) -> PartPolicy {
    PartPolicy {
        count_max: 2,
        reference_label: text("Assessment number"),
        shown,
    }
}

pub(super) fn bill_types() -> Vec<BillType> {
    let kind =
        |code: &str, biller: &str, part_allowed: bool, payee: &str, account: &str| BillType {
            code: BillTypeCode::new(code).unwrap(),
            biller: BillerId::new(biller).unwrap(),
            biller_name: text(biller),
            name: text(code),
            number_label: text("Account number"),
            number: NumberRule {
                digits: 11,
                check_digit: CheckDigit::Mod11Radix10,
                trailing_a: false,
            },
            policy: Policy {
                part_allowed,
                exact_only: false,
                over: OverPolicy::HoldForRefund,
            },
            payees: vec![Payee {
                rail: RailId::new(RAIL).unwrap(),
                identifier: payee.to_owned(),
                account: account.to_owned(),
                name: text("TEST payee"),
            }],
            default_line: "01".to_owned(),
            terms: Terms {
                parts: Some(parts(true)),
                ..Terms::default()
            },
        };
    vec![
        kind(BILL_TYPE, "rvd", false, "1234567", ACCOUNT),
        kind("wsd-water", "wsd", true, "7654321", "012888000654321"),
        BillType {
            terms: Terms {
                second_factor: Some(SecondFactor {
                    kind: SecondFactorKind::VehicleRegistrationMark,
                    label: text("Registration mark"),
                }),
                vehicle_licence: true,
                instalments: Some(InstalmentPolicy {
                    count_max: 2,
                    rest_falls_due: true,
                }),
                parts: Some(parts(false)),
                ..Terms::default()
            },
            ..kind(PENALTY, "rvd", true, "7654322", "012888000654322")
        },
    ]
}
