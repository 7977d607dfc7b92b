//! Rules about encoding: the profile's promises are kept, and nothing beyond them is.

use epay_money::{Currency, Money};
use epay_rail::{Collect, Order, OrderKind, Outbound, Presentation, Profile, Rail, Refusal};

use super::{Broken, Suite, Verdict, broken};

impl Suite {
    /// The same order gives the same bytes, also by a rail opened anew.
    pub fn encoding_is_deterministic(&self) -> Verdict {
        let (one, other) = ((self.open)(), (self.open)());
        let order = Order::collect((self.order)());
        let first = one.encode(&order);
        if let Err(refusal) = &first {
            return broken(format!("the sample order is refused: {refusal}"));
        }
        if first != one.encode(&order) || first != other.encode(&order) {
            return broken("the same order was encoded differently");
        }
        Ok(())
    }

    /// Every currency, at the least and the greatest amount, editable or not, is encoded.
    pub fn what_the_profile_promises_is_encoded_at_both_limits(&self) -> Verdict {
        let rail = (self.open)();
        let profile = rail.profile();
        if !profile.takes(OrderKind::Collect) {
            return Ok(());
        }
        for &currency in profile.currencies {
            for minor in [profile.amount_min, profile.amount_max] {
                for amount_editable in [false, true] {
                    let collect = Collect {
                        amount: Money::new(minor, currency),
                        amount_editable,
                        ..(self.order)()
                    };
                    let outbound =
                        rail.encode(&Order::collect(collect.clone()))
                            .map_err(|refusal| {
                                Broken(format!("{} was promised: {refusal}", collect.amount))
                            })?;
                    usable(&outbound)?;
                }
            }
        }
        Ok(())
    }

    /// Beyond the limits, in another currency, expired, or without a payee or a reference: each is refused,
    /// with the refusal that says so.
    pub fn what_the_profile_does_not_promise_is_refused(&self) -> Verdict {
        let rail = (self.open)();
        for (what, collect, code) in beyond(rail.profile(), self.order) {
            match rail.encode(&Order::collect(collect)) {
                Ok(_) => return broken(format!("{what} is encoded")),
                Err(refusal) if refusal.code() == code => {}
                Err(refusal) => {
                    return broken(format!(
                        "{what} is refused as {}: {refusal}",
                        refusal.code()
                    ));
                }
            }
        }
        taken_or_refused(rail.as_ref(), (self.order)())
    }

    /// Every kind of order that the profile lists is encoded, twice the same, and every other kind is refused as one
    /// that the rail does not take. What a payer hands over has no sample, so it is left to the rail's own tests.
    pub fn every_order_of_the_profile_is_encoded_and_no_other(&self) -> Verdict {
        let rail = (self.open)();
        for kind in OrderKind::ALL {
            let order = self.sample(kind);
            let first = rail.encode(&order);
            if first != rail.encode(&order) {
                return broken(format!("a {} order has two forms", kind.as_str()));
            }
            match (rail.profile().takes(kind), first) {
                (true, Ok(outbound)) => usable(&outbound)?,
                (false, Err(Refusal::OrderNotTaken { .. })) => {}
                (true, Err(_)) if kind == OrderKind::Tender => {}
                (true, Err(refusal)) => {
                    return broken(format!("a {} order is refused: {refusal}", kind.as_str()));
                }
                (false, _) => {
                    let kind = kind.as_str();
                    return broken(format!("a {kind} order is not refused as one not taken"));
                }
            }
        }
        Ok(())
    }
}

/// What every outbound must have, whatever the rail: something to show, or somewhere to go.
fn usable(outbound: &Outbound) -> Verdict {
    let shown = match outbound {
        Outbound::Present(Presentation::Qr { payload, .. }) => !payload.is_empty(),
        Outbound::Present(Presentation::Redirect { url }) => is_address(url),
        Outbound::Present(Presentation::Form { action, fields }) => {
            is_address(action) && !fields.is_empty()
        }
        Outbound::Present(Presentation::Instructions { fields }) => !fields.is_empty(),
        Outbound::Present(Presentation::Handover {
            what, bytes_max, ..
        }) => !what.is_empty() && *bytes_max > 0,
        Outbound::Call(call) => is_address(&call.url),
    };
    if shown {
        Ok(())
    } else {
        broken(format!("nothing can be done with {outbound:?}"))
    }
}

fn is_address(url: &str) -> bool {
    let scheme = ["https://", "http://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    scheme && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An order that no rail may take, and the code of its refusal.
type Row = (&'static str, Collect, &'static str);

/// Orders that no rail may take.
fn beyond(profile: &Profile, order: fn() -> Collect) -> Vec<Row> {
    let mut rows = beyond_amounts(profile, order);
    rows.extend(beyond_texts(order));
    let asked_at = order().asked_at;
    let expired = Collect {
        expires_at: asked_at,
        ..order()
    };
    rows.push(("an order that is already expired", expired, "expired"));
    rows
}

fn beyond_amounts(profile: &Profile, order: fn() -> Collect) -> Vec<Row> {
    let (least, most) = (profile.amount_min, profile.amount_max);
    let row = |what, minor, currency, code| {
        let amount = Money::new(minor, currency);
        (what, Collect { amount, ..order() }, code)
    };
    let currency = order().amount.currency();
    let below = least.saturating_sub(profile.amount_step);
    let above = most.saturating_add(profile.amount_step);
    let mut rows = vec![
        row("less than the least", below, currency, "amount_too_small"),
        row("nothing", 0, currency, "amount_too_small"),
        row("a negative amount", -1, currency, "amount_too_small"),
        row("more than the most", above, currency, "amount_too_large"),
        row("the largest number", i64::MAX, currency, "amount_too_large"),
    ];
    if profile.amount_step > 1 {
        let between = least.saturating_add(1);
        rows.push(row("half a coin", between, currency, "amount_step"));
    }
    let others = Currency::ALL
        .into_iter()
        .filter(|other| !profile.currencies.contains(other));
    rows.extend(others.map(|other| row("another currency", least, other, "currency_not_taken")));
    rows
}

fn beyond_texts(order: fn() -> Collect) -> Vec<Row> {
    let paying = |what, payee: &str| {
        let payee = payee.to_owned();
        (what, Collect { payee, ..order() }, "bad_payee")
    };
    let named = |what, reference: String| {
        (
            what,
            Collect {
                reference,
                ..order()
            },
            "bad_reference",
        )
    };
    vec![
        paying("no payee", ""),
        paying("a payee with a line break", "1\n2"),
        named("no reference", String::new()),
        named(
            "a reference in lower case",
            order().reference.to_lowercase(),
        ),
        named("a reference of 26 characters", "A".repeat(26)),
    ]
}

/// The expiry one second after asking is still an order, not a refusal as expired.
fn taken_or_refused(rail: &dyn Rail, sample: Collect) -> Verdict {
    let expires_at = sample
        .asked_at
        .checked_add(jiff::SignedDuration::from_secs(1))
        .map_err(|fault| Broken(fault.to_string()))?;
    match rail.encode(&Order::collect(Collect {
        expires_at,
        ..sample
    })) {
        Err(Refusal::Expired { .. }) => broken("an order is refused as expired before it is"),
        Ok(_) | Err(_) => Ok(()),
    }
}
