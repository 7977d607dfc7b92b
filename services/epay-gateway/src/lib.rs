//! The only door: gRPC, gRPC-Web, JSON over HTTP and rail notices on one port.
//!
//! [`serve`] opens it. Callers are authenticated by one layer and authorised by one table ([`Method::grant`]); errors
//! are made in one place; every queue, body and wait has a bound ([`Limits`]). Nothing is decided here about money:
//! each call becomes one call of the engine.

mod admission;
mod auth;
mod config;
mod convert;
mod error;
mod fault;
mod layers;
mod names;
mod page_token;
mod person_file;
mod router;
mod serve;
mod service;
mod surface;
mod tls;
mod web;

// Opening the door.
pub use config::{
    AuthConfig, GatewayConfig, JwksSource, Limits, LookupLimits, RailDoor, ReceiptDoors, TlsPaths,
    WebhookConfig,
};
pub use error::{GatewayError, KeysError, TlsError};
pub use serve::serve;

// Who may do what.
pub use auth::{Grant, Method, Principal, Role};

// What is held of a person.
pub use person_file::{PAGES_MAX, PersonFile, PersonFileError};
