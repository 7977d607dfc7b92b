//! A sheet as SVG, one unit a hundredth of a millimetre.
//!
//! Text stays text: it can be searched, read aloud and copied. Every line carries the width that it was measured with, so
//! that a viewer without the font draws it in another one within the same bounds.

use std::fmt::Write as _;

use crate::sheet::{Code, Fill, Ink, Item, Run, Sheet, Weight};

/// Faces that draw as Hong Kong draws, best first.
const FAMILIES: &str =
    "'Noto Sans CJK HK','Noto Sans HK','PingFang HK','Microsoft JhengHei',sans-serif";

/// Writes a sheet; `title` is what a viewer calls it.
#[must_use]
pub fn svg(sheet: &Sheet, title: &str) -> String {
    let mut out = String::with_capacity(32 * 1_024);
    let (width, height) = (Sheet::WIDTH, Sheet::HEIGHT);
    let title = escaped(title);
    // Writing to a string cannot fail.
    let _infallible = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" \
         viewBox=\"0 0 {width} {height}\" xml:lang=\"zh-HK\" font-family=\"{FAMILIES}\">\n\
         <title>{title}</title>\n<path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/>\n",
        width / 100,
        height / 100,
    );
    for item in &sheet.items {
        let _infallible = match item {
            Item::Run(run) => text(&mut out, run),
            Item::Fill(fill) => rectangle(&mut out, fill),
            Item::Code(code) => picture(&mut out, code),
        };
    }
    out.push_str("</svg>\n");
    out
}

fn colour(ink: Ink) -> String {
    let [red, green, blue] = ink.rgb();
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn text(out: &mut String, run: &Run) -> std::fmt::Result {
    let weight = match run.weight {
        Weight::Regular => "",
        Weight::Bold => " font-weight=\"700\"",
    };
    let Run {
        x,
        baseline,
        size,
        width,
        ..
    } = run;
    writeln!(
        out,
        "<text x=\"{x}\" y=\"{baseline}\" font-size=\"{size}\"{weight} fill=\"{}\" xml:lang=\"{}\" \
         textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        colour(run.ink),
        run.language.locale(),
        escaped(&run.text)
    )
}

fn rectangle(out: &mut String, fill: &Fill) -> std::fmt::Result {
    let place = fill.place;
    writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        place.x,
        place.y,
        place.width,
        place.height,
        colour(fill.ink)
    )
}

fn picture(out: &mut String, code: &Code) -> std::fmt::Result {
    let place = code.place;
    write!(
        out,
        "<g role=\"img\" shape-rendering=\"crispEdges\"><title>{}</title>\
         <path fill=\"#fff\" d=\"M{} {}h{}v{}h-{}z\"/><path d=\"",
        escaped(&code.alternative),
        place.x,
        place.y,
        place.width,
        place.height,
        place.width,
    )?;
    for run in code.runs() {
        let (x, y, width, height) = (run.x, run.y, run.width, run.height);
        write!(out, "M{x} {y}h{width}v{height}h-{width}z")?;
    }
    out.push_str("\"/></g>\n");
    Ok(())
}

/// Text between tags, without the characters that XML does not know.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
