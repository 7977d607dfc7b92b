//! What XML itself asks of characters, names, references and attributes, each as one small question.
//!
//! The reader library leaves these to its caller: it checks nesting, not what stands in the text.

use quick_xml::events::{BytesRef, BytesStart};
use quick_xml::name::{Namespace, ResolveResult};

use crate::limits::{ATTRIBUTES_MAX, NAME_BYTES_MAX};

/// Why an element's attributes are not read.
pub(super) enum AttributeFault {
    TooMany,
    Malformed,
    Reference,
}

/// The value of the `Ccy` attribute, after every attribute was checked.
pub(super) fn currency(start: &BytesStart<'_>) -> Result<Option<String>, AttributeFault> {
    let mut currency = None;
    for (count, attribute) in start.attributes().enumerate() {
        if count >= ATTRIBUTES_MAX {
            return Err(AttributeFault::TooMany);
        }
        let attribute = attribute.map_err(|_quoting_the_body| AttributeFault::Malformed)?;
        if attribute.value.contains('<') {
            return Err(AttributeFault::Malformed);
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|_quoting_the_body| AttributeFault::Reference)?;
        if attribute.key.into_inner() == "Ccy" {
            currency = Some(value.into_owned());
        }
    }
    Ok(currency)
}

/// The namespace that an element's name resolved to.
pub(super) fn place(resolved: &ResolveResult<'_>) -> Option<String> {
    match resolved {
        ResolveResult::Bound(Namespace(uri)) => Some((*uri).to_owned()),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
    }
}

/// The prefix and then a version of exactly two digits.
pub(super) fn is_version_of(prefix: &str, namespace: &str) -> bool {
    namespace.strip_prefix(prefix).is_some_and(|version| {
        version.len() == 2 && version.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// One of the five predefined entities, or a reference to a character that XML allows.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        let one = reference.resolve_char_ref().ok().flatten()?;
        return is_xml_char(one).then_some(one);
    }
    quick_xml::escape::resolve_xml_entity(reference)?
        .chars()
        .next()
}

/// Production `Char` of XML 1.0; surrogates cannot occur in a `char`.
pub(super) const fn is_xml_char(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// A name as narrow as the schema's own: what else could stand in a path would make paths ambiguous.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte > 127
        })
}
