//! The wallet rails against the sandbox's wallets, over real sockets: what one signs the other believes, and what
//! goes wrong on one side the other survives.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

mod faults;
mod house;
mod payments;
