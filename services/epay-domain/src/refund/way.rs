//! Which way a refund goes: back along the way the money came, or to a verified account by a rail that pays out.
//!
//! A rail that takes refunds and says for how many days gives money back along its own way. One that takes refunds and
//! names no days pays to any account that it is given: it is a payout rail.

use epay_money::{PaymentId, PayoutAccountId, RefundId, hong_kong_date};
use epay_rail::{OrderKind, Profile};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Refund, Route};
use crate::{Receipt, Reference};

/// What is known when a refund is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    /// The rail that brought the money, where it is open.
    pub original: Option<&'a Profile>,
    /// The rail that pays out, where one is open.
    pub payout: Option<&'a Profile>,
    /// The account that two people agreed to for money of this receipt.
    pub verified: Option<PayoutAccountId>,
    /// Now.
    pub now: Timestamp,
    /// Random bytes for the order's words.
    pub nonce: [u8; 16],
}

/// Whether a rail pays to any account that it is given.
#[must_use]
pub fn pays_out(profile: &Profile) -> bool {
    profile.takes(OrderKind::Refund) && profile.refund_days.is_none()
}

/// The way of the next order of a refund.
///
/// # Errors
/// Why there is none, for the person who must find one.
pub fn way(refund: &Refund, receipt: &Receipt, ways: Ways<'_>) -> Result<Route, String> {
    let attempt = refund.attempts.saturating_add(1);
    let route = |profile: &Profile, original| Route {
        rail: profile.rail.clone(),
        original,
        order_key: order_key(refund.id, attempt),
        at: ways.now,
        nonce: ways.nonce,
    };
    // An account that somebody named, or that was needed before, says that the way back did not work.
    let back = ways.original.filter(|_profile| refund.account.is_none());
    let why_not_back = match back {
        None if refund.account.is_some() => "an account was named".to_owned(),
        None => format!("{} is not open", receipt.rail),
        Some(profile) => match goes_back(receipt, profile, hong_kong_date(ways.now)) {
            Ok(()) => return Ok(route(profile, true)),
            Err(why) => why,
        },
    };
    let Some(payout) = ways.payout.filter(|profile| pays_out(profile)) else {
        return Err(format!("{why_not_back}; no rail pays out"));
    };
    match (refund.account, ways.verified) {
        (None, _) => Err(format!("{why_not_back}; an account to pay to is needed")),
        (Some(named), Some(verified)) if named == verified => Ok(route(payout, false)),
        (Some(_), _) => Err("the account is not verified".to_owned()),
    }
}

fn goes_back(receipt: &Receipt, profile: &Profile, today: Date) -> Result<(), String> {
    let name = profile.name;
    let Some(days) = profile
        .refund_days
        .filter(|_days| profile.takes(OrderKind::Refund))
    else {
        return Err(format!("{name} gives no money back"));
    };
    if receipt.payment.is_none() {
        return Err(format!("no payment by {name} is known for it"));
    }
    let since = receipt
        .value_date
        .until(today)
        .map_or(i64::MAX, |span| i64::from(span.get_days()));
    if since > i64::from(days) {
        return Err(format!(
            "{name} gives money back within {days} days; it came {since} days ago"
        ));
    }
    Ok(())
}

/// Our name for an order: `RF`, the eighteen characters of the refund's own reference, and the number of the attempt.
#[must_use]
pub fn order_key(refund: RefundId, attempt: i32) -> String {
    let reference = Reference::of(PaymentId::new(refund.uuid())).to_string();
    let body = reference.strip_prefix("EP").unwrap_or(&reference);
    format!("RF{body}-{attempt}")
}
