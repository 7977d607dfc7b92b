//! The state machines and the decision on credits, as tables.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop where it is"
)]

mod bills;
mod credits;
mod instalments;
mod kinds;
mod licences;
mod notices;
mod notifications;
mod open_data;
mod parts;
mod passed_on;
mod payment_states;
mod proposals;
mod recalls;
mod reconciliation;
mod reconciliation_amounts;
mod reconciliation_laws;
mod reconciliation_words;
mod refunds;
mod routing;
mod rules;
mod statements;
mod support;
mod taken_back;
mod webhooks;
