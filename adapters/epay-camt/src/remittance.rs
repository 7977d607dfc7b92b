//! What a payment says it is for: our reference, and the bill number.
//!
//! Neither is ever guessed. Each is looked for in the places below, in order; the first place that holds
//! one decides, and a place that holds two different ones decides that there is none, because crediting
//! the wrong bill is worse than asking a person.
//!
//! Reference, always of the exact shape that the caller describes:
//! 1. `RmtInf/Strd/CdtrRefInf/Ref`; 2. a word in `RmtInf/Ustrd`; 3. `Refs/EndToEndId`; 4. a word in the
//!    narratives `AddtlTxInf` and `AddtlNtryInf`.
//!
//! Bill number: 1. `RmtInf/Strd/RfrdDocInf/Nb`; 2. a `CdtrRefInf/Ref` that is not of our shape, which is
//! where some banks put what the payer typed; 3. a run of 10 to 25 digits in `Ustrd`, hyphens left out:
//! the shortest printed government bill number has 10 digits, and an 8-digit date is no bill.

use core::fmt;

/// Digits of the shortest bill number that is looked for in free text.
const BILL_DIGITS_MIN: usize = 10;
/// Digits of the longest: what EMV QR 62/01 can carry.
const BILL_DIGITS_MAX: usize = 25;

/// The texts of one transaction that may say what it is for, in the message's own order.
///
/// `is_ours` says what a reference of one's own looks like; words are runs of ASCII letters and digits.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Remittance {
    /// `RmtInf/Strd/CdtrRefInf/Ref`.
    pub creditor_references: Vec<String>,
    /// `RmtInf/Strd/RfrdDocInf/Nb`.
    pub document_numbers: Vec<String>,
    /// `RmtInf/Ustrd`.
    pub unstructured: Vec<String>,
    /// `AddtlTxInf`, `AddtlNtryInf`.
    pub narratives: Vec<String>,
}

/// Only how many: free texts may name people.
impl fmt::Debug for Remittance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remittance")
            .field("creditor_references", &self.creditor_references.len())
            .field("document_numbers", &self.document_numbers.len())
            .field("unstructured", &self.unstructured.len())
            .field("narratives", &self.narratives.len())
            .finish()
    }
}

/// What a place holds.
enum Found {
    Nothing,
    One(String),
    Several,
}

impl Remittance {
    /// The reference: in `Strd/CdtrRefInf/Ref`, `Ustrd`, the end-to-end identification or the narratives; the first
    /// place that holds one decides, and one that holds two different ones decides that there is none.
    #[must_use]
    pub fn reference(
        &self,
        end_to_end_id: Option<&str>,
        is_ours: fn(&str) -> bool,
    ) -> Option<String> {
        let structured = self.creditor_references.iter().map(String::as_str);
        first(&[
            &|| only(structured.clone().filter(|text| is_ours(text))),
            &|| words_in(&self.unstructured, is_ours),
            &|| only(end_to_end_id.into_iter().filter(|text| is_ours(text))),
            &|| words_in(&self.narratives, is_ours),
        ])
    }

    /// The bill number: in `Strd/RfrdDocInf/Nb`, a creditor reference of another shape, or 10 to 25 digits in `Ustrd`;
    /// the first place that holds one decides, as with the reference.
    #[must_use]
    pub fn bill_number(&self, is_ours: fn(&str) -> bool) -> Option<String> {
        let numbers = self.document_numbers.iter().map(String::as_str);
        let others = self.creditor_references.iter().map(String::as_str);
        first(&[
            &|| only(numbers.clone()),
            &|| only(others.clone().filter(|text| !is_ours(text))),
            &|| digits_in(&self.unstructured),
        ])
    }
}

/// The answer of the first place that holds anything.
fn first(places: &[&dyn Fn() -> Found]) -> Option<String> {
    for place in places {
        match place() {
            Found::Nothing => {}
            Found::One(text) => return Some(text),
            Found::Several => return None,
        }
    }
    None
}

/// One text, however often it is repeated.
fn only<'a>(texts: impl Iterator<Item = &'a str>) -> Found {
    let mut found = Found::Nothing;
    for text in texts {
        found = match found {
            Found::Nothing => Found::One(text.to_owned()),
            Found::One(one) if one == text => Found::One(one),
            Found::One(_) | Found::Several => return Found::Several,
        };
    }
    found
}

/// Two texts with two different references count as ambiguous too.
fn words_in(texts: &[String], is_ours: fn(&str) -> bool) -> Found {
    only(
        texts
            .iter()
            .flat_map(|text| text.split(|one: char| !one.is_ascii_alphanumeric()))
            .filter(|word| is_ours(word)),
    )
}

fn digits_in(texts: &[String]) -> Found {
    let runs: Vec<String> = texts
        .iter()
        .flat_map(|text| text.split(|one: char| !one.is_ascii_alphanumeric() && one != '-'))
        .filter(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
        })
        .map(|word| word.replace('-', ""))
        .filter(|digits| (BILL_DIGITS_MIN..=BILL_DIGITS_MAX).contains(&digits.len()))
        .collect();
    only(runs.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::Remittance;

    const ONE: &str = "EP0123456789ABCDEFGH";
    const TWO: &str = "EP0123456789ABCDEFGJ";

    fn is_ours(text: &str) -> bool {
        text.len() == 20 && text.starts_with("EP")
    }

    fn texts(of: &[&str]) -> Vec<String> {
        of.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_reference_is_taken_from_the_first_place_that_holds_one() {
        // structured, unstructured, end-to-end id, narrative, expected
        type Row<'a> = (
            &'a [&'a str],
            &'a [&'a str],
            Option<&'a str>,
            &'a [&'a str],
            Option<&'a str>,
        );
        let table: &[Row<'_>] = &[
            (&[ONE], &[TWO], Some(TWO), &[TWO], Some(ONE)),
            (&["123"], &["bill", TWO], Some(ONE), &[], Some(TWO)),
            (&[], &["rates"], Some(ONE), &[TWO], Some(ONE)),
            (
                &[],
                &[],
                Some("NOTOURS"),
                &["FPS/EP0123456789ABCDEFGJ"],
                Some(TWO),
            ),
            (&[ONE, TWO], &[ONE], Some(ONE), &[], None),
            (&[], &[ONE, TWO], Some(ONE), &[], None),
            (&[ONE, ONE], &[], None, &[], Some(ONE)),
            (&[], &[], None, &[], None),
        ];
        for (structured, unstructured, end_to_end_id, narrative, expected) in table {
            let remittance = Remittance {
                creditor_references: texts(structured),
                unstructured: texts(unstructured),
                narratives: texts(narrative),
                ..Remittance::default()
            };
            let read = remittance.reference(*end_to_end_id, is_ours);
            assert_eq!(read.as_deref(), *expected, "{remittance:?}");
        }
    }

    #[test]
    fn the_bill_number_is_taken_from_the_first_place_that_holds_one() {
        // document number, creditor reference, unstructured, expected
        type Row<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str], Option<&'a str>);
        let table: &[Row<'_>] = &[
            (&["RVD-1"], &["22"], &["000123456789011"], Some("RVD-1")),
            (&[], &["22"], &["000123456789011"], Some("22")),
            (&[], &[ONE], &["000123456789011"], Some("000123456789011")),
            (
                &[],
                &[],
                &["bill 0-0012-3456-7890-11, thanks"],
                Some("000123456789011"),
            ),
            (&[], &[], &["paid 2026-01-20"], None),
            (&[], &[], &["FRN20260120123456789"], None),
            (&[], &[], &["1234567890 and 1234567891"], None),
            (&["1", "2"], &[], &["1234567890"], None),
            (&[], &[], &["12345678901234567890123456"], None),
        ];
        for (numbers, references, unstructured, expected) in table {
            let remittance = Remittance {
                creditor_references: texts(references),
                document_numbers: texts(numbers),
                unstructured: texts(unstructured),
                ..Remittance::default()
            };
            assert_eq!(
                remittance.bill_number(is_ours).as_deref(),
                *expected,
                "{remittance:?}"
            );
        }
    }
}
