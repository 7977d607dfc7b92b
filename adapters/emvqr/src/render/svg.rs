//! The symbol as SVG: one path of horizontal runs on a white square.

use std::fmt::Write;

use super::{QUIET_ZONE, QUIET_ZONE_MAX, RenderError, SCALE_MAX, Symbol};

/// How to draw an SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SvgOptions {
    /// Pixels a module, 1 to 32; the picture scales, so this is only its natural size.
    pub scale: u32,
    /// Light modules around the symbol.
    pub quiet_zone: u32,
    /// What the picture says to those who cannot see it. Without a title the picture is hidden from them.
    pub title: Option<String>,
}

impl Default for SvgOptions {
    fn default() -> Self {
        Self {
            scale: 8,
            quiet_zone: QUIET_ZONE,
            title: None,
        }
    }
}

impl Symbol {
    /// Draws an SVG document.
    ///
    /// # Errors
    /// [`RenderError::Options`].
    pub fn svg(&self, options: &SvgOptions) -> Result<String, RenderError> {
        if !(1..=SCALE_MAX).contains(&options.scale) || options.quiet_zone > QUIET_ZONE_MAX {
            return Err(RenderError::Options);
        }
        let side = self
            .width()
            .saturating_add(options.quiet_zone.saturating_mul(2));
        let pixels = side.saturating_mul(options.scale);
        let (role, title) = match &options.title {
            Some(title) => ("role=\"img\"", format!("<title>{}</title>", escaped(title))),
            None => ("aria-hidden=\"true\"", String::new()),
        };
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" {role} width=\"{pixels}\" height=\"{pixels}\" \
             viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">{title}\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{}\"/></svg>\n",
            self.runs(options.quiet_zone)
        ))
    }

    /// Every run of dark modules as a rectangle one module high.
    fn runs(&self, quiet_zone: u32) -> String {
        let mut path = String::with_capacity(4096);
        for y in 0..self.width() {
            let mut x = 0;
            while x < self.width() {
                let run = (x..self.width())
                    .take_while(|x| self.is_dark(*x, y))
                    .fold(0u32, |run, _| run.saturating_add(1));
                if run > 0 {
                    let (left, top) = (x.saturating_add(quiet_zone), y.saturating_add(quiet_zone));
                    // Writing to a string cannot fail.
                    write!(path, "M{left} {top}h{run}v1h-{run}z").unwrap_or_default();
                }
                x = x.saturating_add(run.max(1));
            }
        }
        path
    }
}

/// Text between tags, without the characters that XML does not know at all.
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
