//! Who is paid: an FPS identifier, a mobile number or an email address.

use crate::fps::FpsError;

/// What template 26 has room for beside the scheme's identifier (16 characters) and this object's own header (4).
const EMAIL_CHARS_MAX: usize = 79;

/// The payee, checked for its shape. Whether it is registered only FPS can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proxy {
    id: u8,
    value: String,
}

impl Proxy {
    /// An FPS identifier: 7 or 9 digits.
    ///
    /// # Errors
    /// [`FpsError::FpsId`] for anything else.
    pub fn fps_id(digits: &str) -> Result<Self, FpsError> {
        if is_digits(digits) && matches!(digits.len(), 7 | 9) {
            Ok(Self {
                id: 2,
                value: digits.to_owned(),
            })
        } else {
            Err(FpsError::FpsId)
        }
    }

    /// A mobile number with its country code and a hyphen: `+852-91234567`.
    ///
    /// # Errors
    /// [`FpsError::Mobile`] for anything else.
    pub fn mobile(number: &str) -> Result<Self, FpsError> {
        if is_mobile(number) {
            Ok(Self {
                id: 3,
                value: number.to_owned(),
            })
        } else {
            Err(FpsError::Mobile)
        }
    }

    /// An email address. Its case is kept: whether FPS compares without case is not published.
    ///
    /// # Errors
    /// [`FpsError::Email`] for what does not look like an address.
    pub fn email(address: &str) -> Result<Self, FpsError> {
        if is_email(address) {
            Ok(Self {
                id: 4,
                value: address.to_owned(),
            })
        } else {
            Err(FpsError::Email)
        }
    }

    /// The object of template 26 that holds it: 2 FPS identifier, 3 mobile number, 4 email address.
    #[must_use]
    pub fn object_id(&self) -> u8 {
        self.id
    }

    /// As it stands in the payload.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// `+`, 1 to 3 digits, a hyphen, 6 to 12 digits; in Hong Kong exactly 8 after the hyphen.
pub(super) fn is_mobile(number: &str) -> bool {
    let Some((country, subscriber)) = number
        .strip_prefix('+')
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let subscriber_chars = if country == "852" { 8..=8 } else { 6..=12 };
    is_digits(country)
        && country.len() <= 3
        && is_digits(subscriber)
        && subscriber_chars.contains(&subscriber.len())
}

/// One `@` between two parts of printable ASCII without spaces, the second with a point inside.
pub(super) fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else {
        return false;
    };
    let is_printable = address.bytes().all(|c| c.is_ascii_graphic());
    let labels_are_filled =
        domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    is_printable
        && !local.is_empty()
        && !domain.contains('@')
        && labels_are_filled
        && address.len() <= EMAIL_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_have_one_shape_each() {
        for (made, is_right) in [
            (Proxy::fps_id("1234567"), true),
            (Proxy::fps_id("123456789"), true),
            (Proxy::fps_id("12345678"), false),
            (Proxy::fps_id("123456a"), false),
            (Proxy::fps_id("١٢٣٤٥٦٧"), false),
            (Proxy::mobile("+852-91234567"), true),
            (Proxy::mobile("+86-13800138000"), true),
            (Proxy::mobile("+852-9123456"), false),
            (Proxy::mobile("+85291234567"), false),
            (Proxy::mobile("91234567"), false),
            (Proxy::mobile("+852-9123 456"), false),
            (Proxy::email("pay@example.hk"), true),
            (Proxy::email("Mixed_Case@sub.example.hk"), true),
            (Proxy::email("pay@example"), false),
            (Proxy::email("@example.hk"), false),
            (Proxy::email("pay@@example.hk"), false),
            (Proxy::email("pay@.hk"), false),
            (Proxy::email("a b@example.hk"), false),
            (
                Proxy::email(&format!("{}@example.hk", "a".repeat(69))),
                false,
            ),
        ] {
            assert_eq!(made.is_ok(), is_right, "{made:?}");
        }
    }
}
