//! Forms: fields of `application/x-www-form-urlencoded`, each once.

use core::fmt;

/// Most bytes of a form.
const FORM_BYTES_MAX: usize = 16 * 1_024;
/// Most fields.
const FIELDS_MAX: usize = 96;

/// Why a body is not a form that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormFault {
    /// Too many bytes or fields.
    TooLarge,
    /// Not UTF-8 after its escapes, or a bad escape, or a control character.
    Malformed,
    /// A field that is there twice: two readers could take different ones.
    Duplicate,
}

/// The fields of a form. Values may be personal: hidden from `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.0.len()).finish()
    }
}

impl Form {
    /// Reads a body. Names differ by their letters alone: `Ref` and `ref` are the same field, twice.
    pub(crate) fn read(body: &[u8]) -> Result<Self, FormFault> {
        if body.is_empty() || body.len() > FORM_BYTES_MAX {
            return Err(FormFault::TooLarge);
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&') {
            if fields.len() >= FIELDS_MAX {
                return Err(FormFault::TooLarge);
            }
            let end = pair.iter().position(|byte| *byte == b'=');
            let end = end.ok_or(FormFault::Malformed)?;
            let (name, value) = pair.split_at_checked(end).unwrap_or_default();
            let name = unescape(name)?;
            let value = unescape(value.get(1..).unwrap_or_default())?;
            if fields
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(&name))
            {
                return Err(FormFault::Duplicate);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// The value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str())
    }

    /// Writes fields.
    pub(crate) fn write(fields: &[(&str, &str)]) -> Vec<u8> {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            escape(name, &mut body);
            body.push('=');
            escape(value, &mut body);
        }
        body.into_bytes()
    }
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => {
                out.push('%');
                out.push_str(&hex::encode_upper([other]));
            }
        }
    }
}

fn unescape(text: &[u8]) -> Result<String, FormFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(high.wrapping_shl(4) | low);
            }
            other => bytes.push(*other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_bytes| FormFault::Malformed)?;
    if text.chars().any(char::is_control) {
        return Err(FormFault::Malformed);
    }
    Ok(text)
}

fn digit(byte: Option<&u8>) -> Result<u8, FormFault> {
    let digit = byte.and_then(|byte| char::from(*byte).to_digit(16));
    digit
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(FormFault::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_has_one_reading_or_none() {
        let table: [(&[u8], Option<&str>); 9] = [
            (b"Ref=1", Some("1")),
            (b"a=b&Ref=x+y%20z", Some("x y z")),
            (b"Ref=1&Ref=2", None),
            (b"Ref=1&ref=1", None),
            (b"Ref", None),
            (b"Ref=%0", None),
            (b"Ref=%zz", None),
            (b"Ref=%ff", None),
            (b"Ref=%0a", None),
        ];
        for (body, expected) in table {
            let form = Form::read(body).ok();
            let found = form.as_ref().and_then(|form| form.get("Ref"));
            assert_eq!(found, expected, "{}", body.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in "[^\\p{Cc}]{0,64}") {
            let body = Form::write(&[("name", &value), ("other", "x")]);
            let form = Form::read(&body).unwrap();
            prop_assert_eq!(form.get("name"), Some(value.as_str()));
        }
    }
}
