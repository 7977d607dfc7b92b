//! Bills and their kinds.

use epay_domain::bill::{Bill, InstalmentStanding, Licence};
use epay_domain::rules::late_charges;
use epay_domain::{
    BillType, CheckDigit, DueDates, LateRule, LineName, OverPolicy, PartPolicy, Payee,
    SecondFactor, SecondFactorKind, Terms,
};
use epay_engine::BillView;
use epay_money::{Currency, Money, hong_kong_date};
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Sight, amount, bill_state, date, minor, text, timestamp};
use crate::names;

pub(crate) fn bill_type(kind: &BillType) -> v1::BillType {
    let Terms {
        revenue_lines,
        instalments,
        parts,
        late_rules,
        second_factor,
        due_dates,
        window,
        // What a subscription is to; a caller gives the whole number.
        account: _,
        vehicle_licence,
    } = &kind.terms;
    v1::BillType {
        code: kind.code.to_string(),
        biller: kind.biller.to_string(),
        biller_name: Some(text(&kind.biller_name)),
        name: Some(text(&kind.name)),
        number_label: Some(text(&kind.number_label)),
        number_digits: kind.number.digits,
        part_payment_allowed: kind.policy.part_allowed && !kind.policy.exact_only,
        methods: kind
            .payees
            .iter()
            .map(|payee| payee.rail.to_string())
            .collect(),
        check_digit: check_digit(kind.number.check_digit).into(),
        trailing_letter: kind.number.trailing_a,
        exact_only: kind.policy.exact_only,
        over_policy: over_policy(kind.policy.over).into(),
        payees: kind.payees.iter().map(payee_name).collect(),
        revenue_lines: revenue_lines.iter().map(line_name).collect(),
        instalments: instalments.map(|policy| v1::InstalmentPolicy {
            count_max: policy.count_max,
            rest_falls_due: policy.rest_falls_due,
        }),
        late_rules: late_rules.iter().map(late_rule).collect(),
        second_factor: second_factor.as_ref().map(asked_for),
        due_date_rule: match due_dates {
            DueDates::AsPrinted => v1::DueDateRule::AsPrinted,
            DueDates::QuarterRollsBack => v1::DueDateRule::QuarterRollsBack,
        }
        .into(),
        pay_window: window.map(|window| v1::PayWindow {
            months_before: window.months_before,
            months_after: window.months_after,
        }),
        parts: parts.as_ref().map(part_policy),
        vehicle_licence: *vehicle_licence,
    }
}

fn part_policy(policy: &PartPolicy) -> v1::PartPolicy {
    v1::PartPolicy {
        count_max: policy.count_max,
        reference_label: Some(text(&policy.reference_label)),
        shown: policy.shown,
    }
}

const fn check_digit(check: CheckDigit) -> v1::CheckDigit {
    match check {
        CheckDigit::None => v1::CheckDigit::None,
        CheckDigit::Mod11Radix10 => v1::CheckDigit::Mod11Radix10,
        CheckDigit::Luhn => v1::CheckDigit::Luhn,
    }
}

const fn over_policy(policy: OverPolicy) -> v1::OverPolicy {
    match policy {
        OverPolicy::HoldForRefund => v1::OverPolicy::HoldForRefund,
        OverPolicy::CreditForward => v1::OverPolicy::CreditForward,
    }
}

fn payee_name(payee: &Payee) -> v1::PayeeName {
    v1::PayeeName {
        rail: payee.rail.to_string(),
        name: Some(text(&payee.name)),
    }
}

fn line_name(line: &LineName) -> v1::LineName {
    v1::LineName {
        code: line.code.clone(),
        name: Some(text(&line.name)),
    }
}

fn late_rule(rule: &LateRule) -> v1::LateRule {
    v1::LateRule {
        after_months: rule.after_months,
        basis_points: rule.basis_points,
        words: Some(text(&rule.words)),
    }
}

fn asked_for(factor: &SecondFactor) -> v1::SecondFactor {
    v1::SecondFactor {
        kind: match factor.kind {
            SecondFactorKind::VehicleRegistrationMark => {
                v1::SecondFactorKind::VehicleRegistrationMark
            }
            SecondFactorKind::PayerName => v1::SecondFactorKind::PayerName,
        }
        .into(),
        label: Some(text(&factor.label)),
    }
}

pub(crate) fn bill(view: &BillView, sight: Sight, now: Timestamp) -> v1::Bill {
    let bill = &view.bill;
    let terms = &view.kind.terms;
    let currency = bill.amount.currency();
    let whole = sight == Sight::Whole;
    let lines = if whole { bill.lines.as_slice() } else { &[] };
    let today = hong_kong_date(now);
    let payable_now = bill.payable_now(terms, today);
    let schedule = bill.schedule(terms, today);
    let window = bill.window(terms);
    v1::Bill {
        name: names::of_bill(&bill.biller, bill.id),
        bill_type: bill.bill_type.to_string(),
        number: if whole {
            bill.number.clone()
        } else {
            bill.masked_number()
        },
        amount: Some(amount(bill.amount)),
        applied: minor(bill.applied_minor, currency),
        outstanding: Some(amount(bill.outstanding())),
        due_date: Some(date(bill.due_date)),
        description: bill.description.clone(),
        state: bill_state(bill.state).into(),
        create_time: Some(timestamp(bill.created_at)),
        overdue: bill.is_overdue(terms, today),
        paid_time: bill.paid_at.map(timestamp),
        revenue_lines: lines
            .iter()
            .map(|line| v1::RevenueLine {
                code: line.code.clone(),
                amount: minor(line.minor, currency),
            })
            .collect(),
        revision: bill.revision,
        instalments: schedule
            .iter()
            .map(|standing| instalment(standing, currency))
            .collect(),
        payable_now: Some(amount(payable_now)),
        next_due_date: Some(date(bill.next_due_date())),
        late_charges: late(payable_now, bill.next_due_date(), &terms.late_rules),
        payable_from: window.map(|(first, _last)| date(first)),
        payable_until: window.map(|(_first, last)| date(last)),
        parts: parts(bill, terms, sight),
        vehicle_licence: bill.licence.as_ref().map(|one| licence(one, terms, whole)),
    }
}

/// A licence: its days, and for those who see the bill whole what is kept of its mark.
fn licence(licence: &Licence, terms: &Terms, whole: bool) -> v1::VehicleLicence {
    let days = licence.days(terms);
    v1::VehicleLicence {
        registration_mark: if whole {
            licence.mark.as_str().to_owned()
        } else {
            String::new()
        },
        expiry_date: Some(date(days.expires_on)),
        renewal_open_date: Some(date(days.opens_on)),
    }
}

/// The parts, with what each is for where the caller may know: an address tells who owns what.
fn parts(bill: &Bill, terms: &Terms, sight: Sight) -> Vec<v1::BillPart> {
    let currency = bill.amount.currency();
    let whole = sight == Sight::Whole;
    let shown = whole || terms.parts.as_ref().is_some_and(|policy| policy.shown);
    let when = |allowed: bool, text: &String| {
        if allowed { text.clone() } else { String::new() }
    };
    bill.parts
        .iter()
        .zip(bill.paid_of_parts())
        .zip(1_i32..)
        .map(|((part, paid), number)| v1::BillPart {
            number,
            label: when(shown, &part.label),
            reference: when(shown, &part.reference),
            revenue_line: when(whole, &part.line),
            amount: minor(part.minor, currency),
            paid: minor(paid, currency),
        })
        .collect()
}

fn instalment(standing: &InstalmentStanding, currency: Currency) -> v1::Instalment {
    v1::Instalment {
        number: i32::try_from(standing.number).unwrap_or(i32::MAX),
        due_date: Some(date(standing.due_date)),
        amount: minor(standing.minor, currency),
        paid: minor(standing.paid_minor, currency),
        overdue: standing.overdue,
    }
}

/// What lateness will cost, where something is to be paid; nothing is said where it cannot be worked out.
fn late(payable: Money, due_date: Date, rules: &[LateRule]) -> Vec<v1::LateCharge> {
    if !payable.is_positive() {
        return vec![];
    }
    let charges = late_charges(payable, due_date, rules).unwrap_or_default();
    charges
        .iter()
        .map(|step| v1::LateCharge {
            after_date: Some(date(step.after)),
            charge: Some(amount(step.charge)),
            total: Some(amount(step.total)),
        })
        .collect()
}
