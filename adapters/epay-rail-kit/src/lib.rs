//! Transports, signing and verification for rails, and the conformance suite every rail passes.
//!
//! Rails themselves are pure codecs. What surrounds them is here:
//!
//! * [`channel`] signs and verifies what travels between a bank and the gateway, before any rail sees a byte.
//! * [`transport`] sends a rail's calls, each rail on a lane of its own, and says honestly what is known of each.
//! * `conformance` (feature `conformance`) is the suite that each rail's tests run with one macro call.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

pub mod channel;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod transport;
