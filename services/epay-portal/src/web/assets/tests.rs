//! Colours have the contrast that WCAG 2.2 AA asks for, in both schemes, and the files stand alone.

use std::collections::BTreeMap;

use super::*;

type Colours = BTreeMap<String, [u8; 3]>;

/// Colours of the first `:root` rule after `from`.
fn colours(from: &str) -> Colours {
    let rule = from
        .split(":root {")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    rule.split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, hex)| {
            let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap();
            (name.to_owned(), [part(0), part(2), part(4)])
        })
        .collect()
}

/// Relative luminance and contrast ratio, as WCAG 2.2 defines them.
#[expect(
    clippy::float_arithmetic,
    reason = "the definition of contrast is a formula of real numbers"
)]
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Ink, ground, least ratio: 4.5 for text, 3 for the edges of controls and for marks.
const PAIRS: &[(&str, &str, f64)] = &[
    ("ink", "page", 4.5),
    ("ink", "card", 4.5),
    ("quiet", "page", 4.5),
    ("quiet", "card", 4.5),
    ("link", "page", 4.5),
    ("link", "card", 4.5),
    ("link-over", "page", 4.5),
    ("top-ink", "top", 4.5),
    ("accent-ink", "accent", 4.5),
    ("accent-ink", "accent-over", 4.5),
    ("plain-ink", "plain", 4.5),
    ("plain-ink", "plain-over", 4.5),
    ("warning-ink", "warning", 4.5),
    ("good-ink", "good", 4.5),
    ("wrong", "page", 4.5),
    ("focus-ink", "focus", 4.5),
    ("ink", "field", 4.5),
    ("field-edge", "page", 3.0),
    ("plain-edge", "page", 3.0),
    ("warning-edge", "page", 3.0),
    ("accent", "page", 3.0),
    ("accent", "card", 3.0),
];

#[test]
fn every_pair_of_colours_has_enough_contrast_in_light_and_in_dark() {
    let light = colours(STYLE);
    let dark = colours(STYLE.split("prefers-color-scheme: dark").nth(1).unwrap());
    assert_eq!(
        light.keys().collect::<Vec<_>>(),
        dark.keys().collect::<Vec<_>>()
    );
    for (scheme, colours) in [("light", light), ("dark", dark)] {
        for (ink, ground, least) in PAIRS {
            let ratio = contrast(colours[*ink], colours[*ground]);
            assert!(
                ratio >= *least,
                "{scheme}: {ink} on {ground} is {ratio:.2}, needs {least}"
            );
        }
    }
}

#[test]
fn files_are_named_after_their_contents_and_fetch_nothing_from_elsewhere() {
    assert_ne!(named("portal", "css", "a"), named("portal", "css", "b"));
    assert_eq!(named("portal", "css", "a"), named("portal", "css", "a"));
    for content in [STYLE, SCRIPT, ICON] {
        let outside = content.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("http:") && !outside.contains("https:"));
        assert!(!content.contains("@import") && !content.contains("url("));
    }
}
