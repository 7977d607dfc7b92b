//! The PPS rails: bill payments that payers push by phone, web or app, and checkout in the form of `PayDollar`; pure codecs.
//!
//! [`bill`]: the payer is shown a merchant code and a bill number, pays at PPS, and a daily file tells of it. PPS
//! publishes no layout of that file; the one read here is this project's own (`docs/pps-bill-file.md`). [`checkout`]: the
//! payer's browser posts a signed form to a payment page; a data feed tells that something happened, and a query says
//! what, because the feed's hash does not cover all of its fields. Rules and sources are in the crate's README.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

pub mod bill;
pub mod checkout;
mod fault;
mod settings;
