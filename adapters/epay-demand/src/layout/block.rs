//! Text set in columns, from the top downwards. A block knows its own height and is never cut by the end of a sheet.

use epay_money::Language;

use crate::demand::Bilingual;
use crate::sheet::{Fill, Ink, Item, Place, Role, Run, Weight};
use crate::text::{printable, wrap};
use crate::typeface::{Typeface, Typefaces};

/// How a text looks and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: i32,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
    pub(super) role: Role,
}

impl Style {
    pub(super) const fn plain(size: i32) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            ink: Ink::Black,
            role: Role::Paragraph,
        }
    }

    pub(super) const fn bold(size: i32) -> Self {
        Self {
            weight: Weight::Bold,
            ..Self::plain(size)
        }
    }

    pub(super) const fn grey(size: i32) -> Self {
        Self {
            ink: Ink::Grey,
            ..Self::plain(size)
        }
    }
}

/// Where text goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) x: i32,
    pub(super) width: i32,
    /// Lines end at the right edge instead of beginning at the left one.
    pub(super) to_the_right: bool,
}

impl Column {
    pub(super) const fn left(x: i32, width: i32) -> Self {
        Self {
            x,
            width,
            to_the_right: false,
        }
    }

    pub(super) const fn right(x: i32, width: i32) -> Self {
        Self {
            x,
            width,
            to_the_right: true,
        }
    }
}

/// Things that stay together.
#[derive(Debug)]
pub(super) struct Block<'a> {
    faces: &'a Typefaces,
    pub(super) items: Vec<Item>,
    /// Where the next line begins; at the end its height.
    pub(super) y: i32,
}

impl<'a> Block<'a> {
    pub(super) const fn new(faces: &'a Typefaces) -> Self {
        Self {
            faces,
            items: vec![],
            y: 0,
        }
    }

    pub(super) const fn face(&self, weight: Weight) -> &'a Typeface {
        match weight {
            Weight::Regular => &self.faces.regular,
            Weight::Bold => &self.faces.bold,
        }
    }

    /// Sets a text as something of its own.
    pub(super) fn text(&mut self, column: Column, style: Style, language: Language, text: &str) {
        self.set(column, style, language, text, false);
    }

    /// Sets a text that goes on with the one before.
    pub(super) fn more(&mut self, column: Column, style: Style, language: Language, text: &str) {
        self.set(column, style, language, text, true);
    }

    /// Sets the Chinese, and the English below it.
    pub(super) fn both(&mut self, column: Column, styles: (Style, Style), text: &Bilingual) {
        self.text(column, styles.0, Language::Traditional, &text.chinese);
        self.text(column, styles.1, Language::English, &text.english);
    }

    /// Sets the Chinese, and the English below it, as one.
    pub(super) fn pair(&mut self, column: Column, styles: (Style, Style), text: &Bilingual) {
        self.text(column, styles.0, Language::Traditional, &text.chinese);
        self.more(column, styles.1, Language::English, &text.english);
    }

    fn set(
        &mut self,
        column: Column,
        style: Style,
        language: Language,
        text: &str,
        mut continues: bool,
    ) {
        let face = self.face(style.weight);
        for (text, width) in wrap(&printable(text), face, style.size, column.width) {
            let x = if column.to_the_right {
                column.x + column.width - width
            } else {
                column.x
            };
            self.items.push(Item::Run(Run {
                x,
                baseline: self.y + style.size,
                width,
                size: style.size,
                weight: style.weight,
                ink: style.ink,
                role: style.role,
                continues,
                language,
                text,
            }));
            self.y += leading(style.size);
            continues = true;
        }
    }

    /// Sets several things side by side: each begins where this begins, and the block ends below the longest.
    pub(super) fn beside(&mut self, columns: &mut [&mut dyn FnMut(&mut Self)]) {
        let (top, mut end) = (self.y, self.y);
        for set in columns {
            self.y = top;
            set(self);
            end = end.max(self.y);
        }
        self.y = end;
    }

    pub(super) const fn gap(&mut self, height: i32) {
        self.y += height;
    }

    /// A rule across a column.
    pub(super) fn rule(&mut self, column: Column, thickness: i32, ink: Ink) {
        let place = Place {
            x: column.x,
            y: self.y,
            width: column.width,
            height: thickness,
        };
        self.items.push(Item::Fill(Fill { place, ink }));
        self.y += thickness;
    }

    /// A band behind everything of the block.
    pub(super) fn band(&mut self, column: Column, ink: Ink) {
        let place = Place {
            x: column.x,
            y: 0,
            width: column.width,
            height: self.y,
        };
        self.items.insert(0, Item::Fill(Fill { place, ink }));
    }
}

/// From one line to the next.
pub(super) const fn leading(size: i32) -> i32 {
    size * 7 / 5
}
