//! The parts of a demand above the slips.

use epay_money::{Language, Money};

use super::block::{Block, Column, Style};
use super::{BODY, FULL, GAP, LARGE, MARGIN, SMALL};
use crate::demand::{Bilingual, Demand, PayRule};
use crate::sheet::{Ink, Role, Weight};
use crate::typeface::Typefaces;
use crate::words::{self, Words};

/// A column of amounts, at the right margin.
const FIGURES: i32 = 4_000;

/// Every part, in order.
pub(super) fn parts<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    let mut parts = vec![head(demand, faces), facts(demand, faces)];
    parts.extend(consolidated(demand, faces));
    parts.extend(shares(demand, faces));
    parts.extend(instalments(demand, faces));
    parts.extend(late(demand, faces));
    parts.extend(how(demand, faces));
    parts
}

/// Who demands, and what this is.
fn head<'a>(demand: &Demand, faces: &'a Typefaces) -> Block<'a> {
    let mut head = Block::new(faces);
    head.rule(FULL, 90, Ink::Blue);
    head.gap(300);
    let blue = Style {
        ink: Ink::Blue,
        ..Style::bold(529)
    };
    let (left, right) = (9_600, FULL.width - 9_600 - 300);
    head.beside(&mut [
        &mut |b| {
            b.both(
                Column::left(MARGIN, left),
                (blue, Style::plain(388)),
                &demand.biller,
            )
        },
        &mut |b| {
            let column = Column::right(MARGIN + left + 300, right);
            let title = |size| Style {
                role: Role::Title,
                ..Style::bold(size)
            };
            let words = Bilingual::from(words::TITLE);
            b.pair(column, (title(529), title(388)), &words);
        },
    ]);
    head.gap(250);
    let kind = Style {
        role: Role::Heading,
        ..Style::bold(494)
    };
    let english = Style {
        weight: Weight::Regular,
        size: LARGE,
        ..kind
    };
    head.pair(FULL, (kind, english), &demand.kind);
    head.gap(200);
    head
}

/// What matters most, on a band: the number, the matter, how much, and until when.
fn facts<'a>(demand: &Demand, faces: &'a Typefaces) -> Block<'a> {
    let mut band = Block::new(faces);
    band.gap(260);
    let half = FULL.width / 2 - 600;
    let left = Column::left(MARGIN + 400, half);
    let right = Column::left(MARGIN + 400 + half + 400, half);
    let value = |b: &mut Block<'a>, column, label: &Bilingual, size, text: &str| {
        b.text(
            column,
            Style::grey(SMALL),
            Language::Traditional,
            &label.chinese,
        );
        b.more(
            column,
            Style::grey(SMALL),
            Language::English,
            &label.english,
        );
        b.gap(60);
        b.more(column, Style::bold(size), Language::English, text);
    };
    let both = |words: Words| Bilingual::from(words);
    band.beside(&mut [
        &mut |b| value(b, left, &demand.number_label, LARGE, &demand.number),
        &mut |b| {
            let label = both(words::PARTICULARS);
            value(b, right, &label, BODY, &demand.description);
        },
    ]);
    band.gap(220);
    let outstanding = demand.outstanding().to_string();
    let day = words::date(demand.due_date);
    let last_day = if demand.slips.len() > 1 {
        words::NEXT_DAY
    } else {
        words::LAST_DAY
    };
    band.beside(&mut [
        &mut |b| value(b, left, &both(words::AMOUNT), 635, &outstanding),
        &mut |b| {
            value(b, right, &both(last_day), LARGE, &day.english);
            b.more(
                right,
                Style::bold(LARGE),
                Language::Traditional,
                &day.chinese,
            );
        },
    ]);
    band.gap(220);
    band.band(FULL, Ink::Tint);
    band.gap(GAP);
    band
}

/// The parts of a consolidated bill: what each is, the line that it belongs to, how much.
fn consolidated<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    let label = &demand.reference_label;
    let rows = demand.parts.iter().map(|part| Row {
        name: Bilingual {
            chinese: part.label.clone(),
            english: format!("{} {} {}", label.chinese, label.english, part.reference),
        },
        middle: Some(part.line.clone()),
        figure: words::figure(Money::new(part.minor, demand.amount.currency())),
        weight: Weight::Regular,
    });
    table(words::PARTS, rows, faces)
}

/// What the amount is made of, and what was paid of it.
fn shares<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    let money = |minor| Money::new(minor, demand.amount.currency());
    let mut rows: Vec<(Bilingual, Money, Weight)> = demand
        .shares
        .iter()
        .map(|share| (share.name.clone(), money(share.minor), Weight::Regular))
        .collect();
    if rows.is_empty() && demand.paid_minor == 0 {
        return vec![];
    }
    rows.push((words::TOTAL.into(), demand.amount, Weight::Bold));
    if demand.paid_minor != 0 {
        let paid = money(demand.paid_minor.saturating_neg());
        rows.push((words::PAID.into(), paid, Weight::Regular));
        rows.push((words::REST.into(), demand.outstanding(), Weight::Bold));
    }
    let rows = rows.into_iter().map(|(name, amount, weight)| {
        let figure = words::figure(amount);
        Row {
            name,
            middle: None,
            figure,
            weight,
        }
    });
    table(words::SHARES, rows, faces)
}

/// The days and amounts, where there are several.
fn instalments<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    if demand.slips.len() < 2 {
        return vec![];
    }
    let rows = demand.slips.iter().zip(1..).map(|(slip, number)| Row {
        name: words::instalment(number),
        middle: Some(words::date(slip.due_date)),
        figure: words::figure(slip.amount),
        weight: Weight::Regular,
    });
    table(words::INSTALMENTS, rows, faces)
}

/// A row of a table.
struct Row {
    name: Bilingual,
    /// A day, or a line.
    middle: Option<Bilingual>,
    figure: String,
    weight: Weight,
}

/// A block a row; the heading stays with the first, and the gap behind with the last.
fn table<'a>(
    title: Words,
    rows: impl Iterator<Item = Row>,
    faces: &'a Typefaces,
) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = rows
        .enumerate()
        .map(|(index, row)| {
            let mut block = Block::new(faces);
            if index == 0 {
                heading(&mut block, title);
            }
            set_row(&mut block, &row);
            block
        })
        .collect();
    if let Some(last) = blocks.last_mut() {
        last.gap(GAP - 120);
    }
    blocks
}

fn set_row(block: &mut Block<'_>, row: &Row) {
    let names = FULL.width - FIGURES - 300;
    let style = |size| Style {
        weight: row.weight,
        ..Style::plain(size)
    };
    let named = if row.middle.is_some() {
        names / 2
    } else {
        names
    };
    block.gap(90);
    block.beside(&mut [
        &mut |b| {
            let column = Column::left(MARGIN, named - 200);
            b.pair(column, (style(BODY), Style::grey(SMALL)), &row.name);
        },
        &mut |b| {
            let column = Column::left(MARGIN + named, names - named);
            if let Some(words) = &row.middle {
                b.more(column, style(BODY), Language::Traditional, &words.chinese);
                b.more(
                    column,
                    Style::grey(SMALL),
                    Language::English,
                    &words.english,
                );
            }
        },
        &mut |b| {
            let column = Column::right(MARGIN + names + 300, FIGURES);
            b.more(column, style(BODY), Language::English, &row.figure);
        },
    ]);
    block.gap(60);
    block.rule(FULL, 12, Ink::Line);
}

/// What a late payer must expect.
fn late<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    listed(words::LATE, &demand.late_rules, faces)
}

/// How to pay, and what counts as in time.
fn how<'a>(demand: &Demand, faces: &'a Typefaces) -> Vec<Block<'a>> {
    if demand.slips.is_empty() {
        return listed(words::HOW, &[words::NOTHING.into()], faces);
    }
    let mut said: Vec<Bilingual> = vec![];
    if demand.slips.iter().any(|slip| slip.code.is_some()) {
        said.push(words::SCAN.into());
    }
    if let Some(address) = &demand.pages_address {
        said.extend(words::online(
            address,
            &demand.number_label,
            &demand.methods,
        ));
    }
    match demand.rule {
        PayRule::InParts => said.push(words::IN_PARTS.into()),
        PayRule::Whole => {}
        PayRule::ExactOnly => said.push(words::EXACT.into()),
    }
    said.push(words::IN_TIME.into());
    listed(words::HOW, &said, faces)
}

/// A block a paragraph, Chinese at the left and English beside it.
fn listed<'a>(title: Words, texts: &[Bilingual], faces: &'a Typefaces) -> Vec<Block<'a>> {
    let half = FULL.width / 2 - 200;
    let (left, right) = (
        Column::left(MARGIN, half),
        Column::left(MARGIN + half + 400, half),
    );
    let mut blocks: Vec<Block<'a>> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let mut block = Block::new(faces);
            if index == 0 {
                heading(&mut block, title);
                block.gap(80);
            }
            let style = Style::plain(SMALL);
            block.beside(&mut [
                &mut |b| b.text(left, style, Language::Traditional, &text.chinese),
                &mut |b| b.text(right, style, Language::English, &text.english),
            ]);
            block.gap(100);
            block
        })
        .collect();
    if let Some(last) = blocks.last_mut() {
        last.gap(GAP - 200);
    }
    blocks
}

fn heading(block: &mut Block<'_>, title: Words) {
    let style = Style {
        ink: Ink::Blue,
        role: Role::Heading,
        ..Style::bold(BODY)
    };
    let half = FULL.width / 2 - 200;
    block.beside(&mut [
        &mut |b| {
            b.text(
                Column::left(MARGIN, half),
                style,
                Language::Traditional,
                title.chinese,
            )
        },
        &mut |b| {
            let column = Column::left(MARGIN + half + 400, half);
            b.more(column, style, Language::English, title.english);
        },
    ]);
    block.gap(40);
    block.rule(FULL, 30, Ink::Blue);
}
