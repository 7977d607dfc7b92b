//! The pages, in the order of a visit. Each asks the gateway, then renders; none keeps anything.

mod account;
mod act;
mod back;
mod basket;
mod begin;
mod bill;
mod common;
mod find;
mod hand;
mod help;
mod images;
mod instruct;
mod leave;
mod live;
mod method;
mod pay;
mod problem;
mod proof;
mod receipt;
mod result;
mod review;
mod scan;
mod sign_in;
mod start;
mod together;
mod waiting;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::lonely_portal;

pub(crate) use account::{
    account, ask_erase, ask_follow, erase, fill_in, filled, follow, held_of_me, save, stop,
};
pub(crate) use act::{again, back_to_payment, cancel, choose_again, renew};
pub(crate) use back::back;
pub(crate) use basket::{add_bill, back_to_basket, basket, remove_bill};
pub(crate) use bill::{bill, choose_amount};
pub(crate) use find::{find, look_up};
pub(crate) use hand::{TOKEN_FORM_BYTES_MAX, UPLOAD_BYTES_MAX, token, upload};
pub(crate) use help::help;
pub(crate) use images::{code_image, saved_image};
pub(crate) use live::{LIVE_STREAMS_MAX, events, status};
pub(crate) use method::{choose_method, method};
pub(crate) use pay::pay;
pub(crate) use problem::Problem;
pub(crate) use proof::proof;
pub(crate) use receipt::receipt;
pub(crate) use review::{create, review};
pub(crate) use sign_in::{back as signed_in, begin, sign_out};
pub(crate) use start::{choose_kind, start};
