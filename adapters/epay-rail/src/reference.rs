//! The shape of our own payment reference, the one rule that every rail, the domain and the portal share.
//!
//! A reference is exactly 20 characters: `EP`, then 18 characters of Crockford's base 32 (digits and
//! capital letters without I, L, O and U, which people misread). It fits the 25 characters of EMV QR 62/05
//! and the 35 of an ISO 20022 reference, and it is unlike any bill number, so that it can be recognised
//! inside free text.

/// How many characters a reference has.
pub const REFERENCE_LENGTH: usize = 20;

/// How every reference begins.
pub const REFERENCE_PREFIX: &str = "EP";

/// Whether a text has exactly the shape of our reference. Lower case does not count.
///
/// ```
/// assert!(epay_rail::is_reference("EP01J9ZK3M5N7P9QRSTV"));
/// assert!(!epay_rail::is_reference("EP01J9ZK3M5N7P9QRSTU")); // U is not in the alphabet
/// ```
#[must_use]
pub fn is_reference(text: &str) -> bool {
    text.len() == REFERENCE_LENGTH
        && text
            .strip_prefix(REFERENCE_PREFIX)
            .is_some_and(|body| body.bytes().all(is_crockford))
}

/// The one reference that occurs as a word in a free text; words are runs of ASCII letters and digits.
///
/// `None` when there is none, and also when two different ones occur: then the text does not say which
/// attempt was paid, and a guess could credit the wrong bill.
#[must_use]
pub fn find_reference(text: &str) -> Option<&str> {
    let mut found = None;
    for word in text.split(|character: char| !character.is_ascii_alphanumeric()) {
        if !is_reference(word) || found == Some(word) {
            continue;
        }
        if found.is_some() {
            return None;
        }
        found = Some(word);
    }
    found
}

const fn is_crockford(byte: u8) -> bool {
    (byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && !matches!(byte, b'I' | b'L' | b'O' | b'U')
}

#[cfg(test)]
mod tests {
    use super::{find_reference, is_reference};

    #[test]
    fn only_the_exact_shape_is_a_reference() {
        let table = [
            ("EP0123456789ABCDEFGH", true),
            ("EPZZZZZZZZZZZZZZZZZZ", true),
            ("EP0123456789ABCDEFG", false),
            ("EP0123456789ABCDEFGHJ", false),
            ("ep0123456789abcdefgh", false),
            ("EQ0123456789ABCDEFGH", false),
            ("EP0123456789ABCDEFGI", false),
            ("EP0123456789ABCDEFG ", false),
            ("EP0123456789ABCDEFÉ", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_reference(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_reference_is_found_in_free_text_unless_it_is_ambiguous() {
        let one = "EP0123456789ABCDEFGH";
        let two = "EP0123456789ABCDEFGJ";
        let table = [
            (format!("BANK/{one}/RATES"), Some(one)),
            (format!("bill 1234 ref:{one}."), Some(one)),
            (format!("{one} {one}"), Some(one)),
            (format!("{one} {two}"), None),
            (format!("X{one}"), None),
            (format!("差餉{one}號"), Some(one)),
            ("nothing here".to_owned(), None),
        ];
        for (text, expected) in table {
            assert_eq!(find_reference(&text), expected, "{text:?}");
        }
    }
}
