//! What a department sends back: one line a file.
//!
//! `ACK 000123 1 3720.00` says that it took the file, with the count and net that it found. `NAK 000123 17 bill unknown`
//! says that it did not, at which line, and why; line 0 is the file as a whole.

use core::str::FromStr;

use epay_money::{Currency, Money};

/// Largest file of acknowledgements that is read.
pub const ACKNOWLEDGEMENT_BYTES_MAX: usize = 65_536;
/// Longest reason in characters.
const REASON_CHARS_MAX: usize = 500;

/// One line of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The file.
    pub sequence: u64,
    /// What is said of it.
    pub verdict: Verdict,
}

/// What a department says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It took it.
    Accepted {
        /// The rows that it found.
        rows: u64,
        /// Their net in minor units.
        net_minor: i64,
    },
    /// It did not.
    Refused {
        /// At which row; 0 for the whole file.
        line: u32,
        /// Why.
        reason: String,
    },
}

/// A line that says nothing of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAcknowledgement {
    /// Neither `ACK sequence count net` nor `NAK sequence line reason`.
    #[error("an acknowledgement is \"ACK sequence count net\" or \"NAK sequence line reason\"")]
    Shape,
    /// A number that cannot be read.
    #[error("the {0} of an acknowledgement cannot be read")]
    Number(&'static str),
    /// A reason that is empty or too long.
    #[error("the reason must be 1 to {REASON_CHARS_MAX} characters without control characters")]
    Reason,
}

/// A file of acknowledgements that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAcknowledgementFile {
    /// It is larger than any file that is needed.
    #[error("a file of acknowledgements has at most {ACKNOWLEDGEMENT_BYTES_MAX} bytes")]
    TooLarge,
    /// It is no text.
    #[error("a file of acknowledgements is UTF-8")]
    NotText,
    /// A line of it says nothing of a file.
    #[error("line {number}")]
    Line {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        fault: BadAcknowledgement,
    },
}

/// Reads a file of acknowledgements: every line or none, so that a file that is cut off says nothing.
///
/// # Errors
/// [`BadAcknowledgementFile`].
pub fn read_acknowledgements(bytes: &[u8]) -> Result<Vec<Acknowledgement>, BadAcknowledgementFile> {
    if bytes.len() > ACKNOWLEDGEMENT_BYTES_MAX {
        return Err(BadAcknowledgementFile::TooLarge);
    }
    let text = core::str::from_utf8(bytes).map_err(|_invalid| BadAcknowledgementFile::NotText)?;
    let lines = text.lines().zip(1_usize..);
    lines
        .map(|(line, number)| {
            line.parse()
                .map_err(|fault| BadAcknowledgementFile::Line { number, fault })
        })
        .collect()
}

impl FromStr for Acknowledgement {
    type Err = BadAcknowledgement;

    fn from_str(line: &str) -> Result<Self, BadAcknowledgement> {
        let mut words = line.trim_end_matches(['\r', '\n']).splitn(4, ' ');
        let mut next = || words.next().ok_or(BadAcknowledgement::Shape);
        let (word, sequence, third, rest) = (next()?, next()?, next()?, next()?);
        let sequence = digits(sequence).ok_or(BadAcknowledgement::Number("sequence"))?;
        let verdict = match word {
            "ACK" => Verdict::Accepted {
                rows: digits(third).ok_or(BadAcknowledgement::Number("count"))?,
                net_minor: net(rest).ok_or(BadAcknowledgement::Number("net"))?,
            },
            "NAK" => {
                let reason = rest.trim();
                let fits = (1..=REASON_CHARS_MAX).contains(&reason.chars().count());
                if !fits || reason.chars().any(char::is_control) {
                    return Err(BadAcknowledgement::Reason);
                }
                let line = digits(third).and_then(|line| u32::try_from(line).ok());
                Verdict::Refused {
                    line: line.ok_or(BadAcknowledgement::Number("line"))?,
                    reason: reason.to_owned(),
                }
            }
            _ => return Err(BadAcknowledgement::Shape),
        };
        Ok(Self { sequence, verdict })
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_number| plain)
}

/// A decimal with an optional minus sign. Both currencies have cents.
fn net(text: &str) -> Option<i64> {
    let (below_zero, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let minor = Money::parse(digits, Currency::Hkd).ok()?.minor();
    if below_zero {
        minor.checked_neg()
    } else {
        Some(minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whole_or_not_at_all() {
        let accepted = |rows, net_minor| Some(Verdict::Accepted { rows, net_minor });
        let refused = |line, reason: &str| {
            Some(Verdict::Refused {
                line,
                reason: reason.to_owned(),
            })
        };
        let table = [
            ("ACK 000123 1 3720.00", accepted(1, 372_000)),
            ("ACK 000123 0 0.00\r\n", accepted(0, 0)),
            ("ACK 123 2 -10.05", accepted(2, -1_005)),
            ("NAK 000123 17 bill unknown", refused(17, "bill unknown")),
            ("NAK 000123 0 digest differs", refused(0, "digest differs")),
            ("ACK 000123 1", None),
            ("ACK x 1 1.00", None),
            ("ACK 000123 +1 1.00", None),
            ("ACK 000123 1 1.005", None),
            ("ACK 000123 1 --1.00", None),
            ("ACK 000123 1 1.00 more", None),
            ("NAK 000123 1  ", None),
            ("NAK 000123 -1 x", None),
            ("ack 000123 1 1.00", None),
            ("", None),
        ];
        for (line, verdict) in table {
            let read = line.parse::<Acknowledgement>().ok();
            assert_eq!(read.map(|one| one.verdict), verdict, "{line:?}");
        }
    }
}
