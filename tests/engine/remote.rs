//! Payments through rails that answer over a socket: what the rail does decides, and silence decides nothing.

mod bills;
mod captures;
mod counterparty;
mod failover;
mod health;
mod isolation;
mod outcomes;
pub(crate) mod promises;
mod rail;
pub(crate) mod steps;
mod taken_back;
