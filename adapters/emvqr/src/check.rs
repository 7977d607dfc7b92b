//! The rules of the specification, applied to a payload that has been split.
//!
//! One table says what each field may hold ([`fields`]); the rules that look at more than one object, or into a value,
//! have a function each. Every rule is tried on every object: the first error never hides the second.

mod crc;
mod fields;
mod root;
mod template;

pub(crate) use crc::{advice, crc};

use crate::code::Code;
use crate::document::Document;
use crate::finding::Findings;
use crate::id::Path;
use crate::object::Object;

/// Applies every rule about objects.
pub(crate) fn objects(document: &Document<'_>, findings: &mut Findings) {
    duplicates(document.objects(), findings);
    root::check(document, findings);
    for object in document.objects() {
        match object.id().number() {
            26..=51 | 80..=99 => template::with_guid(object, findings),
            62 => template::additional_data(object, findings),
            64 => template::language(object, findings),
            _ => {}
        }
    }
}

/// An identifier may stand once in each place.
fn duplicates(objects: &[Object<'_>], findings: &mut Findings) {
    let mut seen = 0u128;
    for object in objects {
        let mark = 1u128 << object.id().number();
        if seen & mark != 0 {
            let message = format!("object {} occurs more than once here", object.id());
            findings.error(
                Code::DuplicateObject,
                object.path(),
                object.offset(),
                message,
            );
        }
        seen |= mark;
        duplicates(object.objects(), findings);
    }
}

/// Reports that the object at `path` should be there, at the `offset` of what lacks it.
fn missing(path: Path, offset: usize, name: &str, findings: &mut Findings) {
    findings.error(
        Code::MissingMandatory,
        path,
        offset,
        format!("the {name} is missing"),
    );
}
