//! A PDF, read in the one way that leaves nothing to guess.
//!
//! In order: its size and how many objects it may hold, counted in the raw bytes before anything is parsed; strict
//! parsing (`lopdf`), without a password; every object plain, none packed into streams; nothing active; then the
//! signature fields ([`signatures`]), the revisions ([`unchanged_since_first`]) and the attachment ([`attachment`]).
//! Bounds are named below: a file beyond one of them is refused, whatever it holds.

mod attachment;
mod content;
mod revision;
mod signature;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Error, LoadOptions, Object, ObjectId};

use crate::fault::Fault;

pub(crate) use self::attachment::attachment;
pub(crate) use self::revision::unchanged_since_first;
pub(crate) use self::signature::{Signature, SubFilter, signatures};

/// Bytes of a file: 2 MiB.
pub(crate) const BYTES_MAX_U32: u32 = 2 * 1024 * 1024;
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Objects of a file, over all its revisions. A cheque with fonts and a picture has some fifty.
const OBJECTS_MAX: usize = 512;
/// Streams among them.
const STREAMS_MAX: usize = 128;
/// Bytes that one stream may unpack to. Only the attachment's is unpacked.
const UNPACKED_MAX: usize = 64 * 1024;
/// Cross-reference sections: the page as drawn, the two signatures, and two more of whoever made it.
const SECTIONS_MAX: usize = 5;

/// A file that was found sound, and its bytes.
pub(crate) struct Pdf<'a> {
    bytes: &'a [u8],
    document: Document,
}

impl<'a> Pdf<'a> {
    /// Opens a file.
    ///
    /// # Errors
    /// The first rule of this module that it breaks.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > BYTES_MAX {
            return Err(Fault::TooLarge);
        }
        if !bytes.starts_with(b"%PDF-") {
            return Err(Fault::NotAPdf);
        }
        // Each object ends with one of these, and so does each stream: nothing is parsed before they are counted.
        if count(bytes, b"endobj") > OBJECTS_MAX || count(bytes, b"endstream") > STREAMS_MAX {
            return Err(Fault::TooComplex);
        }
        let options = LoadOptions {
            strict: true,
            max_decompressed_size: Some(UNPACKED_MAX),
            ..LoadOptions::default()
        };
        let document = Document::load_mem_with_options(bytes, options).map_err(not_loaded)?;
        let pdf = Self { bytes, document };
        pdf.check_plain()?;
        content::check(&pdf.document)?;
        Ok(pdf)
    }

    /// No password, no packed objects, not too many of them, and a catalogue.
    fn check_plain(&self) -> Result<(), Fault> {
        let document = &self.document;
        if document.was_encrypted() || document.trailer.has(b"Encrypt") {
            return Err(Fault::Locked);
        }
        let entries = &document.reference_table.entries;
        let packed = entries
            .values()
            .any(|entry| matches!(entry, XrefEntry::Compressed { .. }));
        let sections = document.xref_section_count;
        if packed || document.objects.len() > OBJECTS_MAX || sections > SECTIONS_MAX {
            return Err(Fault::TooComplex);
        }
        self.catalogue().map(|_sound| ())
    }

    /// The catalogue, `/Root` of the trailer.
    fn catalogue(&self) -> Result<&Dictionary, Fault> {
        let root = self.document.trailer.get(b"Root").map_err(broken)?;
        dictionary(&self.document, root)
    }

    /// Where an object begins in the file.
    fn offset(&self, id: ObjectId) -> Option<usize> {
        match self.document.reference_table.get(id.0)? {
            XrefEntry::Normal { offset, generation } if *generation == id.1 => {
                usize::try_from(*offset).ok()
            }
            XrefEntry::Normal { .. }
            | XrefEntry::Compressed { .. }
            | XrefEntry::Free
            | XrefEntry::UnusableFree => None,
        }
    }
}

/// What the parser's refusal means for the payer.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign list of errors, of which only those about passwords are told apart"
)]
fn not_loaded(fault: Error) -> Fault {
    match fault {
        Error::Decryption(_) | Error::InvalidPassword | Error::UnsupportedSecurityHandler(_) => {
            Fault::Locked
        }
        Error::Decompress(_) => Fault::TooComplex,
        _ => Fault::NotAPdf,
    }
}

/// A structure that is not what the format says.
fn broken(_quoting_the_file: Error) -> Fault {
    Fault::NotAPdf
}

/// A dictionary, by itself or by reference.
fn dictionary<'d>(document: &'d Document, object: &'d Object) -> Result<&'d Dictionary, Fault> {
    resolve(document, object)?.as_dict().map_err(broken)
}

/// What a reference leads to; anything else leads to itself.
fn resolve<'d>(document: &'d Document, object: &'d Object) -> Result<&'d Object, Fault> {
    let (_id, object) = document.dereference(object).map_err(broken)?;
    Ok(object)
}

/// How often a word occurs.
fn count(bytes: &[u8], word: &[u8]) -> usize {
    bytes
        .windows(word.len())
        .filter(|window| *window == word)
        .count()
}

/// Whether a word occurs.
fn occurs(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
