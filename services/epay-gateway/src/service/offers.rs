//! The ways to pay a bill, judged by what the rails say of themselves.

use std::collections::BTreeMap;

use epay_domain::BillType;
use epay_money::{HONG_KONG, Money, RailId};
use epay_proto::v1;
use epay_rail::Profile;
use jiff::Timestamp;

use crate::config::RailDoor;
use crate::convert;

/// Every method of the rails that can pay this kind of bill, once, in the order of the kind's payees: open where one
/// rail takes all that is outstanding now.
pub(crate) fn of(
    kind: &BillType,
    outstanding: Money,
    rails: &BTreeMap<RailId, RailDoor>,
    now: Timestamp,
) -> Vec<v1::PaymentMethod> {
    let mut offers: Vec<v1::PaymentMethod> = Vec::new();
    for payee in &kind.payees {
        let Some(door) = rails.get(&payee.rail) else {
            continue;
        };
        let profile = door.rail.profile();
        for &method in profile.methods {
            let offer = offer(method, profile, outstanding, now);
            match offers.iter_mut().find(|known| known.method == method) {
                Some(known) if !known.open && offer.open => *known = offer,
                Some(_) => {}
                None => offers.push(offer),
            }
        }
    }
    offers
}

fn offer(method: &str, profile: &Profile, outstanding: Money, now: Timestamp) -> v1::PaymentMethod {
    let reasons = closed_reasons(profile, outstanding, now);
    let currency = outstanding.currency();
    let cutoff = profile.receipt_cutoff;
    v1::PaymentMethod {
        method: method.to_owned(),
        rail: if reasons.is_empty() {
            profile.rail.to_string()
        } else {
            String::new()
        },
        open: reasons.is_empty(),
        closed_reasons: reasons.into_iter().map(str::to_owned).collect(),
        cutoff: format!("{:02}:{:02}", cutoff.hour(), cutoff.minute()),
        limit: Some(convert::amount(Money::new(profile.amount_max, currency))),
    }
}

/// Why a rail does not take this much now, as stable words; nothing where it does.
fn closed_reasons(profile: &Profile, amount: Money, now: Timestamp) -> Vec<&'static str> {
    let clock = HONG_KONG.to_datetime(now).time();
    let step = profile.amount_step.max(1);
    let rules = [
        (
            !profile.currencies.contains(&amount.currency()),
            "currency_not_taken",
        ),
        (amount.minor() < profile.amount_min, "amount_too_small"),
        (amount.minor() > profile.amount_max, "amount_too_large"),
        (
            amount
                .minor()
                .checked_rem(step)
                .is_some_and(|rest| rest != 0),
            "amount_step",
        ),
        (
            profile.hours.is_some_and(|hours| !hours.contains(clock)),
            "closed_now",
        ),
    ];
    rules
        .into_iter()
        .filter_map(|(broken, reason)| broken.then_some(reason))
        .collect()
}

#[cfg(test)]
mod tests {
    use epay_money::Currency;
    use epay_rail::{Hours, RailAccountCodes};
    use jiff::civil::time;

    use super::*;

    #[test]
    fn a_rail_is_closed_by_amount_coin_currency_and_hour() {
        let accounts = RailAccountCodes {
            clearing: "1110".to_owned(),
            fee_expense: "5010.some".to_owned(),
            fee_accrued: "2310.some".to_owned(),
        };
        let mut profile = Profile::new(RailId::new("some").unwrap(), "Some", accounts);
        profile.amount_min = 100;
        profile.amount_max = 10_000;
        profile.amount_step = 10;
        profile.hours = Some(Hours {
            from: time(9, 0, 0, 0),
            until: time(19, 0, 0, 0),
        });
        let morning: Timestamp = "2026-01-20T01:00:00Z".parse().unwrap();
        let evening: Timestamp = "2026-01-20T11:00:00Z".parse().unwrap();
        let table: [(Money, Timestamp, &[&str]); 7] = [
            (Money::hkd(100), morning, &[]),
            (Money::hkd(10_000), morning, &[]),
            (Money::hkd(90), morning, &["amount_too_small"]),
            (Money::hkd(10_010), morning, &["amount_too_large"]),
            (Money::hkd(105), morning, &["amount_step"]),
            (Money::hkd(100), evening, &["closed_now"]),
            (
                Money::new(100, Currency::Cny),
                morning,
                &["currency_not_taken"],
            ),
        ];
        for (amount, at, expected) in table {
            assert_eq!(
                closed_reasons(&profile, amount, at),
                expected,
                "{amount} {at}"
            );
        }
    }
}
