//! Apple Pay and Google Pay payment tokens: verify them, and decrypt them where a key is at hand.
//!
//! A token comes from a payer's browser or phone, so every byte of it is hostile until its signature says otherwise. The
//! order of work is the same for both kinds and never changes: shape, then recipient, then signature and certificate
//! chain, then age, then (only where a private key is configured) decryption, then what is inside. A step that fails
//! ends the work with a [`Refusal`], which has a stable code; nothing that was decrypted is looked at before the
//! signature was found good.
//!
//! There are two ways through:
//!
//! * [`ApplePay::verify`] and [`GooglePay::verify`] look at everything that can be judged without a private key. The token
//!   is then passed on, unopened, to an acquirer that holds the key.
//! * [`ApplePay::open`] and [`GooglePay::open`] do the same, and decrypt: the card number of the device and its
//!   cryptogram come out as secrets, which no `Debug` shows and which are wiped when dropped.
//!
//! The crate reads no clock (the moment arrives as an argument), keeps no state and rolls no dice. What must not be used
//! twice comes out as [`AppleVerified::replay_key`] and [`GoogleVerified::replay_key`]; remembering it is the caller's
//! part.
//!
//! Bounds: [`TOKEN_BYTES_MAX`] for a token, and named limits on nesting and members beside the code that keeps them.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod apple;
mod encoding;
mod google;
mod json;
mod payment;
mod refusal;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
#[cfg(test)]
mod reference_tests;

pub use apple::{
    AppleKey, ApplePay, AppleRoots, AppleToken, AppleVerified, AppleVersion, Expected, Freshness,
};
pub use google::{
    GoogleKey, GooglePay, GoogleRoots, GoogleToken, GoogleVerified, GoogleVersion, RootKey,
};
pub use payment::{DeviceCard, Payment};
pub use refusal::{Refusal, SetupError};

/// The most bytes that a token may have. A real one has two to seven thousand.
pub const TOKEN_BYTES_MAX: usize = 32 * 1024;
