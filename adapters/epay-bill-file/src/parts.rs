//! The parts of a consolidated demand, as both formats write them.

use epay_money::{Currency, Money};

use crate::fields::{Fields, Wrong, is_code, is_document};
use crate::row::Part;

/// Most parts of a demand.
pub const PARTS_MAX: usize = 100;
/// Most characters of a part's label.
pub const LABEL_CHARACTERS_MAX: usize = 80;

/// A part's fields as text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct PartFields {
    pub(crate) reference: String,
    pub(crate) line: String,
    pub(crate) amount: String,
    pub(crate) label: String,
}

/// `1234-01|02-gr|2325.00|Flat A, 12/F;1234-02|02-gr|930.00|Flat B, 12/F`: in a cell a label holds neither of the two marks.
pub(crate) fn of_cell(text: &str) -> Result<Vec<PartFields>, &'static str> {
    let part = |text: &str| {
        let mut fields = text.split('|').map(str::trim).map(str::to_owned);
        let part = PartFields {
            reference: fields.next()?,
            line: fields.next()?,
            amount: fields.next()?,
            label: fields.next()?,
        };
        fields.next().is_none().then_some(part)
    };
    text.split_terminator(';')
        .map(|text| part(text).ok_or("parts are written reference|line|amount|label, parted by ;"))
        .collect()
}

/// The parts of a row, whose amounts add up to its own.
pub(crate) fn read(
    fields: &Fields,
    currency: Currency,
    amount: Option<Money>,
) -> Result<Vec<Part>, Wrong> {
    let given = &fields.parts;
    if given.len() > PARTS_MAX {
        return Err(("TOO_MANY_PARTS", "a demand has at most 100 parts"));
    }
    if !given.is_empty() && !fields.shares.is_empty() {
        let words = "parts name the revenue lines, so the row names none itself";
        return Err(("LINES_BESIDE_PARTS", words));
    }
    let parts = given
        .iter()
        .map(|part| one(part, currency))
        .collect::<Result<Vec<Part>, Wrong>>()?;
    for (place, part) in parts.iter().enumerate() {
        let same = |other: &Part| other.reference == part.reference && other.line == part.line;
        if parts.iter().take(place).any(same) {
            let words = "a reference stands once with each revenue line";
            return Err(("PART_TWICE", words));
        }
    }
    let sum = parts
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(part.minor));
    let whole = amount.is_none_or(|amount| sum == Some(amount.minor()));
    if parts.is_empty() || whole {
        Ok(parts)
    } else {
        Err((
            "PARTS_DO_NOT_ADD_UP",
            "the parts do not add up to the amount",
        ))
    }
}

fn one(part: &PartFields, currency: Currency) -> Result<Part, Wrong> {
    if !is_document(&part.reference) {
        let words = "a part's reference is 1 to 48 characters A-Z, a-z, 0-9 and . _ / : -";
        return Err(("PART_REFERENCE", words));
    }
    if !is_code(&part.line) {
        let words = "the code of a part's line is 1 to 24 characters a-z, 0-9 and -";
        return Err(("PART_LINE", words));
    }
    let minor = Money::parse(&part.amount, currency).map_or(0, |money| money.minor());
    if minor <= 0 {
        return Err(("PART_AMOUNT", "a part's amount is more than nothing"));
    }
    let characters = part.label.chars().count();
    let plain = !part.label.chars().any(char::is_control) && !part.label.trim().is_empty();
    if !plain || characters > LABEL_CHARACTERS_MAX {
        let words = "a part's label is 1 to 80 characters that can be printed";
        return Err(("PART_LABEL", words));
    }
    Ok(Part {
        reference: part.reference.clone(),
        line: part.line.clone(),
        minor,
        label: part.label.clone(),
    })
}
