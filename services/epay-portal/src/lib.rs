//! Citizen pages: find a bill, pay it by QR, keep the receipt.
//!
//! A page is rendered on the server from what the gateway answers at that moment; the portal keeps no state of
//! its own. It is a client of the gateway like any other: it speaks gRPC with a bearer token and may do no more
//! than the role of that token allows.
//!
//! A visit goes: kind of bill → number → check the bill → review → code with live status → result → receipt.
//! Whoever wants to be told of bills signs in with iAM Smart, chooses how, and follows the account of a bill; paying needs no sign-in.
//! Every page works without script; with script the code page turns to the result by itself. Bounds: forms,
//! numbers, requests in flight, open live streams and the time a page may take are all named
//! constants beside the code that keeps to them.
//!
//! * [`PortalConfig`], [`TokenSource`], [`GatewayTls`]: what the portal is told at the start.
//! * [`serve()`]: runs it until it is told to stop, then drains.
#![deny(missing_docs)]

mod config;
mod format;
mod gateway;
mod input;
mod language;
mod pages;
mod picture;
mod seal;
mod serve;
mod session;
mod text;
mod view;
mod web;

pub use config::{GatewayTls, PortalConfig, TokenSource};
pub use epay_iamsmart_client::IamSmartOptions;
pub use serve::{PortalError, serve};
