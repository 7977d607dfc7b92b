//! Tokens made by another program (`tests/peers/tokens.py`) and kept beside this folder, so that the tests stand alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod bounds;
mod flips;
mod made;
mod secrets;
mod vector;
