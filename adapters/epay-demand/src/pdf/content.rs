//! A sheet as a stream of content. Coordinates stay the sheet's own: one matrix turns them into points, upside up.

use epay_money::Language;
use pdf_writer::types::ArtifactType;
use pdf_writer::{Content, Name, Rect, Str, TextStr};

use super::{Fonts, POINTS, number, points};
use crate::sheet::{Code, Item, Place, Role, Run, Sheet};

/// A sheet's content, and what its marks belong to.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    /// In the order of reading.
    pub(super) marked: Vec<Marked>,
}

/// Something that is read.
pub(super) struct Marked {
    pub(super) what: What,
    /// The marks of its pieces.
    pub(super) marks: Vec<i32>,
}

/// What it is.
pub(super) enum What {
    /// Text.
    Text(Role),
    /// A picture with what it says, and where it is.
    Figure { alternative: String, place: Rect },
}

struct Writer<'a> {
    content: Content,
    fonts: &'a Fonts<'a>,
    marked: Vec<Marked>,
    mark: i32,
}

pub(super) fn write(sheet: &Sheet, fonts: &Fonts<'_>) -> Written {
    let mut writer = Writer {
        content: Content::new(),
        fonts,
        marked: vec![],
        mark: 0,
    };
    let content = &mut writer.content;
    // The layout counts down from the head of the sheet, PDF up from its foot.
    content.transform([POINTS, 0.0, 0.0, points(-1), 0.0, points(Sheet::HEIGHT)]);
    for item in &sheet.items {
        match item {
            Item::Run(run) if run.role == Role::Margin => {
                writer.unread(ArtifactType::Pagination, |writer| writer.letters(run));
            }
            Item::Run(run) => writer.run(run),
            Item::Fill(fill) => {
                writer.unread(ArtifactType::Layout, |writer| {
                    writer.ink(fill.ink.rgb());
                    writer.rectangle(fill.place);
                    writer.content.fill_nonzero();
                });
            }
            Item::Code(code) => writer.code(code),
        }
    }
    Written {
        bytes: writer.content.finish().into_vec(),
        marked: writer.marked,
    }
}

impl Writer<'_> {
    /// What no reader is told of.
    fn unread(&mut self, kind: ArtifactType, draw: impl FnOnce(&mut Self)) {
        self.content
            .begin_marked_content_with_properties(Name(b"Artifact"))
            .properties()
            .artifact()
            .kind(kind);
        draw(self);
        self.content.end_marked_content();
    }

    fn begin(&mut self, tag: &[u8], language: Language) -> i32 {
        let mark = self.mark;
        self.mark += 1;
        let mut begin = self.content.begin_marked_content_with_properties(Name(tag));
        let mut properties = begin.properties();
        properties.identify(mark);
        properties.pair(Name(b"Lang"), TextStr(language.locale()));
        mark
    }

    fn run(&mut self, run: &Run) {
        let mark = self.begin(b"Span", run.language);
        self.letters(run);
        self.content.end_marked_content();
        let begun = self.marked.last_mut();
        let begun = begun.filter(|begun| run.continues && matches!(begun.what, What::Text(_)));
        if let Some(begun) = begun {
            begun.marks.push(mark);
        } else {
            self.marked.push(Marked {
                what: What::Text(run.role),
                marks: vec![mark],
            });
        }
    }

    fn letters(&mut self, run: &Run) {
        self.ink(run.ink.rgb());
        let (name, face, subset) = self.fonts.of(run.weight);
        let glyphs: Vec<u8> = run
            .text
            .chars()
            .flat_map(|c| subset.id(face.glyph(c)).to_be_bytes())
            .collect();
        self.content
            .begin_text()
            .set_font(name, number(run.size))
            .set_text_matrix([1.0, 0.0, 0.0, -1.0, number(run.x), number(run.baseline)])
            .show(Str(&glyphs))
            .end_text();
    }

    fn code(&mut self, code: &Code) {
        let mark = self.begin(b"Figure", Language::English);
        self.white();
        self.rectangle(code.place);
        self.content.fill_nonzero();
        self.content.set_fill_gray(0.0);
        for run in code.runs() {
            self.rectangle(run);
        }
        self.content.fill_nonzero();
        self.content.end_marked_content();
        self.marked.push(Marked {
            what: What::Figure {
                alternative: code.alternative.clone(),
                place: upside_up(code.place),
            },
            marks: vec![mark],
        });
    }

    fn white(&mut self) {
        self.content.set_fill_gray(1.0);
    }

    fn rectangle(&mut self, place: Place) {
        self.content.rect(
            number(place.x),
            number(place.y),
            number(place.width),
            number(place.height),
        );
    }

    #[expect(
        clippy::float_arithmetic,
        reason = "PDF counts colours from 0 to 1, and nothing is computed with them"
    )]
    fn ink(&mut self, rgb: [u8; 3]) {
        let [red, green, blue] = rgb.map(|part| f32::from(part) / 255.0);
        self.content.set_fill_rgb(red, green, blue);
    }
}

/// A place as PDF counts: in points, from the lower left corner.
fn upside_up(place: Place) -> Rect {
    let bottom = Sheet::HEIGHT - place.y - place.height;
    Rect::new(
        points(place.x),
        points(bottom),
        points(place.x + place.width),
        points(bottom + place.height),
    )
}
