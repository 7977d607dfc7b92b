//! The engine on a real PostgreSQL: commands, rail messages, repeats, crashes and two nodes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop where it is"
)]

mod bank;
mod commands;
mod consolidated;
mod credits;
mod days;
mod departments;
mod events;
mod files;
mod house;
mod imports;
mod instalments;
mod messages;
mod nodes;
mod notices;
mod open_data;
mod outbox;
mod payee_bank;
mod payouts;
mod periods;
mod push;
mod reconcile;
mod refunds;
mod relay;
mod remote;
mod statements;
mod webhooks;
