//! The wallets, each with keys of tests and no network.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

mod conformance;
mod orders;
mod proofs;
mod settlement;
mod support;
mod vectors;
