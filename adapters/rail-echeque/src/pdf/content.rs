//! Nothing active: no scripts, no actions but "show this page", no form but signatures, no layers, no nested media.
//!
//! Every object of the file is looked through, whether the catalogue leads to it or not: what is there could be led to.

use lopdf::{Dictionary, Document, Object};

use crate::fault::Fault;

/// Containers inside one another.
const DEPTH_MAX: usize = 32;
/// Values in all objects together.
const VALUES_MAX: usize = 20_000;

/// Keys that no e-Cheque has: scripts, additional actions, XML forms, layers, embedded media, and a file's own
/// statement of what changes it allows, which would differ from ours.
const KEYS: [&[u8]; 10] = [
    b"JS",
    b"JavaScript",
    b"AA",
    b"XFA",
    b"OCProperties",
    b"OC",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"Collection",
    b"Requirements",
];

/// The only action type: showing a place in the document itself.
const GO_TO: &[u8] = b"GoTo";

/// Action types by which a dictionary's `S` is recognised as an action.
const ACTIONS: [&[u8]; 17] = [
    b"GoToR",
    b"GoToE",
    b"GoTo3DView",
    b"Launch",
    b"Thread",
    b"URI",
    b"Sound",
    b"Movie",
    b"Hide",
    b"Named",
    b"SubmitForm",
    b"ResetForm",
    b"ImportData",
    b"JavaScript",
    b"SetOCGState",
    b"Rendition",
    b"RichMediaExecute",
];

/// Looks through every object.
pub(super) fn check(document: &Document) -> Result<(), Fault> {
    let mut values = 0_usize;
    for object in document.objects.values() {
        walk(object, 0, &mut values)?;
    }
    Ok(())
}

fn walk(object: &Object, depth: usize, values: &mut usize) -> Result<(), Fault> {
    *values = values.saturating_add(1);
    if depth > DEPTH_MAX || *values > VALUES_MAX {
        return Err(Fault::TooComplex);
    }
    let deeper = depth.saturating_add(1);
    match object {
        Object::Array(items) => items.iter().try_for_each(|item| walk(item, deeper, values)),
        Object::Dictionary(dictionary) => entries(dictionary, deeper, values),
        Object::Stream(stream) => {
            let kind = stream.dict.get(b"Type").and_then(Object::as_name);
            if kind.is_ok_and(|kind| kind == b"ObjStm" || kind == b"XRef") {
                return Err(Fault::TooComplex);
            }
            // Text that is kept in another file is not in the file that was signed.
            if stream.dict.has(b"F") {
                return Err(Fault::Active);
            }
            entries(&stream.dict, deeper, values)
        }
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Reference(_) => Ok(()),
    }
}

fn entries(dictionary: &Dictionary, depth: usize, values: &mut usize) -> Result<(), Fault> {
    let named = |key: &[u8]| dictionary.get(key).and_then(Object::as_name).ok();
    let acts = named(b"S").is_some_and(|kind| ACTIONS.contains(&kind));
    let goes = matches!(
        dictionary.get(b"OpenAction").or_else(|_none| dictionary.get(b"A")),
        Ok(Object::Dictionary(action)) if action.get(b"S").and_then(Object::as_name).ok() != Some(GO_TO)
    );
    let fills = named(b"FT").is_some_and(|kind| kind != b"Sig");
    if acts || goes || fills || KEYS.iter().any(|key| dictionary.has(key)) {
        return Err(Fault::Active);
    }
    dictionary
        .iter()
        .try_for_each(|(_key, value)| walk(value, depth, values))
}
