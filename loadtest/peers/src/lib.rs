//! Our ledger beside other people's, on one PostgreSQL: `cargo bench --manifest-path loadtest/peers/Cargo.toml`.
//!
//! There is nothing here but the benchmark.
