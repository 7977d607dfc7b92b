//! The one file that is embedded in an e-Cheque: its data.

use lopdf::Object;

use super::{Pdf, UNPACKED_MAX, broken, dictionary, resolve};
use crate::fault::Fault;

/// The attachment's name.
const NAME: &[u8] = b"echeque.xml";

/// The bytes of the attachment, unpacked.
///
/// # Errors
/// [`Fault::NoData`] unless the file holds exactly one attachment, of the right name and in one plain list.
pub(crate) fn attachment(pdf: &Pdf<'_>) -> Result<Vec<u8>, Fault> {
    let document = &pdf.document;
    let none = |_missing: lopdf::Error| Fault::NoData;
    let names = dictionary(document, pdf.catalogue()?.get(b"Names").map_err(none)?)?;
    let files = dictionary(document, names.get(b"EmbeddedFiles").map_err(none)?)?;
    let pairs = resolve(document, files.get(b"Names").map_err(none)?)?;
    let [Object::String(name, _), file] = pairs.as_array().map_err(none)?.as_slice() else {
        return Err(Fault::NoData);
    };
    let embedded = document.objects.values().filter(|object| {
        let kind = object
            .as_stream()
            .and_then(|stream| stream.dict.get(b"Type"));
        kind.and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"EmbeddedFile")
    });
    if name != NAME || embedded.count() != 1 || files.has(b"Kids") {
        return Err(Fault::NoData);
    }
    let specification = dictionary(document, file)?;
    let forms = dictionary(document, specification.get(b"EF").map_err(none)?)?;
    let stream = resolve(document, forms.get(b"F").map_err(none)?)?
        .as_stream()
        .map_err(broken)?;
    if stream.is_compressed() {
        let unpacked = stream.decompressed_content_with_limit(UNPACKED_MAX);
        unpacked.map_err(|_quoting_the_file| Fault::NoData)
    } else if stream.content.len() <= UNPACKED_MAX {
        Ok(stream.content.clone())
    } else {
        Err(Fault::TooComplex)
    }
}
