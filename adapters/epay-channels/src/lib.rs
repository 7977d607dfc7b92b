//! Hands messages to people, and reads what became of them.
//!
//! 1. A [`Message`] has a name that is the same however often it is sent, and providers know a repeat by it: a sender that crashed sends it
//!    again, and the person has it once.
//! 2. [`Channels::send`] hands it to the provider of its [`Address`], once, and says honestly what is known ([`Sent`]): taken, failed and
//!    why, or unknown. When to try again is the caller's to decide.
//! 3. What became of it comes later, over HTTP, signed: [`receipt`] verifies and decodes it, without IO.
//!
//! No address and no text of a message is ever in an error, in a `Debug` or in a log.
//!
//! Bounds: [`CALL_TIMEOUT`] a call (a push message has up to four, 70 seconds in all), [`MAIL_TIMEOUT`] a letter, [`ANSWER_BYTES_MAX`] an answer, [`receipt::RECEIPT_BYTES_MAX`] a receipt.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod channels;
mod http;
mod iam_smart;
mod mail;
mod message;
pub mod receipt;
mod sms;

pub use channels::{Channels, ChannelsError, ChannelsOptions};
pub use http::{ANSWER_BYTES_MAX, CALL_TIMEOUT};
pub use iam_smart::PUSH_RECEIPTS_PATH;
pub use mail::{IDLE_CONNECTIONS_MAX, MAIL_TIMEOUT, MailOptions, MailSecurity};
pub use message::{Address, Message, Sent};
pub use sms::{BadSender, SENDER_CHARACTERS_MAX, SMS_RECEIPTS_PATH, SenderId, SmsOptions};
