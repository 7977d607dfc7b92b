//! What can go wrong with a transfer of the bank, on request.
//!
//! A payment's faults come from the first of these that names any: the `faults` field of the API or the confirm page, an order
//! to the fault menu for the rail `fps`, the
//! payer's name, the bill number or reference, the configured default. [`Faults::from_magic`] holds the words.

use serde::{Deserialize, Serialize};

use super::menu::{Chosen, MenuItem};

/// The longest delay in seconds: an hour is longer than any test waits, and keeps a slip of the finger harmless.
pub const DELAY_SECONDS_MAX: u32 = 3_600;

const fn word(word: &'static str, help: &'static str) -> MenuItem {
    MenuItem {
        word,
        value: None,
        help,
    }
}

const DELAY: MenuItem = MenuItem {
    word: "delay",
    value: Some("5"),
    help: "the notice leaves this many seconds later",
};

/// The bank's words on the fault menu, under the rail `fps`.
pub const TRANSFER_MENU: &[MenuItem] = &[
    DELAY,
    word("hold", "the notice stays until its group is released"),
    word("reversed", "held; the released group leaves last first"),
    word("duplicate", "the same credit is told under two message ids"),
    word("short", "the bank moves 1.00 less than was confirmed"),
    word("over", "the bank moves 1.00 more than was confirmed"),
    word("lost", "neither bill number nor reference in the notice"),
    word("twice", "two transfers for one code"),
    word("late", "an expired code is paid"),
];

/// Which faults one payment has. All off is an honest payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The notice leaves this many seconds after the booking.
    #[serde(skip_serializing_if = "is_default")]
    pub delay_seconds: u32,
    /// The notice stays until it is released.
    #[serde(skip_serializing_if = "is_default")]
    pub hold: bool,
    /// The name under which held notices are released together; `default` when absent.
    #[serde(skip_serializing_if = "is_default")]
    pub group: Option<String>,
    /// The notice is held, and its group leaves in reverse order when it is released.
    #[serde(skip_serializing_if = "is_default")]
    pub out_of_order: bool,
    /// The same credit is told twice, under two message ids.
    #[serde(skip_serializing_if = "is_default")]
    pub duplicate: bool,
    /// The bank moves this many cents more (or less) than the payer confirmed.
    #[serde(skip_serializing_if = "is_default")]
    pub amount_delta_cents: i64,
    /// The notice carries neither bill number nor reference.
    #[serde(skip_serializing_if = "is_default")]
    pub lost_reference: bool,
    /// Two transactions for one code.
    #[serde(skip_serializing_if = "is_default")]
    pub paid_twice: bool,
    /// The app pays a code that has expired, which it refuses otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub after_expiry: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Faults {
    /// Whether any fault is on.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the notice waits for a release.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.hold || self.out_of_order
    }

    /// Reads faults from a payer's name, a bill number or a reference whose first word is `FAULT`. The words that follow, parted by
    /// spaces, hyphens or underscores, switch faults on; other words do nothing, so `FAULT TWICE CHAN Tai Man` is a name.
    #[must_use]
    pub fn from_magic(text: &str) -> Self {
        let mut faults = Self::default();
        let mut words = text.split([' ', '-', '_']).filter(|word| !word.is_empty());
        if !words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("fault"))
        {
            return faults;
        }
        for word in words {
            faults.switch_on(word);
        }
        faults
    }

    fn switch_on(&mut self, word: &str) {
        match word.to_ascii_lowercase().as_str() {
            "delay" => self.delay_seconds = 5,
            "hold" => self.hold = true,
            "reversed" => self.out_of_order = true,
            "duplicate" => self.duplicate = true,
            "short" => self.amount_delta_cents = -100,
            "over" => self.amount_delta_cents = 100,
            "lost" => self.lost_reference = true,
            "twice" => self.paid_twice = true,
            "late" => self.after_expiry = true,
            _ => {}
        }
    }

    /// Faults that were ordered from the menu.
    #[must_use]
    pub fn ordered(chosen: &Chosen) -> Self {
        let mut faults = Self::default();
        for fault in &chosen.0 {
            faults.switch_on(&fault.fault);
        }
        if let Some(delay) = chosen.on(&DELAY) {
            faults.delay_seconds = u32::try_from(delay.number()).unwrap_or(DELAY_SECONDS_MAX);
        }
        faults
    }

    /// Chooses the faults of a payment: what was asked, else the first text that says anything, else the default.
    #[must_use]
    pub fn choose(asked: Option<&Self>, texts: &[Option<&str>], default: &Self) -> Self {
        if let Some(asked) = asked.filter(|faults| faults.any()) {
            return asked.clone();
        }
        let magic = texts
            .iter()
            .flatten()
            .map(|text| Self::from_magic(text))
            .find(Self::any);
        magic.unwrap_or_else(|| default.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_after_fault_switch_faults_on() {
        let rows = [
            ("CHAN Tai Man", "{}"),
            ("Faulty Towers twice", "{}"),
            ("FAULT", "{}"),
            ("FAULT TWICE CHAN Tai Man", r#"{"paid_twice":true}"#),
            (
                "fault-lost-duplicate",
                r#"{"duplicate":true,"lost_reference":true}"#,
            ),
            ("FAULT_SHORT", r#"{"amount_delta_cents":-100}"#),
            (
                "FAULT OVER LATE",
                r#"{"amount_delta_cents":100,"after_expiry":true}"#,
            ),
            (
                "FAULT DELAY HOLD REVERSED",
                r#"{"delay_seconds":5,"hold":true,"out_of_order":true}"#,
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(
                serde_json::to_string(&Faults::from_magic(text)).unwrap(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn the_nearest_word_wins() {
        let asked = Faults {
            hold: true,
            ..Faults::default()
        };
        let default = Faults {
            delay_seconds: 2,
            ..Faults::default()
        };
        let texts = [Some("CHAN"), None, Some("FAULT TWICE")];
        assert_eq!(Faults::choose(Some(&asked), &texts, &default), asked);
        assert!(Faults::choose(Some(&Faults::default()), &texts, &default).paid_twice);
        assert_eq!(Faults::choose(None, &[Some("CHAN")], &default), default);
    }
}
