//! What the gateway answered, parsed once into the words of the pages.
//!
//! An answer that lacks what a page must show is [`Unreadable`]; pages never guess an amount or a state.

use epay_money::{Currency, Money};
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

mod bill;
mod method;
mod payment;
mod person;
mod screen;

pub(crate) use bill::{Bill, BillKind, BillState, Instalment, Part};
pub(crate) use method::Method;
#[cfg(test)]
pub(crate) use payment::PaidBill;
pub(crate) use payment::{Code, Credit, FailureKind, Handover, Next, Payment, PaymentState};
pub(crate) use person::{Account, Change, GivenForm, Person, Way};
pub(crate) use screen::{Live, Screen, Totals};

/// A field of an answer that is missing or makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway's answer has no usable {field}")]
pub(crate) struct Unreadable {
    pub(crate) field: &'static str,
}

fn amount(field: &'static str, amount: Option<v1::Amount>) -> Result<Money, Unreadable> {
    let amount = amount.ok_or(Unreadable { field })?;
    let currency: Currency = amount
        .currency_code
        .parse()
        .map_err(|_unknown| Unreadable { field })?;
    Ok(Money::new(amount.minor_units, currency))
}

/// An amount that is nothing where it is unset.
fn amount_or_zero(
    field: &'static str,
    given: Option<v1::Amount>,
    currency: Currency,
) -> Result<Money, Unreadable> {
    match given {
        None => Ok(Money::zero(currency)),
        Some(given) if given.minor_units == 0 => Ok(Money::zero(currency)),
        given => amount(field, given),
    }
}

fn date(field: &'static str, date: Option<v1::Date>) -> Result<Date, Unreadable> {
    date.and_then(|date| date.iso.parse().ok())
        .ok_or(Unreadable { field })
}

fn time(
    field: &'static str,
    time: Option<&epay_proto::pbjson_types::Timestamp>,
) -> Result<Timestamp, Unreadable> {
    time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok())
        .ok_or(Unreadable { field })
}
