//! What an amount alone says, and what it does not.

use epay_domain::reconciliation::{Direction, Expected, Kind, Observed};

use crate::reconciliation::{TUESDAY, batch, check, observed};

#[test]
fn what_names_a_payment_or_may_come_on_any_day_is_not_met_by_its_amount() {
    let one = batch(1, "B1", 500);
    let seen = Observed {
        day: TUESDAY,
        ..observed(1, 500)
    };
    let named = Observed {
        reference: Some("EP1"),
        ..seen
    };
    check(
        &[one],
        &[named],
        "MISSING_IN_GATEWAY !1 500, LATE_SETTLEMENT 1! -500",
    );
    // A debit carries whatever name its bank gave it.
    let (out, back) = (Direction::Out, named);
    check(
        &[Expected {
            direction: out,
            ..one
        }],
        &[Observed {
            direction: out,
            ..back
        }],
        "amount_and_date 1=1",
    );
    let rest = Expected {
        kind: Kind::Rest,
        expected_on: None,
        ..one
    };
    check(&[rest], &[seen], "UNIDENTIFIED_CREDIT !1 500, waiting 1");
}
