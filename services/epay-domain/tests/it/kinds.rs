//! What can be wrong with a list of kinds of bill, as a table; and what is left of a second factor as people type it.

use epay_domain::{
    AccountDigits, BillType, InstalmentPolicy, LateRule, LineName, PayWindow, SecondFactorKind,
    check_kinds,
};
use epay_money::BillerId;

use crate::support::{EXACT, PART, bill_type, text};

fn faults(kinds: &[BillType]) -> Vec<(String, &'static str)> {
    check_kinds(kinds)
        .into_iter()
        .map(|fault| (fault.field, fault.code))
        .collect()
}

type Change = fn(&mut BillType);

fn change_by_change(rows: &[(Change, &str, &'static str)]) {
    for (change, field, code) in rows {
        let mut kind = bill_type(PART);
        change(&mut kind);
        assert_eq!(faults(&[kind]), [((*field).to_owned(), *code)]);
    }
}

#[test]
fn a_fault_of_texts_numbers_and_payees_is_named_by_its_field() {
    assert_eq!(faults(&[bill_type(PART)]), []);
    change_by_change(&[
        (
            |kind| kind.name.zh_hant = " ".into(),
            "name.zh_hant",
            "TEXT_MISSING",
        ),
        (
            |kind| kind.name.en = "x".repeat(161),
            "name.en",
            "TEXT_TOO_LONG",
        ),
        (
            |kind| kind.number_label.zh_hans = "a\u{7}".into(),
            "number_label.zh_hans",
            "CONTROL_CHARACTER",
        ),
        (
            |kind| kind.number.digits = 33,
            "number.digits",
            "NUMBER_DIGITS",
        ),
        (
            |kind| kind.policy.exact_only = true,
            "policy.part_allowed",
            "POLICY_CONTRADICTS",
        ),
        (
            |kind| kind.payees.push(kind.payees[0].clone()),
            "payees[1].rail",
            "RAIL_TWICE",
        ),
        (
            |kind| kind.payees[0].account.clear(),
            "payees[0].account",
            "TEXT_MISSING",
        ),
        (
            |kind| kind.payees[0].name.en.clear(),
            "payees[0].name.en",
            "TEXT_MISSING",
        ),
        (
            |kind| kind.default_line = "GR".into(),
            "default_line",
            "LINE_CODE",
        ),
    ]);
}

fn account(skipped: u32, count: u32) -> Option<AccountDigits> {
    Some(AccountDigits { skipped, count })
}

#[test]
fn a_kind_says_which_digits_of_its_numbers_are_the_account() {
    let rows = [
        (None, "000123456789011"),
        (account(0, 10), "0001234567"),
        (account(3, 12), "123456789011"),
        // A list with such a kind is refused when it is loaded; an account that is too long finds nobody else's.
        (account(3, 13), "000123456789011"),
        (account(u32::MAX, u32::MAX), "000123456789011"),
    ];
    for (digits, expected) in rows {
        let mut kind = bill_type(PART);
        kind.terms.account = digits;
        assert_eq!(kind.account("000123456789011"), expected, "{digits:?}");
    }
}

#[test]
fn the_numbers_of_an_account_lie_between_its_lowest_and_its_highest() {
    let rows = [
        (None, ("000123456789011", "000123456789011")),
        (account(0, 10), ("000123456700000", "000123456799999")),
        (account(3, 7), ("000123456700000", "999123456799999")),
        (account(u32::MAX, 2), ("000000000000000", "999999999999999")),
    ];
    for (digits, (lowest, highest)) in rows {
        let mut kind = bill_type(PART);
        kind.terms.account = digits;
        let expected = (lowest.to_owned(), highest.to_owned());
        assert_eq!(
            kind.account_range("000123456789011"),
            expected,
            "{digits:?}"
        );
    }
}

#[test]
fn a_fault_of_terms_is_named_by_its_field() {
    let line = LineName {
        code: "07-govrent".into(),
        name: text("rent"),
    };
    let mut other_line = bill_type(PART);
    other_line.terms.revenue_lines = vec![line];
    assert_eq!(
        faults(&[other_line]),
        [("default_line".to_owned(), "LINE_UNKNOWN")]
    );
    change_by_change(&[
        (
            |kind| {
                kind.terms.instalments = Some(InstalmentPolicy {
                    count_max: 25,
                    rest_falls_due: false,
                });
            },
            "terms.instalments.count_max",
            "INSTALMENTS_OUT_OF_RANGE",
        ),
        (
            |kind| {
                kind.terms.window = Some(PayWindow {
                    months_before: 0,
                    months_after: 121,
                });
            },
            "terms.window",
            "WINDOW_OUT_OF_RANGE",
        ),
        (
            |kind| kind.terms.account = account(15, 1),
            "terms.account",
            "ACCOUNT_OUT_OF_RANGE",
        ),
        (
            |kind| kind.terms.account = account(3, 0),
            "terms.account",
            "ACCOUNT_OUT_OF_RANGE",
        ),
        (
            |kind| kind.terms.account = account(u32::MAX, 1),
            "terms.account",
            "ACCOUNT_OUT_OF_RANGE",
        ),
    ]);
}

#[test]
fn a_fault_of_rules_that_belong_together_is_named_by_its_field() {
    let rate = |after_months, basis_points| LateRule {
        after_months,
        basis_points,
        words: text("late"),
    };
    let mut late = bill_type(PART);
    late.terms.late_rules = vec![rate(6, 500), rate(6, 10_001)];
    assert_eq!(
        faults(&[late]),
        [
            (
                "terms.late_rules[1].after_months".to_owned(),
                "LATE_RULE_ORDER"
            ),
            (
                "terms.late_rules[1].basis_points".to_owned(),
                "OUT_OF_RANGE"
            ),
        ]
    );
    let mut exact = bill_type(EXACT);
    exact.terms.instalments = Some(InstalmentPolicy {
        count_max: 2,
        rest_falls_due: true,
    });
    let contradicts = ("terms.instalments".to_owned(), "POLICY_CONTRADICTS");
    assert_eq!(faults(&[exact]), [contradicts]);
}

#[test]
fn kinds_are_judged_together() {
    let one = bill_type(PART);
    let renamed = BillType {
        biller_name: text("another name"),
        ..one.clone()
    };
    let stranger = BillType {
        biller: BillerId::new("wsd").unwrap(),
        ..one.clone()
    };
    let field = |field: &str, code| (field.to_owned(), code);
    assert_eq!(
        faults(&[one.clone(), renamed]),
        [
            field("code", "KIND_TWICE"),
            field("biller_name", "BILLER_NAME_DIFFERS"),
        ]
    );
    assert_eq!(
        faults(&[one, stranger]),
        [
            field("code", "KIND_TWICE"),
            field("payees[0].account", "ACCOUNT_OF_ANOTHER"),
        ]
    );
}

#[test]
fn a_second_factor_is_forgiven_its_print() {
    use SecondFactorKind::{PayerName, VehicleRegistrationMark};
    let rows = [
        (VehicleRegistrationMark, " ab-1234 ", Some("AB1234")),
        (VehicleRegistrationMark, "ＡＢ１２３４", Some("AB1234")),
        (VehicleRegistrationMark, "I LOVE U", Some("1L0VEU")),
        (VehicleRegistrationMark, " - ", None),
        (PayerName, "Chan, Tai-man", Some("CHANTAIMAN")),
        (PayerName, "陳 大文", Some("陳大文")),
        (PayerName, "", None),
    ];
    for (kind, typed, expected) in rows {
        assert_eq!(kind.normalise(typed).as_deref(), expected, "{typed:?}");
    }
}
