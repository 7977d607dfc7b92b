//! Writes one sealed day of a department in every shape that the department may read it in.
//!
//! The rows come twice. [`Tally`] reads them first and says what every shape must agree on: how many there are, what they
//! sum to, and a digest over them. A [`Writer`] then writes them in one [`Shape`], row by row, into bytes that the caller
//! sends on and empties; the same rows always make the same bytes. [`Acknowledgement`] is what a department sends back, and
//! [`after_delivery_attempt`] says when a file that could not be brought is brought again.
//!
//! No IO, clock or state beyond the file that is being written. What a shape has no room or no letters for is cut or
//! escaped in that shape alone, by rules of `docs/feed-file.md`; the CSV always says all of it.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod ack;
mod camt;
mod csv;
mod delivery;
mod model;
mod mt940;
mod name;
mod tally;
mod text;
mod writer;

pub use ack::{
    ACKNOWLEDGEMENT_BYTES_MAX, Acknowledgement, BadAcknowledgement, BadAcknowledgementFile,
    Verdict, read_acknowledgements,
};
pub use delivery::{
    DELIVERY_TRIES_MAX, DeliveryNext, DeliveryOutcome, DeliveryState, after_delivery_attempt,
};
pub use model::{Direction, FeedHead, FeedRow};
pub use name::{ACK_FILE_NAME_END, acknowledged_currency, file_name, file_stem};
pub use tally::{Tally, TooLarge, Totals};
pub use writer::{Shape, Writer};
