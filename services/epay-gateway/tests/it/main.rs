//! The gateway from outside: real sockets, a real engine, a real database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "clippy's own exception covers test functions, not the helpers that they call"
)]

mod bills;
mod door;
mod events;
mod feeds;
mod ledger;
mod log;
mod lookups;
mod notices;
mod payments;
mod people;
mod person_file;
mod push;
mod rail_files;
mod recalls;
mod receipts;
mod refunds;
mod rest;
mod routing;
mod statements;
mod support;
mod tokens;
mod walk;
mod webhooks;
