//! Fields of requests read into the house's types.

use epay_money::{Currency, Money};
use epay_proto::pbjson_types::Timestamp as ProtoTimestamp;
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;
use tonic::Status;

use crate::fault;

/// An amount. Its sign and size are the domain's business.
pub(super) fn money(field: &str, amount: &v1::Amount) -> Result<Money, Status> {
    let currency: Currency =
        amount
            .currency_code
            .parse()
            .map_err(|error: epay_money::UnknownCurrency| {
                fault::invalid_field(
                    &format!("{field}.currency_code"),
                    "CURRENCY_UNKNOWN",
                    &error.to_string(),
                )
            })?;
    Ok(Money::new(amount.minor_units, currency))
}

/// A calendar date.
pub(super) fn date(field: &str, date: &v1::Date) -> Result<Date, Status> {
    date.iso.parse().map_err(|_not_a_date: jiff::Error| {
        fault::invalid_field(
            &format!("{field}.iso"),
            "FIELD_MALFORMED",
            "must be a date such as \"2026-01-20\"",
        )
    })
}

/// An instant.
pub(super) fn time(field: &str, at: &ProtoTimestamp) -> Result<Timestamp, Status> {
    Timestamp::new(at.seconds, at.nanos).map_err(|_outside: jiff::Error| {
        fault::invalid_field(field, "FIELD_MALFORMED", "must be an instant of our time")
    })
}

/// A message that the shape rules have already found present.
pub(super) fn present<'a, T>(field: &str, value: Option<&'a T>) -> Result<&'a T, Status> {
    value.ok_or_else(|| fault::invalid_field(field, "FIELD_REQUIRED", "must be set"))
}
