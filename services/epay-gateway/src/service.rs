//! The services of `epay.v1`, for gRPC and REST alike.
//!
//! Every method goes the same way: may this role call it, is the request's shape right, what does it name, may this
//! caller reach that, then one call of the engine, and the answer converted.

pub(crate) mod bill;
mod event;
mod feed;
mod ledger;
mod log;
mod notice;
mod notification;
mod operations;
mod payment;
mod proposal;
mod qr;
mod rail_file;
mod read;
mod recall;
mod reconciliation;
mod refund;
mod returns;
mod statement;
mod throttle;
mod upload;
mod watch;
mod webhook;

pub(crate) use bill::Bills;
pub(crate) use event::Events;
pub(crate) use feed::Feeds;
pub(crate) use ledger::Ledger;
pub(crate) use log::Log;
pub(crate) use notice::Notices;
pub(crate) use notification::Notifications;
pub(crate) use operations::Operations;
pub(crate) use payment::Payments;
pub(crate) use proposal::Proposals;
pub(crate) use qr::Qr;
pub(crate) use rail_file::RailFiles;
pub(crate) use reconciliation::Reconciliations;
pub(crate) use refund::Refunds;
pub(crate) use returns::Returns;
pub(crate) use statement::Statements;
pub(crate) use throttle::Throttle;
pub(crate) use watch::Watches;
pub(crate) use webhook::Webhooks;
