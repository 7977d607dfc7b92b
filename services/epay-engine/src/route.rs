//! Which rail carries a payment, asked of the domain with what is known of every rail; and what was decided, told
//! again.

use epay_domain::payment::PaymentEvent;
use epay_domain::routing::{self, Candidate, Decision, Judged, Reason, Wanted};
use epay_domain::{BillType, Refusal};
use epay_money::{BillId, BillerId, Currency, Money, PaymentId, RailId};
use jiff::Timestamp;
use jiff::civil::Time;

use crate::catalogue::{OpenRail, Rails};
use crate::health::RailsHealth;
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
    /// Whether it fits, or is only the one that is left to say why not.
    pub(crate) fits: bool,
    /// What was judged of each rail.
    pub(crate) candidates: Vec<Judged>,
}

/// A method that a payer may choose for a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodOffer {
    /// The method.
    pub method: String,
    /// The rail that would carry it.
    pub rail: RailId,
    /// Why it cannot be chosen now; it can when there is no reason.
    pub closed: Vec<Reason>,
    /// Money that the payer sends later in the day counts for the next business day.
    pub cutoff: Time,
    /// The most that it carries in one payment.
    pub limit: Money,
}

fn decide(rails: &Rails, health: &RailsHealth, kind: &BillType, wanted: Wanted<'_>) -> Decision {
    let candidates: Vec<Candidate<'_>> = rails
        .iter()
        .map(|(id, open)| {
            let payee = kind.payee(id);
            Candidate {
                profile: open.rail.profile(),
                has_payee: payee.is_some(),
                bills_max: payee.map_or(0, |payee| open.rail.bills_max(&payee.identifier)),
                condition: health.of(id, wanted.at),
            }
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
    health: &RailsHealth,
    kind: &BillType,
    wanted: Wanted<'_>,
) -> Result<Route<'a>, Refusal> {
    let decision = decide(rails, health, kind, wanted);
    let (place, method) = decision.chosen.ok_or(Refusal::MethodNotOffered)?;
    let (id, rail) = rails.iter().nth(place).ok_or(Refusal::MethodNotOffered)?;
    Ok(Route {
        id: id.clone(),
        rail,
        method: method.to_owned(),
        fits: decision.fits,
        candidates: decision.judged,
    })
}

impl Engine {
    /// The methods by which bills of one kind can be paid together, each with the rail that would carry it now, in the
    /// order of the kind's payees.
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
        let count = u32::try_from(bills.len()).unwrap_or(u32::MAX);
        Ok(self.offers(&kind, due, count, self.core.clock.now()))
    }

    fn offers(
        &self,
        kind: &BillType,
        amount: Money,
        bills: u32,
        at: Timestamp,
    ) -> Vec<MethodOffer> {
        let rails = &self.core.rails;
        let mut offers: Vec<MethodOffer> = Vec::new();
        let paid = kind.payees.iter();
        for open in paid.filter_map(|payee| rails.get(&payee.rail)) {
            for method in open.rail.profile().methods {
                if offers.iter().any(|offer| offer.method == *method) {
                    continue;
                }
                let wanted = Wanted {
                    method: Some(method),
                    rail: None,
                    tried: &[],
                    amount,
                    bills,
                    at,
                };
                offers.extend(self.offer(method, kind, wanted));
            }
        }
        offers
    }

    fn offer(&self, method: &str, kind: &BillType, wanted: Wanted<'_>) -> Option<MethodOffer> {
        let rails = &self.core.rails;
        let decision = decide(rails, &self.core.health, kind, wanted);
        let judged = decision.of_chosen()?;
        let profile = rails.get(&judged.rail)?.rail.profile();
        Some(MethodOffer {
            method: method.to_owned(),
            rail: judged.rail.clone(),
            closed: judged.reasons.clone(),
            cutoff: profile.receipt_cutoff,
            limit: Money::new(profile.amount_max, wanted.amount.currency()),
        })
    }
}

/// Why a payment goes by its rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRouting {
    /// The rail that carries it now.
    pub rail: RailId,
    /// The method.
    pub method: String,
    /// The currency of the payment, and of its fees.
    pub currency: Currency,
    /// What was decided, oldest first: once at the start, and again at every failover.
    pub decisions: Vec<RoutingDecision>,
}

/// One decision on a payment's rail, as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingDecision {
    /// When.
    pub at: Timestamp,
    /// The rail that was chosen.
    pub rail: String,
    /// The rail that was left, and why; nothing at the start.
    pub left: Option<(RailId, String)>,
    /// What was judged of each rail.
    pub candidates: Vec<Judged>,
    /// One line for each rail, where an older payment tells its reasons so.
    pub lines: Vec<String>,
}

impl Reader {
    /// Why a payment goes by its rail.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn routing(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<PaymentRouting, EngineError> {
        let payment = self.payment(biller, id).await?.payment;
        let mut decisions = Vec::new();
        for stored in self.payment_events(biller, id).await? {
            if !matches!(stored.kind.as_str(), "created" | "failed_over") {
                continue;
            }
            let event: PaymentEvent = serde_json::from_value(stored.body)
                .map_err(|error| EngineError::Broken(error.to_string()))?;
            decisions.extend(decision(event, stored.at));
        }
        Ok(PaymentRouting {
            rail: payment.rail,
            method: payment.method,
            currency: payment.amount.currency(),
            decisions,
        })
    }
}

fn decision(event: PaymentEvent, at: Timestamp) -> Option<RoutingDecision> {
    match event {
        PaymentEvent::Created {
            rail,
            route,
            candidates,
            ..
        } => Some(RoutingDecision {
            at,
            rail,
            left: None,
            candidates,
            lines: route,
        }),
        PaymentEvent::FailedOver(failover) => Some(RoutingDecision {
            at,
            rail: failover.to.to_string(),
            left: Some((failover.from, failover.reason)),
            candidates: failover.candidates,
            lines: vec![],
        }),
        _ => None,
    }
}
