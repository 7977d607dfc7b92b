//! What can be wrong with a file of texts, found when it is loaded.
//!
//! In this order: its size and depth, its syntax, then each message by itself. Texts are text and fields and nothing else: no selectors,
//! functions or references, so that what is read here is all that can ever be sent, and its length is bounded by that of the values.

use core::fmt;
use std::collections::BTreeMap;

use epay_money::Language;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};
use fluent_syntax::parser;

use crate::template::{FILE_BYTES_MAX, Piece, Text, Texts};
use crate::{Field, Kind, Part};

/// A rule that a text broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// The file is too large to be looked at.
    #[error("a file of texts has {FILE_BYTES_MAX} bytes at most")]
    Size,
    /// A brace within a brace.
    #[error("braces hold a field, and no other braces")]
    Nested,
    /// It is not Fluent.
    #[error("this is not Fluent: {0}")]
    Syntax(String),
    /// A kind has no message.
    #[error("there is no text for this kind")]
    NoMessage,
    /// A message is of no kind.
    #[error("there is no such kind")]
    UnknownMessage,
    /// A message is there twice.
    #[error("the message is there twice")]
    Twice,
    /// A message has a text of its own beside its parts.
    #[error("a message has parts only: .title, .sms, .push, .mail")]
    OwnText,
    /// A part is missing.
    #[error("the part is missing")]
    NoPart,
    /// There is no such part, or it is there twice.
    #[error("the part .{0} is unknown, or there twice")]
    UnknownPart(String),
    /// It has more than text and fields.
    #[error("a text is text and fields only: no selectors, functions or references")]
    NotPlain,
    /// A field that is none.
    #[error("there is no field {0}")]
    UnknownField(String),
    /// A field that notices of this kind do not carry.
    #[error("notices of this kind do not carry {}", .0.as_str())]
    Foreign(Field),
    /// An essential field is not said.
    #[error("it must say {}", .0.as_str())]
    Unsaid(Field),
    /// It has a link, or what a telephone would make one.
    #[error(
        "it has a link, or what a telephone makes one: people are asked to go there by themselves"
    )]
    Link,
    /// An SMS is too long with the longest values.
    #[error("as an SMS it may have {parts} parts, and {most} is the most")]
    Long {
        /// How many parts.
        parts: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Something that is wrong with a file of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The file.
    pub language: Language,
    /// The message; empty where it is the file as a whole.
    pub message: String,
    /// The part, where it is one.
    pub part: Option<Part>,
    /// What is wrong.
    pub rule: Rule,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.language.locale())?;
        if !self.message.is_empty() {
            write!(f, ", {}", self.message)?;
        }
        if let Some(part) = self.part {
            write!(f, " .{}", part.as_str())?;
        }
        write!(f, ": {}", self.rule)
    }
}

impl core::error::Error for TemplateFault {}

/// Reads one file.
pub(crate) fn read(language: Language, file: &str, faults: &mut Vec<TemplateFault>) -> Texts {
    let mut reading = Reading {
        language,
        message: String::new(),
        faults,
        texts: BTreeMap::new(),
    };
    if file.len() > FILE_BYTES_MAX {
        reading.blame(None, Rule::Size);
    } else if is_nested(file) {
        reading.blame(None, Rule::Nested);
    } else {
        reading.entries(file);
    }
    reading.texts
}

/// The parser goes down a level for every brace; it is not asked about a file that would lead it deep.
fn is_nested(file: &str) -> bool {
    let mut open = false;
    file.bytes().any(|byte| match byte {
        b'{' => core::mem::replace(&mut open, true),
        b'}' => {
            open = false;
            false
        }
        _ => false,
    })
}

struct Reading<'f> {
    language: Language,
    message: String,
    faults: &'f mut Vec<TemplateFault>,
    texts: Texts,
}

impl Reading<'_> {
    fn blame(&mut self, part: Option<Part>, rule: Rule) {
        self.faults.push(TemplateFault {
            language: self.language,
            message: self.message.clone(),
            part,
            rule,
        });
    }

    fn entries(&mut self, file: &str) {
        let resource = match parser::parse(file) {
            Ok(resource) => resource,
            Err((_partial, errors)) => {
                for error in errors {
                    self.blame(None, Rule::Syntax(error.to_string()));
                }
                return;
            }
        };
        let mut seen = Vec::new();
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    message.id.name.clone_into(&mut self.message);
                    let kind = Kind::ALL
                        .into_iter()
                        .find(|kind| kind.message() == message.id.name);
                    match kind {
                        Some(kind) if seen.contains(&kind) => self.blame(None, Rule::Twice),
                        Some(kind) => {
                            seen.push(kind);
                            self.message(kind, message);
                        }
                        None => self.blame(None, Rule::UnknownMessage),
                    }
                }
                Entry::Term(term) => {
                    format!("-{}", term.id.name).clone_into(&mut self.message);
                    self.blame(None, Rule::NotPlain);
                }
                Entry::Junk { content } => {
                    self.blame(None, Rule::Syntax((*content).to_owned()));
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            }
        }
        for kind in Kind::ALL.into_iter().filter(|kind| !seen.contains(kind)) {
            kind.message().clone_into(&mut self.message);
            self.blame(None, Rule::NoMessage);
        }
    }

    fn message(&mut self, kind: Kind, message: &Message<&str>) {
        if message.value.is_some() {
            self.blame(None, Rule::OwnText);
        }
        for attribute in &message.attributes {
            let name = attribute.id.name;
            let part = Part::ALL.into_iter().find(|part| part.as_str() == name);
            let new = part.filter(|part| !self.texts.contains_key(&(kind, *part)));
            let Some(part) = new else {
                self.blame(None, Rule::UnknownPart(name.to_owned()));
                continue;
            };
            let text = self.text(kind, part, &attribute.value);
            self.texts.insert((kind, part), text);
        }
        for part in Part::ALL {
            if !self.texts.contains_key(&(kind, part)) {
                self.blame(Some(part), Rule::NoPart);
            }
        }
    }

    fn text(&mut self, kind: Kind, part: Part, pattern: &Pattern<&str>) -> Text {
        let mut text = Text::new();
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    text.push(Piece::Plain((*value).to_owned()));
                }
                PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::VariableReference { id }),
                } => {
                    let field = Field::ALL
                        .into_iter()
                        .find(|field| field.as_str() == id.name);
                    match field {
                        Some(field) if kind.carries(field) => text.push(Piece::Field(field)),
                        Some(field) => self.blame(Some(part), Rule::Foreign(field)),
                        None => self.blame(Some(part), Rule::UnknownField(id.name.to_owned())),
                    }
                }
                PatternElement::Placeable { .. } => self.blame(Some(part), Rule::NotPlain),
            }
        }
        if part != Part::Title {
            for field in kind.essential() {
                if !text.contains(&Piece::Field(*field)) {
                    self.blame(Some(part), Rule::Unsaid(*field));
                }
            }
        }
        if has_link(&text) {
            self.blame(Some(part), Rule::Link);
        }
        text
    }
}

/// Whether a telephone would make a link of something that the text says: a scheme, or letters on both sides of a dot.
fn has_link(text: &Text) -> bool {
    // A field stands for a digit: what is written directly after it may belong to a number, but never to a name.
    let plain: String = text
        .iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => plain.as_str(),
            Piece::Field(_) => "0",
        })
        .collect();
    let characters: Vec<char> = plain.chars().collect();
    plain.contains("//")
        || characters.windows(3).any(|three| {
            matches!(three, [before, '.', after] if before.is_ascii_alphanumeric() && after.is_ascii_alphabetic())
        })
}
