//! Who stands on the other side: one line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::frame::{Counterparty, Frame, OpenError, Opening};

/// Every counterparty beside the bank, which is always there.
pub(crate) const ALL: &[Opening] = &[
    crate::acquirer::open,
    crate::arrivals::open,
    crate::devices::open,
    crate::echeque::open,
    crate::iam_smart::open,
    crate::payouts::open,
    crate::pps::open,
    crate::statements::open,
    crate::wallets::open,
];

/// Counterparties by name.
pub(crate) type Opened = Arc<BTreeMap<&'static str, Arc<dyn Counterparty>>>;

/// Opens those that the configuration has a table for.
pub(crate) fn open(openings: &[Opening], frame: &Frame) -> Result<Opened, OpenError> {
    let mut opened = BTreeMap::new();
    for opening in openings {
        if let Some(counterparty) = opening(frame)? {
            opened.insert(counterparty.name(), counterparty);
        }
    }
    Ok(Arc::new(opened))
}
