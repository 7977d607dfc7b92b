//! What a plain field may hold: one row each.

use crate::code::Code;
use crate::finding::Findings;
use crate::object::Object;

/// The characters of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// ASCII digits ("N").
    Digits,
    /// Printable ASCII, space included ("ans").
    Printable,
    /// Upper-case ASCII letters: a country.
    Capitals,
    /// ASCII letters of either case: a language.
    Letters,
    /// Any Unicode text ("S").
    Text,
}

impl Charset {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Digits => c.is_ascii_digit(),
            Self::Printable => matches!(c, ' '..='~'),
            Self::Capitals => c.is_ascii_uppercase(),
            Self::Letters => c.is_ascii_alphabetic(),
            Self::Text => true,
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Digits => "digits only",
            Self::Printable => "printable ASCII only",
            Self::Capitals => "capital letters only",
            Self::Letters => "letters only",
            Self::Text => "any text",
        }
    }

    /// A field of printable text with a stray character has a bad character; a number with letters has a bad format.
    fn code(self) -> Code {
        match self {
            Self::Printable | Self::Text => Code::BadCharacter,
            Self::Digits | Self::Capitals | Self::Letters => Code::WrongFormat,
        }
    }
}

/// One row: identifier, name for people, characters, fewest and most of them.
pub(super) type Field = (u8, &'static str, Charset, usize, usize);

/// The root's plain fields. Accounts (02 to 51) are ranges and stand in [`root`](super::root).
pub(super) const ROOT: &[Field] = &[
    (0, "payload format indicator", Charset::Digits, 2, 2),
    (1, "point of initiation", Charset::Digits, 2, 2),
    (52, "merchant category code", Charset::Digits, 4, 4),
    (53, "transaction currency", Charset::Digits, 3, 3),
    (54, "transaction amount", Charset::Printable, 1, 13),
    (55, "tip indicator", Charset::Digits, 2, 2),
    (56, "fixed convenience fee", Charset::Printable, 1, 13),
    (57, "convenience fee percentage", Charset::Printable, 1, 5),
    (58, "country code", Charset::Capitals, 2, 2),
    (59, "merchant name", Charset::Printable, 1, 25),
    (60, "merchant city", Charset::Printable, 1, 15),
    (61, "postal code", Charset::Printable, 1, 10),
];

/// The plain fields of the additional data template (62).
pub(super) const ADDITIONAL_DATA: &[Field] = &[
    (1, "bill number", Charset::Printable, 1, 25),
    (2, "mobile number", Charset::Printable, 1, 25),
    (3, "store label", Charset::Printable, 1, 25),
    (4, "loyalty number", Charset::Printable, 1, 25),
    (5, "reference label", Charset::Printable, 1, 25),
    (6, "customer label", Charset::Printable, 1, 25),
    (7, "terminal label", Charset::Printable, 1, 25),
    (8, "purpose of transaction", Charset::Printable, 1, 25),
    (9, "consumer data request", Charset::Printable, 1, 3),
];

/// The plain fields of the language template (64).
pub(super) const LANGUAGE: &[Field] = &[
    (0, "language", Charset::Letters, 2, 2),
    (
        1,
        "merchant name in the other language",
        Charset::Text,
        1,
        25,
    ),
    (
        2,
        "merchant city in the other language",
        Charset::Text,
        1,
        15,
    ),
];

/// A merchant account that is a plain value (02 to 25), or the inside of one that is a template.
pub(super) const ACCOUNT: (Charset, usize, usize) = (Charset::Printable, 1, 99);

/// The row for an identifier.
pub(super) fn row(table: &'static [Field], id: u8) -> Option<&'static Field> {
    table.iter().find(|row| row.0 == id)
}

/// Judges length and characters of a value. A value without any is reported as that and nothing else.
pub(super) fn check(
    object: &Object<'_>,
    name: &str,
    charset: Charset,
    min: usize,
    max: usize,
    findings: &mut Findings,
) {
    if zero_length(object, findings) {
        return;
    }
    let length = object.value_chars;
    if !(min..=max).contains(&length) {
        let message = if min == max {
            format!("the {name} should have {min} characters, not {length}")
        } else {
            format!("the {name} may have {min} to {max} characters, not {length}")
        };
        findings.error(Code::WrongLength, object.path(), object.offset(), message);
    }
    characters(object, name, charset, findings);
}

/// Reports the first character that the field does not allow.
pub(super) fn characters(
    object: &Object<'_>,
    name: &str,
    charset: Charset,
    findings: &mut Findings,
) {
    let mut numbered = object.value().chars().enumerate();
    if let Some((position, c)) = numbered.find(|(_, c)| !charset.allows(*c)) {
        let offset = object.value_offset().saturating_add(position);
        let message = format!("the {name} may hold {}, not {c:?}", charset.described());
        findings.error(charset.code(), object.path(), offset, message);
    }
    control_character(object, charset, findings);
}

/// Free text may hold anything; a control character in it is still worth a word.
fn control_character(object: &Object<'_>, charset: Charset, findings: &mut Findings) {
    if charset != Charset::Text {
        return;
    }
    let mut numbered = object.value().chars().enumerate();
    if let Some((position, c)) = numbered.find(|(_, c)| c.is_control()) {
        let offset = object.value_offset().saturating_add(position);
        let message = format!("the value holds the control character {c:?}");
        findings.warning(Code::ControlCharacter, object.path(), offset, message);
    }
}

/// Whether the object has no value, which is an error wherever it stands.
pub(super) fn zero_length(object: &Object<'_>, findings: &mut Findings) -> bool {
    let is_empty = object.value_chars == 0;
    if is_empty {
        let message = "the object is empty; an absent object should be left out";
        findings.error(Code::ZeroLength, object.path(), object.offset(), message);
    }
    is_empty
}
