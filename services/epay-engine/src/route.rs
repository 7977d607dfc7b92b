//! Which rail carries a payment.
//!
//! The rail that was named, if it carries the method and the kind of bill has a payee on it; else the first, by name,
//! of those that do.

use epay_domain::{BillType, Refusal};
use epay_money::RailId;

use crate::catalogue::{OpenRail, Rails};

/// What the payer, or whoever asks for them, wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The method.
    pub(crate) method: Option<&'a str>,
    /// The rail.
    pub(crate) rail: Option<&'a RailId>,
}

/// What was chosen.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    /// The rail's id.
    pub(crate) id: RailId,
    /// The rail.
    pub(crate) rail: &'a OpenRail,
    /// The method on it.
    pub(crate) method: String,
}

/// Chooses.
///
/// # Errors
/// [`Refusal::MethodNotOffered`] when no rail is left.
pub(crate) fn choose<'a>(
    rails: &'a Rails,
    kind: &BillType,
    wish: Wish<'_>,
) -> Result<Route<'a>, Refusal> {
    rails
        .iter()
        .filter(|(id, _rail)| wish.rail.is_none_or(|wanted| wanted == *id))
        .filter(|(id, _rail)| kind.payee(id).is_some())
        .find_map(|(id, rail)| {
            let methods = rail.rail.profile().methods;
            let method = match wish.method {
                Some(wanted) => methods.iter().find(|method| **method == wanted)?,
                None => methods.first()?,
            };
            Some(Route {
                id: id.clone(),
                rail,
                method: (*method).to_owned(),
            })
        })
        .ok_or(Refusal::MethodNotOffered)
}
