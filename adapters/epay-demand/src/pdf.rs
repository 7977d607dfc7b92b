//! Sheets as PDF 1.7: tagged, in named languages, with the glyphs that are used and no others.
//!
//! In order: the characters of all sheets are collected and a subset of each face is made or found again; every sheet
//! becomes a stream of content whose lines carry marks; the tree of headings, paragraphs and figures names the marks. The
//! same sheets always give the same bytes: nothing in the file comes from a clock, and its id is the digest of its content.
//!
//! Demands of one kind differ in their figures only. So the signs that figures are made of are in every subset, and a
//! [`Press`] keeps the last [`SUBSETS_MAX`] subsets: cutting a face down takes longer than everything else.

mod content;
mod fonts;
mod structure;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use epay_money::Language;
use jiff::civil::Date as CivilDate;
use pdf_writer::types::Direction;
use pdf_writer::{Date, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};
use sha2::{Digest as _, Sha256};

use crate::sheet::{Item, Sheet, Weight};
use crate::typeface::{Typeface, Typefaces};
use content::Written;
use fonts::Subset;
use structure::Element;

/// Subsets that are kept; the oldest work is done again.
pub const SUBSETS_MAX: usize = 64;

/// What every subset has, used or not.
const ALWAYS: &str = "0123456789 .,-/$:年月日";

const REGULAR: Name<'static> = Name(b"F0");
const BOLD: Name<'static> = Name(b"F1");

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A face cannot be cut down to what is used.
    #[error("the font {name} cannot be embedded: {problem}")]
    Font {
        /// Its name.
        name: String,
        /// Why.
        problem: String,
    },
}

/// Prints sheets; the subsets of its faces are kept from one demand to the next.
#[derive(Debug)]
pub struct Press<'a> {
    faces: &'a Typefaces,
    subsets: BTreeMap<(Weight, Vec<char>), Arc<Subset>>,
}

impl<'a> Press<'a> {
    /// A press with these faces; sheets must be laid out in the same ones.
    #[must_use]
    pub const fn new(faces: &'a Typefaces) -> Self {
        Self {
            faces,
            subsets: BTreeMap::new(),
        }
    }

    /// The sheets as one document of that title, made on that day.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn pdf(
        &mut self,
        sheets: &[Sheet],
        title: &str,
        day: CivilDate,
    ) -> Result<Vec<u8>, PdfError> {
        let regular = self.subset(Weight::Regular, sheets)?;
        let bold = self.subset(Weight::Bold, sheets)?;
        let fonts = Fonts {
            regular: (&self.faces.regular, &regular),
            bold: (&self.faces.bold, &bold),
        };
        Ok(write(sheets, title, day, &fonts))
    }

    fn subset(&mut self, weight: Weight, sheets: &[Sheet]) -> Result<Arc<Subset>, PdfError> {
        let mut used: BTreeSet<char> = ALWAYS.chars().collect();
        for item in sheets.iter().flat_map(|sheet| &sheet.items) {
            match item {
                Item::Run(run) if run.weight == weight => used.extend(run.text.chars()),
                Item::Run(_) | Item::Fill(_) | Item::Code(_) => {}
            }
        }
        let key = (weight, used.into_iter().collect::<Vec<char>>());
        if let Some(kept) = self.subsets.get(&key) {
            return Ok(Arc::clone(kept));
        }
        let face = match weight {
            Weight::Regular => &self.faces.regular,
            Weight::Bold => &self.faces.bold,
        };
        let made = Arc::new(Subset::new(face, &key.1)?);
        if self.subsets.len() >= SUBSETS_MAX {
            self.subsets.clear();
        }
        self.subsets.insert(key, Arc::clone(&made));
        Ok(made)
    }
}

/// The faces of a document, each with what is embedded of it.
struct Fonts<'a> {
    regular: (&'a Typeface, &'a Subset),
    bold: (&'a Typeface, &'a Subset),
}

impl<'a> Fonts<'a> {
    const fn of(&self, weight: Weight) -> (Name<'static>, &'a Typeface, &'a Subset) {
        match weight {
            Weight::Regular => (REGULAR, self.regular.0, self.regular.1),
            Weight::Bold => (BOLD, self.bold.0, self.bold.1),
        }
    }
}

fn write(sheets: &[Sheet], title: &str, day: CivilDate, fonts: &Fonts<'_>) -> Vec<u8> {
    let mut next = Ref::new(1);
    let mut new = || next.bump();
    let (catalogue, pages, info, tree) = (new(), new(), new(), new());
    let (regular, bold) = (new(), new());
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut elements: Vec<Element> = vec![];
    let mut digest = Sha256::new_with_prefix(title.as_bytes());
    let mut kids = vec![];
    for (sheet, index) in sheets.iter().zip(0..) {
        let (page, stream) = (new(), new());
        let Written { bytes, marked } = content::write(sheet, fonts);
        elements.extend(
            marked
                .into_iter()
                .map(|mark| Element::new(mark, page, index)),
        );
        digest.update(&bytes);
        let packed = fonts::packed(&bytes);
        pdf.stream(stream, &packed).filter(Filter::FlateDecode);
        let mut leaf = pdf.page(page);
        leaf.parent(pages).media_box(paper()).contents(stream);
        leaf.struct_parents(index);
        let mut resources = leaf.resources();
        resources.fonts().pair(REGULAR, regular).pair(BOLD, bold);
        resources.finish();
        leaf.finish();
        kids.push(page);
    }
    pdf.pages(pages)
        .count(kids.len().try_into().unwrap_or(i32::MAX))
        .kids(kids.iter().copied());
    fonts::embed(&mut pdf, regular, fonts.regular, &mut new);
    fonts::embed(&mut pdf, bold, fonts.bold, &mut new);
    structure::write(&mut pdf, tree, kids.len(), &elements, &mut new);
    let mut about = pdf.document_info(info);
    about
        .title(TextStr(title))
        .producer(TextStr("epay"))
        .creation_date(date(day));
    about.finish();
    let mut root = pdf.catalog(catalogue);
    root.pages(pages)
        .lang(TextStr(Language::Traditional.locale()));
    root.mark_info().marked(true);
    root.viewer_preferences()
        .display_doc_title(true)
        .direction(Direction::L2R);
    root.pair(Name(b"StructTreeRoot"), tree);
    root.finish();
    let id: Vec<u8> = digest.finalize().into_iter().take(16).collect();
    pdf.set_file_id((id.clone(), id));
    pdf.finish()
}

fn date(day: CivilDate) -> Date {
    let year = u16::try_from(day.year()).unwrap_or_default();
    Date::new(year)
        .month(day.month().cast_unsigned())
        .day(day.day().cast_unsigned())
}

fn paper() -> Rect {
    Rect::new(0.0, 0.0, points(Sheet::WIDTH), points(Sheet::HEIGHT))
}

/// Points in a hundredth of a millimetre.
const POINTS: f32 = 72.0 / 2540.0;

/// A place on a sheet is a small whole number, which a float holds exactly.
fn number(units: i32) -> f32 {
    f32::from(i16::try_from(units).unwrap_or(i16::MAX))
}

#[expect(
    clippy::float_arithmetic,
    reason = "PDF counts in points, and in no unit smaller"
)]
fn points(units: i32) -> f32 {
    number(units) * POINTS
}
