//! The rules inside templates: accounts and private templates (a GUID), additional data (62), the other language (64).

use crate::check::fields::{self, Charset};
use crate::check::missing;
use crate::code::Code;
use crate::finding::Findings;
use crate::id::Id;
use crate::object::Object;

/// The longest globally unique identifier: a UUID without hyphens.
const GUID_CHARS_MAX: usize = 32;

/// A template that belongs to whoever its object 00 names; the other objects mean what that party says.
pub(super) fn with_guid(template: &Object<'_>, findings: &mut Findings) {
    if !is_readable(template) {
        return;
    }
    match template.get(0) {
        None => {
            let message = format!(
                "object 00 of template {} is missing: it says whose template this is",
                template.id()
            );
            findings.error(
                Code::MissingGuid,
                child(template, 0),
                template.offset(),
                message,
            );
        }
        Some(guid) => {
            if guid.value_chars > GUID_CHARS_MAX {
                let message = format!(
                    "the identifier may have {GUID_CHARS_MAX} characters, not {}",
                    guid.value_chars
                );
                findings.error(Code::GuidTooLong, guid.path(), guid.offset(), message);
            }
            fields::characters(
                guid,
                "globally unique identifier",
                Charset::Printable,
                findings,
            );
        }
    }
    for object in template.objects() {
        if !fields::zero_length(object, findings) && object.id().number() != 0 {
            fields::characters(object, "value", Charset::Text, findings);
        }
    }
}

/// Template 62.
pub(super) fn additional_data(template: &Object<'_>, findings: &mut Findings) {
    for object in template.objects() {
        let (path, offset) = (object.path(), object.offset());
        match object.id().number() {
            0 => {
                fields::check(object, "undefined object", Charset::Text, 1, 99, findings);
                findings.warning(
                    Code::UndefinedObject,
                    path,
                    offset,
                    "object 00 has no meaning here",
                );
            }
            id @ 1..=9 => {
                if let Some((_, name, charset, min, max)) = fields::row(fields::ADDITIONAL_DATA, id)
                {
                    fields::check(object, name, *charset, *min, *max, findings);
                }
                if id == 9 {
                    data_request(object, findings);
                }
            }
            10 | 11 => {
                fields::check(object, "newer object", Charset::Text, 1, 99, findings);
                let message = "this object is reserved in version 1.0 of the specification and defined in 1.1";
                findings.warning(Code::NewerObject, path, offset, message);
            }
            50..=99 => {
                fields::zero_length(object, findings);
                with_guid(object, findings);
            }
            _ => {
                fields::check(object, "reserved object", Charset::Text, 1, 99, findings);
                findings.warning(
                    Code::ReservedObject,
                    path,
                    offset,
                    "this object is reserved for EMVCo",
                );
            }
        }
    }
}

/// Any of A (address), M (mobile number), E (email), each at most once.
fn data_request(object: &Object<'_>, findings: &mut Findings) {
    let value = object.value();
    let is_choice = value
        .chars()
        .all(|c| "AME".contains(c) && value.matches(c).count() == 1);
    if !is_choice {
        let message =
            format!("the consumer data request may hold A, M and E, each once, not {value:?}");
        findings.error(
            Code::DataRequestValue,
            object.path(),
            object.offset(),
            message,
        );
    }
}

/// Template 64.
pub(super) fn language(template: &Object<'_>, findings: &mut Findings) {
    if !is_readable(template) {
        return;
    }
    for (id, name) in [(0, "language"), (1, "merchant name in the other language")] {
        if template.get(id).is_none() {
            missing(child(template, id), template.offset(), name, findings);
        }
    }
    for object in template.objects() {
        if let Some((_, name, charset, min, max)) =
            fields::row(fields::LANGUAGE, object.id().number())
        {
            fields::check(object, name, *charset, *min, *max, findings);
        } else {
            fields::check(object, "reserved object", Charset::Text, 1, 99, findings);
            let message = "this object is reserved for EMVCo";
            findings.warning(
                Code::ReservedObject,
                object.path(),
                object.offset(),
                message,
            );
        }
    }
}

/// A template that could not be split has been reported already; saying what it lacks would be guessing.
fn is_readable(template: &Object<'_>) -> bool {
    template.is_template()
}

fn child(template: &Object<'_>, id: u8) -> crate::id::Path {
    Id::new(id).map_or(template.path(), |id| template.path().child(id))
}
