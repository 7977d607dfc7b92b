//! Amounts and moments as every shape writes them.

use epay_money::hong_kong_time;
use jiff::Timestamp;

/// `3720.00`, with a minus sign below zero.
pub(crate) fn decimal(minor: i64) -> String {
    let magnitude = minor.unsigned_abs();
    let (whole, cents) = (magnitude / 100, magnitude % 100);
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{whole}.{cents:02}")
}

/// `2026-01-20T23:58:03+08:00`: seconds, on Hong Kong's clocks.
pub(crate) fn moment(at: Timestamp) -> String {
    let local = hong_kong_time(at);
    format!(
        "{}T{:02}:{:02}:{:02}+08:00",
        local.date(),
        local.hour(),
        local.minute(),
        local.second()
    )
}
