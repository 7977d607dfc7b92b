//! A guarded walk over an XML document: opening and closing elements, each with its path of local names.
//!
//! What it does, in this order: refuses a body that is too large or not UTF-8, or that holds a character
//! which XML forbids; then reads one event at a time and keeps the path, the text of the innermost element
//! and its `Ccy` attribute. Everything before the `Document` element of the wanted namespace is an
//! envelope and is passed over. Elements of other namespaces get the path segment `*`, which no rule matches.
//!
//! A document type declaration is refused, so there are no entities but the five of XML itself and
//! character references, and nothing is ever expanded or fetched. Memory is bounded by the body's size,
//! because only one text is held at a time. Messages say what is wrong and where, and never quote the body.

pub(crate) mod rules;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::NsReader;

use self::rules::{AttributeFault, Inside, first_forbidden, is_name, resolve};
use crate::limits::{ATTRIBUTES_MAX, BODY_BYTES_MAX, DEPTH_MAX, TEXT_CHARS_MAX};
use crate::{Unreadable, UnreadableKind};

/// The path segment of an element from another namespace; no element can have this name.
const FOREIGN: &str = "*";

/// What the walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element began; [`Walk::path`] ends with its name.
    Open,
    /// An element without element children ended; [`Walk::text`] is its text.
    Leaf,
    /// An element with children ended.
    Close,
}

/// The walk, and where it is.
pub(crate) struct Walk<'a> {
    reader: NsReader<&'a [u8]>,
    namespace_prefix: &'static str,
    /// The namespace of the one `Document`, once it was met.
    namespace: Option<String>,
    /// `/Document/…` down to the current element; empty outside `Document`.
    path: String,
    /// For each open element: the length of `path` before it.
    parents: Vec<usize>,
    /// The depth at which `Document` stands, while it is open.
    document_depth: Option<usize>,
    /// The element just closed is still on the path until the next step.
    leaving: bool,
    text: String,
    text_chars: usize,
    currency: Option<String>,
    leaf: bool,
    root_seen: bool,
    started: bool,
}

impl<'a> Walk<'a> {
    /// Begins a walk; the wanted `Document` is in a namespace that begins with `namespace_prefix`.
    pub(crate) fn new(body: &'a [u8], namespace_prefix: &'static str) -> Result<Self, Unreadable> {
        if body.len() > BODY_BYTES_MAX {
            return Err(whole(
                UnreadableKind::TooLarge,
                format!("the body is larger than {BODY_BYTES_MAX} bytes"),
            ));
        }
        let text = core::str::from_utf8(body).map_err(|fault| {
            whole(
                UnreadableKind::WrongEncoding,
                format!("byte {} is not UTF-8", fault.valid_up_to()),
            )
        })?;
        if let Some(at) = first_forbidden(text) {
            return Err(whole(
                UnreadableKind::Malformed,
                format!("byte {at} begins a character that XML does not allow"),
            ));
        }
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.enable_all_checks(true);
        Ok(Self {
            reader,
            namespace_prefix,
            namespace: None,
            path: String::new(),
            parents: Vec::new(),
            document_depth: None,
            leaving: false,
            text: String::new(),
            text_chars: 0,
            currency: None,
            leaf: false,
            root_seen: false,
            started: false,
        })
    }

    /// Local names from `/Document` to the current element.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The text of a [`Step::Leaf`], without white space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }

    /// The `Ccy` attribute of a [`Step::Leaf`].
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// Whether a `Document` of the wanted namespace was met.
    pub(crate) const fn has_document(&self) -> bool {
        self.namespace.is_some()
    }

    /// The next step inside `Document`, or `None` at the end of the body.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, Unreadable> {
        if core::mem::take(&mut self.leaving) {
            self.leave();
        }
        loop {
            let (inside, event) = match self.reader.read_resolved_event() {
                Ok((resolved, event)) => {
                    let known = self.namespace.as_deref();
                    (Inside::of(&resolved, known, self.namespace_prefix), event)
                }
                Err(_quoting_the_body) => {
                    return Err(self.fault(UnreadableKind::Malformed, "it is not well-formed XML"));
                }
            };
            let first = !core::mem::replace(&mut self.started, true);
            let step = match event {
                Event::Start(start) | Event::Empty(start) => self.open(&start, inside)?,
                Event::End(_) => self.close(),
                Event::Text(text) => {
                    self.take_text(&text.xml10_content())?;
                    None
                }
                Event::CData(text) => {
                    self.take_text(&text.xml10_content())?;
                    None
                }
                Event::GeneralRef(reference) => {
                    self.take_reference(&reference)?;
                    None
                }
                Event::Decl(declaration) => {
                    rules::check_declaration(&declaration, first)
                        .map_err(|(kind, words)| self.fault(kind, words))?;
                    None
                }
                Event::DocType(_) => {
                    return Err(self.fault(
                        UnreadableKind::Forbidden,
                        "a document type declaration is never read",
                    ));
                }
                Event::Comment(_) | Event::PI(_) => None,
                Event::Eof => return self.end().map(|()| None),
            };
            if step.is_some() && self.document_depth.is_some() {
                return Ok(step);
            }
            if core::mem::take(&mut self.leaving) {
                self.leave();
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, inside: Inside) -> Result<Option<Step>, Unreadable> {
        if self.parents.is_empty() && core::mem::replace(&mut self.root_seen, true) {
            return Err(self.fault(UnreadableKind::Malformed, "it has a second root element"));
        }
        if self.parents.len() >= DEPTH_MAX {
            return Err(self.fault(
                UnreadableKind::TooDeep,
                &format!("elements are nested more than {DEPTH_MAX} deep"),
            ));
        }
        let name = start.local_name().into_inner();
        if !is_name(start.name().into_inner()) || name.is_empty() {
            return Err(self.fault(UnreadableKind::Malformed, "an element's name is not a name"));
        }
        self.currency = self.attributes(start)?;
        self.enter(name, inside)?;
        self.text.clear();
        self.text_chars = 0;
        self.leaf = true;
        Ok(Some(Step::Open))
    }

    fn enter(&mut self, name: &str, inside: Inside) -> Result<(), Unreadable> {
        let before = self.path.len();
        let ours = matches!(inside, Inside::Ours);
        if name == "Document" && !matches!(inside, Inside::Foreign) && self.document_depth.is_none()
        {
            match inside {
                Inside::Wanted(namespace) if self.namespace.is_none() => {
                    self.namespace = Some(namespace);
                }
                Inside::Wanted(_) | Inside::Ours | Inside::Foreign => {
                    return Err(self.fault(
                        UnreadableKind::WrongMessage,
                        "it holds more than one document",
                    ));
                }
            }
            self.document_depth = Some(self.parents.len());
            self.path.push_str("/Document");
        } else if self.document_depth.is_some() {
            self.path.push('/');
            self.path.push_str(if ours { name } else { FOREIGN });
        }
        self.parents.push(before);
        Ok(())
    }

    fn close(&mut self) -> Option<Step> {
        self.leaving = true;
        Some(if core::mem::take(&mut self.leaf) {
            Step::Leaf
        } else {
            Step::Close
        })
    }

    fn leave(&mut self) {
        if let Some(before) = self.parents.pop() {
            self.path.truncate(before);
        }
        if self.document_depth == Some(self.parents.len()) {
            self.document_depth = None;
        }
    }

    fn end(&self) -> Result<(), Unreadable> {
        if self.parents.is_empty() && self.root_seen {
            Ok(())
        } else {
            Err(self.fault(
                UnreadableKind::Malformed,
                "it ends before its last element does",
            ))
        }
    }

    fn take_text(&mut self, text: &str) -> Result<(), Unreadable> {
        if self.parents.is_empty() {
            if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                return Ok(());
            }
            return Err(self.fault(UnreadableKind::Malformed, "text stands outside the root"));
        }
        self.text_chars = self.text_chars.saturating_add(text.chars().count());
        if self.text_chars > TEXT_CHARS_MAX {
            return Err(self.fault(
                UnreadableKind::TextTooLong,
                &format!("a text is longer than {TEXT_CHARS_MAX} characters"),
            ));
        }
        if self.leaf {
            self.text.push_str(text);
        }
        Ok(())
    }

    fn take_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Unreadable> {
        match resolve(reference) {
            Some(one) => self.take_text(one.encode_utf8(&mut [0; 4])),
            None => Err(self.fault(
                UnreadableKind::Forbidden,
                "only the five entities of XML itself and references to allowed characters are read",
            )),
        }
    }

    /// The `Ccy` attribute; every attribute is checked, whether it is wanted or not.
    fn attributes(&self, start: &BytesStart<'_>) -> Result<Option<String>, Unreadable> {
        rules::tag(start)
            .map(|tag| tag.currency)
            .map_err(|broken| match broken {
                AttributeFault::TooMany => self.fault(
                    UnreadableKind::Forbidden,
                    &format!("an element has more than {ATTRIBUTES_MAX} attributes"),
                ),
                AttributeFault::Malformed => {
                    self.fault(UnreadableKind::Malformed, "an attribute is not well-formed")
                }
                AttributeFault::Reference => self.fault(
                    UnreadableKind::Forbidden,
                    "an attribute holds a reference that is never read",
                ),
            })
    }

    /// A fault of the whole message, at the current place.
    pub(crate) fn fault(&self, kind: UnreadableKind, what: &str) -> Unreadable {
        Unreadable {
            kind,
            path: if self.path.is_empty() {
                "/".to_owned()
            } else {
                self.path.clone()
            },
            message: format!("{what} (byte {})", self.reader.buffer_position()),
        }
    }
}

/// A fault that has no place.
fn whole(kind: UnreadableKind, message: String) -> Unreadable {
    Unreadable {
        kind,
        path: "/".to_owned(),
        message,
    }
}
