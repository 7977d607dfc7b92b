//! The checksum, and what can be said about the payload as a whole.

use crate::code::Code;
use crate::crc::checksum;
use crate::document::{Document, PAYLOAD_CHARS_ADVISED};
use crate::finding::Findings;
use crate::id::Path;

/// What stands before the four digits.
const CRC_HEADER: &str = "6304";

/// Digits of the checksum.
const CRC_DIGITS: usize = 4;

/// Judges the checksum. It is looked for in the last eight characters: `6304` may well occur inside a value.
pub(crate) fn crc(payload: &str, document: &Document<'_>, findings: &mut Findings) {
    let object = document.get(63);
    let path = object.map_or(Path::ROOT, super::Object::path);
    let Some((covered, digits)) = closing(payload) else {
        match object {
            None => findings.error(
                Code::CrcMissing,
                Path::ROOT,
                0,
                "the payload has no checksum (object 63)",
            ),
            Some(object) if !is_last(document) => {
                findings.error(
                    Code::CrcNotLast,
                    path,
                    object.offset(),
                    "the checksum should be the last object",
                );
            }
            Some(object) => {
                let message = format!(
                    "the checksum should be four hexadecimal digits, not {:?}",
                    object.value()
                );
                findings.error(Code::CrcMalformed, path, object.offset(), message);
            }
        }
        return;
    };
    // A payload with a structural error keeps the checksum from being an object; it can be judged all the same.
    if document.rest().is_empty() {
        match object {
            None => {
                findings.error(
                    Code::CrcMissing,
                    Path::ROOT,
                    0,
                    "the payload has no checksum (object 63)",
                );
                return;
            }
            Some(object) if !is_last(document) => {
                findings.error(
                    Code::CrcNotLast,
                    path,
                    object.offset(),
                    "the checksum should be the last object",
                );
                return;
            }
            Some(_) => {}
        }
    }
    let offset = covered.chars().count().saturating_sub(CRC_HEADER.len());
    let Ok(printed) = u16::from_str_radix(digits, 16) else {
        return;
    };
    let computed = checksum(covered);
    if printed != computed {
        let message = format!(
            "the checksum reads {digits}, but this text gives {computed:04X}: it was altered or misread"
        );
        findings.error(Code::CrcMismatch, path, offset, message);
    }
    if digits.chars().any(|digit| digit.is_ascii_lowercase()) {
        findings.warning(
            Code::CrcLowerCase,
            path,
            offset,
            "the checksum is written in lower case",
        );
    }
}

/// The text that the checksum covers, and its digits, when the payload ends as it should.
fn closing(payload: &str) -> Option<(&str, &str)> {
    let (covered, digits) = payload.split_at_checked(payload.len().checked_sub(CRC_DIGITS)?)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (covered.ends_with(CRC_HEADER) && is_hex).then_some((covered, digits))
}

fn is_last(document: &Document<'_>) -> bool {
    document.rest().is_empty()
        && document
            .objects()
            .last()
            .is_some_and(|object| object.id().number() == 63)
}

/// Adds what is not wrong, but worth knowing.
pub(crate) fn advice(payload: &str, line_ends: &str, findings: &mut Findings) {
    let chars = payload.chars().count();
    if chars > PAYLOAD_CHARS_ADVISED {
        let message = format!(
            "the payload has {chars} characters; more than {PAYLOAD_CHARS_ADVISED} scan badly"
        );
        findings.warning(Code::PayloadLong, Path::ROOT, 0, message);
    }
    if !line_ends.is_empty() {
        findings.warning(
            Code::TrailingNewline,
            Path::ROOT,
            chars,
            "line ends after the payload were set aside",
        );
    }
}
