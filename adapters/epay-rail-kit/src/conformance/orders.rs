//! Rules about encoding: the profile's promises are kept, and nothing beyond them is.

use epay_money::{Currency, Money};
use epay_rail::{Collect, Order, OrderKind, Outbound, Presentation, Profile, Rail, Refusal};

use super::{Broken, Suite, Verdict, broken};

impl Suite {
    /// The same order gives the same bytes, also by a rail opened anew.
    pub fn encoding_is_deterministic(&self) -> Verdict {
        let (one, other) = ((self.open)(), (self.open)());
        let order = Order::Collect((self.order)());
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
                    let Outbound::Present(Presentation::Qr { payload }) = rail
                        .encode(&Order::Collect(collect.clone()))
                        .map_err(|refusal| {
                            Broken(format!("{} was promised: {refusal}", collect.amount))
                        })?;
                    if payload.is_empty() {
                        return broken("an empty presentation");
                    }
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
            match rail.encode(&Order::Collect(collect)) {
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
    let below = least.saturating_sub(1);
    let above = most.saturating_add(1);
    let mut rows = vec![
        row("less than the least", below, currency, "amount_too_small"),
        row("nothing", 0, currency, "amount_too_small"),
        row("a negative amount", -1, currency, "amount_too_small"),
        row("more than the most", above, currency, "amount_too_large"),
        row("the largest number", i64::MAX, currency, "amount_too_large"),
    ];
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
    match rail.encode(&Order::Collect(Collect {
        expires_at,
        ..sample
    })) {
        Err(Refusal::Expired { .. }) => broken("an order is refused as expired before it is"),
        Ok(_) | Err(_) => Ok(()),
    }
}
