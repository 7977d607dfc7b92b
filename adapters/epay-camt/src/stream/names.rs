//! Elements that are open, their namespaces, and the path of local names from `Document` down.

use quick_xml::events::BytesStart;

use crate::UnreadableKind;
use crate::limits::DEPTH_MAX;
use crate::xml::rules::{AttributeFault, is_name, is_version_of, tag};

/// The path segment of an element from another namespace; no element can have this name.
const FOREIGN: &str = "*";

type Fault = (UnreadableKind, &'static str);

#[derive(Debug)]
pub(super) struct Names {
    wanted: &'static [&'static str],
    /// Qualified names of the open elements, one after another, and where each begins.
    open: String,
    starts: Vec<usize>,
    /// Namespaces bound by open elements: depth, prefix, name.
    bound: Vec<(usize, String, String)>,
    /// `/Document/…`, and for each open element its length before it.
    path: String,
    parents: Vec<usize>,
    /// The depth at which `Document` stands and its namespace, while it is open.
    document: Option<(usize, String)>,
    document_seen: bool,
    root_seen: bool,
}

impl Names {
    pub(super) const fn new(wanted: &'static [&'static str]) -> Self {
        Self {
            wanted,
            open: String::new(),
            starts: Vec::new(),
            bound: Vec::new(),
            path: String::new(),
            parents: Vec::new(),
            document: None,
            document_seen: false,
            root_seen: false,
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The namespace of `Document`, inside it.
    pub(super) fn document(&self) -> Option<&str> {
        self.document.as_ref().map(|(_depth, name)| name.as_str())
    }

    pub(super) const fn is_outside(&self) -> bool {
        self.parents.is_empty()
    }

    /// Everything that began has ended, and something did.
    pub(super) const fn is_done(&self) -> bool {
        self.parents.is_empty() && self.root_seen
    }

    /// Enters an element; answers its `Ccy` attribute.
    pub(super) fn open(&mut self, start: &BytesStart<'_>) -> Result<Option<String>, Fault> {
        let depth = self.parents.len();
        if depth == 0 && core::mem::replace(&mut self.root_seen, true) {
            return Err((UnreadableKind::Malformed, "it has a second root element"));
        }
        if depth >= DEPTH_MAX {
            return Err((UnreadableKind::TooDeep, "elements are nested too deep"));
        }
        let name = start.name().into_inner();
        let local = start.local_name().into_inner();
        if !is_name(name) || local.is_empty() {
            return Err((UnreadableKind::Malformed, "an element's name is not a name"));
        }
        let mut currency = None;
        if !start.attributes_raw().trim().is_empty() {
            let read = tag(start).map_err(|fault| match fault {
                AttributeFault::TooMany => (
                    UnreadableKind::Forbidden,
                    "an element has too many attributes",
                ),
                AttributeFault::Malformed => {
                    (UnreadableKind::Malformed, "an attribute is not well-formed")
                }
                AttributeFault::Reference => (
                    UnreadableKind::Forbidden,
                    "an attribute holds a reference that is never read",
                ),
            })?;
            currency = read.currency;
            let bound = read.namespaces.into_iter();
            self.bound
                .extend(bound.map(|(prefix, name)| (depth, prefix, name)));
        }
        let before = self.path.len();
        let prefix = name.strip_suffix(local).unwrap_or_default();
        let prefix = prefix.strip_suffix(':').unwrap_or(prefix);
        self.enter(local, prefix, depth)?;
        self.parents.push(before);
        self.starts.push(self.open.len());
        self.open.push_str(name);
        Ok(currency)
    }

    fn enter(&mut self, local: &str, prefix: &str, depth: usize) -> Result<(), Fault> {
        let inside = self
            .bound
            .iter()
            .rev()
            .find(|(_depth, bound, _name)| bound == prefix)
            .map(|(_depth, _prefix, name)| name.as_str());
        if let Some((_depth, document)) = &self.document {
            let segment = if inside == Some(document) {
                local
            } else {
                FOREIGN
            };
            self.path.push('/');
            self.path.push_str(segment);
            return Ok(());
        }
        let Some(namespace) = inside else {
            return Ok(());
        };
        let wanted = |prefix: &&str| is_version_of(prefix, namespace);
        if local != "Document" || !self.wanted.iter().any(wanted) {
            return Ok(());
        }
        if core::mem::replace(&mut self.document_seen, true) {
            let words = "it holds more than one document";
            return Err((UnreadableKind::WrongMessage, words));
        }
        self.document = Some((depth, namespace.to_owned()));
        self.path.push_str("/Document");
        Ok(())
    }

    /// Whether this is the name of the innermost element.
    pub(super) fn ends_with(&self, name: &str) -> bool {
        let start = self.starts.last().copied().unwrap_or(usize::MAX);
        self.open.get(start..) == Some(name)
    }

    /// Leaves the innermost element.
    pub(super) fn close(&mut self) {
        if let Some(start) = self.starts.pop() {
            self.open.truncate(start);
        }
        if let Some(before) = self.parents.pop() {
            self.path.truncate(before);
        }
        let depth = self.parents.len();
        while self.bound.last().is_some_and(|(at, _, _)| *at >= depth) {
            self.bound.pop();
        }
        if self.document.as_ref().is_some_and(|(at, _)| *at == depth) {
            self.document = None;
        }
    }
}
