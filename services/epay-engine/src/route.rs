//! Which rail carries a payment, asked of the domain with what this process knows of every rail.

use epay_domain::routing::{self, Candidate, Condition, Decision, Wanted};
use epay_domain::{BillType, Refusal};
use epay_money::{BillId, BillerId, Money, PaymentId, RailId};
use epay_rail_kit::transport::{Breaker, Transport};
use jiff::Timestamp;
use jiff::civil::Time;

use crate::catalogue::{OpenRail, Rails};
use crate::{Engine, EngineError, Reader};

/// What was chosen, and why.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    /// The rail's id.
    pub(crate) id: RailId,
    /// The rail.
    pub(crate) rail: &'a OpenRail,
    /// The method on it.
    pub(crate) method: String,
    /// One line of reasons for each rail.
    pub(crate) reasons: Vec<String>,
}

/// A method that a payer may choose for a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodOffer {
    /// The method.
    pub method: String,
    /// The rail that would carry it.
    pub rail: RailId,
    /// It can be chosen now.
    pub open: bool,
    /// One line of reasons for each rail.
    pub why: Vec<String>,
    /// Money that the payer sends later in the day counts for the next business day.
    pub cutoff: Time,
    /// The most that it carries in one payment.
    pub limit: Money,
}

fn decide(rails: &Rails, transport: &Transport, kind: &BillType, wanted: Wanted<'_>) -> Decision {
    let candidates: Vec<Candidate<'_>> = rails
        .iter()
        .map(|(id, open)| Candidate {
            profile: open.rail.profile(),
            has_payee: kind.payee(id).is_some(),
            condition: transport
                .health(id)
                .map_or_else(Condition::default, |health| Condition {
                    left_alone: health.breaker == Breaker::Open,
                    calls: health.calls,
                    failures: health.failures,
                }),
        })
        .collect();
    routing::decide(&candidates, wanted)
}

/// Chooses.
///
/// # Errors
/// [`Refusal::MethodNotOffered`] when no rail has the method and a payee.
pub(crate) fn choose<'a>(
    rails: &'a Rails,
    transport: &Transport,
    kind: &BillType,
    wanted: Wanted<'_>,
) -> Result<Route<'a>, Refusal> {
    let decision = decide(rails, transport, kind, wanted);
    let (place, method) = decision.chosen.ok_or(Refusal::MethodNotOffered)?;
    let (id, rail) = rails.iter().nth(place).ok_or(Refusal::MethodNotOffered)?;
    Ok(Route {
        id: id.clone(),
        rail,
        method: method.to_owned(),
        reasons: decision.lines,
    })
}

impl Engine {
    /// The methods by which bills of one kind can be paid together, each with the rail that would carry it now.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn methods(
        &self,
        biller: &BillerId,
        bills: &[BillId],
    ) -> Result<Vec<MethodOffer>, EngineError> {
        let mut due = None;
        let mut kind = None;
        for id in bills {
            let view = self.reader.bill(biller, *id).await?;
            let outstanding = view.bill.outstanding();
            due = match due {
                None => Some(outstanding),
                Some(sum) => Some(
                    outstanding
                        .checked_add(sum)
                        .map_err(|_other_currency| EngineError::Refused(Refusal::WrongCurrency))?,
                ),
            };
            kind.get_or_insert(view.kind);
        }
        let missing = EngineError::NotFound { what: "the bill" };
        let (due, kind) = due.zip(kind).ok_or(missing)?;
        Ok(self.offers(&kind, due, self.core.clock.now()))
    }

    fn offers(&self, kind: &BillType, amount: Money, at: Timestamp) -> Vec<MethodOffer> {
        let rails = &self.core.rails;
        let mut offers: Vec<MethodOffer> = Vec::new();
        for (_id, open) in rails.iter() {
            for method in open.rail.profile().methods {
                if offers.iter().any(|offer| offer.method == *method) {
                    continue;
                }
                let wanted = Wanted {
                    method: Some(method),
                    rail: None,
                    amount,
                    at,
                };
                let decision = decide(rails, &self.core.transport, kind, wanted);
                let chosen = decision
                    .chosen
                    .and_then(|(place, _method)| rails.iter().nth(place));
                if let Some((rail, open)) = chosen {
                    let profile = open.rail.profile();
                    offers.push(MethodOffer {
                        method: (*method).to_owned(),
                        rail: rail.clone(),
                        open: decision.fits,
                        why: decision.lines,
                        cutoff: profile.receipt_cutoff,
                        limit: Money::new(profile.amount_max, amount.currency()),
                    });
                }
            }
        }
        offers
    }
}

impl Reader {
    /// Why a payment went by its rail: one line for each rail that there was when it was started.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn routing(
        &self,
        biller: &BillerId,
        payment: PaymentId,
    ) -> Result<Vec<String>, EngineError> {
        let events = self.payment_events(biller, payment).await?;
        let first = events.first().ok_or(EngineError::NotFound {
            what: "the payment",
        })?;
        let lines = first.body.get("route").cloned().unwrap_or_default();
        serde_json::from_value::<Option<Vec<String>>>(lines)
            .map(Option::unwrap_or_default)
            .map_err(|error| EngineError::Broken(error.to_string()))
    }
}
