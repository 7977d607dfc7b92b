//! Webhooks: receivers and their keys, events, and deliveries with their log.
//!
//! **Lock order**: receivers by (`biller_id`, `endpoint_id`) first, then their deliveries.

mod delivery;
mod endpoint;
mod event;
mod outcome;
mod replay;
mod retention;

pub use delivery::{
    Claimed, Delivery, DeliveryAttempt, DeliveryFilter, DeliveryState, Lanes, attempts,
    claim_deliveries, deliveries, due_lanes,
};
pub use endpoint::{
    StoredKey, count_endpoints_in, endpoint, endpoint_in, endpoints, expire_keys_in,
    insert_endpoint_in, insert_key_in, lock_biller_in, lock_endpoints_in, signing_keys,
    update_endpoint_in, update_lanes_in,
};
pub use event::{WAITING_MAX, bill_facts, listeners, put_events};
pub use outcome::{Outcome, write_outcomes_in};
pub use replay::{Replay, ReplayRange, replay, replay_events_in};
pub use retention::{
    events_kept_from_in, keep_events_from, remove_deliveries, remove_events, remove_undeliverable,
};
