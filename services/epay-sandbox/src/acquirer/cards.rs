//! The test cards: what a person may type on the hosted page, and what comes of it.
//!
//! The numbers begin with 9999, which no scheme has, so nobody mistakes one for a real card. Security code and expiry are
//! not asked for. The README shows the same table, which a test here compares.

use crate::faults::Chosen;
use crate::faults::menu::{CHARGEBACK, Fault, LOST_CAPTURE, MenuItem, UNKNOWN};

use super::menu::{CHARGEBACK_WON, LATE_ANSWER, LOST_ANSWER, REFUND_REFUSED};

/// How the cardholder's bank authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authentication {
    /// It knows its customer and asks nothing.
    Frictionless,
    /// It asks for a code.
    Challenge,
    /// It refuses.
    Refused,
}

/// A test card.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestCard {
    pub(super) number: &'static str,
    pub(super) authentication: Authentication,
    /// Gateway code and acquirer's code of a refusal; nothing when it is approved.
    pub(super) refusal: Option<(&'static str, &'static str)>,
    /// What goes wrong later, with its value.
    pub(super) faults: &'static [(&'static MenuItem, Option<&'static str>)],
    /// For people.
    pub(super) what: &'static str,
}

const fn card(number: &'static str, what: &'static str) -> TestCard {
    TestCard {
        number,
        authentication: Authentication::Frictionless,
        refusal: None,
        faults: &[],
        what,
    }
}

const fn refused(
    number: &'static str,
    code: &'static str,
    own: &'static str,
    what: &'static str,
) -> TestCard {
    TestCard {
        refusal: Some((code, own)),
        ..card(number, what)
    }
}

const fn faulty(
    number: &'static str,
    faults: &'static [(&'static MenuItem, Option<&'static str>)],
    what: &'static str,
) -> TestCard {
    TestCard {
        faults,
        ..card(number, what)
    }
}

/// Every test card.
#[rustfmt::skip]
pub(super) const CARDS: &[TestCard] = &[
    card("9999000000000010", "approved, nothing is asked"),
    TestCard { authentication: Authentication::Challenge, ..card("9999000000000028", "approved after a code") },
    refused("9999000000000036", "INSUFFICIENT_FUNDS", "51", "declined: not enough money"),
    refused("9999000000000044", "EXPIRED_CARD", "54", "declined: expired"),
    refused("9999000000000051", "DECLINED", "05", "declined without a reason"),
    refused("9999000000000069", "INVALID_CSC", "82", "declined: wrong security code"),
    faulty("9999000000000077", &[(&UNKNOWN, Some("60"))], "no answer for a minute, then approved"),
    faulty("9999000000000085", &[(&UNKNOWN, Some("3600"))], "unknown for an hour, then approved"),
    faulty("9999000000000093", &[(&LATE_ANSWER, Some("25"))], "the capture is answered 25 seconds late"),
    faulty("9999000000000101", &[(&LOST_ANSWER, None)], "the capture is done and its answer lost"),
    faulty("9999000000000119", &[(&LOST_CAPTURE, None)], "the capture is lost and not done"),
    faulty("9999000000000127", &[(&CHARGEBACK, Some("40"))], "charged back on day 40"),
    faulty("9999000000000135", &[(&CHARGEBACK, Some("40")), (&CHARGEBACK_WON, Some("10"))], "charged back on day 40, won ten days later"),
    TestCard { authentication: Authentication::Refused, ..card("9999000000000143", "its bank does not authenticate the payer") },
    faulty("9999000000000150", &[(&REFUND_REFUSED, None)], "refunds are refused"),
];

impl TestCard {
    /// The card of a number, which may be typed with spaces.
    pub(super) fn of(number: &str) -> Option<&'static Self> {
        let digits: String = number
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .collect();
        CARDS.iter().find(|card| card.number == digits)
    }

    /// The number as people write it.
    pub(super) fn grouped(&self) -> String {
        let digits: Vec<char> = self.number.chars().collect();
        let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
        groups.join(" ")
    }

    /// The number as merchants see it.
    pub(super) fn masked(&self) -> String {
        mask(self.number)
    }

    /// The card's own faults, behind those that were ordered.
    pub(super) fn add_faults(&self, mut chosen: Chosen) -> Chosen {
        for (item, value) in self.faults {
            if chosen.on(item).is_none() {
                chosen.0.push(Fault {
                    fault: item.word.to_owned(),
                    value: value.or(item.value).map(str::to_owned),
                });
            }
        }
        chosen
    }
}

/// Six digits, stars, four digits.
fn mask(number: &str) -> String {
    let (head, tail) = (number.get(..6), number.get(12..));
    format!("{}xxxxxx{}", head.unwrap_or(""), tail.unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_every_card() {
        let readme = include_str!("../../README.md");
        for card in CARDS {
            let row = format!("| `{}` | {} |", card.grouped(), card.what);
            assert!(readme.contains(&row), "{row}");
        }
    }

    #[test]
    fn a_number_is_found_as_people_type_it() {
        for typed in [
            "9999000000000010",
            "9999 0000 0000 0010",
            "9999-0000-0000-0010 ",
        ] {
            assert_eq!(TestCard::of(typed).unwrap().masked(), "999900xxxxxx0010");
        }
        assert!(TestCard::of("4111111111111111").is_none());
        assert!(TestCard::of("").is_none());
    }
}
