//! Splitting text into data objects: identifier (2 digits), length (2 digits), value.
//!
//! Lengths count characters (Unicode scalar values), never bytes. Only places that the specification calls templates are
//! split further, so the depth is fixed ([`DEPTH_MAX`](crate::DEPTH_MAX)) and nothing that merely looks like an object is mistaken for one.
//! A fault ends the splitting of the place it is in; what could not be split is kept as it is.

use crate::code::Code;
use crate::id::{Id, Path, two_digits};

/// Characters before a value: identifier and length.
pub(crate) const HEADER_CHARS: usize = 4;

/// One data object, with the objects inside it where it is a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    pub(crate) id: Id,
    pub(crate) value: &'a str,
    pub(crate) value_chars: usize,
    pub(crate) offset: usize,
    pub(crate) path: Path,
    pub(crate) children: Vec<Self>,
    pub(crate) is_template: bool,
}

impl<'a> Object<'a> {
    /// The identifier.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The value as it stands in the text, of a template too.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.value
    }

    /// Characters from the start of the input to this object's identifier.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The identifiers that lead here.
    #[must_use]
    pub fn path(&self) -> Path {
        self.path
    }

    /// Whether this place holds a template and its value could be split.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.is_template
    }

    /// The objects inside, in the order of the text; empty for a plain value.
    #[must_use]
    pub fn objects(&self) -> &[Self] {
        &self.children
    }

    /// The first object inside with this identifier.
    #[must_use]
    pub fn get(&self, id: u8) -> Option<&Self> {
        find(&self.children, id)
    }

    /// Characters from the start of the input to the value.
    pub(crate) fn value_offset(&self) -> usize {
        self.offset.saturating_add(HEADER_CHARS)
    }
}

/// The first of `objects` with this identifier.
pub(crate) fn find<'o, 'a>(objects: &'o [Object<'a>], id: u8) -> Option<&'o Object<'a>> {
    objects.iter().find(|object| object.id.number() == id)
}

/// Why the text could not be split any further, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) path: Path,
    pub(crate) offset: usize,
    pub(crate) message: String,
}

/// Objects, then whatever could not be split.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    pub(crate) objects: Vec<Object<'a>>,
    pub(crate) rest: &'a str,
}

/// Whether the object `id` directly under `parent` holds objects itself.
fn holds_objects(parent: Path, id: Id) -> bool {
    let mut above = parent.ids();
    match (above.next().map(Id::number), above.next()) {
        (None, _) => matches!(id.number(), 26..=51 | 62 | 64 | 80..=99),
        (Some(62), None) => matches!(id.number(), 50..=99),
        (Some(_), _) => false,
    }
}

/// Splits the value of `parent`, and the templates in it. Faults are reported to `faults`, those inside a template without
/// stopping what follows the template.
pub(crate) fn split<'a>(
    text: &'a str,
    parent: Path,
    offset: usize,
    faults: &mut Vec<Fault>,
) -> Split<'a> {
    let mut objects = Vec::with_capacity(text.len() / 12);
    let (mut rest, mut offset) = (text, offset);
    while !rest.is_empty() {
        let (id, length) = match header(rest) {
            Ok(header) => header,
            Err((code, message)) => {
                faults.push(Fault {
                    code,
                    path: parent,
                    offset,
                    message,
                });
                break;
            }
        };
        let path = parent.child(id);
        let Some((value, tail)) = rest
            .get(HEADER_CHARS..)
            .and_then(|rest| split_chars(rest, length))
        else {
            let found = rest.chars().count().saturating_sub(HEADER_CHARS);
            let message = format!("the length says {length} characters, but only {found} are left");
            faults.push(Fault {
                code: Code::ValueOverrun,
                path,
                offset,
                message,
            });
            break;
        };
        let value_offset = offset.saturating_add(HEADER_CHARS);
        let (children, is_template) = if holds_objects(parent, id) {
            let inside = split(value, path, value_offset, faults);
            // Half a template is no template: its objects could be mistaken for all there is.
            let whole = inside.rest.is_empty();
            (if whole { inside.objects } else { Vec::new() }, whole)
        } else {
            (Vec::new(), false)
        };
        objects.push(Object {
            id,
            value,
            value_chars: length,
            offset,
            path,
            children,
            is_template,
        });
        rest = tail;
        offset = value_offset.saturating_add(length);
    }
    Split { objects, rest }
}

fn header(rest: &str) -> Result<(Id, usize), (Code, String)> {
    if let [tens, units, length_tens, length_units, ..] = *rest.as_bytes()
        && let Some(id) = Id::from_digits(tens, units)
        && let Some(length) = two_digits(length_tens, length_units)
    {
        return Ok((id, usize::from(length)));
    }
    let head: String = rest.chars().take(HEADER_CHARS).collect();
    if head.chars().count() < HEADER_CHARS {
        let message =
            format!("the text ends in {head:?}, too short for an identifier and a length");
        return Err((Code::TruncatedHeader, message));
    }
    let (id, length): (String, String) = (
        head.chars().take(2).collect(),
        head.chars().skip(2).collect(),
    );
    if id.chars().all(|digit| digit.is_ascii_digit()) {
        Err((
            Code::BadLength,
            format!("the length of object {id} should be two digits, not {length:?}"),
        ))
    } else {
        Err((
            Code::BadId,
            format!("an object should begin with two digits, not {id:?}"),
        ))
    }
}

/// Splits after `count` characters; nothing if the text has fewer.
fn split_chars(text: &str, count: usize) -> Option<(&str, &str)> {
    // Nearly every value is ASCII, where characters and bytes agree and counting is a scan of a few words.
    if text.as_bytes().get(..count).is_some_and(<[u8]>::is_ascii) {
        return text.split_at_checked(count);
    }
    let end = match text.char_indices().nth(count) {
        Some((end, _)) => end,
        None if text.chars().count() == count => text.len(),
        None => return None,
    };
    text.split_at_checked(end)
}
