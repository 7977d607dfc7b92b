//! Checks of shape: what a field of a request must look like before anyone asks what it means.
//!
//! Each check answers with a stable reason code and a sentence. The generated requests call them through `garde`;
//! [`violations`] reads a report back as typed violations. Bounds: every limit is a constant here, in characters
//! unless it says otherwise.

use garde::Validate;

/// Longest resource name, such as `billers/rvd/bills/…`.
pub const MAX_NAME: usize = 200;
/// Longest code: a bill type, a rail, a revenue line, a transaction reference.
pub const MAX_CODE: usize = 40;
/// Longest account code of the ledger.
pub const MAX_ACCOUNT: usize = 70;
/// Longest idempotency key.
pub const MAX_KEY: usize = 64;
/// Longest page token.
pub const MAX_PAGE_TOKEN: usize = 512;
/// Most rows on a page.
pub const MAX_PAGE_SIZE: i32 = 1000;
/// Longest number on a bill, as the department issues it.
pub const MAX_BILL_NUMBER: usize = 25;
/// Longest number on a bill, as a payer types it, with spaces and hyphens.
pub const MAX_TYPED_NUMBER: usize = 60;
/// Longest description or reason.
pub const MAX_DESCRIPTION: usize = 200;
/// Most revenue lines of a bill.
pub const MAX_REVENUE_LINES: usize = 50;
/// Most parts of one bill.
pub const MAX_PARTS: usize = 100;
/// Longest label of a part.
pub const MAX_PART_LABEL: usize = 80;
/// Longest reference of a part.
pub const MAX_PART_REFERENCE: usize = 48;
/// Most instalments of one bill.
pub const MAX_INSTALMENTS: usize = 24;
/// Longest second factor, in characters, as typed.
pub const MAX_SECOND_FACTOR: usize = 200;
/// Longest registration mark, as it is typed, with spaces.
pub const MAX_TYPED_MARK: usize = 12;
/// Longest text of a QR code, in bytes and so in characters too.
pub const MAX_QR_TEXT: usize = 4096;
/// Longest bill number or reference inside a QR code.
pub const MAX_QR_REFERENCE: usize = 25;
/// Longest FPS identifier that is worth reading; the encoder decides which lengths are right.
pub const MAX_FPS_ID: usize = 12;

/// Longest reason or evidence that a person writes for another.
pub const MAX_REASON: usize = 1000;
/// Characters of the words about a recall, which travel to another bank (`Max105Text`).
pub const MAX_RECALL_REASON: usize = 105;
/// Longest row of a statement that stands in the place of one that cannot be read.
pub const MAX_CORRECTION: usize = 64 * 1024;
/// Most rails that one request names.
pub const MAX_RAILS: usize = 32;
/// Longest name of a person.
pub const MAX_PERSON: usize = 140;
/// Most types of event that a receiver chooses; more than there are.
pub const MAX_EVENT_TYPES: usize = 50;
/// Most bills of a payment besides its first.
pub const MAX_ADDITIONAL_BILLS: usize = 19;
/// Most ways to a person.
pub const MAX_CHANNELS: usize = 3;
/// Longest telephone number, e-mail address or id of a person, in characters.
pub const MAX_ADDRESS: usize = 254;
/// Longest address, in characters.
pub const MAX_URL: usize = 2048;
/// Largest thing that a payer hands over, in bytes.
pub const MAX_INSTRUMENT_BYTES: usize = 2 * 1024 * 1024;

/// Why the shape of a field is wrong. The names are part of the interface and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The field must be set.
    Required,
    /// The text has more characters, or the list more items, than is allowed.
    TooLong,
    /// The number is outside its range.
    OutOfRange,
    /// The text is not written as the field wants it.
    Malformed,
}

impl Reason {
    const ALL: [Self; 4] = [
        Self::Required,
        Self::TooLong,
        Self::OutOfRange,
        Self::Malformed,
    ];

    /// The stable code: `FIELD_REQUIRED` and so on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "FIELD_REQUIRED",
            Self::TooLong => "FIELD_TOO_LONG",
            Self::OutOfRange => "FIELD_OUT_OF_RANGE",
            Self::Malformed => "FIELD_MALFORMED",
        }
    }

    fn error(self, sentence: &str) -> garde::Error {
        garde::Error::new(format!("{}: {sentence}", self.code()))
    }
}

/// One field whose shape is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field by its names in the `.proto` file: `bill.amount.currency_code`.
    pub field: String,
    /// Why.
    pub reason: Reason,
    /// The same as a sentence.
    pub description: String,
}

/// Judges a request. An empty list means that its shape is right.
pub fn violations<R>(request: &R) -> Vec<Violation>
where
    R: Validate,
    R::Context: Default,
{
    let Err(report) = request.validate() else {
        return Vec::new();
    };
    report
        .iter()
        .map(|(path, error)| {
            let message = error.message();
            let (reason, description) = Reason::ALL
                .into_iter()
                .find_map(|reason| {
                    let sentence = message.strip_prefix(reason.code())?.strip_prefix(": ")?;
                    Some((reason, sentence))
                })
                .unwrap_or((Reason::Malformed, message));
            Violation {
                field: path.to_string(),
                reason,
                description: description.to_owned(),
            }
        })
        .collect()
}

pub(crate) fn between(least: usize, most: usize) -> impl Fn(&str, &()) -> garde::Result {
    move |text, _| {
        if text.is_empty() && least > 0 {
            return Err(Reason::Required.error("must be set"));
        }
        if text.chars().nth(most).is_some() {
            return Err(Reason::TooLong.error(&format!("must have at most {most} characters")));
        }
        Ok(())
    }
}

pub(crate) fn up_to(most: usize) -> impl Fn(&str, &()) -> garde::Result {
    between(0, most)
}

pub(crate) fn at_most<T>(most: usize) -> impl Fn(&[T], &()) -> garde::Result {
    move |items, _| {
        if items.len() > most {
            return Err(Reason::TooLong.error(&format!("must have at most {most} items")));
        }
        Ok(())
    }
}

pub(crate) fn present<T>(field: &Option<T>, _: &()) -> garde::Result {
    match field {
        Some(_) => Ok(()),
        None => Err(Reason::Required.error("must be set")),
    }
}

pub(crate) fn name(text: &str, context: &()) -> garde::Result {
    between(1, MAX_NAME)(text, context)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    if !text.chars().all(plain) || text.split('/').any(str::is_empty) {
        return Err(
            Reason::Malformed.error("must be a resource name such as \"billers/rvd/bills/…\"")
        );
    }
    Ok(())
}

pub(crate) fn code(text: &str, context: &()) -> garde::Result {
    between(1, MAX_CODE)(text, context)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.chars().all(plain) {
        return Err(
            Reason::Malformed.error("must be letters, digits, hyphens, dots and underscores")
        );
    }
    Ok(())
}

pub(crate) fn optional_code(text: &str, context: &()) -> garde::Result {
    if text.is_empty() {
        return Ok(());
    }
    code(text, context)
}

pub(crate) fn bytes_between(least: usize, most: usize) -> impl Fn(&[u8], &()) -> garde::Result {
    move |bytes, _| {
        if bytes.len() < least {
            return Err(Reason::Required.error("must be set"));
        }
        if bytes.len() > most {
            return Err(Reason::TooLong.error(&format!("must have at most {most} bytes")));
        }
        Ok(())
    }
}

pub(crate) fn key(text: &str, context: &()) -> garde::Result {
    between(1, MAX_KEY)(text, context)?;
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Reason::Malformed.error("must be printable ASCII without spaces"));
    }
    Ok(())
}

pub(crate) fn currency(text: &str, context: &()) -> garde::Result {
    between(1, 3)(text, context)?;
    if text.len() != 3 || !text.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(
            Reason::Malformed.error("must be the three letters of ISO 4217, such as \"HKD\"")
        );
    }
    Ok(())
}

pub(crate) fn date(text: &str, context: &()) -> garde::Result {
    between(1, 10)(text, context)?;
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return Err(Reason::Malformed.error("must be a date such as \"2026-01-20\""));
    }
    Ok(())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is garde's"
)]
pub(crate) fn page_size(size: &i32, _: &()) -> garde::Result {
    if (0..=MAX_PAGE_SIZE).contains(size) {
        return Ok(());
    }
    Err(Reason::OutOfRange.error(&format!("must be between 0 and {MAX_PAGE_SIZE}")))
}

pub(crate) fn page_token(text: &str, context: &()) -> garde::Result {
    up_to(MAX_PAGE_TOKEN)(text, context)
}
