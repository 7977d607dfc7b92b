//! The bank's judgement of an order, as a function of the order and of what the books say.
//!
//! Reasons are codes of `ExternalStatusReason1Code`. The first rule that is broken is the reason.

use jiff::civil::Date;

use super::order::PaymentOrder;
use crate::bank::BANK_CODE;

/// An account of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) account: String,
    pub(super) currency: String,
    pub(super) bank_code: String,
    pub(super) balance_cents: i64,
}

/// What is known beside the order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The customer's account.
    pub(super) debtor: Option<&'a Held>,
    /// The payee's account, when it is a person's in these books.
    pub(super) creditor: Option<&'a Held>,
    /// Accounts that were closed.
    pub(super) closed: &'a [String],
    /// An earlier order had this end-to-end id and was not refused.
    pub(super) repeated: bool,
    pub(super) today: Date,
}

/// Why an order is refused; nothing when it is accepted.
pub(super) fn refuse(order: &PaymentOrder, known: Known<'_>) -> Option<&'static str> {
    let Some(debtor) = known.debtor else {
        // InvalidDebtorAccountNumber
        return Some("AC02");
    };
    let at_our_bank = order.creditor_bank == BANK_CODE;
    let digits =
        |text: &str, least| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit());
    let rules = [
        // BankIdentifierIncorrect
        (
            order.debtor_bank != BANK_CODE
                || order.creditor_bank.len() != 3
                || !digits(&order.creditor_bank, 3),
            "RC01",
        ),
        // InvalidDate: the bank keeps no orders for later days
        (
            order
                .execution_date
                .parse::<Date>()
                .map_or(true, |day| day > known.today),
            "DT01",
        ),
        // NotAllowedCurrency
        (order.currency != debtor.currency, "AM03"),
        // ClosedAccountNumber
        (known.closed.contains(&order.creditor_account), "AC04"),
        // IncorrectAccountNumber: no number, nobody's at our own bank, or somebody's at another bank
        (!digits(&order.creditor_account, 6), "AC01"),
        (at_our_bank && known.creditor.is_none(), "AC01"),
        (
            known.creditor.is_some_and(|held| {
                held.bank_code != order.creditor_bank || held.currency != order.currency
            }),
            "AC01",
        ),
        // Duplication
        (known.repeated, "AM05"),
        // InsufficientFunds
        (debtor.balance_cents < order.amount_cents, "AM04"),
    ];
    rules
        .into_iter()
        .find(|(broken, _code)| *broken)
        .map(|(_broken, code)| code)
}

#[cfg(test)]
mod tests {
    use super::super::order::{self, tests::ORDER};
    use super::*;

    fn held(account: &str, bank_code: &str) -> Held {
        Held {
            account: account.to_owned(),
            currency: "HKD".to_owned(),
            bank_code: bank_code.to_owned(),
            balance_cents: 13_997,
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table with a row for every rule")]
    fn the_first_broken_rule_is_the_reason() {
        let (debtor, creditor) = (held("999000000201", "999"), held("998000000001", "998"));
        let closed = ["998000000009".to_owned()];
        let known = Known {
            debtor: Some(&debtor),
            creditor: Some(&creditor),
            closed: &closed,
            repeated: false,
            today: "2026-01-21".parse().unwrap(),
        };
        let judged = |change: fn(&mut PaymentOrder), known| {
            let mut order = order::read(ORDER.as_bytes()).unwrap();
            change(&mut order);
            refuse(&order, known)
        };
        let stranger = Known {
            creditor: None,
            ..known
        };
        let rows: [(Option<&str>, Option<&str>); 13] = [
            (judged(|_| {}, known), None),
            (judged(|_| {}, stranger), None),
            (
                judged(
                    |_| {},
                    Known {
                        debtor: None,
                        ..known
                    },
                ),
                Some("AC02"),
            ),
            (
                judged(|order| order.debtor_bank = "998".into(), known),
                Some("RC01"),
            ),
            (
                judged(|order| order.creditor_bank = "99".into(), known),
                Some("RC01"),
            ),
            (
                judged(|order| order.execution_date = "2026-01-22".into(), known),
                Some("DT01"),
            ),
            (
                judged(|order| order.currency = "CNY".into(), known),
                Some("AM03"),
            ),
            (
                judged(
                    |order| order.creditor_account = "998000000009".into(),
                    stranger,
                ),
                Some("AC04"),
            ),
            (
                judged(|order| order.creditor_account = "12-34".into(), stranger),
                Some("AC01"),
            ),
            (
                judged(|order| order.creditor_bank = "999".into(), stranger),
                Some("AC01"),
            ),
            (
                judged(|order| order.creditor_bank = "997".into(), known),
                Some("AC01"),
            ),
            (
                judged(
                    |_| {},
                    Known {
                        repeated: true,
                        ..known
                    },
                ),
                Some("AM05"),
            ),
            (
                judged(|order| order.amount_cents = 13_998, known),
                Some("AM04"),
            ),
        ];
        for (place, (found, expected)) in rows.into_iter().enumerate() {
            assert_eq!(found, expected, "row {place}");
        }
    }
}
