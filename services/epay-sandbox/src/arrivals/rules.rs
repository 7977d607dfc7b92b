//! What can go wrong with a message, and the numbers and boxes with which it always does.

use crate::books::BooksError;
use crate::faults::menu::{LATE, NEVER, OUT_OF_ORDER, TWICE};
use crate::faults::{Chosen, Fault, MenuItem};
use crate::frame::Frame;

pub(crate) const SMS_RAIL: &str = "sms";
pub(crate) const MAIL_RAIL: &str = "mail";

const fn item(word: &'static str, help: &'static str) -> MenuItem {
    MenuItem {
        word,
        value: None,
        help,
    }
}

pub(crate) const BUSY: MenuItem = item("busy", "it is not taken: the provider is busy");
pub(crate) const RATE_LIMITED: MenuItem = item("rate-limited", "it is not taken: too many");
pub(crate) const REFUSED: MenuItem = item("refused", "there is no such number or box");
pub(crate) const LOST_ANSWER: MenuItem =
    item("lost-answer", "it is taken, and the answer breaks off");
pub(crate) const PHONE_OFF: MenuItem = item("phone-off", "its receipt is a temporary failure");
pub(crate) const GONE: MenuItem = item("gone", "its receipt is a permanent failure");
pub(crate) const NETWORK: MenuItem = item("network", "its receipt is a technical failure");
pub(crate) const FULL: MenuItem = item("box-full", "the box is full");

pub(crate) const SMS_MENU: &[MenuItem] = &[
    BUSY,
    RATE_LIMITED,
    REFUSED,
    LOST_ANSWER,
    PHONE_OFF,
    GONE,
    NETWORK,
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
];
pub(crate) const MAIL_MENU: &[MenuItem] = &[BUSY, REFUSED, FULL, LOST_ANSWER];

/// Numbers that nobody has: what is sent there always goes this way.
pub(crate) const NUMBERS: [(&str, &MenuItem); 6] = [
    ("+85250000001", &REFUSED),
    ("+85250000002", &PHONE_OFF),
    ("+85250000003", &GONE),
    ("+85250000004", &NETWORK),
    ("+85250000005", &BUSY),
    ("+85250000006", &LOST_ANSWER),
];

/// Boxes of any domain: the same for mails.
pub(crate) const BOXES: [(&str, &MenuItem); 4] = [
    ("nobody", &REFUSED),
    ("full", &FULL),
    ("busy", &BUSY),
    ("lost", &LOST_ANSWER),
];

/// Whether a text is a telephone number as networks know them.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Whether a text is a sender that networks let through.
pub(crate) fn is_sender(text: &str) -> bool {
    let name = text.strip_prefix('#').unwrap_or_default();
    (1..=10).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// What becomes of a message that was taken.
pub(crate) fn fate(faults: &Chosen) -> &'static str {
    let table = [
        (&PHONE_OFF, "temporary-failure"),
        (&GONE, "permanent-failure"),
        (&NETWORK, "technical-failure"),
    ];
    let bad = table.iter().find(|(item, _)| faults.on(item).is_some());
    bad.map_or("delivered", |(_, fate)| fate)
}

/// What goes wrong with a message to somebody: what was ordered, else what the number or box stands for.
pub(crate) async fn faults(frame: &Frame, rail: &str, to: &str) -> Result<Chosen, BooksError> {
    let (menu, key, always): (_, _, &[(&str, &MenuItem)]) = if rail == SMS_RAIL {
        (SMS_MENU, to, &NUMBERS)
    } else {
        (MAIL_MENU, to.split('@').next().unwrap_or_default(), &BOXES)
    };
    let ordered = frame.faults.take(rail, menu, &[to]).await?;
    if ordered.any() {
        return Ok(ordered);
    }
    let known = always.iter().find(|(known, _)| *known == key);
    let fault = known.map(|(_, item)| Fault {
        fault: item.word.to_owned(),
        value: None,
    });
    Ok(Chosen(fault.into_iter().collect()))
}
