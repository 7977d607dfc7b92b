//! How untrusted answers are read: capped in size, parsed once, every text held to its shape.
//!
//! No error quotes what was read: it names the place and the rule.

use epay_money::{Currency, Money};
use epay_rail::{NotGenuine, Unreadable, UnreadableKind, Unverified};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// No answer or notice of a wallet is near it.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// The longest name that a rail gives anything.
const NAME_CHARS_MAX: usize = 64;
/// Signatures carry their moment; older or younger ones are refused. Five minutes: WeChat Pay's rule for its own.
pub(crate) const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// A fault of the whole message.
pub(crate) fn unreadable(kind: UnreadableKind, path: &str, message: &str) -> Unreadable {
    Unreadable {
        kind,
        path: path.to_owned(),
        message: message.to_owned(),
    }
}

/// A message that is well-formed, and not what it should be.
pub(crate) fn wrong(path: &str, message: &str) -> Unreadable {
    unreadable(UnreadableKind::WrongMessage, path, message)
}

/// A JSON body. Fields that we do not know are left alone: answers grow. The parser bounds nesting at 128.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    if body.len() > BODY_BYTES_MAX {
        let kind = UnreadableKind::TooLarge;
        return Err(unreadable(kind, "/", "it is larger than 64 KiB"));
    }
    let text = core::str::from_utf8(body)
        .map_err(|_invalid| unreadable(UnreadableKind::WrongEncoding, "/", "it is not UTF-8"))?;
    serde_json::from_str(text).map_err(|fault| {
        let place = format!("line {}, column {}", fault.line(), fault.column());
        match fault.classify() {
            Category::Data => wrong(
                "/",
                &format!("a field is missing or of another kind, at {place}"),
            ),
            Category::Syntax | Category::Eof | Category::Io => {
                let message = format!("it is not JSON, at {place}");
                unreadable(UnreadableKind::Malformed, "/", &message)
            }
        }
    })
}

/// A name that a rail gives: 1 to 64 visible ASCII characters.
pub(crate) fn name<'a>(path: &str, text: Option<&'a str>) -> Result<&'a str, Unreadable> {
    text.filter(|text| is_name(text))
        .ok_or_else(|| wrong(path, "it must be 1 to 64 visible ASCII characters"))
}

/// Whether a text has the shape of a name.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The word of a code as it may be shown: a word of no such shape is not repeated.
pub(crate) fn code(text: &str) -> String {
    if is_name(text) { text } else { "(unprintable)" }.to_owned()
}

/// An amount in minor units, positive, of a currency that we know.
pub(crate) fn money(path: &str, minor: i64, currency: &str) -> Result<Money, Unreadable> {
    let currency: Currency = currency
        .parse()
        .map_err(|_unknown| wrong(path, "the currency is not one that we know"))?;
    let money = Money::new(minor, currency);
    if money.is_positive() {
        Ok(money)
    } else {
        Err(wrong(path, "it must be positive"))
    }
}

/// A moment with its offset; `otherwise` when there is none.
pub(crate) fn moment(
    path: &str,
    text: Option<&str>,
    otherwise: Timestamp,
) -> Result<Timestamp, Unreadable> {
    text.map_or(Ok(otherwise), |text| {
        text.parse()
            .map_err(|_shape| wrong(path, "it must be a date and time with an offset"))
    })
}

/// A header that the proof needs: there once, and of visible ASCII characters, so that nothing in it can end a line of
/// what is signed.
pub(crate) fn header<'a>(
    message: &Unverified<'a>,
    name: &'static str,
) -> Result<&'a str, NotGenuine> {
    let mut values = message
        .headers
        .iter()
        .filter(|(given, _value)| given == name)
        .map(|(_name, value)| value.as_str());
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(NotGenuine::Missing { name });
    };
    if !value.is_empty() && value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(value)
    } else {
        Err(NotGenuine::Malformed { name })
    }
}

/// That something was signed just now.
pub(crate) fn fresh(signed_at: Timestamp, received_at: Timestamp) -> Result<(), NotGenuine> {
    if received_at.duration_since(signed_at).abs() <= TOLERANCE {
        Ok(())
    } else {
        Err(NotGenuine::Stale)
    }
}

/// A moment in seconds since 1970 in a header, exactly as a number is written.
pub(crate) fn unix_seconds(name: &'static str, text: &str) -> Result<Timestamp, NotGenuine> {
    let malformed = NotGenuine::Malformed { name };
    if text.len() > 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    let seconds = text.parse().map_err(|_number| malformed.clone())?;
    Timestamp::from_second(seconds).map_err(|_range| malformed)
}

/// An address without its query, from the first slash of its path on.
pub(crate) fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
    let target = after_scheme
        .find('/')
        .and_then(|at| after_scheme.get(at..))
        .unwrap_or("/");
    target.split('?').next().unwrap_or(target)
}

/// An address or a code's text: 1 to 1024 visible ASCII characters.
pub(crate) fn address<'a>(path: &str, text: Option<&'a str>) -> Result<&'a str, Unreadable> {
    text.filter(|text| {
        (1..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    })
    .ok_or_else(|| wrong(path, "it must be 1 to 1024 visible ASCII characters"))
}

/// A text percent-encoded, as the value of a query.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex::encode_upper([byte]));
        }
    }
    escaped
}

/// A percent-encoded text, decoded; nothing when a percent sign stands alone or the bytes are no text.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.extend_from_slice(&hex::decode(digits).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
