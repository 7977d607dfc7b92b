//! A face cut down to what is used, and how it is embedded.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use read_fonts::FontRef;
use read_fonts::types::Tag;
use sha2::{Digest as _, Sha256};
use subsetter::GlyphRemapper;

use super::PdfError;
use crate::typeface::{Glyph, Metrics, Typeface};

const IDENTITY: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// What is embedded of a face.
#[derive(Debug)]
pub(super) struct Subset {
    /// With the six letters in front that say that it is a part.
    name: String,
    /// Compressed.
    file: Vec<u8>,
    /// The length of a `TrueType` file before it was compressed.
    file_bytes: usize,
    ids: GlyphRemapper,
    /// Thousandths of the type's height, by the new ids.
    widths: Vec<u16>,
    /// Compressed: from new ids to characters.
    characters: Vec<u8>,
}

impl Subset {
    pub(super) fn new(face: &Typeface, used: &[char]) -> Result<Self, PdfError> {
        let metrics = face.metrics();
        let mut ids = GlyphRemapper::new();
        let mut widths = vec![thousandths(metrics, 0)];
        let mut map = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for c in used {
            let glyph = face.glyph(*c);
            let id = ids.remap(glyph.id);
            if usize::from(id) == widths.len() {
                widths.push(thousandths(metrics, glyph.advance));
                if face.shows(*c) {
                    map.pair(id, *c);
                }
            }
        }
        let (data, index) = face.data();
        let fault = |problem: String| PdfError::Font {
            name: metrics.name.clone(),
            problem,
        };
        let whole =
            subsetter::subset(data, index, &ids).map_err(|error| fault(error.to_string()))?;
        let file = if metrics.is_cff {
            let font = FontRef::new(&whole).map_err(|error| fault(error.to_string()))?;
            let table = font.table_data(Tag::new(b"CFF "));
            let table = table.ok_or_else(|| fault("its outlines were lost".to_owned()))?;
            table.as_bytes().to_vec()
        } else {
            whole
        };
        Ok(Self {
            name: format!("{}+{}", letters(&file), metrics.name),
            file_bytes: file.len(),
            file: packed(&file),
            ids,
            widths,
            characters: packed(&map.finish().into_vec()),
        })
    }

    /// The new id of a glyph.
    pub(super) fn id(&self, glyph: Glyph) -> u16 {
        self.ids.get(glyph.id).unwrap_or(0)
    }
}

fn thousandths(metrics: &Metrics, units: u16) -> u16 {
    let scaled = u32::from(units) * 1_000 / u32::from(metrics.units_per_em);
    u16::try_from(scaled).unwrap_or(u16::MAX)
}

/// Six capital letters out of the content, as a subset's name begins.
fn letters(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let letters = digest.iter().take(6).map(|byte| b'A' + byte % 26);
    letters.map(char::from).collect()
}

/// As PDF compresses. The same bytes always become the same bytes.
pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// Writes a face as the font `name`.
pub(super) fn embed(
    pdf: &mut Pdf,
    name: Ref,
    (face, subset): (&Typeface, &Subset),
    new: &mut impl FnMut() -> Ref,
) {
    let (descendant, descriptor, file, characters) = (new(), new(), new(), new());
    let metrics = face.metrics();
    let full = Name(subset.name.as_bytes());
    pdf.type0_font(name)
        .base_font(full)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(characters);
    let mut font = pdf.cid_font(descendant);
    font.base_font(full)
        .system_info(IDENTITY)
        .font_descriptor(descriptor);
    if metrics.is_cff {
        font.subtype(CidFontType::Type0);
    } else {
        font.subtype(CidFontType::Type2)
            .cid_to_gid_map_predefined(Name(b"Identity"));
    }
    font.default_width(0.0);
    font.widths()
        .consecutive(0, subset.widths.iter().map(|width| f32::from(*width)));
    font.finish();
    describe(pdf, descriptor, file, full, metrics);
    let mut stream = pdf.stream(file, &subset.file);
    stream.filter(Filter::FlateDecode);
    if metrics.is_cff {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    } else {
        let bytes = i32::try_from(subset.file_bytes).unwrap_or(i32::MAX);
        stream.pair(Name(b"Length1"), bytes);
    }
    stream.finish();
    pdf.cmap(characters, &subset.characters)
        .filter(Filter::FlateDecode);
}

fn describe(pdf: &mut Pdf, id: Ref, file: Ref, name: Name<'_>, metrics: &Metrics) {
    let scaled = |units: i16| {
        let thousandths = i32::from(units) * 1_000 / i32::from(metrics.units_per_em);
        f32::from(i16::try_from(thousandths).unwrap_or(i16::MAX))
    };
    let [left, bottom, right, top] = metrics.bounds.map(scaled);
    let mut descriptor = pdf.font_descriptor(id);
    descriptor
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(scaled(metrics.ascent))
        .descent(scaled(metrics.descent))
        .cap_height(scaled(metrics.ascent))
        .stem_v(80.0);
    if metrics.is_cff {
        descriptor.font_file3(file);
    } else {
        descriptor.font_file2(file);
    }
}
