//! The log of journals against a real PostgreSQL: sealing, proofs, and every way to tamper that we could think of.
#![expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]

mod proofs;
mod sealing;
#[path = "../it/support.rs"]
mod support;
mod tampering;
mod world;
