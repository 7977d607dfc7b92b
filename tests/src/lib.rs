//! Whole-system tests, crash tests and architecture tests.
//!
//! The tests are the files beside `src`; here is only what they share.

mod files;

pub use files::{is_rust, read, relative, rust_files, workspace_root};
