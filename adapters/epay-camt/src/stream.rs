//! A guarded walk over an XML document that arrives in pieces.
//!
//! What it does, in this order: takes a piece to what is left of those before, reads every event that is whole, and tells
//! a [`Visitor`] of each element that opens or ends, with its path of local names, its text and its `Ccy` attribute; what is
//! not whole waits for the next piece. Rules of names, attributes, entities and document types are those of
//! [`crate::xml`]. Everything before the `Document` element of a wanted namespace is an envelope and is passed over;
//! elements of other namespaces get the path segment `*`, which no rule matches.
//!
//! A byte that is no UTF-8, or a character that XML forbids, spoils the text it stands in and nothing else: the visitor
//! hears [`Step::Spoilt`] and decides how far the harm goes. Memory is bounded by one piece, one token and what
//! the visitor holds back, which is one entry.

mod names;
mod patches;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use self::names::Names;
use self::patches::Patches;
use crate::limits::{ENTRY_BYTES_MAX, TEXT_CHARS_MAX, TOKEN_BYTES_MAX};
use crate::xml::rules::{first_forbidden, resolve};
use crate::{Unreadable, UnreadableKind};

/// What the walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element began.
    Open,
    /// An element without element children ended.
    Leaf,
    /// An element with children ended.
    Close,
    /// The text of the innermost element cannot be believed: it is too long, or holds what may not be there.
    Spoilt,
}

/// Where the walk is.
pub(crate) struct Here<'a> {
    /// `/Document/…` down to the element.
    pub(crate) path: &'a str,
    /// The text of a [`Step::Leaf`], without white space around it.
    pub(crate) text: &'a str,
    /// The `Ccy` attribute of a [`Step::Leaf`].
    pub(crate) currency: Option<&'a str>,
    /// The namespace of `Document`.
    pub(crate) namespace: &'a str,
    /// Bytes of the whole message before the tag.
    pub(crate) start: u64,
    buffer: &'a [u8],
    patches: &'a Patches,
    base: u64,
    end: usize,
}

impl Here<'_> {
    /// The bytes from a place of the message to the end of this tag, as they came. The visitor held them.
    pub(crate) fn bytes_since(&self, start: u64) -> Vec<u8> {
        let from = usize::try_from(start.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let mut bytes = self.buffer.get(from..self.end).unwrap_or_default().to_vec();
        self.patches.undo(from, &mut bytes);
        bytes
    }
}

/// Who is told.
pub(crate) trait Visitor {
    /// Hears of one step.
    fn step(&mut self, step: Step, here: &Here<'_>) -> Result<(), Unreadable>;
    /// The place from which bytes are to be kept, if any are.
    fn holds_from(&self) -> Option<u64>;
}

/// The walk.
#[derive(Debug)]
pub(crate) struct Stream {
    buffer: Vec<u8>,
    /// Bytes of the message before the buffer.
    base: u64,
    /// Where in the buffer the next token begins.
    at: usize,
    patches: Patches,
    names: Names,
    text: String,
    text_chars: usize,
    currency: Option<String>,
    leaf: bool,
    started: bool,
}

impl Stream {
    /// A walk that looks for a `Document` of one of these kinds of message, each the beginning of a namespace.
    pub(crate) fn new(namespaces: &'static [&'static str]) -> Self {
        Self {
            buffer: Vec::new(),
            base: 0,
            at: 0,
            patches: Patches::default(),
            names: Names::new(namespaces),
            text: String::new(),
            text_chars: 0,
            currency: None,
            leaf: false,
            started: false,
        }
    }

    /// Takes a piece.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        visitor: &mut impl Visitor,
    ) -> Result<(), Unreadable> {
        self.buffer.extend_from_slice(bytes);
        self.walk(visitor, false)?;
        let held = visitor.holds_from();
        let keep = held.map_or(self.at, |start| {
            usize::try_from(start.saturating_sub(self.base)).unwrap_or(self.at)
        });
        if self.buffer.len().saturating_sub(self.at) > TOKEN_BYTES_MAX {
            let words = "it is not well-formed XML, or one token of it is too long";
            return Err(self.fault(UnreadableKind::Malformed, words));
        }
        if self.at.saturating_sub(keep) > ENTRY_BYTES_MAX {
            let words = format!("an entry is larger than {ENTRY_BYTES_MAX} bytes");
            return Err(self.fault(UnreadableKind::TooLarge, &words));
        }
        let keep = keep.min(self.at);
        self.buffer.drain(..keep);
        self.patches.forget_before(keep);
        self.at = self.at.saturating_sub(keep);
        self.base = self
            .base
            .saturating_add(u64::try_from(keep).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Says that nothing comes any more: what is left must be whole.
    pub(crate) fn end(&mut self, visitor: &mut impl Visitor) -> Result<(), Unreadable> {
        self.walk(visitor, true)?;
        if self.names.is_done() {
            return Ok(());
        }
        let words = "it ends before its last element does";
        Err(self.fault(UnreadableKind::Malformed, words))
    }

    fn walk(&mut self, visitor: &mut impl Visitor, last: bool) -> Result<(), Unreadable> {
        // Taken out so that events may borrow from it while the walk goes on.
        let mut buffer = core::mem::take(&mut self.buffer);
        self.skip_mark(&buffer);
        let whole = self.patches.make_readable(&mut buffer, self.at, last);
        let outcome = self.read(&buffer, whole, last, visitor);
        self.buffer = buffer;
        outcome
    }

    /// The byte order mark at the very beginning.
    fn skip_mark(&mut self, buffer: &[u8]) {
        if self.base == 0 && self.at == 0 && buffer.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
    }

    fn read(
        &mut self,
        buffer: &[u8],
        whole: usize,
        last: bool,
        visitor: &mut impl Visitor,
    ) -> Result<(), Unreadable> {
        let text = buffer.get(self.at..whole).unwrap_or_default();
        let text = core::str::from_utf8(text).unwrap_or_default();
        let begin = self.at;
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.enable_all_checks(true);
        // Names are checked here, because their elements may have begun in another piece.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        loop {
            let Ok(event) = reader.read_event() else {
                if last {
                    return Err(self.fault(UnreadableKind::Malformed, "it is not well-formed XML"));
                }
                return Ok(());
            };
            let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let end = begin.saturating_add(position);
            let is_text = matches!(event, Event::Text(_));
            if matches!(event, Event::Eof) || (is_text && !last && end >= whole) {
                return Ok(());
            }
            self.take(event, (buffer, end), visitor)?;
            self.at = end;
        }
    }

    fn take(
        &mut self,
        event: Event<'_>,
        around: (&[u8], usize),
        visitor: &mut impl Visitor,
    ) -> Result<(), Unreadable> {
        let first = !core::mem::replace(&mut self.started, true);
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let currency = self
                    .names
                    .open(&start)
                    .map_err(|(kind, words)| self.fault(kind, words))?;
                self.currency = currency;
                self.text.clear();
                self.text_chars = 0;
                self.leaf = true;
                self.tell(Step::Open, around, visitor)
            }
            Event::End(end) => {
                let step = if core::mem::take(&mut self.leaf) {
                    Step::Leaf
                } else {
                    Step::Close
                };
                if !self.names.ends_with(end.name().into_inner()) {
                    let words = "an element ends that did not begin";
                    return Err(self.fault(UnreadableKind::Malformed, words));
                }
                self.tell(step, around, visitor)?;
                self.names.close();
                Ok(())
            }
            Event::Text(text) => self.take_text(&text.xml10_content(), around, visitor),
            Event::CData(text) => self.take_text(&text.xml10_content(), around, visitor),
            Event::GeneralRef(reference) => match resolve(&reference) {
                Some(one) => self.take_text(one.encode_utf8(&mut [0; 4]), around, visitor),
                None => self.tell(Step::Spoilt, around, visitor),
            },
            Event::Decl(declaration) => crate::xml::rules::check_declaration(&declaration, first)
                .map_err(|(kind, words)| self.fault(kind, words)),
            Event::DocType(_) => {
                let words = "a document type declaration is never read";
                Err(self.fault(UnreadableKind::Forbidden, words))
            }
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn take_text(
        &mut self,
        text: &str,
        around: (&[u8], usize),
        visitor: &mut impl Visitor,
    ) -> Result<(), Unreadable> {
        if self.names.is_outside() {
            if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                return Ok(());
            }
            return Err(self.fault(UnreadableKind::Malformed, "text stands outside the root"));
        }
        if !self.leaf {
            return Ok(());
        }
        self.text_chars = self.text_chars.saturating_add(text.chars().count());
        if self.text_chars > TEXT_CHARS_MAX || first_forbidden(text).is_some() {
            return self.tell(Step::Spoilt, around, visitor);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn tell(
        &self,
        step: Step,
        (buffer, end): (&[u8], usize),
        visitor: &mut impl Visitor,
    ) -> Result<(), Unreadable> {
        let Some(namespace) = self.names.document() else {
            return Ok(());
        };
        let at = u64::try_from(self.at).unwrap_or(u64::MAX);
        visitor.step(
            step,
            &Here {
                path: self.names.path(),
                text: self.text.trim_matches([' ', '\t', '\r', '\n']),
                currency: self.currency.as_deref(),
                namespace,
                start: self.base.saturating_add(at),
                buffer,
                patches: &self.patches,
                base: self.base,
                end,
            },
        )
    }

    /// A fault of the whole message, at the current place.
    pub(crate) fn fault(&self, kind: UnreadableKind, what: &str) -> Unreadable {
        let path = self.names.path();
        let at = u64::try_from(self.at).unwrap_or(u64::MAX);
        Unreadable {
            kind,
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            message: format!("{what} (byte {})", self.base.saturating_add(at)),
        }
    }
}
