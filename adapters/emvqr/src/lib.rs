#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![deny(clippy::arithmetic_side_effects, clippy::wildcard_enum_match_arm)]

mod amount;
mod build;
mod check;
mod code;
mod crc;
mod document;
mod finding;
pub mod fps;
mod id;
mod object;
#[cfg(feature = "render")]
pub mod render;
mod view;

// Reading.
pub use code::{Class, Code};
pub use document::{
    Document, INPUT_BYTES_MAX, Kind, PAYLOAD_CHARS_ADVISED, Parsed, classify, parse, parse_bytes,
};
pub use finding::{Finding, Invalid, Profile, Severity};
pub use id::{DEPTH_MAX, Id, Path};
pub use object::Object;
pub use view::{
    Account, AdditionalData, CardScheme, Language, PointOfInitiation, Template as TemplateView, Tip,
};

// Writing.
pub use build::{BuildError, Builder, Template};

// Parts that are useful alone.
pub use amount::{Amount, AmountError, currency_exponent, format_minor_units};
pub use crc::{checksum, checksum_digits};
