//! The two faces that a page is set in: which glyph stands for a character, and how wide it is.
//!
//! A collection (`.ttc`) holds a face a region, because the same character is drawn differently in each: Hong Kong's is
//! taken, else Taiwan's, else the first. What a face has no glyph for is set as [`STAND_IN`], printers' own sign for a
//! missing character, so that a gap is seen and nothing is closed up over it.

use std::sync::Arc;

use read_fonts::types::{GlyphId, NameId, Tag};
use read_fonts::{CollectionRef, FileRef, FontRef, ReadError, TableProvider as _};

/// What is set where a character has no glyph.
pub(crate) const STAND_IN: char = '〓';
/// Regions by the endings of their faces' names, best first.
const REGIONS: [&str; 2] = [" HK", " TC"];

/// Why a file cannot be used as a face.
#[derive(Debug, thiserror::Error)]
pub enum TypefaceError {
    /// It is no OpenType font, or a broken one.
    #[error("the file is not a font that can be read")]
    Unreadable(#[source] ReadError),
    /// It has no Chinese glyphs.
    #[error(
        "the font has no glyph for {character:?}: a bill needs one that covers Traditional Chinese"
    )]
    NoChinese {
        /// A character of every bill.
        character: char,
    },
}

impl From<ReadError> for TypefaceError {
    fn from(error: ReadError) -> Self {
        Self::Unreadable(error)
    }
}

/// One face.
#[derive(Clone)]
pub struct Typeface {
    data: Arc<[u8]>,
    index: u32,
    glyphs: Glyphs,
    metrics: Metrics,
}

/// Where a character's picture is, and how far the next one stands from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    pub(crate) id: u16,
    pub(crate) advance: u16,
}

/// Glyphs by their characters, 256 of these in a row, so that measuring is two steps a character.
#[derive(Clone, Default)]
struct Glyphs(Vec<Vec<Option<Glyph>>>);

/// Characters in a row.
const ROW: usize = 256;

impl Glyphs {
    fn get(&self, c: char) -> Option<Glyph> {
        let code = usize::try_from(u32::from(c)).ok()?;
        *self.0.get(code / ROW)?.get(code % ROW)?
    }

    fn put(&mut self, c: char, glyph: Glyph) {
        let code = usize::try_from(u32::from(c)).unwrap_or_default();
        let (row, place) = (code / ROW, code % ROW);
        if self.0.len() <= row {
            self.0.resize(row + 1, vec![]);
        }
        if let Some(row) = self.0.get_mut(row) {
            row.resize(ROW, None);
            if let Some(held) = row.get_mut(place) {
                *held = Some(glyph);
            }
        }
    }
}

/// What a PDF says of a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metrics {
    pub(crate) name: String,
    pub(crate) units_per_em: u16,
    pub(crate) ascent: i16,
    pub(crate) descent: i16,
    pub(crate) bounds: [i16; 4],
    pub(crate) is_cff: bool,
}

impl core::fmt::Debug for Typeface {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Typeface")
            .field("name", &self.metrics.name)
            .finish_non_exhaustive()
    }
}

/// The faces of a page.
#[derive(Debug, Clone)]
pub struct Typefaces {
    /// For reading.
    pub regular: Typeface,
    /// For finding.
    pub bold: Typeface,
}

impl Typeface {
    /// Reads a font file.
    ///
    /// # Errors
    /// [`TypefaceError`].
    pub fn new(data: Arc<[u8]>) -> Result<Self, TypefaceError> {
        let index = match FileRef::new(&data)? {
            FileRef::Font(_) => 0,
            FileRef::Collection(collection) => region(&collection),
        };
        let font = FontRef::from_index(&data, index)?;
        let glyphs = glyphs(&font)?;
        for character in [STAND_IN, '繳'] {
            if glyphs.get(character).is_none() {
                return Err(TypefaceError::NoChinese { character });
            }
        }
        let metrics = metrics(&font)?;
        Ok(Self {
            data,
            index,
            glyphs,
            metrics,
        })
    }

    pub(crate) fn data(&self) -> (&[u8], u32) {
        (&self.data, self.index)
    }

    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The glyph of a character, or of [`STAND_IN`].
    pub(crate) fn glyph(&self, c: char) -> Glyph {
        let glyph = self.glyphs.get(c).or_else(|| self.glyphs.get(STAND_IN));
        glyph.unwrap_or(Glyph { id: 0, advance: 0 })
    }

    /// Whether a character has a glyph of its own.
    #[must_use]
    pub fn shows(&self, c: char) -> bool {
        self.glyphs.get(c).is_some()
    }

    /// How wide a text is, in parts of the em.
    pub(crate) fn units(&self, text: &str) -> i64 {
        let advances = text.chars().map(|c| i64::from(self.glyph(c).advance));
        advances.sum()
    }

    /// How wide so many parts of the em are at a size, rounded up.
    pub(crate) fn at_size(&self, units: i64, size: i32) -> i32 {
        let em = i64::from(self.metrics.units_per_em);
        let width = (units * i64::from(size) + em - 1) / em;
        i32::try_from(width).unwrap_or(i32::MAX)
    }
}

/// The face of a collection that is drawn as Hong Kong draws.
fn region(collection: &CollectionRef<'_>) -> u32 {
    let families: Vec<String> = collection
        .iter()
        .map(|font| font.ok().and_then(|font| name(&font, NameId::FAMILY_NAME)))
        .map(Option::unwrap_or_default)
        .collect();
    REGIONS
        .iter()
        .find_map(|region| families.iter().position(|family| family.ends_with(region)))
        .and_then(|index| u32::try_from(index).ok())
        .unwrap_or(0)
}

fn name(font: &FontRef<'_>, id: NameId) -> Option<String> {
    let names = font.name().ok()?;
    let english = names
        .name_record()
        .iter()
        .find(|record| record.name_id() == id && record.is_unicode())?;
    let text = english.string(names.string_data()).ok()?;
    Some(text.chars().collect())
}

/// Every character of the font with its advance.
fn glyphs(font: &FontRef<'_>) -> Result<Glyphs, ReadError> {
    let widths = font.hmtx()?;
    let cmap = font.cmap()?;
    let mut glyphs = Glyphs::default();
    let Some((_, _, table)) = cmap.best_subtable() else {
        return Ok(glyphs);
    };
    for (code, glyph) in table.iter() {
        let glyph: GlyphId = glyph;
        let found = char::from_u32(code)
            .zip(u16::try_from(glyph.to_u32()).ok())
            .zip(widths.advance(glyph));
        if let Some(((c, id), advance)) = found {
            glyphs.put(c, Glyph { id, advance });
        }
    }
    Ok(glyphs)
}

fn metrics(font: &FontRef<'_>) -> Result<Metrics, ReadError> {
    let (head, line) = (font.head()?, font.hhea()?);
    Ok(Metrics {
        name: name(font, NameId::POSTSCRIPT_NAME).unwrap_or_else(|| "Font".to_owned()),
        units_per_em: head.units_per_em().max(1),
        ascent: line.ascender().to_i16(),
        descent: line.descender().to_i16(),
        bounds: [head.x_min(), head.y_min(), head.x_max(), head.y_max()],
        is_cff: font.table_data(Tag::new(b"CFF ")).is_some(),
    })
}
