//! The other side: a bank and FPS with its own books, and faults on demand.
//!
//! The sandbox is what the gateway talks to when there is no real bank. It shares no code with the gateway: it reads the
//! QR image with its own reader, keeps its own double-entry books in its own database, and tells the payee by a signed
//! credit notice. What the two sides must agree on is written in this crate's README, not in a shared type.
//!
//! Order of work for a payment: [`qr`] reads the image, [`bank`] decides and draws up rows and messages, [`books`] writes
//! all of it in one database transaction, [`channel`] posts the notice until it is acknowledged. [`faults`] bends any of
//! these on request. [`api`] and `pages` are the two doors, [`server`] opens them. Everybody else who stands on the other
//! side is a counterparty in the [`frame`], with the [`clock`], the books and the outbox in common.

mod acquirer;
pub mod api;
mod arrivals;
pub mod bank;
pub mod books;
pub mod channel;
pub mod clock;
pub mod config;
mod counterparties;
pub mod devices;
mod echeque;
pub mod faults;
pub mod frame;
mod hk_time;
mod iam_smart;
mod money;
mod pages;
mod payouts;
mod pps;
pub mod qr;
pub mod sample;
pub mod server;
mod statements;
mod wallets;

pub use hk_time::{business_date, date_text, offset_text, parse_time_out};
pub use money::{AmountError, format_cents, parse_cents};
