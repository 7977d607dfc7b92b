//! The shape of the house, held by tests: which crate may know which, what stays out of the pure ones, and that a
//! rail's name stays at home. ARCHITECTURE.md says why; the tables are here.

#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "architecture/rails.rs"]
mod rails;
#[path = "architecture/tiers.rs"]
mod tiers;
