//! Splits a payload into objects: two digits of id, two digits of length in characters, then the value.
//!
//! Bounds: a payload of at most [`PAYLOAD_CHARS_MAX`] characters, and no recursion; the caller splits the templates that it
//! knows. Never panics, whatever the text.

use thiserror::Error;

use super::crc::checksum;

/// A QR symbol of the largest version holds 2,953 bytes; a longer text did not come from one.
pub const PAYLOAD_CHARS_MAX: usize = 2_953;

/// One object: its id and its value, borrowed from the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// Two ASCII digits.
    pub id: &'a str,
    /// 1 to 99 characters.
    pub value: &'a str,
}

/// Why a text is not a sequence of objects, or not a whole payload. Offsets count characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlvError {
    /// Nothing to read.
    #[error("the code is empty")]
    Empty,
    /// More text than any symbol holds.
    #[error("the code is longer than {PAYLOAD_CHARS_MAX} characters")]
    TooLong,
    /// One to three characters where an id and a length must stand.
    #[error("the code stops inside an object header at character {at}")]
    Header {
        /// Where the header starts.
        at: usize,
    },
    /// The id is not two ASCII digits.
    #[error("the object id at character {at} is not two digits")]
    Id {
        /// Where the id starts.
        at: usize,
    },
    /// The length is not 01 to 99.
    #[error("the object length at character {at} is not 01 to 99")]
    Length {
        /// Where the length starts.
        at: usize,
    },
    /// The value would run past the end.
    #[error("the object at character {at} is longer than what is left")]
    Overrun {
        /// Where the object starts.
        at: usize,
    },
    /// The same id twice at one level.
    #[error("object {id} stands twice")]
    Duplicate {
        /// The id that is repeated.
        id: String,
    },
    /// The first object is not `000201`.
    #[error("the code does not start as an EMV payment code")]
    NotEmv,
    /// Object 63 is missing, is not last, or is not four hexadecimal digits.
    #[error("the code does not end with a checksum")]
    NoChecksum,
    /// The checksum differs from the text.
    #[error("the checksum is {found:04X} but the text gives {computed:04X}")]
    Checksum {
        /// What the code says.
        found: u16,
        /// What its text gives.
        computed: u16,
    },
}

/// Splits one level.
///
/// # Errors
/// The first [`TlvError`] met, reading from the left.
pub fn split(text: &str) -> Result<Vec<Object<'_>>, TlvError> {
    if text.is_empty() {
        return Err(TlvError::Empty);
    }
    let mut objects: Vec<Object<'_>> = Vec::new();
    let mut rest = text;
    let mut at = 0_usize;
    while !rest.is_empty() {
        let (header, after) = take_chars(rest, 4).ok_or(TlvError::Header { at })?;
        let (id, length) = take_chars(header, 2).ok_or(TlvError::Header { at })?;
        if !is_digits(id) {
            return Err(TlvError::Id { at });
        }
        let bad_length = TlvError::Length {
            at: at.saturating_add(2),
        };
        let length = match length.parse::<usize>() {
            Ok(count) if is_digits(length) && count > 0 => count,
            Ok(_) | Err(_) => return Err(bad_length),
        };
        let (value, left) = take_chars(after, length).ok_or(TlvError::Overrun { at })?;
        if objects.iter().any(|object| object.id == id) {
            return Err(TlvError::Duplicate { id: id.to_owned() });
        }
        objects.push(Object { id, value });
        at = at.saturating_add(4).saturating_add(length);
        rest = left;
    }
    Ok(objects)
}

/// Splits a whole payload: the format indicator must stand first and the checksum last, and the checksum must be right.
///
/// # Errors
/// The first [`TlvError`] met.
pub fn read_payload(text: &str) -> Result<Vec<Object<'_>>, TlvError> {
    // Scanners add line ends; nothing else is forgiven.
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(TlvError::Empty);
    }
    if text.chars().count() > PAYLOAD_CHARS_MAX {
        return Err(TlvError::TooLong);
    }
    if !text.starts_with("000201") {
        return Err(TlvError::NotEmv);
    }
    let objects = split(text)?;
    let last = objects.last().ok_or(TlvError::Empty)?;
    let found = match u16::from_str_radix(last.value, 16) {
        Ok(found) if last.id == "63" && last.value.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            found
        }
        Ok(_) | Err(_) => return Err(TlvError::NoChecksum),
    };
    let summed = text
        .strip_suffix(last.value)
        .filter(|_| last.value.len() == 4)
        .ok_or(TlvError::NoChecksum)?;
    let computed = checksum(summed);
    if found == computed {
        Ok(objects)
    } else {
        Err(TlvError::Checksum { found, computed })
    }
}

/// The value of an id, when it is there.
#[must_use]
pub fn value<'a>(objects: &[Object<'a>], id: &str) -> Option<&'a str> {
    objects
        .iter()
        .find(|object| object.id == id)
        .map(|object| object.value)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first `count` characters and what follows them; `None` when there are fewer.
fn take_chars(text: &str, count: usize) -> Option<(&str, &str)> {
    match text.char_indices().nth(count) {
        Some((end, _)) => text.split_at_checked(end),
        None if text.chars().count() == count => Some((text, "")),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_texts_are_told_apart() {
        let rows = [
            ("", TlvError::Empty),
            ("\r\n", TlvError::Empty),
            ("https://qr.example/pay", TlvError::NotEmv),
            ("00020", TlvError::NotEmv),
            ("000201010", TlvError::Header { at: 6 }),
            ("0002010a0212", TlvError::Id { at: 6 }),
            ("0002010１0212", TlvError::Id { at: 6 }),
            ("00020101+212", TlvError::Length { at: 8 }),
            ("0002010100", TlvError::Length { at: 8 }),
            ("000201010312", TlvError::Overrun { at: 6 }),
            (
                "000201010212010212",
                TlvError::Duplicate { id: "01".into() },
            ),
            ("000201010212", TlvError::NoChecksum),
            ("0002016303ABC", TlvError::NoChecksum),
            ("0002016304+ABC", TlvError::NoChecksum),
            ("0002016304ABCD010212", TlvError::NoChecksum),
        ];
        for (text, expected) in rows {
            assert_eq!(read_payload(text).unwrap_err(), expected, "{text}");
        }
        assert!(matches!(
            read_payload("0002016304ABCD"),
            Err(TlvError::Checksum { found: 0xABCD, .. })
        ));
        assert_eq!(
            read_payload(&"0".repeat(PAYLOAD_CHARS_MAX + 1)).unwrap_err(),
            TlvError::TooLong
        );
    }

    #[test]
    fn lengths_count_characters_and_the_checksum_counts_bytes() {
        let text = "0002015904水務署!6304";
        let whole = format!("{text}{:04X}", checksum(text));
        let objects = read_payload(&whole).unwrap();
        assert_eq!(value(&objects, "59"), Some("水務署!"));
        assert_eq!(read_payload(&format!("{whole}\r\n")).unwrap(), objects);
        assert_eq!(
            read_payload(&format!("{text}{:04x}", checksum(text)))
                .unwrap()
                .len(),
            3
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,120}") {
            drop(read_payload(&text));
            drop(split(&text));
        }

        #[test]
        fn texts_that_look_like_payloads_do_not_panic_either(text in "0002[0-9]{2}([0-9]{4}[ -~水]{0,9}){0,9}(6304[0-9A-Fa-f]{0,5})?") {
            drop(read_payload(&text));
        }

        #[test]
        fn what_is_joined_is_split_again(values in proptest::collection::vec("[ -~水務]{1,99}", 1..40)) {
            let text: String = values.iter().enumerate()
                .map(|(id, value)| format!("{id:02}{:02}{value}", value.chars().count())).collect();
            let objects = split(&text).unwrap();
            let read: Vec<&str> = objects.iter().map(|object| object.value).collect();
            proptest::prop_assert_eq!(read, values.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
