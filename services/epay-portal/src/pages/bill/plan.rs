//! Instalments on the page of a bill: the schedule, and what of it to pay now.

use epay_money::Money;

use crate::format;
use crate::input::{AmountFault, read_amount};
use crate::text::Text;
use crate::view::{Bill, BillKind, Instalment};

/// What a payer can choose: the words of the form.
const NEXT: &str = "next";
const ALL: &str = "all";
const OTHER: &str = "other";

/// One line of the schedule.
pub(super) struct Line {
    pub(super) number: String,
    pub(super) due: String,
    pub(super) amount: String,
    pub(super) standing: String,
    pub(super) overdue: bool,
}

/// One thing to choose.
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// Why a choice names no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChoiceFault {
    /// Nothing was chosen.
    Nothing,
    /// Another amount was chosen, and is none.
    Amount(AmountFault),
}

/// Whether there is something to choose beside an amount: instalments of which more than the next is left.
pub(super) fn has_choice(bill: &Bill) -> bool {
    !bill.instalments.is_empty() && bill.payable_now.minor() < bill.outstanding.minor()
}

/// What to pay by the form: an instalment, all, or an amount where the kind allows parts.
pub(super) fn chosen_amount(
    kind: &BillKind,
    bill: &Bill,
    choice: &str,
    typed: &str,
) -> Result<Money, ChoiceFault> {
    let due = bill.outstanding;
    let read = || read_amount(typed, due).map_err(ChoiceFault::Amount);
    match (has_choice(bill), choice) {
        (true, NEXT) => Ok(bill.payable_now),
        (true, ALL) => Ok(due),
        (true, OTHER) if kind.part_payment_allowed => read(),
        (true, _) => Err(ChoiceFault::Nothing),
        (false, _) if kind.part_payment_allowed => read(),
        (false, _) => Ok(due),
    }
}

/// What can be chosen; the next instalment, unless something else was.
pub(super) fn choices(text: Text, kind: &BillKind, bill: &Bill, choice: &str) -> Vec<Choice> {
    let money = |amount| format::money(text.language, amount);
    let next = text.fill(
        "bill-pay-next",
        [
            ("amount", money(bill.payable_now)),
            ("date", format::date(text.language, bill.next_due_date)),
        ],
    );
    let all = text.with("bill-pay-all", "amount", money(bill.outstanding));
    let mut choices = vec![(NEXT, next), (ALL, all)];
    if kind.part_payment_allowed {
        choices.push((OTHER, text.say("bill-pay-other")));
    }
    let known = choices.iter().any(|(word, _name)| *word == choice);
    let choice = if known { choice } else { NEXT };
    choices
        .into_iter()
        .map(|(word, name)| Choice {
            word,
            name,
            chosen: word == choice,
        })
        .collect()
}

/// The schedule as it stands.
pub(super) fn schedule(text: Text, bill: &Bill) -> Vec<Line> {
    let instalments = bill.instalments.iter();
    instalments.map(|one| line(text, one)).collect()
}

fn line(text: Text, one: &Instalment) -> Line {
    let paid = text.with(
        "bill-instalment-part",
        "amount",
        format::money(text.language, one.paid),
    );
    let standing = match (one.paid == one.amount, one.overdue, one.paid.is_zero()) {
        (true, _, _) => text.say("bill-instalment-paid"),
        (false, true, _) => text.say("bill-overdue-tag"),
        (false, false, true) => text.say("bill-instalment-open"),
        (false, false, false) => paid,
    };
    Line {
        number: one.number.to_string(),
        due: format::date(text.language, one.due_date),
        amount: format::money(text.language, one.amount),
        standing,
        overdue: one.overdue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{a_bill_by_instalments, kind};

    #[test]
    fn a_choice_names_an_amount() {
        use ChoiceFault::{Amount, Nothing};
        let bill = a_bill_by_instalments(0);
        let rows = [
            (true, "next", "", Ok(270_000)),
            (true, "all", "1", Ok(360_000)),
            (true, "other", "1000", Ok(100_000)),
            (true, "other", "9999", Err(Amount(AmountFault::TooHigh))),
            (true, "", "1000", Err(Nothing)),
            (false, "other", "1000", Err(Nothing)),
            (false, "next", "", Ok(270_000)),
        ];
        for (part_payment_allowed, choice, typed, expected) in rows {
            let kind = BillKind {
                part_payment_allowed,
                ..kind()
            };
            let amount = chosen_amount(&kind, &bill, choice, typed);
            assert_eq!(amount.map(Money::minor), expected, "{choice} {typed}");
        }
        // Only one instalment is left: there is nothing to choose, and no choice is read.
        let last = a_bill_by_instalments(270_000);
        assert!(!has_choice(&last));
        let whole = BillKind {
            part_payment_allowed: false,
            ..kind()
        };
        let amount = chosen_amount(&whole, &last, "next", "");
        assert_eq!(amount.map(Money::minor), Ok(90_000));
    }
}
