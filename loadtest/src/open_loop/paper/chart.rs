//! A picture of some lines over one axis, as SVG that stands alone.

use core::fmt::Write as _;

use crate::report::escaped;

/// The picture's size, and where its field of lines lies.
const WIDTH: u64 = 860;
const HEIGHT: u64 = 360;
const LEFT: u64 = 90;
const TOP: u64 = 50;
const RIGHT: u64 = 20;
const BOTTOM: u64 = 60;
/// Marks along the upright axis.
const MARKS: u64 = 4;
/// Colours that people with any sight tell apart, on white (Okabe and Ito).
pub(super) const COLOURS: [&str; 4] = ["#0072b2", "#009e73", "#d55e00", "#cc79a7"];
/// Each line has a pattern as well, for those who see no colour and for printers.
const PATTERNS: [&str; 4] = ["none", "8 3", "2 3", "8 3 2 3"];

/// A line: its points from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(u64, u64)>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) across: &'static str,
    pub(super) up: &'static str,
    pub(super) lines: Vec<Line>,
}

impl Chart {
    pub(super) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let widest = points().map(|point| point.0).max().unwrap_or(0).max(1);
        let first = points().map(|point| point.0).min().unwrap_or(0);
        let highest = round_up(points().map(|point| point.1).max().unwrap_or(0));
        let place = |(across, up): (u64, u64)| {
            let span = widest.saturating_sub(first).max(1);
            let x = scaled(across.saturating_sub(first), span, WIDTH - LEFT - RIGHT);
            let y = scaled(up, highest, HEIGHT - TOP - BOTTOM);
            (LEFT.saturating_add(x), (HEIGHT - BOTTOM).saturating_sub(y))
        };
        let title = escaped(&self.title);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n<title>{title}</title>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n"
        );
        for mark in 0..=MARKS {
            let value = scaled(mark, MARKS, highest);
            let (_, y) = place((first, value));
            let text = y.saturating_add(4);
            let (end, label) = (WIDTH - RIGHT, LEFT - 8);
            push(
                &mut svg,
                format_args!(
                    "<path d=\"M{LEFT} {y}H{end}\" stroke=\"#ddd\"/><text x=\"{label}\" y=\"{text}\" text-anchor=\"end\">{value}</text>\n"
                ),
            );
        }
        let foot = HEIGHT - BOTTOM + 18;
        push(
            &mut svg,
            format_args!(
                "<text x=\"{LEFT}\" y=\"{foot}\">{first}</text><text x=\"{}\" y=\"{foot}\" text-anchor=\"end\">{widest} {}</text>\n\
                 <text x=\"{LEFT}\" y=\"{}\" fill=\"#555\">{}</text>\n",
                WIDTH - RIGHT,
                escaped(self.across),
                TOP - 8,
                escaped(self.up),
            ),
        );
        for (number, line) in self.lines.iter().enumerate() {
            self.draw(&mut svg, number, line, &place);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn draw(
        &self,
        svg: &mut String,
        number: usize,
        line: &Line,
        place: &impl Fn((u64, u64)) -> (u64, u64),
    ) {
        let colour = COLOURS.get(number).unwrap_or(&"#000");
        let pattern = PATTERNS.get(number).unwrap_or(&"none");
        let points: Vec<String> = line
            .points
            .iter()
            .map(|point| {
                let (x, y) = place(*point);
                format!("{x},{y}")
            })
            .collect();
        let columns = u64::try_from(number).unwrap_or(0).saturating_mul(170);
        let x = LEFT.saturating_add(columns);
        let (y, text) = (HEIGHT - 16, x.saturating_add(34));
        push(
            svg,
            format_args!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{pattern}\"/>\n\
                 <path d=\"M{x} {}h28\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{pattern}\"/>\
                 <text x=\"{text}\" y=\"{y}\">{}</text>\n",
                points.join(" "),
                y - 4,
                escaped(line.name),
            ),
        );
    }
}

/// Writing into a string cannot fail.
pub(super) fn push(svg: &mut String, text: core::fmt::Arguments<'_>) {
    let _cannot_fail = svg.write_fmt(text);
}

/// `value` of `of`, on a length.
pub(super) fn scaled(value: u64, of: u64, length: u64) -> u64 {
    let product = u128::from(value).saturating_mul(u128::from(length));
    let scaled = product.checked_div(u128::from(of)).unwrap_or(0);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// The next number of the kind 1, 2 or 4 and zeros, so that marks are round; four at least.
fn round_up(highest: u64) -> u64 {
    let mut round: u64 = 4;
    while round < highest {
        let begins_with_four = round.to_string().starts_with('4');
        // 4, 8, 20, 40, 80, 200: every one can be cut in four.
        round = if begins_with_four {
            round.saturating_mul(2)
        } else if round.to_string().starts_with('8') {
            round.saturating_mul(5) / 2
        } else {
            round.saturating_mul(2)
        };
        if round == u64::MAX {
            break;
        }
    }
    round
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (highest, round) in [(0, 4), (4, 4), (5, 8), (9, 20), (21, 40), (1_500, 2_000)] {
            assert_eq!(round_up(highest), round);
        }
    }

    #[test]
    fn lines_stay_within_the_picture_and_words_are_escaped() {
        let chart = Chart {
            title: "a < b & \"c\"".to_owned(),
            across: "seconds",
            up: "count",
            lines: vec![
                Line {
                    name: "one",
                    points: vec![(10, 0), (20, u64::MAX), (30, 7)],
                },
                Line {
                    name: "none",
                    points: vec![],
                },
            ],
        };
        let svg = chart.svg();
        assert!(svg.contains("a &lt; b &amp; &quot;c&quot;"));
        let points = svg.split("points=\"").nth(1).unwrap();
        let points = points.split('"').next().unwrap();
        assert_eq!(points.split(' ').count(), 3);
        for point in points.split(' ') {
            let (x, y) = point.split_once(',').unwrap();
            let (x, y): (u64, u64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((LEFT..=WIDTH - RIGHT).contains(&x), "{point}");
            assert!((TOP..=HEIGHT - BOTTOM).contains(&y), "{point}");
        }
    }
}
