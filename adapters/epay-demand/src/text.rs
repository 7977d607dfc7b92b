//! Text that can be printed, cut into lines.
//!
//! A line ends at a space or between two Chinese characters, never before a mark that closes nor after one that opens; a
//! word that is wider than its line is cut. Text runs from left to right: marks that turn it round, and everything else that
//! has no glyph of its own, are left out.

use crate::typeface::Typeface;

/// Marks that do not begin a line.
const CLOSING: &str = "，。、；：！？）」』》〉】〕%％…";
/// Marks that do not end one.
const OPENING: &str = "（「『《〈【〔";

/// The text without what cannot be printed: controls and line ends become spaces, marks without a glyph go.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{FFFE}'
            | '\u{FFFF}'
            | '\u{E0000}'..='\u{E0FFF}' => {}
            c if c.is_control() || c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    let words: Vec<&str> = out.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A line and its width.
pub(crate) type Line = (String, i32);

/// Cuts printable text into lines that are no wider than `width`; the empty text is no line.
pub(crate) fn wrap(text: &str, face: &Typeface, size: i32, width: i32) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![];
    let mut line = String::new();
    let mut units = 0;
    for piece in pieces(text) {
        let end = face.units(piece.trim_end());
        if face.at_size(units + end, size) <= width {
            line.push_str(piece);
            units += face.units(piece);
            continue;
        }
        close(&mut lines, &mut line, face, size);
        units = 0;
        for c in piece.trim_start().chars() {
            let more = face.units(c.encode_utf8(&mut [0; 4]));
            if face.at_size(units + more, size) > width && !line.is_empty() {
                close(&mut lines, &mut line, face, size);
                units = 0;
            }
            line.push(c);
            units += more;
        }
    }
    close(&mut lines, &mut line, face, size);
    lines
}

fn close(lines: &mut Vec<Line>, line: &mut String, face: &Typeface, size: i32) {
    let text = core::mem::take(line);
    let text = text.trim();
    if !text.is_empty() {
        lines.push((text.to_owned(), face.at_size(face.units(text), size)));
    }
}

/// The stretches of a text that stay together, each with the space behind it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = rest.char_indices().zip(rest.chars().skip(1));
        let end = ends
            .filter(|((_, before), after)| may_break(*before, *after))
            .map(|((at, before), _)| at + before.len_utf8())
            .next()
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(piece)
    })
}

fn may_break(before: char, after: char) -> bool {
    if before == ' ' {
        return after != ' ';
    }
    let joined = CLOSING.contains(after) || OPENING.contains(before) || after == ' ';
    !joined && (is_ideograph(before) || is_ideograph(after))
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_between_ideographs_but_not_at_marks() {
        let table: [(&str, &[&str]); 5] = [
            ("pay by  ten", &["pay ", "by  ", "ten"]),
            ("繳款，日", &["繳", "款，", "日"]),
            ("（繳）款", &["（繳）", "款"]),
            ("付5%附", &["付", "5%", "附"]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_glyph_is_left_out() {
        let table = [
            ("a\u{202E}b\u{0}c\r\nd", "ab c d"),
            ("  差餉 \u{200B}地租\u{FEFF} ", "差餉 地租"),
            ("\u{FFFE}\u{7}", ""),
        ];
        for (text, expected) in table {
            assert_eq!(printable(text), expected, "{text:?}");
        }
    }
}
