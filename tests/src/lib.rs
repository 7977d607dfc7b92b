//! Whole-system tests, crash tests and architecture tests.
