//! The ways to pay a bill, and why a payment goes by its rail.

use epay_domain::routing::{Judged, Reason};
use epay_engine::{MethodOffer, PaymentRouting, RoutingDecision};
use epay_money::{BillerId, Currency, PaymentId};
use epay_proto::v1;

use super::{amount, minor, timestamp};
use crate::names;

fn words(reasons: &[Reason]) -> Vec<String> {
    let words = reasons.iter().map(|reason| reason.as_str().to_owned());
    words.collect()
}

/// A way to pay: with the rail that would carry it where it can be chosen, else with the reasons.
pub(crate) fn method(offer: &MethodOffer) -> v1::PaymentMethod {
    let open = offer.closed.is_empty();
    let cutoff = offer.cutoff;
    v1::PaymentMethod {
        method: offer.method.clone(),
        rail: if open {
            offer.rail.to_string()
        } else {
            String::new()
        },
        open,
        closed_reasons: words(&offer.closed),
        cutoff: format!("{:02}:{:02}", cutoff.hour(), cutoff.minute()),
        limit: Some(amount(offer.limit)),
    }
}

/// What was decided about a payment's rail, with fees in the payment's currency.
pub(crate) fn routing(
    biller: &BillerId,
    payment: PaymentId,
    routing: &PaymentRouting,
) -> v1::PaymentRouting {
    v1::PaymentRouting {
        name: names::of_routing(biller, payment),
        rail: routing.rail.to_string(),
        method: routing.method.clone(),
        decisions: routing
            .decisions
            .iter()
            .map(|one| decision(one, routing.currency))
            .collect(),
    }
}

fn decision(decision: &RoutingDecision, currency: Currency) -> v1::RoutingDecision {
    let (left_rail, left_reason) = match &decision.left {
        Some((rail, reason)) => (rail.to_string(), reason.clone()),
        None => Default::default(),
    };
    let judged = decision
        .candidates
        .iter()
        .map(|one| candidate(one, &decision.rail, currency));
    let told = decision
        .lines
        .iter()
        .map(|line| told_in_words(line, &decision.rail));
    v1::RoutingDecision {
        time: Some(timestamp(decision.at)),
        rail: decision.rail.clone(),
        left_rail,
        left_reason,
        candidates: judged.chain(told).collect(),
    }
}

fn candidate(judged: &Judged, chosen: &str, currency: Currency) -> v1::RoutingCandidate {
    let condition = judged.condition;
    v1::RoutingCandidate {
        rail: judged.rail.to_string(),
        chosen: judged.rail.as_str() == chosen,
        reasons: words(&judged.reasons),
        fee: minor(judged.fee_minor, currency),
        health: Some(v1::RailHealth {
            left_alone: condition.left_alone,
            calls: condition.calls,
            failures: condition.failures,
        }),
        note: String::new(),
    }
}

/// A line of an older payment: the rail's name, a colon, and words for people.
fn told_in_words(line: &str, chosen: &str) -> v1::RoutingCandidate {
    let (rail, note) = line.split_once(": ").unwrap_or_default();
    v1::RoutingCandidate {
        rail: rail.to_owned(),
        chosen: rail == chosen,
        note: note.to_owned(),
        ..v1::RoutingCandidate::default()
    }
}

#[cfg(test)]
mod tests {
    use epay_domain::routing::Condition;
    use epay_money::{Money, RailId};
    use jiff::civil::time;

    use super::*;

    fn rail(name: &str) -> RailId {
        RailId::new(name).unwrap()
    }

    #[test]
    fn a_way_to_pay_names_its_rail_or_why_it_is_closed() {
        let table: [(&[Reason], &str, &[&str]); 3] = [
            (&[], "fps", &[]),
            (&[Reason::Unhealthy], "", &["unhealthy"]),
            (
                &[Reason::AmountTooLarge, Reason::ClosedNow],
                "",
                &["amount_too_large", "closed_now"],
            ),
        ];
        for (closed, carrier, reasons) in table {
            let offer = MethodOffer {
                method: "fps_qr".to_owned(),
                rail: rail("fps"),
                closed: closed.to_vec(),
                cutoff: time(17, 5, 0, 0),
                limit: Money::hkd(10_000),
            };
            let told = method(&offer);
            assert_eq!(told.rail, carrier);
            assert_eq!(told.open, reasons.is_empty());
            assert_eq!(told.closed_reasons, reasons);
            assert_eq!(told.cutoff, "17:05");
            assert_eq!(told.limit.unwrap().minor_units, 10_000);
        }
    }

    #[test]
    fn every_decision_is_told_with_its_candidates_old_ones_in_words() {
        let at = "2026-11-23T03:00:00Z".parse().unwrap();
        let told = routing(
            &BillerId::new("rvd").unwrap(),
            "01940000-0000-7000-8000-000000000001".parse().unwrap(),
            &PaymentRouting {
                rail: rail("b"),
                method: "card".to_owned(),
                currency: Currency::Hkd,
                decisions: vec![
                    RoutingDecision {
                        at,
                        rail: "a".to_owned(),
                        left: None,
                        candidates: vec![],
                        lines: vec!["a: chosen; it costs 50 cents".to_owned()],
                    },
                    RoutingDecision {
                        at,
                        rail: "b".to_owned(),
                        left: Some((rail("a"), "no connection".to_owned())),
                        candidates: vec![
                            Judged {
                                rail: rail("a"),
                                reasons: vec![Reason::TriedBefore],
                                fee_minor: 50,
                                condition: Condition {
                                    left_alone: true,
                                    calls: 5,
                                    failures: 5,
                                },
                            },
                            Judged {
                                rail: rail("b"),
                                reasons: vec![],
                                fee_minor: 60,
                                condition: Condition::default(),
                            },
                        ],
                        lines: vec![],
                    },
                ],
            },
        );
        assert_eq!(
            told.name,
            "billers/rvd/payments/01940000-0000-7000-8000-000000000001/routing"
        );
        let [first, second] = told.decisions.as_slice() else {
            panic!("two decisions");
        };
        let old = first.candidates.first().unwrap();
        assert_eq!((old.rail.as_str(), old.chosen), ("a", true));
        assert_eq!(old.note, "chosen; it costs 50 cents");
        assert_eq!(second.left_rail, "a");
        assert_eq!(second.left_reason, "no connection");
        let [left, chosen] = second.candidates.as_slice() else {
            panic!("two candidates");
        };
        assert_eq!(left.reasons, ["tried_before"]);
        assert!(!left.chosen && left.health.unwrap().left_alone);
        assert!(chosen.chosen && chosen.reasons.is_empty());
        assert_eq!(chosen.fee.as_ref().unwrap().minor_units, 60);
    }
}
