//! What a consolidated bill demands for: each part, how much, and how it stands.

use crate::format;
use crate::text::Text;
use crate::view::{Bill, BillKind, Part};

/// One line of the table of parts.
pub(super) struct PartLine {
    /// What it is for; its place where that is not told.
    pub(super) name: String,
    /// What its reference is called, and the reference; unset where that is not told.
    pub(super) reference: Option<String>,
    pub(super) amount: String,
    pub(super) standing: String,
}

/// The parts as they stand; none where the bill is for one thing.
pub(super) fn parts(text: Text, kind: &BillKind, bill: &Bill) -> Vec<PartLine> {
    let label = text.pick(kind.part_reference.as_ref());
    let parts = bill.parts.iter();
    parts.map(|part| line(text, &label, part)).collect()
}

fn line(text: Text, label: &str, part: &Part) -> PartLine {
    let money = |amount| format::money(text.language, amount);
    PartLine {
        name: if part.label.is_empty() {
            text.with("bill-part-number", "number", part.number)
        } else {
            part.label.clone()
        },
        reference: (!part.reference.is_empty()).then(|| format!("{label} {}", part.reference)),
        amount: money(part.amount),
        standing: if part.paid == part.amount {
            text.say("bill-instalment-paid")
        } else if part.paid.is_zero() {
            text.say("bill-instalment-open")
        } else {
            text.with("bill-instalment-part", "amount", money(part.paid))
        },
    }
}
