//! A picture of figures side by side, as SVG that stands alone: a bar each, in groups.

use super::chart::{COLOURS, push, scaled};
use crate::report::escaped;

/// The picture's width, and where its bars begin and must end: the words of the longest one stand behind it.
const WIDTH: u64 = 860;
const LEFT: u64 = 120;
const RIGHT: u64 = 150;
const TOP: u64 = 66;
/// The height of a bar, and what is between two groups.
const BAR: u64 = 13;
const BETWEEN: u64 = 10;
/// Between two names of the key.
const KEY: u64 = 240;

/// Some groups, each with a bar for each name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    pub(super) title: String,
    pub(super) names: Vec<String>,
    /// A group's name, and its values with their words, in the order of the names.
    pub(super) groups: Vec<(String, Vec<(u64, String)>)>,
}

impl Bars {
    pub(super) fn svg(&self) -> String {
        let values = self.groups.iter().flat_map(|(_, values)| values);
        let longest = values.clone().map(|(value, _)| *value).max();
        let longest = longest.unwrap_or(0).max(1);
        let title = escaped(&self.title);
        let mut bars = String::new();
        let mut y = TOP;
        for (group, values) in &self.groups {
            let text = y.saturating_add(BAR - 2);
            push(
                &mut bars,
                format_args!(
                    "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>\n",
                    LEFT - 8,
                    escaped(group)
                ),
            );
            for (number, (value, words)) in values.iter().enumerate() {
                let length = scaled(*value, longest, WIDTH - LEFT - RIGHT).max(1);
                let (end, text) = (LEFT.saturating_add(length), y.saturating_add(BAR - 2));
                push(
                    &mut bars,
                    format_args!(
                        "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"{}\" fill=\"{}\"/>\
                         <text x=\"{}\" y=\"{text}\">{}</text>\n",
                        BAR - 1,
                        colour(number),
                        end.saturating_add(6),
                        escaped(words)
                    ),
                );
                y = y.saturating_add(BAR);
            }
            y = y.saturating_add(BETWEEN);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
             <rect width=\"{WIDTH}\" height=\"{y}\" fill=\"#fff\"/>\n\
             <text x=\"16\" y=\"24\" font-size=\"16\">{title}</text>\n{}{bars}</svg>\n",
            self.key()
        )
    }

    /// What each colour stands for; bars of a group stand in the same order, for those who see no colour.
    fn key(&self) -> String {
        let mut key = String::new();
        let mut x = 16_u64;
        for (number, name) in self.names.iter().enumerate() {
            push(
                &mut key,
                format_args!(
                    "<rect x=\"{x}\" y=\"38\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"48\">{}</text>\n",
                    colour(number),
                    x.saturating_add(18),
                    escaped(name)
                ),
            );
            x = x.saturating_add(KEY);
        }
        key
    }
}

fn colour(number: usize) -> &'static str {
    let place = number.checked_rem(COLOURS.len()).unwrap_or(0);
    COLOURS.get(place).unwrap_or(&"#000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_bar_and_the_longest_stays_within_the_picture() {
        let bars = Bars {
            title: "p99".to_owned(),
            names: vec!["well".to_owned(), "ill & not".to_owned()],
            groups: vec![
                (
                    "card".to_owned(),
                    vec![(10, "10 ms".to_owned()), (40, "40 ms".to_owned())],
                ),
                ("fps".to_owned(), vec![(0, "none".to_owned())]),
            ],
        };
        let svg = bars.svg();
        assert!(svg.contains("ill &amp; not"), "{svg}");
        let lengths: Vec<u64> = svg
            .split("<rect x=\"120\"")
            .skip(1)
            .map(|rect| {
                let (_, rest) = rect.split_once("width=\"").unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        assert_eq!(lengths, [147, WIDTH - LEFT - RIGHT, 1]);
    }
}
