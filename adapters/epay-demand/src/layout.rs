//! The page: which part comes where. First what is demanded, then what it is made of, what happens when it is late, how to
//! pay; and at the foot the slips to cut off, the first on the first sheet where it fits.

mod block;
mod parts;
mod slip;

use emvqr::render::{ErrorCorrection, Symbol};
use epay_money::Language;

use crate::demand::{Demand, DemandFault};
use crate::sheet::{Ink, Item, Role, Sheet, Weight};
use crate::typeface::Typefaces;
use crate::words;
use block::{Block, Column, Style};

/// Most sheets of a demand, which the bounds of its texts and lists lead to.
pub const SHEETS_MAX: usize = 160;

/// Left of everything, and right of it.
const MARGIN: i32 = 1_800;
/// Where the first part begins.
const TOP: i32 = 1_400;
/// Where the last part ends; below it is the foot.
const BOTTOM: i32 = 28_100;
/// The foot's upper edge.
const FOOT: i32 = 28_500;
/// Between parts.
const GAP: i32 = 420;

/// From margin to margin.
const FULL: Column = Column::left(MARGIN, Sheet::WIDTH - 2 * MARGIN);

const BODY: i32 = 353;
const SMALL: i32 = 300;
const LARGE: i32 = 423;
const NOTE: i32 = 265;

/// Sets a demand on sheets.
///
/// # Errors
/// A [`DemandFault`].
pub fn lay_out(demand: &Demand, faces: &Typefaces) -> Result<Vec<Sheet>, DemandFault> {
    demand.check()?;
    let slips = slip::slips(demand, faces, &symbols(demand)?);
    let mut flow = Flow::new(demand, faces);
    for part in parts::parts(demand, faces) {
        flow.place(part);
    }
    let mut slips = slips.into_iter();
    if let Some(first) = slips.next() {
        flow.place_at_the_foot(first);
    }
    for slip in slips {
        flow.place(slip);
    }
    Ok(flow.finish())
}

fn symbols(demand: &Demand) -> Result<Vec<Option<Symbol>>, DemandFault> {
    let drawn = demand.slips.iter().zip(1_usize..).map(|(slip, place)| {
        let code = slip.code.as_ref();
        let symbol = code.map(|code| Symbol::encode(&code.payload, ErrorCorrection::Medium));
        symbol.transpose().map_err(|error| DemandFault::Code {
            slip: place,
            problem: error.to_string(),
        })
    });
    drawn.collect()
}

/// Puts blocks on sheets, one below the other.
struct Flow<'a> {
    demand: &'a Demand,
    faces: &'a Typefaces,
    sheets: Vec<Sheet>,
    items: Vec<Item>,
    y: i32,
}

impl<'a> Flow<'a> {
    const fn new(demand: &'a Demand, faces: &'a Typefaces) -> Self {
        Self {
            demand,
            faces,
            sheets: vec![],
            items: vec![],
            y: TOP,
        }
    }

    fn place(&mut self, block: Block<'_>) {
        if self.y + block.y > BOTTOM && !self.items.is_empty() {
            self.turn();
        }
        let by = self.y;
        self.y += block.y;
        self.items.extend(block.items.into_iter().map(|mut item| {
            item.lower(by);
            item
        }));
    }

    fn place_at_the_foot(&mut self, block: Block<'_>) {
        if self.y + block.y <= BOTTOM {
            self.y = BOTTOM - block.y;
        }
        self.place(block);
    }

    /// Ends the sheet and begins another, whose head says what it belongs to.
    fn turn(&mut self) {
        let items = core::mem::take(&mut self.items);
        self.sheets.push(Sheet { items });
        self.y = TOP;
        let Demand { biller, number, .. } = self.demand;
        let mut head = Block::new(self.faces);
        let style = margin(NOTE);
        let half = FULL.width / 2;
        head.beside(&mut [
            &mut |b| {
                let column = Column::left(MARGIN, half - 200);
                b.text(column, style, Language::Traditional, &biller.chinese);
                b.text(column, style, Language::English, &biller.english);
            },
            &mut |b| {
                let column = Column::right(MARGIN + half, half);
                b.text(column, style, Language::English, number);
            },
        ]);
        head.gap(100);
        head.rule(FULL, 20, Ink::Line);
        head.gap(GAP);
        self.place(head);
    }

    fn finish(mut self) -> Vec<Sheet> {
        let items = self.items;
        self.sheets.push(Sheet { items });
        let count = self.sheets.len();
        for (sheet, number) in self.sheets.iter_mut().zip(1_usize..) {
            let mut foot = Block::new(self.faces);
            let left = words::printed_on(self.demand.printed_on);
            let right = words::page(number, count);
            let half = FULL.width / 2;
            foot.beside(&mut [
                &mut |b| {
                    let column = Column::left(MARGIN, half);
                    b.text(column, margin(NOTE), Language::Traditional, &left);
                },
                &mut |b| {
                    let column = Column::right(MARGIN + half, half);
                    b.text(column, margin(NOTE), Language::Traditional, &right);
                },
            ]);
            sheet.items.extend(foot.items.into_iter().map(|mut item| {
                item.lower(FOOT);
                item
            }));
        }
        self.sheets
    }
}

/// Text that is read by looking for it.
const fn margin(size: i32) -> Style {
    Style {
        size,
        weight: Weight::Regular,
        ink: Ink::Grey,
        role: Role::Margin,
    }
}
