//! Slips: what is cut off and paid with. The code at the left with its caption and number below, the facts beside it.

use emvqr::render::{QUIET_ZONE, Symbol};
use epay_money::Language;

use super::block::{Block, Column, Style};
use super::{BODY, FULL, GAP, LARGE, MARGIN, NOTE, SMALL};
use crate::demand::{Bilingual, Demand, Slip, SlipCode};
use crate::sheet::{Code, Fill, Ink, Item, Place, Role, Weight};
use crate::typeface::Typefaces;
use crate::words::{self, Words};

/// How wide a code is drawn, its quiet zone apart.
const SYMBOL: i32 = 3_400;
/// The smallest module that an office printer and an old phone still agree on: 0.4 mm.
const MODULE_MIN: i32 = 40;
/// The code and what is below it.
const CODES: i32 = 4_200;
/// A dash of the line to cut along, and the gap behind it.
const DASH: (i32, i32) = (300, 180);

/// The slips, in order; `symbols` are their codes.
pub(super) fn slips<'a>(
    demand: &Demand,
    faces: &'a Typefaces,
    symbols: &[Option<Symbol>],
) -> Vec<Block<'a>> {
    let count = demand.slips.len();
    let numbered = demand.slips.iter().zip(symbols).zip(1_usize..);
    numbered
        .map(|((slip, symbol), number)| {
            let drawn = slip.code.as_ref().zip(symbol.as_ref());
            let place = (count > 1).then_some((number, count));
            one(demand, faces, slip, drawn, place)
        })
        .collect()
}

fn one<'a>(
    demand: &Demand,
    faces: &'a Typefaces,
    slip: &Slip,
    drawn: Option<(&SlipCode, &Symbol)>,
    place: Option<(usize, usize)>,
) -> Block<'a> {
    let mut block = Block::new(faces);
    dashes(&mut block);
    block.gap(260);
    title(&mut block, place);
    block.gap(160);
    let aside = drawn.map_or(0, |(_, symbol)| side(symbol).max(CODES) + 500);
    let column = Column::left(MARGIN + aside, FULL.width - aside);
    block.beside(&mut [
        &mut |b| {
            if let Some((code, symbol)) = drawn {
                picture(b, demand, slip, code, symbol);
            }
        },
        &mut |b| facts(b, column, demand, slip, drawn.map(|(code, _)| &code.payee)),
    ]);
    block.gap(GAP);
    block
}

fn dashes(block: &mut Block<'_>) {
    let step = usize::try_from(DASH.0 + DASH.1).unwrap_or(usize::MAX);
    let end = FULL.x + FULL.width - DASH.0;
    block.items.extend((FULL.x..=end).step_by(step).map(|x| {
        let place = Place {
            x,
            y: block.y,
            width: DASH.0,
            height: 15,
        };
        let ink = Ink::Grey;
        Item::Fill(Fill { place, ink })
    }));
}

fn title(block: &mut Block<'_>, place: Option<(usize, usize)>) {
    let style = Style {
        ink: Ink::Blue,
        role: Role::Heading,
        ..Style::bold(LARGE)
    };
    let half = FULL.width / 2;
    let numbered = place.map(|(number, count)| format!("{number} / {count}"));
    let chinese = words::SLIP.chinese;
    let words = format!("{chinese}　{}", words::SLIP.english);
    block.beside(&mut [
        &mut |b| {
            b.text(
                Column::left(MARGIN, half),
                style,
                Language::Traditional,
                &words,
            )
        },
        &mut |b| {
            let column = Column::right(MARGIN + half, half);
            b.more(
                column,
                style,
                Language::English,
                numbered.as_deref().unwrap_or_default(),
            );
        },
    ]);
}

/// Pixels would not do: a module is a whole number of hundredths of a millimetre, so that every edge is where it should be.
fn module(symbol: &Symbol) -> i32 {
    let width = i32::try_from(symbol.width()).unwrap_or(i32::MAX);
    (SYMBOL / width.max(1)).max(MODULE_MIN)
}

fn side(symbol: &Symbol) -> i32 {
    let modules = symbol.width().saturating_add(QUIET_ZONE.saturating_mul(2));
    i32::try_from(modules).unwrap_or_default() * module(symbol)
}

/// The code, its caption, and the number to type where it cannot be scanned.
fn picture(block: &mut Block<'_>, demand: &Demand, slip: &Slip, code: &SlipCode, symbol: &Symbol) {
    let (module, side) = (module(symbol), side(symbol));
    let quiet_zone = i32::try_from(QUIET_ZONE).unwrap_or_default();
    let label = &demand.number_label.english;
    let payee = &code.payee.english;
    block.items.push(Item::Code(Code {
        place: Place {
            x: MARGIN,
            y: block.y,
            width: side,
            height: side,
        },
        module,
        quiet_zone,
        symbol: symbol.clone(),
        alternative: words::alternative(slip.amount, payee, label, &demand.number),
    }));
    block.gap(side - module * quiet_zone / 2);
    let inset = quiet_zone * module;
    let column = Column::left(MARGIN + inset, side.max(CODES) - inset);
    let Words { chinese, english } = words::CAPTION;
    let caption = format!("{chinese}　{english}");
    block.text(column, Style::bold(SMALL), Language::Traditional, &caption);
    block.text(
        column,
        Style::plain(SMALL),
        Language::English,
        &demand.number,
    );
}

fn facts(
    block: &mut Block<'_>,
    column: Column,
    demand: &Demand,
    slip: &Slip,
    payee: Option<&Bilingual>,
) {
    let half = column.width / 2;
    let (left, right) = (
        Column::left(column.x, half - 200),
        Column::left(column.x + half, half),
    );
    let label = |b: &mut Block<'_>, column, words: &Bilingual| {
        b.text(
            column,
            Style::grey(NOTE),
            Language::Traditional,
            &words.chinese,
        );
        b.more(column, Style::grey(NOTE), Language::English, &words.english);
    };
    let (english, chinese) = (Language::English, Language::Traditional);
    label(block, column, &words::PAYEE.into());
    let payee = payee.unwrap_or(&demand.biller);
    block.more(column, Style::bold(BODY), chinese, &payee.chinese);
    block.more(column, Style::plain(BODY), english, &payee.english);
    block.gap(160);
    let day = words::date(slip.due_date);
    let kind = &demand.kind;
    block.beside(&mut [
        &mut |b| {
            label(b, left, &demand.number_label);
            b.more(left, Style::bold(LARGE), english, &demand.number);
        },
        &mut |b| {
            b.text(right, Style::plain(SMALL), chinese, &kind.chinese);
            b.more(right, Style::plain(SMALL), english, &kind.english);
        },
    ]);
    block.gap(160);
    block.beside(&mut [
        &mut |b| {
            label(b, left, &words::AMOUNT.into());
            b.more(left, Style::bold(529), english, &slip.amount.to_string());
        },
        &mut |b| {
            label(b, right, &words::LAST_DAY.into());
            let style = Style {
                weight: Weight::Bold,
                ..Style::plain(BODY)
            };
            b.more(right, style, chinese, &day.chinese);
            b.more(right, style, english, &day.english);
        },
    ]);
}
