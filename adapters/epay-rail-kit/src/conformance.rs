//! The suite that every rail passes: one macro call in the rail's `tests/conformance.rs`.
//!
//! ```ignore
//! epay_rail_kit::conformance! {
//!     open: || my_rail::open(&"my-rail".parse().unwrap(), "").unwrap(),
//!     order: sample_order,
//!     goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"),
//!     codes: CODES,
//! }
//! ```
//!
//! `open` gives the rail with its default settings; `order` a collection that it takes (the suite varies
//! amount, currency and texts); `goldens` is a folder in which each message stands beside a `.json` file
//! with what it must decode to ([`Golden`]); `codes` is the rail's code table, each row of which needs a golden. A rail
//! that wants something kept between orders adds `kept: "…"` behind `codes`.
//!
//! The suite holds for any rail, so it knows no format: what is special to one stays in that rail's tests.

mod bytes;
mod golden;
mod orders;
mod sample;

use std::path::PathBuf;

use epay_rail::{Collect, Inbound, Rail};

pub use golden::{Golden, goldens, rendered};

/// A rail under test.
#[derive(Debug)]
pub struct Suite {
    /// Opens the rail with its default settings.
    pub open: fn() -> Box<dyn Rail>,
    /// A collection that the rail takes.
    pub order: fn() -> Collect,
    /// The folder of golden messages.
    pub goldens: PathBuf,
    /// The codes of the rail's code table.
    pub codes: Vec<&'static str>,
    /// What the rail would have asked us to keep of the sample collection, for orders that need it.
    pub kept: Option<&'static str>,
}

/// What a rule found wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// What each rule answers.
pub type Verdict = Result<(), Broken>;

/// A broken rule with its text.
fn broken<T>(what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(what.into()))
}

/// Fails the test when a rule is broken.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails; only tests call it")]
pub fn check(verdict: Verdict) {
    if let Err(broken) = verdict {
        panic!("{broken}");
    }
}

impl Suite {
    /// The profile can be worked with: orders, currencies, limits, a validity and a name.
    pub fn the_profile_is_usable(&self) -> Verdict {
        let rail = (self.open)();
        let profile = rail.profile();
        let rules = [
            (!profile.name.is_empty(), "the rail has no name"),
            (!profile.orders.is_empty(), "the rail takes no order"),
            (
                !profile.currencies.is_empty(),
                "the rail carries no currency",
            ),
            (profile.amount_min >= 1, "the least amount is not positive"),
            (profile.amount_max >= profile.amount_min, "the limits cross"),
            (
                profile.presentation_ttl_secs > 0,
                "presentations are never valid",
            ),
            (!profile.methods.is_empty(), "no method leads to the rail"),
            (profile.amount_step >= 1, "amounts have no step"),
            (
                profile.amount_min.checked_rem(profile.amount_step) == Some(0)
                    && profile.amount_max.checked_rem(profile.amount_step) == Some(0),
                "the limits are between two steps",
            ),
            (profile.fee.per_item_minor >= 0, "the fee is negative"),
            (profile.calls_at_once > 0, "no call may ever be made"),
            (profile.patience.call_millis > 0, "no call is waited for"),
            (!profile.notice_types.is_empty(), "no notice can be taken"),
            (!profile.accounts.clearing.is_empty(), "no clearing account"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, what)) => broken(*what),
            None => Ok(()),
        }
    }

    /// Decoding the same bytes again, also by a rail opened anew, gives the same.
    pub fn a_repeat_decodes_identically(&self) -> Verdict {
        let (one, other) = ((self.open)(), (self.open)());
        for golden in goldens(&self.goldens)? {
            let first = self.decode(one.as_ref(), &golden);
            if first != self.decode(one.as_ref(), &golden)
                || first != self.decode(other.as_ref(), &golden)
            {
                return broken(format!(
                    "{} decodes differently the second time",
                    golden.name
                ));
            }
        }
        Ok(())
    }

    /// The payer appears in no `Debug` output and in no error, nor does any canary that a golden names.
    pub fn personal_data_is_never_shown(&self) -> Verdict {
        let rail = (self.open)();
        let mut payers = 0_usize;
        for golden in goldens(&self.goldens)? {
            let inbound = Inbound::notice(&golden.body, self.received_at());
            let decoded = self.decode(rail.as_ref(), &golden);
            let mut shown = format!("{inbound:?} {decoded:?}");
            if let Err(unreadable) = &decoded {
                shown.push_str(&unreadable.to_string());
            }
            let reports = decoded.iter().flat_map(|decoded| &decoded.reports);
            let named: Vec<&String> = reports.filter_map(|report| report.payer.as_ref()).collect();
            payers = payers.saturating_add(named.len());
            for secret in named.into_iter().chain(&golden.expected.canaries) {
                if shown.contains(secret.as_str()) {
                    return broken(format!("{} shows personal data", golden.name));
                }
            }
            for canary in &golden.expected.canaries {
                if !contains(&golden.body, canary.as_bytes()) {
                    return broken(format!("{} does not hold its canary", golden.name));
                }
            }
        }
        if payers == 0 {
            return broken("no golden has a payer, so nothing was proved");
        }
        Ok(())
    }
}

/// Whether the bytes occur in a body.
fn contains(body: &[u8], wanted: &[u8]) -> bool {
    body.windows(wanted.len().max(1))
        .any(|window| window == wanted)
}

/// Writes the tests of the suite for one rail; see [the module](mod@crate::conformance).
#[macro_export]
macro_rules! conformance {
    (
        open: $open:expr, order: $order:expr, goldens: $goldens:expr, codes: $codes:expr
        $(, kept: $kept:expr)? $(,)?
    ) => {
        fn conformance_suite() -> $crate::conformance::Suite {
            $crate::conformance::Suite {
                open: $open,
                order: $order,
                goldens: ::std::path::PathBuf::from($goldens),
                codes: $codes,
                kept: [$($kept,)?].first().copied(),
            }
        }
        $crate::conformance!(@tests
            the_profile_is_usable
            encoding_is_deterministic
            what_the_profile_promises_is_encoded_at_both_limits
            what_the_profile_does_not_promise_is_refused
            every_order_of_the_profile_is_encoded_and_no_other
            goldens_decode_as_written
            every_code_has_a_golden
            a_repeat_decodes_identically
            personal_data_is_never_shown
            arbitrary_bytes_never_panic
            mutated_goldens_never_panic
        );
    };
    (@tests $($rule:ident)+) => {$(
        #[test]
        fn $rule() {
            $crate::conformance::check(conformance_suite().$rule());
        }
    )+};
}
