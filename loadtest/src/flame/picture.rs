//! The flame graph as SVG: a bar a function, as wide as its share of the samples, on top of what called it. Works without script: a
//! bar's title says what it is.

use std::fmt::Write as _;

use super::stacks::{Frame, Stacks};
use crate::report::escaped;

const WIDTH: u64 = 1_200;
const ROW: u64 = 16;
/// Bars below so many thousandths of all samples are not drawn, nor is what they called.
const THOUSANDTHS_MIN: u64 = 2;
/// What a letter takes of a bar.
const LETTER: u64 = 7;

struct Drawing {
    text: String,
    all: u64,
    height: u64,
}

/// The picture.
pub(super) fn svg(stacks: &Stacks) -> String {
    let all = stacks.samples().max(1);
    let rows = depth(&stacks.root, all);
    let height = rows.saturating_mul(ROW);
    let mut drawing = Drawing {
        text: format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <title>Where the processors were: {all} samples</title>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        ),
        all,
        height,
    };
    drawing.calls(&stacks.root, 0, 1);
    drawing.text.push_str("</svg>\n");
    drawing.text
}

/// Rows that are drawn above a frame.
fn depth(frame: &Frame, all: u64) -> u64 {
    let calls = frame.calls.values();
    let drawn = calls.filter(|call| is_drawn(call, all));
    let above = drawn.map(|call| depth(call, all).saturating_add(1));
    above.max().unwrap_or(0)
}

const fn is_drawn(frame: &Frame, all: u64) -> bool {
    frame.samples.saturating_mul(1_000) >= all.saturating_mul(THOUSANDTHS_MIN)
}

impl Drawing {
    /// What a frame called, side by side from `left` (in samples), in a row.
    fn calls(&mut self, frame: &Frame, mut left: u64, row: u64) {
        for (name, call) in &frame.calls {
            if is_drawn(call, self.all) {
                self.bar(name, call.samples, left, row);
                self.calls(call, left, row.saturating_add(1));
            }
            left = left.saturating_add(call.samples);
        }
    }

    fn bar(&mut self, name: &str, samples: u64, left: u64, row: u64) {
        let place = |samples: u64| samples.saturating_mul(WIDTH).div_euclid(self.all);
        let (x, end) = (place(left), place(left.saturating_add(samples)));
        let width = end.saturating_sub(x).max(1);
        let y = self.height.saturating_sub(row.saturating_mul(ROW));
        let name = plain(name);
        let tenths = samples.saturating_mul(1_000).div_euclid(self.all);
        let letters = usize::try_from(width.div_euclid(LETTER)).unwrap_or(0);
        // Writing into a string cannot fail.
        let _cannot_fail = writeln!(
            self.text,
            "<g><title>{}: {samples} samples, {}.{} %</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{}\" stroke=\"#ffffff\" \
             stroke-width=\"0.5\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
            escaped(&name),
            tenths.div_euclid(10),
            tenths.rem_euclid(10),
            ROW,
            colour(&name),
            x.saturating_add(3),
            y.saturating_add(12),
            escaped(&shortened(&name, letters)),
        );
    }
}

/// Without the parameters of types, which hide what a function is.
fn plain(name: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0_u32);
    for sign in name.chars() {
        match sign {
            '<' if plain.is_empty() && depth == 0 => plain.push(sign),
            '<' => depth = depth.saturating_add(1),
            '>' if depth > 0 => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(sign),
            _ => {}
        }
    }
    plain
}

/// Its end says more than its beginning; nothing where there is no room.
fn shortened(name: &str, letters: usize) -> String {
    let length = name.chars().count();
    if letters < 3 {
        return String::new();
    }
    if length <= letters {
        return name.to_owned();
    }
    let kept = letters.saturating_sub(1);
    let end: String = name.chars().skip(length.saturating_sub(kept)).collect();
    format!("…{end}")
}

/// Warm for ours, cool for the rest of the gateway, grey for C: told apart without reading.
fn colour(name: &str) -> &'static str {
    if name.contains("epay") || name.contains("rail_") {
        "#f4a259"
    } else if name.contains("::") {
        "#9cc5a1"
    } else {
        "#c9cfd6"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_wide_as_its_share_and_stands_on_its_caller() {
        let sample = "epay 7\n\t1 <a::B<C>>::leaf\n\t2 main\n\n".repeat(3) + "epay 7\n\t2 main\n\n";
        let stacks = Stacks::read(sample.as_bytes(), &[7]).unwrap();
        let svg = svg(&stacks);
        assert!(svg.contains("viewBox=\"0 0 1200 48\""), "{svg}");
        assert!(svg.contains("leaf: 3 samples, 75.0 %"), "{svg}");
        assert!(svg.contains("<rect x=\"0\" y=\"0\" width=\"900\""), "{svg}");
        assert!(
            svg.contains("<rect x=\"0\" y=\"16\" width=\"1200\""),
            "{svg}"
        );
    }

    #[test]
    fn what_is_too_small_to_see_is_left_out() {
        let sample = "epay 7\n\t2 big\n\n".repeat(1_000) + "epay 7\n\t1 small\n\n";
        let stacks = Stacks::read(sample.as_bytes(), &[7]).unwrap();
        assert!(!svg(&stacks).contains("small"));
    }

    #[test]
    fn names_lose_their_types_and_keep_their_ends() {
        assert_eq!(
            plain("core::iter::Map<I, F>::next<X>"),
            "core::iter::Map::next"
        );
        assert_eq!(plain("<T as Trait<U>>::call"), "<T as Trait>::call");
        assert_eq!(shortened("abcdefgh", 4), "…fgh");
        assert_eq!(shortened("abc", 2), "");
    }
}
