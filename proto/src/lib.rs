//! The interface of the gateway: the `.proto` files under `epay/v1`, and what is generated from them. Nothing else.
//!
//! * [`v1`]: messages with their proto3 JSON, clients and servers.
//! * [`rest`]: the routes of `google.api.http` over the same servers.
//! * [`FILE_DESCRIPTOR_SET`]: for reflection, and for tests that walk every method.
//! * [`OPENAPI_JSON`]: the JSON-over-HTTP interface as an OpenAPI 3.1 document.
//! * [`shape`]: limits of the fields of requests.
//!
//! Timestamps are [`pbjson_types::Timestamp`], so that they have the JSON form that Protobuf prescribes.

mod generated;
pub mod shape;
mod unprinted;

pub use generated::epay::v1;
pub use generated::rest;
pub use pbjson_types;

/// Every `.proto` file of the interface and of its imports, encoded as `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/epay.v1.descriptors.bin"));

/// The JSON-over-HTTP interface as an OpenAPI 3.1 document.
pub const OPENAPI_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/epay.v1.openapi.json"));
