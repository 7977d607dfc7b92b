//! Rails against the sandbox, over real sockets: what a rail encodes is sent by the transport, what the sandbox answers and
//! tells of its own accord is judged and decoded by the rail. No engine stands between them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop where it is"
)]

mod card;
mod card_money;
mod devices;
mod house;
mod payer;
