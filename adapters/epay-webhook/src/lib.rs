//! Webhooks as two public specifications have them, and the rules of a careful sender. No type of a payment in it.
//!
//! * [`SigningKey`] signs by Standard Webhooks, `v1` (HMAC-SHA256) and `v1a` (Ed25519) side by side.
//! * [`Vault`] keeps what signs, sealed with AES-256-GCM.
//! * [`CloudEvent`] is the envelope of a body: `CloudEvents` 1.0, structured mode.
//! * [`Guard`] says which addresses may be called: never one inside.
//! * [`Lane`] and [`after_attempt`] say when a receiver is tried again, and when it is left alone.
//!
//! Time, nonces and jitter arrive as arguments.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used
)]

mod event;
mod guard;
mod lane;
mod retry;
mod signature;
mod vault;

pub use event::{CloudEvent, EVENT_MEDIA_TYPE};
pub use guard::{AddressFault, Guard, URL_CHARACTERS_MAX, UrlFault};
pub use lane::{AT_ONCE_MAX, Lane, LaneNews};
pub use retry::{Attempted, Jitter, Next, TRIES_MAX, after_attempt};
pub use signature::{KEY_BYTES, KeyFault, SigningKey, signature_header};
pub use vault::{NONCE_BYTES, Sealed, VAULT_KEY_BYTES, Vault, VaultFault};
