//! What can go wrong on the other side, on request.
//!
//! [`menu`] holds the words that rails share and their defaults; [`FaultMenu`] is where a counterparty asks which of its
//! words bend a payment: ordered by the API, said by a magic word in one of the payment's texts, or switched on by the
//! configuration, the first of these that names any. [`Faults`] are the bank's own for one transfer.

pub mod menu;
mod orders;
mod transfer;

pub use menu::{Chosen, Fault, MenuItem};
pub use orders::{FaultDefault, FaultMenu, FaultOrder, FaultRow};
pub use transfer::{DELAY_SECONDS_MAX, Faults, TRANSFER_MENU};
