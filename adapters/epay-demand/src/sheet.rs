//! A sheet of paper with everything in its place, in hundredths of a millimetre from the upper left corner.

use emvqr::render::Symbol;
use epay_money::Language;

/// A sheet of A4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What lies on it, in the order in which it is read.
    pub items: Vec<Item>,
}

impl Sheet {
    /// How wide it is.
    pub const WIDTH: i32 = 21_000;
    /// How high it is.
    pub const HEIGHT: i32 = 29_700;
}

/// Something on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line of text.
    Run(Run),
    /// A rectangle of one colour: rules, bands, marks to cut along. Says nothing.
    Fill(Fill),
    /// A code.
    Code(Code),
}

/// A line of text in one weight and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Left end.
    pub x: i32,
    /// The line on which the letters stand.
    pub baseline: i32,
    /// As it was measured.
    pub width: i32,
    /// Height of the type.
    pub size: i32,
    /// The face.
    pub weight: Weight,
    /// The colour.
    pub ink: Ink,
    /// What it is to a reader.
    pub role: Role,
    /// It goes on with what the run before it began.
    pub continues: bool,
    /// The language.
    pub language: Language,
    /// The letters.
    pub text: String,
}

/// What a text is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The name of the document.
    Title,
    /// The name of a part.
    Heading,
    /// Anything else that is read.
    Paragraph,
    /// Heads and feet of sheets: not read aloud.
    Margin,
}

/// Which of the two faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// For reading.
    Regular,
    /// For finding.
    Bold,
}

/// The colours of the page; all of them print legibly on a black-and-white machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text.
    Black,
    /// What explains; 7 to 1 on white.
    Grey,
    /// Bands and headings.
    Blue,
    /// Thin rules.
    Line,
    /// Behind what matters most.
    Tint,
}

impl Ink {
    /// Red, green and blue.
    #[must_use]
    pub const fn rgb(self) -> [u8; 3] {
        match self {
            Self::Black => [0x0B, 0x0C, 0x0C],
            Self::Grey => [0x50, 0x58, 0x5E],
            Self::Blue => [0x12, 0x3A, 0x5E],
            Self::Line => [0x9A, 0xA5, 0xAE],
            Self::Tint => [0xED, 0xF2, 0xF6],
        }
    }
}

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// How wide.
    pub width: i32,
    /// How high.
    pub height: i32,
}

/// A rectangle of one colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Where.
    pub place: Place,
    /// Which colour.
    pub ink: Ink,
}

/// A QR code, always black on white.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Where, quiet zone included.
    pub place: Place,
    /// Size of a module.
    pub module: i32,
    /// Modules on every side that stay light.
    pub quiet_zone: i32,
    /// The modules.
    pub symbol: Symbol,
    /// What it says to those who cannot see it.
    pub alternative: String,
}

impl Code {
    /// Every run of dark modules as a rectangle one module high.
    pub fn runs(&self) -> impl Iterator<Item = Place> {
        let left = self.place.x + self.quiet_zone * self.module;
        let top = self.place.y + self.quiet_zone * self.module;
        let rows = (0..self.symbol.width()).filter_map(|y| self.symbol.row(y));
        rows.zip(0_i32..).flat_map(move |(row, y)| {
            let mut x = 0_i32;
            let stretches = row.chunk_by(|one, next| one == next);
            stretches.filter_map(move |stretch| {
                let count = i32::try_from(stretch.len()).unwrap_or_default();
                let from = x;
                x += count;
                let place = Place {
                    x: left + from * self.module,
                    y: top + y * self.module,
                    width: count * self.module,
                    height: self.module,
                };
                stretch.first().is_some_and(|dark| *dark).then_some(place)
            })
        })
    }
}

impl Item {
    /// The rectangle that it takes up; letters reach no further than their size above and a third of it below the line.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Run(run) => Place {
                x: run.x,
                y: run.baseline - run.size,
                width: run.width,
                height: run.size + run.size / 3,
            },
            Self::Fill(fill) => fill.place,
            Self::Code(code) => code.place,
        }
    }

    /// The same, moved down.
    pub(crate) fn lower(&mut self, by: i32) {
        match self {
            Self::Run(run) => run.baseline += by,
            Self::Fill(fill) => fill.place.y += by,
            Self::Code(code) => code.place.y += by,
        }
    }
}
