//! iAM Smart over HTTPS: what `epay-iamsmart` says, carried.
//!
//! 1. The content key is fetched when it is first needed, opened with the service's own private key, and kept until shortly before its end.
//! 2. [`IamSmart::call`] seals, signs, sends, and opens the answer. When iAM Smart says that the content key has expired, another is
//!    fetched and the same request is sent once more; nothing else is ever repeated here.
//! 3. A [`CallFault`] says what is known: not sent, refused with a code, or that nobody knows.
//! 4. [`CallbackDoor`] proves, opens and reads what iAM Smart tells by itself.
//!
//! How the content key is sealed for a service is not public; here it is RSA-OAEP with SHA-256, opened by aws-lc in constant time.
//!
//! Bounds: [`CALL_TIMEOUT`] a request and [`KEY_TIMEOUT`] for its content key, each twice a call at most; `epay_iamsmart::BODY_BYTES_MAX`
//! an answer, one content key at a time.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod call;
mod callback;
mod fault;
mod key;

pub use call::{CALL_TIMEOUT, IamSmart, IamSmartOptions, KEY_TIMEOUT};
pub use callback::{CallbackDoor, CallbackFault, FormTold};
pub use fault::{CallFault, OpenFault};
