//! The words of the fault menu. A rail's menu is a list of these, and of words of its own.

use serde::{Deserialize, Serialize};

/// One fault that a rail plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MenuItem {
    /// The word: lower-case letters and hyphens.
    pub word: &'static str,
    /// The value when none is given; what it means stands in `help`.
    pub value: Option<&'static str>,
    /// What happens.
    pub help: &'static str,
}

const fn item(word: &'static str, value: Option<&'static str>, help: &'static str) -> MenuItem {
    MenuItem { word, value, help }
}

/// Its notice leaves later.
pub const LATE: MenuItem = item(
    "late",
    Some("3600"),
    "its notice leaves this many seconds later",
);
/// Its notice is sent twice.
pub const TWICE: MenuItem = item("twice", None, "its notice is sent twice, under two ids");
/// Its notice is never sent.
pub const NEVER: MenuItem = item(
    "never",
    None,
    "its notice is never sent, unless the group `never` is released",
);
/// Its notice leaves after later ones.
pub const OUT_OF_ORDER: MenuItem = item(
    "out-of-order",
    None,
    "its notice is held, and the released group leaves last first; the value names the group",
);
/// Another amount than was asked for.
pub const WRONG_AMOUNT: MenuItem = item(
    "wrong-amount",
    Some("-100"),
    "this many cents more or less are taken and reported",
);
/// A message signed with a key that was replaced.
pub const ROTATED_KEY: MenuItem = item(
    "rotated-key",
    None,
    "its message is signed with the counterparty's next key",
);
/// The payment is declined.
pub const DECLINED: MenuItem = item(
    "declined",
    None,
    "it is declined; the value is the rail's code",
);
/// The outcome is not known for a while.
pub const UNKNOWN: MenuItem = item(
    "unknown",
    Some("3600"),
    "nobody knows for this many seconds, then it succeeded",
);
/// A capture that is answered and not done.
pub const LOST_CAPTURE: MenuItem = item(
    "lost-capture",
    None,
    "the capture gets no answer and is not done",
);
/// Less is paid out than was collected.
pub const SHORT_SETTLEMENT: MenuItem = item(
    "short-settlement",
    Some("-100"),
    "the settlement is this many cents short",
);
/// Paid out later than agreed.
pub const LATE_SETTLEMENT: MenuItem = item(
    "late-settlement",
    Some("1"),
    "the settlement comes this many days late",
);
/// The payer's bank takes the money back.
pub const CHARGEBACK: MenuItem = item(
    "chargeback",
    Some("40"),
    "the payer's bank takes the money back on this day after the payment",
);
/// A promise is returned unpaid.
pub const RETURNED: MenuItem = item(
    "returned",
    None,
    "it is returned unpaid; the value is the reason",
);

/// A fault that was chosen for a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The menu's word.
    pub fault: String,
    /// Its value: the one that was given, else the menu's.
    pub value: Option<String>,
}

impl Fault {
    /// The value as a number; zero when it is not one, which [`MenuItem::accepts`] keeps out where the menu has a number.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.value
            .as_deref()
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    }
}

impl MenuItem {
    /// Whether a value will do: a number where the menu's own value is one, and never longer than 64 bytes.
    #[must_use]
    pub fn accepts(&self, value: Option<&str>) -> bool {
        let number = |text: &str| text.parse::<i64>().is_ok();
        match (self.value, value) {
            (_, None) => true,
            (Some(own), Some(given)) if number(own) => number(given),
            (_, Some(given)) => (1..=64).contains(&given.len()),
        }
    }

    fn fault(&self, value: Option<&str>) -> Fault {
        Fault {
            fault: self.word.to_owned(),
            value: value.or(self.value).map(str::to_owned),
        }
    }
}

/// The faults of one payment; none is an honest one. Stored with the payment, so that later steps know them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chosen(pub Vec<Fault>);

impl Chosen {
    /// A fault of the menu, when it is on.
    #[must_use]
    pub fn on(&self, item: &MenuItem) -> Option<&Fault> {
        self.0.iter().find(|fault| fault.fault == item.word)
    }

    /// Whether any is on.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Adds a fault of a menu; a word that the menu does not have, or a value that will not do, is left out.
    pub(super) fn add(&mut self, menu: &[MenuItem], word: &str, value: Option<&str>) {
        let known = menu
            .iter()
            .find(|item| item.word.eq_ignore_ascii_case(word) && item.accepts(value));
        if let Some(item) = known.filter(|item| self.on(item).is_none()) {
            self.0.push(item.fault(value));
        }
    }

    /// Reads faults from a text whose first word is `FAULT`: the words that follow, parted by spaces or underscores, switch
    /// faults of the menu on, each with `=` and a value where one is wanted, as in `FAULT DECLINED=51 LATE=60 CHAN Tai
    /// Man`. Other words do nothing.
    #[must_use]
    pub fn from_magic(menu: &[MenuItem], text: &str) -> Self {
        let mut chosen = Self::default();
        let mut words = text.split([' ', '_']).filter(|word| !word.is_empty());
        let first = words.next();
        if !first.is_some_and(|word| word.eq_ignore_ascii_case("fault")) {
            return chosen;
        }
        for word in words {
            match word.split_once('=') {
                Some((word, value)) => chosen.add(menu, word, Some(value)),
                None => chosen.add(menu, word, None),
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &[MenuItem] = &[LATE, TWICE, DECLINED, OUT_OF_ORDER, WRONG_AMOUNT];

    #[test]
    fn words_after_fault_switch_faults_of_the_menu_on() {
        let rows = [
            ("CHAN Tai Man", "[]"),
            ("FAULTY LATE", "[]"),
            ("FAULT CHARGEBACK", "[]"),
            (
                "FAULT LATE CHAN Tai Man",
                r#"[{"fault":"late","value":"3600"}]"#,
            ),
            (
                "fault_declined=51_late=60",
                r#"[{"fault":"declined","value":"51"},{"fault":"late","value":"60"}]"#,
            ),
            (
                "FAULT OUT-OF-ORDER=a TWICE TWICE",
                r#"[{"fault":"out-of-order","value":"a"},{"fault":"twice","value":null}]"#,
            ),
            ("FAULT WRONG-AMOUNT=much", "[]"),
            (
                "FAULT WRONG-AMOUNT=+5",
                r#"[{"fault":"wrong-amount","value":"+5"}]"#,
            ),
        ];
        for (text, expected) in rows {
            let chosen = Chosen::from_magic(MENU, text);
            assert_eq!(serde_json::to_string(&chosen).unwrap(), expected, "{text}");
        }
        let chosen = Chosen::from_magic(MENU, "FAULT WRONG-AMOUNT=+5");
        assert_eq!(chosen.on(&WRONG_AMOUNT).unwrap().number(), 5);
    }
}
