//! What the checks on bank statements find.

use epay_domain::statement::{
    Declared, Link, StatementFinding as Finding, Summary, chain_findings, own_findings,
};
use jiff::civil::{Date, date};

const GOOD: Summary = Summary {
    opening_minor: Some(1_000),
    closing_minor: Some(1_250),
    rows_written: 3,
    credits_minor: 400,
    debits_minor: 150,
    declared: Declared {
        rows: Some(3),
        credits_minor: Some(400),
        debits_minor: Some(150),
    },
};

#[test]
fn a_statement_that_agrees_with_itself_has_no_finding() {
    let silent = Summary {
        opening_minor: None,
        declared: Declared::default(),
        ..GOOD
    };
    for summary in [GOOD, silent] {
        assert_eq!(own_findings(&summary), [], "{summary:?}");
    }
}

#[test]
fn each_sum_that_does_not_agree_is_a_finding_of_its_own() {
    let table = [
        (
            Summary {
                closing_minor: Some(1_251),
                ..GOOD
            },
            Finding::ClosingDiffers {
                computed_minor: 1_250,
                closing_minor: 1_251,
            },
        ),
        (
            Summary {
                rows_written: 2,
                ..GOOD
            },
            Finding::RowsDiffer {
                declared: 3,
                found: 2,
            },
        ),
        (
            Summary {
                declared: Declared {
                    credits_minor: Some(401),
                    ..GOOD.declared
                },
                ..GOOD
            },
            Finding::CreditsDiffer {
                declared_minor: 401,
                computed_minor: 400,
            },
        ),
        (
            Summary {
                declared: Declared {
                    debits_minor: Some(0),
                    ..GOOD.declared
                },
                ..GOOD
            },
            Finding::DebitsDiffer {
                declared_minor: 0,
                computed_minor: 150,
            },
        ),
    ];
    for (summary, expected) in table {
        assert_eq!(own_findings(&summary), [expected], "{summary:?}");
    }
}

fn link(day: Date, number: i64, opening: i64, closing: i64) -> Link {
    Link {
        to_date: day,
        sequence_number: Some(number),
        opening_minor: Some(opening),
        closing_minor: Some(closing),
    }
}

#[test]
fn a_statement_follows_the_one_before_it() {
    let last = link(date(2026, 1, 21), 20, 0, 500);
    let next_day = date(2026, 1, 22);
    let unnumbered = Link {
        sequence_number: None,
        ..link(next_day, 0, 500, 600)
    };
    let table: [(Link, Link, Vec<Finding>); 6] = [
        (last, link(next_day, 21, 500, 600), vec![]),
        (last, unnumbered, vec![]),
        (
            last,
            link(next_day, 23, 500, 600),
            vec![Finding::SequenceGap {
                expected: 21,
                found: 23,
            }],
        ),
        (
            last,
            link(next_day, 20, 500, 600),
            vec![Finding::SequenceRepeated { number: 20 }],
        ),
        (
            last,
            link(next_day, 21, 499, 600),
            vec![Finding::OpeningDiffers {
                last_closing_minor: 500,
                opening_minor: 499,
            }],
        ),
        // A bank that counts within the year begins again at 1, and only then.
        (
            link(date(2025, 12, 31), 250, 0, 500),
            link(date(2026, 1, 2), 1, 500, 600),
            vec![],
        ),
    ];
    for (previous, this, expected) in table {
        assert_eq!(
            chain_findings(Some(&previous), &this),
            expected,
            "{previous:?} then {this:?}"
        );
    }
    assert_eq!(chain_findings(None, &last), []);
}
