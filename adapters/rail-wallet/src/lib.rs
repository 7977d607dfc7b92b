//! The wallet rails: WeChat Pay HK, AlipayHK, PayMe and Octopus; pure codecs.
//!
//! Each wallet is a rail of its own with a module folder of its own: `config` (its table), `sign` (its proofs), `words`
//! (orders put into requests), `read` (answers and notices turned into reports) and `codes` (its code tables). What they
//! share is how keys are kept (`keys`), how untrusted JSON is read (`reading`), how a report is filled in
//! (`facts`), what a contract says of limits and fees (`terms`) and the settlement file (`settlement`).
//!
//! The same three rules hold for all: a proof is verified over the raw bytes before anything is read; merchant, order,
//! amount and currency of what was proved are then compared with what we asked; and a word that no table lists is
//! unclear. The crate's README has the tables and says where each rule comes from.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod alipay;
mod facts;
mod keys;
mod octopus;
mod payme;
mod reading;
mod settlement;
mod terms;
mod wechat;

pub use alipay::{CODES as ALIPAY_CODES, open as open_alipay};
pub use facts::{Row, words};
pub use octopus::{CODES as OCTOPUS_CODES, open as open_octopus};
pub use payme::{CODES as PAYME_CODES, open as open_payme};
pub use wechat::{CODES as WECHAT_CODES, open as open_wechat};
