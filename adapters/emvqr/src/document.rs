//! Reading a payload: split it, judge it, keep all of it.
//!
//! The order is: size, kind of input, line ends, objects, checksum, then every rule of the specification. Only the first can end
//! the reading; everything else adds findings and goes on. Input is bounded by [`INPUT_BYTES_MAX`], and so are the number of objects
//! (four characters each at least) and the findings (a few an object).

use std::fmt;

use crate::check;
use crate::code::Code;
use crate::finding::{Finding, Findings, Invalid, Profile};
use crate::id::Path;
use crate::object::{Fault, Object, find, split};

/// The longest input that is read. The largest QR symbol holds 2,953 bytes, so nothing that came out of one is refused.
pub const INPUT_BYTES_MAX: usize = 4096;

/// The longest payload that the specification advises, in characters.
pub const PAYLOAD_CHARS_ADVISED: usize = 512;

/// How every merchant-presented payload begins: object 00, two characters, version 01.
const EMV_PREFIX: &str = "000201";

/// What kind of text a scanner delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An EMV merchant-presented payload: it begins with `000201`.
    Emv,
    /// A web address or another URL, as wallets put into codes of their own.
    Url,
    /// Anything else.
    Other,
}

/// Tells an EMV payload from the other things that QR codes hold.
#[must_use]
pub fn classify(text: &str) -> Kind {
    if text.starts_with(EMV_PREFIX) {
        return Kind::Emv;
    }
    let scheme = text
        .trim_start()
        .split_once("://")
        .map(|(scheme, _)| scheme);
    match scheme {
        Some(scheme)
            if scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
        {
            Kind::Url
        }
        Some(_) | None => Kind::Other,
    }
}

/// A payload taken apart, whole: unknown objects, their order and even an unreadable tail are kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Document<'a> {
    pub(crate) objects: Vec<Object<'a>>,
    rest: &'a str,
    line_ends: &'a str,
}

impl<'a> Document<'a> {
    /// The objects of the root, in the order of the text.
    #[must_use]
    pub fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// The first root object with this identifier.
    #[must_use]
    pub fn get(&self, id: u8) -> Option<&Object<'a>> {
        find(&self.objects, id)
    }

    /// The object that a path of identifiers leads to, for instance `[62, 1]` to the bill number.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<&Object<'a>> {
        let (first, below) = path.split_first()?;
        below
            .iter()
            .try_fold(self.get(*first)?, |object, id| object.get(*id))
    }

    /// What follows the last object that could be read; empty unless the payload has a structural error.
    #[must_use]
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// The line ends that a scanner left after the payload.
    #[must_use]
    pub fn line_ends(&self) -> &'a str {
        self.line_ends
    }

    /// The payload again, byte for byte as it was read, without [`line_ends`](Self::line_ends).
    #[must_use]
    pub fn encode(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for object in &self.objects {
            write!(f, "{}{:02}{}", object.id, object.value_chars, object.value)?;
        }
        f.write_str(self.rest)
    }
}

/// A payload and everything that is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    document: Document<'a>,
    findings: Vec<Finding>,
}

impl<'a> Parsed<'a> {
    /// What was read, valid or not.
    #[must_use]
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// Errors and warnings, in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings that make the payload invalid.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_error())
    }

    /// The findings that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.is_error())
    }

    /// Whether there is no error.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The findings, without the payload.
    pub fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.findings.into_iter()
    }

    /// The payload, if it is valid.
    ///
    /// # Errors
    /// All errors at once.
    pub fn into_document(self) -> Result<Document<'a>, Invalid> {
        let errors: Vec<_> = self
            .findings
            .into_iter()
            .filter(|finding| finding.is_error())
            .collect();
        if errors.is_empty() {
            Ok(self.document)
        } else {
            Err(Invalid::new(errors))
        }
    }
}

/// Reads a payload and judges it by `profile`. Never fails and never panics: what is wrong is in the findings.
#[must_use]
pub fn parse(text: &str, profile: Profile) -> Parsed<'_> {
    let mut findings = Findings::new(profile);
    if text.len() > INPUT_BYTES_MAX {
        too_long(text.len(), &mut findings);
        return Parsed {
            document: Document::default(),
            findings: findings.into_sorted(),
        };
    }
    let payload = text.trim_end_matches(['\r', '\n']);
    let line_ends = text.strip_prefix(payload).unwrap_or_default();
    let is_emv = refuse_other_kinds(payload, &mut findings);

    let mut faults = Vec::new();
    let parts = split(payload, Path::ROOT, 0, &mut faults);
    if !is_emv && (!parts.rest.is_empty() || parts.objects.is_empty()) {
        // Not even shaped like a payload: the reason why would only confuse.
        let document = Document {
            objects: Vec::new(),
            rest: payload,
            line_ends,
        };
        return Parsed {
            document,
            findings: findings.into_sorted(),
        };
    }
    for Fault {
        code,
        path,
        offset,
        message,
    } in faults
    {
        findings.error(code, path, offset, message);
    }
    let document = Document {
        objects: parts.objects,
        rest: parts.rest,
        line_ends,
    };
    check::crc(payload, &document, &mut findings);
    check::advice(payload, line_ends, &mut findings);
    check::objects(&document, &mut findings);
    Parsed {
        document,
        findings: findings.into_sorted(),
    }
}

/// As [`parse`], for bytes as a scanner delivers them. Bytes that are not UTF-8 are a finding, and nothing else is read.
#[must_use]
pub fn parse_bytes(bytes: &[u8], profile: Profile) -> Parsed<'_> {
    // The cap comes first, so that no more than it is ever looked at.
    let looked_at = bytes
        .get(..INPUT_BYTES_MAX.saturating_add(1))
        .unwrap_or(bytes);
    let valid_bytes = match std::str::from_utf8(looked_at) {
        Ok(text) => return parse(text, profile),
        Err(error) => error.valid_up_to(),
    };
    let valid = looked_at
        .get(..valid_bytes)
        .and_then(|valid| std::str::from_utf8(valid).ok())
        .unwrap_or_default();
    let mut findings = Findings::new(profile);
    if bytes.len() > INPUT_BYTES_MAX {
        too_long(bytes.len(), &mut findings);
    } else {
        findings.error(
            Code::NotUtf8,
            Path::ROOT,
            valid.chars().count(),
            "the input is not UTF-8 from here on",
        );
    }
    Parsed {
        document: Document::default(),
        findings: findings.into_sorted(),
    }
}

fn too_long(bytes: usize, findings: &mut Findings) {
    let message = format!("the input has {bytes} bytes; more than {INPUT_BYTES_MAX} are not read");
    findings.error(Code::InputTooLong, Path::ROOT, 0, message);
}

/// Whether the input begins like a payload; if not, says so.
fn refuse_other_kinds(payload: &str, findings: &mut Findings) -> bool {
    let what = match classify(payload) {
        Kind::Emv => return true,
        Kind::Url => "this is a web address, not an EMV payment code",
        Kind::Other if payload.is_empty() => "the input is empty",
        Kind::Other => "this is not an EMV payment code: it does not begin with 000201",
    };
    findings.error(Code::NotEmv, Path::ROOT, 0, what);
    false
}
