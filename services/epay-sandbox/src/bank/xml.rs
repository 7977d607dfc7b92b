//! A small XML writer: elements, text and one attribute, escaped, in the order they are asked for.
//!
//! Text that XML 1.0 cannot carry (control characters and two non-characters) becomes `?`, as a bank's host would do.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::money::format_cents;

/// Writes one document into memory.
pub(crate) struct Document {
    writer: Writer<Vec<u8>>,
}

impl Document {
    /// Writes the declaration and a root element in a default namespace, filled by `fill`.
    ///
    /// Writing into memory does not fail in practice, but the writer's signature says that it may.
    pub(crate) fn write(
        namespace: &str,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<String> {
        let mut document = Self {
            writer: Writer::new_with_indent(Vec::with_capacity(2_048), b' ', 1),
        };
        document
            .writer
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = BytesStart::new("Document").with_attributes([("xmlns", namespace)]);
        document.writer.write_event(Event::Start(root))?;
        fill(&mut document)?;
        document
            .writer
            .write_event(Event::End(BytesEnd::new("Document")))?;
        String::from_utf8(document.writer.into_inner()).map_err(io::Error::other)
    }

    /// Writes an element that holds elements.
    pub(crate) fn branch(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.writer
            .write_event(Event::Start(BytesStart::new(name)))?;
        fill(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes a path of elements with a text in the innermost.
    pub(crate) fn leaf(&mut self, path: &[&str], text: &str) -> io::Result<()> {
        for name in path {
            self.writer
                .write_event(Event::Start(BytesStart::new(*name)))?;
        }
        self.writer
            .write_event(Event::Text(BytesText::new(&printable(text))))?;
        for name in path.iter().rev() {
            self.writer.write_event(Event::End(BytesEnd::new(*name)))?;
        }
        Ok(())
    }

    /// Writes an amount with its currency.
    pub(crate) fn amount(&mut self, name: &str, currency: &str, cents: i64) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes([("Ccy", printable(currency).as_str())]);
        self.writer.write_event(Event::Start(start))?;
        self.writer
            .write_event(Event::Text(BytesText::new(&format_cents(cents))))?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn printable(text: &str) -> String {
    let allowed = |letter: char| matches!(letter, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars()
        .map(|letter| if allowed(letter) { letter } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_stay_text() {
        let text = Document::write("urn:x", |document| {
            document.leaf(&["A", "B"], "<b>&\"'\u{0}\u{FFFF}水")?;
            document.amount("C", "HKD", 5)
        })
        .unwrap();
        assert!(text.contains("<B>&lt;b&gt;&amp;"), "{text}");
        assert!(text.contains("??水</B>"), "{text}");
        assert!(text.contains(r#"<C Ccy="HKD">0.05</C>"#), "{text}");
    }
}
