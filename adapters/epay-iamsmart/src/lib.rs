//! iAM Smart, Hong Kong's digital identity, as an online service speaks with it.
//!
//! * [`Credentials`] sign every request in its headers ([`Signed`]).
//! * [`ContentKey`] seals the content of requests and opens that of answers and callbacks.
//! * [`Callback`] is the frame of what iAM Smart tells by itself.
//! * [`Answer`] is the frame of every answer; [`Code`] says what its codes mean and what to do next.
//! * [`SignIn`] makes the address to which a browser is sent, and [`Returned`] reads the one with which it comes back.
//! * [`TokenRequest`], [`TokenAnswer`], [`FormRequest`], [`FormAnswer`], [`FormResult`] are what is sealed.
//! * [`PushMessage`], [`PushAnswer`], [`PushRefusal`] are messages to a person's telephone, in a shape of our own.
//!
//! The full specification of the interface is not public. What is here is what its public pages and the clients of services that use it
//! agree on; names of fields are theirs. Time, nonces and keys arrive as arguments, the network is the caller's.
//!
//! Bounds: a body has [`BODY_BYTES_MAX`] bytes at most, and an address with which a browser comes back [`ADDRESS_CHARACTERS_MAX`] characters.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used
)]

mod answer;
mod callback;
mod content;
mod form;
mod push;
mod sign_in;
mod signature;

pub use answer::{Answer, AnswerFault, BODY_BYTES_MAX, Code};
pub use callback::Callback;
pub use content::{CONTENT_KEY_BYTES, ContentFault, ContentKey, NONCE_BYTES, Sealed};
pub use form::{FormAnswer, FormFault, FormField, FormRequest, FormResult, ProfileField};
pub use push::{
    PUSH_BODY_CHARACTERS_MAX, PUSH_TITLE_CHARACTERS_MAX, PushAnswer, PushMessage, PushRefusal,
};
pub use sign_in::{
    ADDRESS_CHARACTERS_MAX, ReturnFault, Returned, Scope, SignIn, TokenAnswer, TokenRequest,
};
pub use signature::{Credentials, SIGNATURE_METHOD, SignatureFault, Signed};
