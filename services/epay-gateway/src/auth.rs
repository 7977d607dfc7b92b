//! Who is calling, and what they may do.
//!
//! In this order: [`layer`] reads the bearer token of a request, before gRPC and REST alike; [`token`] checks it
//! against the keys of [`jwks`], unless [`cache`] knows it; the [`Principal`] travels with the request ([`current`]); each service asks
//! [`authorise`] with its [`Method`], which looks into the one table of [`table`].

mod cache;
pub(crate) mod current;
pub(crate) mod jwks;
pub(crate) mod layer;
mod principal;
mod table;
pub(crate) mod token;

pub(crate) use current::{Authorised, authorise};
pub use principal::{Principal, Role};
pub use table::{Grant, Method};
