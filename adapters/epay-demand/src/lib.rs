//! Printed bills: a demand in Traditional Chinese and English, with a payment slip and a common QR code for each instalment.
//!
//! In order: a [`Demand`] is checked against its bounds; [`lay_out`] sets it in the faces of a [`Typeface`] pair and gives
//! [`Sheet`]s, on which everything has its place in hundredths of a millimetre; [`svg`] and a [`Press`] only write down what
//! lies there, so that both show the same page. The PDF is tagged (headings, paragraphs, figures with a text beside them,
//! the language of every line) and holds the glyphs that it uses and no others. The rules of the page are in
//! `docs/printed-bill.md`.
//!
//! Pure: the same demand and the same fonts always give the same bytes; the day of printing is an argument. Bounds: those of
//! [`Demand::check`], and by them [`SHEETS_MAX`] sheets; [`SUBSETS_MAX`] sets of glyphs are kept.
#![deny(missing_docs, clippy::wildcard_enum_match_arm)]

mod demand;
mod layout;
mod pdf;
mod sheet;
mod svg;
mod text;
mod typeface;
mod words;

pub use demand::{
    Bilingual, Demand, DemandFault, LATE_RULES_MAX, METHOD_CHARACTERS_MAX, METHODS_MAX, PARTS_MAX,
    Part, PayRule, SHARES_MAX, SLIPS_MAX, Share, Slip, SlipCode, TEXT_CHARACTERS_MAX,
};
pub use layout::{SHEETS_MAX, lay_out};
pub use pdf::{PdfError, Press, SUBSETS_MAX};
pub use sheet::{Code, Fill, Ink, Item, Place, Role, Run, Sheet, Weight};
pub use svg::svg;
pub use typeface::{Typeface, TypefaceError, Typefaces};
