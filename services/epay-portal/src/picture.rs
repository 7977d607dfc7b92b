//! Pictures of a code: the symbol alone, or with a caption for a phone's photos.
//!
//! The symbol is drawn large enough for a dense screen, with its quiet zone, dark on white whatever the page's
//! colours are. The caption is drawn from pre-rendered letters of basic Latin; other letters become a blank, so
//! a name should be given in English.

use emvqr::render::{ErrorCorrection, PngOptions, QUIET_ZONE, RenderError, Symbol};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// Pixels a module: a symbol of 57 modules is 780 pixels wide, sharp at 280 CSS pixels on any screen.
const SCALE: u32 = 12;
/// Blank rows of pixels above each line of the caption.
const LINE_GAP: usize = 10;
/// Blank rows below the caption.
const FOOT: usize = 40;
const WHITE: u8 = 255;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("the code cannot be drawn")]
    Code(#[from] RenderError),
    #[error("the picture cannot be written")]
    Png(#[from] png::EncodingError),
    #[error("the picture is too large")]
    Size,
}

/// What stands below a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caption {
    /// The line that matters most, in bold.
    pub(crate) headline: String,
    pub(crate) lines: Vec<String>,
}

/// The symbol alone.
pub(crate) fn code(payload: &str) -> Result<Vec<u8>, PictureError> {
    let symbol = Symbol::encode(payload, ErrorCorrection::Medium)?;
    Ok(symbol.png(&PngOptions {
        scale: SCALE,
        quiet_zone: QUIET_ZONE,
    })?)
}

/// The symbol with a caption below.
pub(crate) fn captioned(payload: &str, caption: &Caption) -> Result<Vec<u8>, PictureError> {
    let symbol = Symbol::encode(payload, ErrorCorrection::Medium)?;
    let mut canvas = Canvas::with_symbol(&symbol);
    canvas.write(&caption.headline, FontWeight::Bold, RasterHeight::Size32);
    for line in &caption.lines {
        canvas.write(line, FontWeight::Regular, RasterHeight::Size24);
    }
    canvas.blank(FOOT);
    canvas.png()
}

/// Rows of grey pixels that grow downwards.
struct Canvas {
    width: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn with_symbol(symbol: &Symbol) -> Self {
        let modules = symbol.width().saturating_add(QUIET_ZONE.saturating_mul(2));
        let scale = SCALE as usize;
        let mut pixels = Vec::new();
        for y in 0..modules {
            let row: Vec<u8> = (0..modules)
                .flat_map(|x| {
                    let inside = x.checked_sub(QUIET_ZONE).zip(y.checked_sub(QUIET_ZONE));
                    let is_dark = inside.is_some_and(|(x, y)| symbol.is_dark(x, y));
                    std::iter::repeat_n(if is_dark { 0 } else { WHITE }, scale)
                })
                .collect();
            for _ in 0..scale {
                pixels.extend_from_slice(&row);
            }
        }
        Self {
            width: (modules as usize).saturating_mul(scale),
            pixels,
        }
    }

    fn blank(&mut self, rows: usize) {
        let more = rows.saturating_mul(self.width);
        self.pixels.extend(std::iter::repeat_n(WHITE, more));
    }

    /// Writes a line in the middle, over as many rows as it needs.
    fn write(&mut self, text: &str, weight: FontWeight, height: RasterHeight) {
        self.blank(LINE_GAP);
        let letter_width = get_raster_width(weight, height);
        let per_row = self.width.checked_div(letter_width).unwrap_or_default();
        for line in wrapped(text, per_row) {
            let taken = line.chars().count().saturating_mul(letter_width);
            let left = self
                .width
                .saturating_sub(taken)
                .checked_div(2)
                .unwrap_or_default();
            for row in 0..height.val() {
                let start = self.pixels.len();
                self.pixels.extend(std::iter::repeat_n(WHITE, left));
                for letter in line.chars() {
                    self.letter_row(letter, weight, height, row, letter_width);
                }
                self.pixels.resize(start.saturating_add(self.width), WHITE);
            }
        }
    }

    fn letter_row(
        &mut self,
        letter: char,
        weight: FontWeight,
        height: RasterHeight,
        row: usize,
        width: usize,
    ) {
        let raster = get_raster(letter, weight, height);
        match raster.and_then(|raster| raster.rows().nth(row)) {
            // The letters are drawn light on dark.
            Some(row) => self
                .pixels
                .extend(row.iter().map(|light| WHITE.saturating_sub(*light))),
            None => self.pixels.extend(std::iter::repeat_n(WHITE, width)),
        }
    }

    fn png(&self) -> Result<Vec<u8>, PictureError> {
        let rows = self
            .pixels
            .len()
            .checked_div(self.width)
            .unwrap_or_default();
        let (Ok(width), Ok(height)) = (u32::try_from(self.width), u32::try_from(rows)) else {
            return Err(PictureError::Size);
        };
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

/// Breaks a text at spaces into lines of at most `most` characters; a word that is longer is cut.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word: String = word.chars().take(most).collect();
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if line.chars().count().saturating_add(word.chars().count()) < most => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
