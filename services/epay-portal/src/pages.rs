//! The pages, in the order of a visit. Each asks the gateway, then renders; none keeps anything.

mod act;
mod bill;
mod common;
mod find;
mod help;
mod images;
mod live;
mod pay;
mod problem;
mod receipt;
mod result;
mod review;
mod start;

#[cfg(test)]
mod tests;

pub(crate) use act::{back_to_payment, cancel, renew};
pub(crate) use bill::{bill, choose_amount};
pub(crate) use find::{find, look_up};
pub(crate) use help::help;
pub(crate) use images::{code_image, saved_image};
pub(crate) use live::{LIVE_STREAMS_MAX, events, status};
pub(crate) use pay::pay;
pub(crate) use problem::Problem;
pub(crate) use receipt::receipt;
pub(crate) use review::{create, review};
pub(crate) use start::{choose_kind, start};
