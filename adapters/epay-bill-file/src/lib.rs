//! Files of bills as departments send them: CSV or NDJSON (`docs/bill-file.md`), read row by row in flat memory.
//!
//! [`Reader`] takes the bytes of a file in pieces of any size and gives [`Row`]s: issue this demand, revise it, withdraw it.
//! A row that breaks a rule gives one [`Fault`] for every field that is wrong, and takes no other row with it; a file that
//! is no such file is refused whole. Pure: the same bytes always give the same rows, however they were cut.
//!
//! Bounds: [`LINE_BYTES_MAX`] a line, [`ROWS_MAX`] rows a file, [`COLUMNS_MAX`] columns, [`SHARES_MAX`] revenue lines,
//! [`PARTS_MAX`] parts and [`INSTALMENTS_MAX`] instalments a bill.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod csv;
mod fields;
mod ndjson;
mod parts;
mod reader;
mod row;

pub use csv::COLUMNS_MAX;
pub use fields::{
    DESCRIPTION_CHARACTERS_MAX, DOCUMENT_BYTES_MAX, FACTOR_CHARACTERS_MAX, INSTALMENTS_MAX,
    MARK_CHARACTERS_MAX, SHARES_MAX,
};
pub use parts::{LABEL_CHARACTERS_MAX, PARTS_MAX};
pub use reader::{FileFault, Format, LINE_BYTES_MAX, ROWS_MAX, Read, Reader};
pub use row::{Action, Demand, Fault, Instalment, Licence, Part, Row, Share};
