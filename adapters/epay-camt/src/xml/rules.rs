//! What XML itself asks of characters, names, references and attributes, each as one small question.
//!
//! The reader library leaves these to its caller: it checks nesting, not what stands in the text.

use quick_xml::events::{BytesDecl, BytesRef, BytesStart};
use quick_xml::name::{Namespace, ResolveResult};

use crate::UnreadableKind;
use crate::limits::{ATTRIBUTES_MAX, NAME_BYTES_MAX};

/// Why an element's attributes are not read.
pub(crate) enum AttributeFault {
    TooMany,
    Malformed,
    Reference,
}

/// What is read of an element's attributes.
#[derive(Debug, Default)]
pub(crate) struct Tag {
    /// The `Ccy` attribute.
    pub(crate) currency: Option<String>,
    /// Namespaces that it binds: prefix (empty for the default one) and name.
    pub(crate) namespaces: Vec<(String, String)>,
}

/// What is read of an element's attributes, after every one was checked.
pub(crate) fn tag(start: &BytesStart<'_>) -> Result<Tag, AttributeFault> {
    let mut tag = Tag::default();
    if start.attributes_raw().is_empty() {
        return Ok(tag);
    }
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
        match attribute.key.into_inner() {
            "Ccy" => tag.currency = Some(value.into_owned()),
            "xmlns" => tag.namespaces.push((String::new(), value.into_owned())),
            name => {
                if let Some(prefix) = name.strip_prefix("xmlns:") {
                    tag.namespaces.push((prefix.to_owned(), value.into_owned()));
                }
            }
        }
    }
    Ok(tag)
}

/// An XML declaration stands first, if at all, and names XML 1.0 in UTF-8.
pub(crate) fn check_declaration(
    declaration: &BytesDecl<'_>,
    first: bool,
) -> Result<(), (UnreadableKind, &'static str)> {
    if !first {
        let words = "the XML declaration does not stand at the beginning";
        return Err((UnreadableKind::Malformed, words));
    }
    if !declaration.version().is_ok_and(|version| version == "1.0") {
        return Err((UnreadableKind::Malformed, "it is not XML 1.0"));
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("UTF-8") => Ok(()),
        Some(_) => Err((
            UnreadableKind::WrongEncoding,
            "its declaration names another encoding than UTF-8",
        )),
    }
}

/// Where an element stands, as its name's namespace says. Nothing is copied but the one name that is to be remembered:
/// this is asked for every tag.
#[derive(Debug)]
pub(crate) enum Inside {
    /// In the namespace of the document that was met.
    Ours,
    /// In another one that begins as wanted.
    Wanted(String),
    /// In any other, or in none.
    Foreign,
}

impl Inside {
    /// `known` is the namespace of the document that was met, `prefix` how a wanted one begins.
    pub(crate) fn of(resolved: &ResolveResult<'_>, known: Option<&str>, prefix: &str) -> Self {
        match resolved {
            ResolveResult::Bound(Namespace(uri)) if known == Some(*uri) => Self::Ours,
            ResolveResult::Bound(Namespace(uri)) if is_version_of(prefix, uri) => {
                Self::Wanted((*uri).to_owned())
            }
            ResolveResult::Bound(_) | ResolveResult::Unbound | ResolveResult::Unknown(_) => {
                Self::Foreign
            }
        }
    }
}

/// The prefix and then a version of exactly two digits.
pub(crate) fn is_version_of(prefix: &str, namespace: &str) -> bool {
    namespace.strip_prefix(prefix).is_some_and(|version| {
        version.len() == 2 && version.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// One of the five predefined entities, or a reference to a character that XML allows.
pub(crate) fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        let one = reference.resolve_char_ref().ok().flatten()?;
        return is_xml_char(one).then_some(one);
    }
    quick_xml::escape::resolve_xml_entity(reference)?
        .chars()
        .next()
}

/// Where the first character stands that XML does not allow.
pub(crate) fn first_forbidden(text: &str) -> Option<usize> {
    // Of a plain text this is all, and it goes many bytes at a time.
    let odd = text.bytes().filter(|byte| !is_plain(*byte)).count();
    if odd == 0 {
        return None;
    }
    text.char_indices()
        .find(|(_, one)| !is_xml_char(*one))
        .map(|(at, _)| at)
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'\x7F' | b'\t' | b'\n' | b'\r')
}

/// Production `Char` of XML 1.0; surrogates cannot occur in a `char`.
pub(crate) const fn is_xml_char(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// A name as narrow as the schema's own: what else could stand in a path would make paths ambiguous.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte > 127
        })
}
