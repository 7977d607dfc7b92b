//! The ledger against a real PostgreSQL: posting, the database's own guards, reading, verification.
#![expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]

mod guards;
mod posting;
mod reading;
mod support;
mod verifying;
