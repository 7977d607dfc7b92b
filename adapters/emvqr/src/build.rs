//! Writing a payload: any object of the specification, in ascending order, closed by its checksum.
//!
//! Nothing is cut to fit. A value that its place cannot hold is refused, and the finished payload has to pass the same checks as one
//! that was read, so what this module writes is what [`parse`](crate::parse) accepts.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::code::Code;
use crate::crc::checksum_digits;
use crate::document::{Document, INPUT_BYTES_MAX, parse};
use crate::finding::{Finding, Invalid, Profile};
use crate::id::{Id, Path};
use crate::object::Object;
use crate::view::PointOfInitiation;

/// The longest value: its length has two digits.
const VALUE_CHARS_MAX: usize = 99;

/// Why a payload was not written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    /// Identifiers have two digits.
    #[error("{number} is not an object identifier: they go from 00 to 99")]
    Id {
        /// The number given.
        number: u8,
    },
    /// A value or template has more characters than a length can say.
    #[error("object {path} has {chars} characters, more than {VALUE_CHARS_MAX}")]
    TooLong {
        /// The object.
        path: Path,
        /// Its characters.
        chars: usize,
    },
    /// The whole payload is too long.
    #[error("the payload has {bytes} bytes, more than {INPUT_BYTES_MAX}")]
    PayloadTooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// The payload breaks rules of the specification.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// What stands behind an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Value(String),
    Template(Template),
}

/// The objects of one place, ordered by identifier.
type Objects = BTreeMap<u8, Content>;

/// A template to put into a [`Builder`].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Template {
    objects: Objects,
}

impl Template {
    /// An empty template.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A template that names its owner in object 00.
    #[must_use]
    pub fn of(guid: impl Into<String>) -> Self {
        Self::new().set(0, guid)
    }

    /// Sets an object, in place of what was there.
    #[must_use]
    pub fn set(mut self, id: u8, value: impl Into<String>) -> Self {
        self.objects.insert(id, Content::Value(value.into()));
        self
    }

    /// Sets a template inside this one, which the specification has only in 62/50 to 62/99.
    #[must_use]
    pub fn template(mut self, id: u8, template: Self) -> Self {
        self.objects.insert(id, Content::Template(template));
        self
    }
}

/// Builds a payload. Object 00 is there from the start, 63 comes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builder {
    objects: Objects,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// A payload with nothing but its format indicator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            objects: Objects::new(),
        }
        .set(0, "01")
    }

    /// Everything a payload holds but its checksum, to change some of it. Of objects that occur twice the last is kept.
    #[must_use]
    pub fn from_document(document: &Document<'_>) -> Self {
        let mut objects = copied(document.objects());
        objects.remove(&63);
        Self { objects }
    }

    /// Sets an object of the root, in place of what was there.
    #[must_use]
    pub fn set(mut self, id: u8, value: impl Into<String>) -> Self {
        self.objects.insert(id, Content::Value(value.into()));
        self
    }

    /// Sets a template of the root, in place of what was there.
    #[must_use]
    pub fn template(mut self, id: u8, template: Template) -> Self {
        self.objects.insert(id, Content::Template(template));
        self
    }

    /// Takes an object out again.
    #[must_use]
    pub fn remove(mut self, id: u8) -> Self {
        self.objects.remove(&id);
        self
    }

    /// 01, static or dynamic.
    #[must_use]
    pub fn point_of_initiation(self, point: PointOfInitiation) -> Self {
        self.set(1, point.digits())
    }

    /// 52, 58, 59 and 60: what the merchant is, where, and how it is called.
    #[must_use]
    pub fn merchant(self, category_code: &str, country: &str, name: &str, city: &str) -> Self {
        self.set(52, category_code)
            .set(58, country)
            .set(59, name)
            .set(60, city)
    }

    /// Writes the payload.
    ///
    /// # Errors
    /// A value that does not fit, or everything that the finished payload breaks.
    pub fn build(&self) -> Result<String, BuildError> {
        let mut payload = String::with_capacity(256);
        // The checksum is last; 64 and the private templates come before it.
        for (id, content) in self.objects.iter().filter(|(id, _)| **id != 63) {
            write_object(*id, content, Path::ROOT, &mut payload)?;
        }
        payload.push_str("6304");
        payload.push_str(&checksum_digits(&payload));
        if payload.len() > INPUT_BYTES_MAX {
            return Err(BuildError::PayloadTooLong {
                bytes: payload.len(),
            });
        }
        let refused: Vec<Finding> = parse(&payload, Profile::Strict)
            .into_findings()
            .filter(must_not_be_written)
            .collect();
        if refused.is_empty() {
            Ok(payload)
        } else {
            Err(Invalid::new(refused).into())
        }
    }
}

/// A reader tolerates reserved root objects and control characters; a writer has no reason to produce them.
fn must_not_be_written(finding: &Finding) -> bool {
    let is_reserved_root = finding.code == Code::ReservedObject && finding.path.ids().count() == 1;
    finding.is_error() || is_reserved_root || finding.code == Code::ControlCharacter
}

fn copied(objects: &[Object<'_>]) -> Objects {
    let content = |object: &Object<'_>| {
        if object.is_template() {
            Content::Template(Template {
                objects: copied(object.objects()),
            })
        } else {
            Content::Value(object.value().to_owned())
        }
    };
    objects
        .iter()
        .map(|object| (object.id().number(), content(object)))
        .collect()
}

fn write_object(
    number: u8,
    content: &Content,
    parent: Path,
    payload: &mut String,
) -> Result<(), BuildError> {
    let path = parent.child(Id::new(number).ok_or(BuildError::Id { number })?);
    let written;
    let value = match content {
        Content::Value(value) => value,
        Content::Template(template) => {
            let mut inside = String::with_capacity(VALUE_CHARS_MAX);
            for (id, content) in &template.objects {
                write_object(*id, content, path, &mut inside)?;
            }
            written = inside;
            &written
        }
    };
    let chars = value.chars().count();
    if chars > VALUE_CHARS_MAX {
        return Err(BuildError::TooLong { path, chars });
    }
    payload.push_str(&format!("{number:02}{chars:02}"));
    payload.push_str(value);
    Ok(())
}
