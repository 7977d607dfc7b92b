//! Notices to people: what is said, in which language, and what it costs as an SMS.
//!
//! * [`Kind`] is the list of notices, each with the [`Field`]s that it may carry and those that it must say.
//! * [`Value`] is a field filled in. An account or a vehicle is there by its last characters only: the whole of it cannot be given.
//! * [`Templates`] is one version of all texts, in three languages, as Fluent files that translators know. Everything that can be wrong
//!   with them is found when they are loaded ([`TemplateFault`]), not when somebody should have been told.
//! * [`Shelf`] holds all versions: new notices use the latest, and what was sent can be shown again as it was.
//! * [`Sms`] counts a text in the alphabets of GSM 03.38 and splits it.
//!
//! Bounds: a file of texts has [`FILE_BYTES_MAX`] bytes at most; an SMS in one language has [`SMS_PARTS_MAX`] parts at most with the longest
//! values that a field can have, one in two languages [`BILINGUAL_SMS_PARTS_MAX`].
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used
)]

mod check;
mod gsm7;
mod kind;
mod shelf;
mod sms;
mod template;
mod value;

pub use check::{Rule, TemplateFault};
pub use kind::{Channel, Field, Kind, Part};
pub use shelf::{FIRST_VERSION, Shelf, ShelfFault};
pub use sms::{Alphabet, Sms};
pub use template::{
    BILINGUAL_SMS_PARTS_MAX, FILE_BYTES_MAX, RenderFault, Rendered, SMS_PARTS_MAX, Templates,
    Tongue,
};
pub use value::{Details, Mark, Reference, Tail, Value, ValueFault, Words};
