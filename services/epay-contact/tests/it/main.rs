//! Contacts in a real PostgreSQL: what is sealed, what is found, what is logged, and who may look.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of a test stops it as the test itself would"
)]

mod classes;
mod forms;
mod keys;
mod people;
mod privacy;
mod retention;
mod support;
