//! The second revision signs, and does nothing else.
//!
//! The file up to the end of the first signature is read as a document of its own. From the later document everything is taken
//! away that a second signature brings: its field, its value, the entries in the form and on its page, and what
//! describes the document rather than shows it. What is left must be the earlier document, object by object. So nothing that
//! the first signer saw was changed, hidden or covered, whatever the second revision calls itself.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId};

use super::{Pdf, Signature};
use crate::fault::Fault;

/// Keys of the catalogue that a signer may set: which versions the file claims, and its description.
const CATALOGUE_KEYS: [&[u8]; 3] = [b"Version", b"Extensions", b"Metadata"];

type Objects = BTreeMap<ObjectId, Object>;

/// The document that the first signer signed, once the second is found to have added a signature only.
///
/// # Errors
/// [`Fault::Changed`] when there is more.
pub(crate) fn unchanged_since_first<'a>(
    pdf: &Pdf<'a>,
    signatures: &[Signature<'a>],
) -> Result<Pdf<'a>, Fault> {
    let [first, last] = signatures else {
        return Err(Fault::Signatures);
    };
    let bytes = pdf.bytes.get(..first.end).ok_or(Fault::Coverage)?;
    // What cannot be read by itself was no document when it was signed.
    let signed = Pdf::open(bytes).map_err(|_fault| Fault::Changed)?;
    let root = |pdf: &Pdf<'_>| pdf.document.trailer.get(b"Root").cloned().ok();
    let info = |pdf: &Pdf<'_>| {
        let info = pdf.document.trailer.get(b"Info");
        info.and_then(Object::as_reference).ok()
    };
    if root(&signed) != root(pdf) || info(&signed) != info(pdf) {
        return Err(Fault::Changed);
    }
    let field_was_there = signed.document.objects.contains_key(&last.field);
    let mut before = described_away(&signed)?;
    let mut after = described_away(pdf)?;
    without(&mut after, pdf, last, field_was_there)?;
    // An array or form that only the signature needed is gone again with it.
    for objects in [&mut before, &mut after] {
        drop_empty(objects, pdf, last);
    }
    if before == after {
        Ok(signed)
    } else {
        Err(Fault::Changed)
    }
}

/// The objects of a document without its description: `Info`, the catalogue's metadata and versions.
fn described_away(pdf: &Pdf<'_>) -> Result<Objects, Fault> {
    let mut objects = pdf.document.objects.clone();
    let catalogue = pdf.catalogue()?;
    let trailer = &pdf.document.trailer;
    let described = [catalogue.get(b"Metadata"), trailer.get(b"Info")];
    for id in described.into_iter().flatten() {
        let id = id.as_reference().map_err(|_direct| Fault::Changed)?;
        // Whatever hides behind these names must be a description.
        match objects.remove(&id) {
            Some(Object::Stream(stream)) if stream.dict.has_type(b"Metadata") => {}
            Some(Object::Dictionary(info)) if is_info(&info) => {}
            Some(_) | None => return Err(Fault::Changed),
        }
    }
    if let Some(catalogue) = at(&mut objects, root_id(pdf)) {
        for key in CATALOGUE_KEYS {
            catalogue.remove(key);
        }
    }
    Ok(objects)
}

/// Texts only, as a document information dictionary has.
fn is_info(info: &Dictionary) -> bool {
    info.iter()
        .all(|(_key, value)| matches!(value, Object::String(..) | Object::Name(_)))
}

/// Takes the last signature away again.
fn without(
    objects: &mut Objects,
    pdf: &Pdf<'_>,
    last: &Signature<'_>,
    field_was_there: bool,
) -> Result<(), Fault> {
    objects.remove(&last.object);
    if field_was_there {
        // A field that the first signer laid out for the second: only its value is new.
        if let Some(field) = at(objects, Some(last.field)) {
            field.remove(b"V");
        }
        return Ok(());
    }
    let field = objects.remove(&last.field).ok_or(Fault::Changed)?;
    let field = field.as_dict().map_err(|_fault| Fault::Changed)?;
    // A field that could be seen would cover the page.
    if !is_unseen(field) {
        return Err(Fault::Changed);
    }
    let page = field.get(b"P").and_then(Object::as_reference).ok();
    let form = form_id(pdf);
    for (holder, key) in [(form, &b"Fields"[..]), (page, b"Annots")] {
        take_out(objects, holder, key, last.field);
    }
    Ok(())
}

/// No area and no appearance.
fn is_unseen(field: &Dictionary) -> bool {
    let flat = field
        .get(b"Rect")
        .and_then(Object::as_array)
        .is_ok_and(|sides| {
            sides.len() == 4 && sides.iter().all(|side| matches!(side, Object::Integer(0)))
        });
    flat && !field.has(b"AP")
}

/// Takes a reference out of a list, which stands in its holder or by itself.
fn take_out(objects: &mut Objects, holder: Option<ObjectId>, key: &[u8], wanted: ObjectId) {
    let list = at(objects, holder).and_then(|holder| holder.get_mut(key).ok());
    let list = match list {
        Some(Object::Reference(id)) => {
            let id = *id;
            objects.get_mut(&id)
        }
        other => other,
    };
    if let Some(Object::Array(items)) = list {
        items.retain(|item| *item != Object::Reference(wanted));
    }
}

/// Drops the page's list of annotations when nothing is left in it.
fn drop_empty(objects: &mut Objects, pdf: &Pdf<'_>, last: &Signature<'_>) {
    let field = pdf.document.get_dictionary(last.field);
    let page = field.and_then(|field| field.get(b"P"));
    let page = page.and_then(Object::as_reference).ok();
    if let Some(page) = at(objects, page)
        && matches!(page.get(b"Annots"), Ok(Object::Array(items)) if items.is_empty())
    {
        page.remove(b"Annots");
    }
}

fn root_id(pdf: &Pdf<'_>) -> Option<ObjectId> {
    let root = pdf.document.trailer.get(b"Root");
    root.and_then(Object::as_reference).ok()
}

/// The object that holds the form's dictionary: its own, where it has one.
fn form_id(pdf: &Pdf<'_>) -> Option<ObjectId> {
    let form = pdf.catalogue().ok()?.get(b"AcroForm").ok()?;
    form.as_reference().ok()
}

fn at(objects: &mut Objects, id: Option<ObjectId>) -> Option<&mut Dictionary> {
    objects.get_mut(&id?)?.as_dict_mut().ok()
}
