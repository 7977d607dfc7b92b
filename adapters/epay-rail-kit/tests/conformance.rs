//! The conformance suite itself: a good rail passes every rule, and each kind of bad rail is caught by the rule
//! that is meant for it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use epay_money::Money;
use epay_rail::{
    Collect, Decoded, Finding, Inbound, Order, OrderKind, Outbound, Presentation, Profile, Rail,
    RailAccountCodes, Refusal, Report, Unreadable, UnreadableKind, is_reference,
};
use epay_rail_kit::conformance::{Suite, Verdict};

/// What is wrong with a rail.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    Nothing,
    CountsItsCodes,
    ForgetsALimit,
    RefusesTheMost,
    TakesAnyReference,
    CountsItsReports,
    DropsThePayer,
    QuotesTheBody,
    PanicsOnBytes,
    ReadsNothingAsEmpty,
}

/// A rail whose messages are lines: `paid <reference> <cents> <payer>`.
#[derive(Debug)]
struct Lines {
    flaw: Flaw,
    profile: Profile,
    calls: AtomicU32,
}

impl Lines {
    fn calls(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }
}

impl Rail for Lines {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        if order.kind() != OrderKind::Collect {
            return Err(Refusal::OrderNotTaken { kind: order.kind() });
        }
        let collect = &order.collect;
        let forgiven = self.flaw == Flaw::ForgetsALimit && collect.amount.minor() > 5_000;
        if !forgiven {
            let mut checked = collect.clone();
            if self.flaw == Flaw::TakesAnyReference {
                checked.reference = "EP0AB1CD2EF3GH4JK5MN".to_owned();
            }
            self.profile.check_collect(&checked)?;
        }
        let problem = || "unknown".to_owned();
        if self.flaw == Flaw::RefusesTheMost && collect.amount.minor() == self.profile.amount_max {
            let (amount, most) = (collect.amount, collect.amount);
            return Err(Refusal::AmountTooLarge { amount, most });
        }
        if collect.payee != "1" {
            return Err(Refusal::BadPayee { problem: problem() });
        }
        if !is_reference(&collect.reference) && self.flaw != Flaw::TakesAnyReference {
            return Err(Refusal::BadReference { problem: problem() });
        }
        let count = if self.flaw == Flaw::CountsItsCodes {
            self.calls()
        } else {
            0
        };
        let payload = format!("{} {count}", collect.reference);
        Ok(Outbound::Present(Presentation::Qr {
            payload,
            app_link: None,
        }))
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        assert!(
            self.flaw != Flaw::PanicsOnBytes || !inbound.body.contains(&0xFE),
            "a byte that nobody thought of"
        );
        let text = String::from_utf8_lossy(inbound.body);
        let words: Vec<&str> = text.trim().splitn(4, ' ').collect();
        let ["paid", reference, cents, payer] = words[..] else {
            if self.flaw == Flaw::ReadsNothingAsEmpty {
                return Ok(Decoded::default());
            }
            let quoted = self.flaw == Flaw::QuotesTheBody;
            return Err(Unreadable {
                kind: UnreadableKind::Malformed,
                path: "/".to_owned(),
                message: if quoted {
                    text.into_owned()
                } else {
                    "no line".to_owned()
                },
            });
        };
        let day = "2026-01-20".parse().unwrap();
        let counted = self.flaw == Flaw::CountsItsReports;
        let extra = if counted {
            self.calls().to_string()
        } else {
            String::new()
        };
        Ok(Decoded {
            reports: vec![Report {
                rail_account: "A".to_owned(),
                rail_reference: format!("{reference}{extra}"),
                reference: None,
                bill_number: None,
                order_key: None,
                amount: Money::hkd(cents.parse().unwrap_or(1)),
                fee: None,
                finding: Finding::Settled,
                reason: None,
                instructed_at: "2026-01-20T00:00:00Z".parse().unwrap(),
                booking_date: day,
                value_date: day,
                payer: (self.flaw != Flaw::DropsThePayer).then(|| payer.to_owned()),
                end_to_end_id: None,
                clearing_reference: None,
            }],
            ..Decoded::default()
        })
    }
}

fn rail(flaw: Flaw) -> Box<dyn Rail> {
    Box::new(Lines {
        flaw,
        calls: AtomicU32::new(0),
        profile: Profile {
            methods: &["lines"],
            amount_max: 5_000,
            ..Profile::new("lines".parse().unwrap(), "Lines", accounts())
        },
    })
}

fn accounts() -> RailAccountCodes {
    RailAccountCodes {
        clearing: "1".to_owned(),
        fee_expense: "2".to_owned(),
        fee_accrued: "3".to_owned(),
    }
}

fn order() -> Collect {
    Collect {
        method: "lines".to_owned(),
        payee: "1".to_owned(),
        amount: Money::hkd(100),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "1".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T00:00:00Z".parse().unwrap(),
        expires_at: "2026-01-20T00:01:00Z".parse().unwrap(),
    }
}

fn suite(open: fn() -> Box<dyn Rail>) -> Suite {
    Suite {
        open,
        order,
        goldens: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"),
        codes: vec!["paid"],
        kept: None,
    }
}

type Rule = fn(&Suite) -> Verdict;

/// Every rule of the suite with its name.
const RULES: [(&str, Rule); 11] = [
    ("profile", Suite::the_profile_is_usable),
    ("deterministic", Suite::encoding_is_deterministic),
    (
        "promised",
        Suite::what_the_profile_promises_is_encoded_at_both_limits,
    ),
    (
        "refused",
        Suite::what_the_profile_does_not_promise_is_refused,
    ),
    (
        "orders",
        Suite::every_order_of_the_profile_is_encoded_and_no_other,
    ),
    ("goldens", Suite::goldens_decode_as_written),
    ("codes", Suite::every_code_has_a_golden),
    ("repeat", Suite::a_repeat_decodes_identically),
    ("personal", Suite::personal_data_is_never_shown),
    ("arbitrary", Suite::arbitrary_bytes_never_panic),
    ("mutated", Suite::mutated_goldens_never_panic),
];

#[test]
fn each_flaw_is_caught_by_the_rules_that_are_meant_for_it() {
    let table: [(Suite, &[&str]); 8] = [
        (suite(|| rail(Flaw::Nothing)), &[]),
        (
            suite(|| rail(Flaw::CountsItsCodes)),
            &["deterministic", "orders"],
        ),
        (suite(|| rail(Flaw::ForgetsALimit)), &["refused"]),
        (suite(|| rail(Flaw::RefusesTheMost)), &["promised"]),
        (suite(|| rail(Flaw::TakesAnyReference)), &["refused"]),
        (
            suite(|| rail(Flaw::CountsItsReports)),
            &["goldens", "repeat"],
        ),
        (
            suite(|| rail(Flaw::DropsThePayer)),
            &["goldens", "personal"],
        ),
        (suite(|| rail(Flaw::ReadsNothingAsEmpty)), &["arbitrary"]),
    ];
    for (suite, expected) in table {
        let caught: Vec<&str> = RULES
            .iter()
            .filter(|(_, rule)| rule(&suite).is_err())
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(caught, expected, "{:?}", (suite.open)());
    }
}

#[test]
fn a_panic_on_a_rare_byte_is_found() {
    let suite = suite(|| rail(Flaw::PanicsOnBytes));
    assert!(suite.arbitrary_bytes_never_panic().is_err());
}

#[test]
fn an_error_that_quotes_a_payer_is_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "paid R1 100 CHAN").unwrap();
    std::fs::write(folder.path().join("a.json"), r#"{"shows": "a payment"}"#).unwrap();
    std::fs::write(folder.path().join("b.txt"), "payed CHAN").unwrap();
    std::fs::write(
        folder.path().join("b.json"),
        r#"{"shows": "a typing error", "canaries": ["CHAN"]}"#,
    )
    .unwrap();
    let quoting = |open| Suite {
        goldens: folder.path().to_owned(),
        ..suite(open)
    };
    let good = quoting(|| rail(Flaw::Nothing));
    assert!(good.personal_data_is_never_shown().is_ok());
    let bad = quoting(|| rail(Flaw::QuotesTheBody));
    assert!(bad.personal_data_is_never_shown().is_err());
}

#[test]
fn a_code_without_a_golden_and_a_golden_without_a_body_are_found() {
    let unshown = Suite {
        codes: vec!["paid", "returned"],
        ..suite(|| rail(Flaw::Nothing))
    };
    assert!(unshown.every_code_has_a_golden().is_err());
    let folder = tempfile::tempdir().unwrap();
    let empty = Suite {
        goldens: folder.path().to_owned(),
        ..suite(|| rail(Flaw::Nothing))
    };
    assert!(empty.goldens_decode_as_written().is_err());
}
