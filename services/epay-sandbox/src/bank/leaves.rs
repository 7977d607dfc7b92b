//! Reads a small message: every text with the path of the elements around it.
//!
//! The whole message is read before anything is believed. A document type declaration, an entity that is not XML's own, another
//! namespace and anything beyond the bounds are refused. Element names count, prefixes do not.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use thiserror::Error;

/// Elements inside one another.
const DEPTH_MAX: usize = 24;
/// Texts of one message: an order has some thirty.
const LEAVES_MAX: usize = 256;

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Unread {
    /// Not UTF-8, not well-formed, or with a construct that is never read.
    #[error("it is not a well-formed message without document type and entities")]
    Malformed,
    /// Nested too deeply, or too many texts.
    #[error("it is larger than a message of one payment can be")]
    TooLarge,
    /// Another message.
    #[error("it is another message")]
    OtherMessage,
}

/// A text, where it stands, and its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Leaf {
    path: String,
    text: String,
    currency: Option<String>,
}

/// All texts of a message, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leaves(Vec<Leaf>);

impl Leaves {
    /// The one text at a path below the root, `/` between names; nothing when there is none or more than one.
    pub(crate) fn one(&self, path: &str) -> Option<&str> {
        self.leaf(path).map(|leaf| leaf.text.as_str())
    }

    /// The same with its currency.
    pub(crate) fn amount(&self, path: &str) -> Option<(&str, &str)> {
        let leaf = self.leaf(path)?;
        Some((leaf.text.as_str(), leaf.currency.as_deref()?))
    }

    fn leaf(&self, path: &str) -> Option<&Leaf> {
        let mut found = self.0.iter().filter(|leaf| leaf.path == path);
        match (found.next(), found.next()) {
            (Some(leaf), None) if !leaf.text.is_empty() => Some(leaf),
            _ => None,
        }
    }
}

/// Reads a message whose `Document` is in this namespace and holds this one element.
pub(crate) fn read(body: &[u8], namespace: &str, root: &str) -> Result<Leaves, Unread> {
    let text = core::str::from_utf8(body).map_err(|_bad| Unread::Malformed)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::default();
    loop {
        let (resolved, event) = reader
            .read_resolved_event()
            .map_err(|_bad| Unread::Malformed)?;
        match event {
            Event::Start(start) => {
                let ours = resolved == ResolveResult::Bound(Namespace(namespace));
                if !ours {
                    return Err(Unread::OtherMessage);
                }
                walk.open(&start)?;
            }
            Event::End(_) => walk.close(root)?,
            Event::Text(piece) => walk.text.push_str(&piece.xml10_content()),
            Event::CData(piece) => walk.text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => walk.refer(&reference)?,
            Event::DocType(_) => return Err(Unread::Malformed),
            Event::Eof => return walk.end(),
            Event::Empty(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
}

#[derive(Debug, Default)]
struct Walk {
    names: Vec<String>,
    text: String,
    currency: Option<String>,
    /// Nothing was opened since the current element was.
    innermost: bool,
    roots: usize,
    leaves: Leaves,
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Unread> {
        if self.names.len() >= DEPTH_MAX {
            return Err(Unread::TooLarge);
        }
        self.currency = None;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_bad| Unread::Malformed)?;
            if attribute.key.into_inner() == "Ccy" {
                self.currency = Some(attribute.value.into_owned());
            }
        }
        if self.names.is_empty() {
            self.roots += 1;
        }
        self.names.push(start.local_name().into_inner().to_owned());
        self.text.clear();
        self.innermost = true;
        Ok(())
    }

    fn close(&mut self, root: &str) -> Result<(), Unread> {
        if core::mem::take(&mut self.innermost) {
            if self.leaves.0.len() >= LEAVES_MAX {
                return Err(Unread::TooLarge);
            }
            let prefix = ["Document", root];
            let below = self.names.strip_prefix(&prefix.map(str::to_owned));
            let below = below.ok_or(Unread::OtherMessage)?;
            self.leaves.0.push(Leaf {
                path: below.join("/"),
                text: self.text.trim().to_owned(),
                currency: self.currency.take(),
            });
        }
        self.names.pop();
        Ok(())
    }

    fn refer(&mut self, reference: &BytesRef<'_>) -> Result<(), Unread> {
        let character = reference
            .resolve_char_ref()
            .map_err(|_bad| Unread::Malformed)?;
        match (character, resolve_xml_entity(reference)) {
            (Some(one), _) => self.text.push(one),
            (None, Some(known)) => self.text.push_str(known),
            (None, None) => return Err(Unread::Malformed),
        }
        Ok(())
    }

    fn end(self) -> Result<Leaves, Unread> {
        match (self.names.is_empty(), self.roots) {
            (true, 1) => Ok(self.leaves),
            _ => Err(Unread::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(inside: &str) -> String {
        format!("<p:Document xmlns:p='urn:x'><p:Root>{inside}</p:Root></p:Document>")
    }

    #[test]
    fn texts_are_found_by_their_paths() {
        let body = message(
            "<p:A><p:B Ccy='HKD'> 1.50 </p:B><p:C>x &amp; &#x6c34;<![CDATA[<]]></p:C></p:A><p:D/>",
        );
        let leaves = read(body.as_bytes(), "urn:x", "Root").unwrap();
        assert_eq!(leaves.amount("A/B"), Some(("1.50", "HKD")));
        assert_eq!(leaves.one("A/C"), Some("x & 水<"));
        assert_eq!(leaves.amount("A/C"), None);
        assert_eq!(leaves.one("D"), None);
    }

    #[test]
    fn what_is_there_twice_is_not_one() {
        let leaves = read(
            message("<p:A>1</p:A><p:A>2</p:A>").as_bytes(),
            "urn:x",
            "Root",
        )
        .unwrap();
        assert_eq!(leaves.one("A"), None);
    }

    #[test]
    fn hostile_and_other_messages_are_refused() {
        let deep = "<p:A>".repeat(30);
        let rows = [
            (b"\xff".to_vec(), Unread::Malformed),
            (b"<!DOCTYPE a><a/>".to_vec(), Unread::Malformed),
            (message("<p:A>&x;</p:A>").into_bytes(), Unread::Malformed),
            (message("<p:A>").into_bytes(), Unread::Malformed),
            (message(&deep).into_bytes(), Unread::TooLarge),
            (
                message(&"<p:A>1</p:A>".repeat(300)).into_bytes(),
                Unread::TooLarge,
            ),
            (message("<A>1</A>").into_bytes(), Unread::OtherMessage),
            (b"<Document xmlns='urn:y'/>".to_vec(), Unread::OtherMessage),
            (
                b"<Document xmlns='urn:x'><Other/></Document>".to_vec(),
                Unread::OtherMessage,
            ),
            (Vec::new(), Unread::Malformed),
        ];
        for (body, expected) in rows {
            assert_eq!(
                read(&body, "urn:x", "Root"),
                Err(expected),
                "{}",
                String::from_utf8_lossy(&body)
            );
        }
    }
}
