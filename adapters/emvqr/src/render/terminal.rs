//! The symbol as text: two modules to a character, one above the other.

use super::{QUIET_ZONE_MAX, RenderError, Symbol};

/// How to draw for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Light modules around the symbol; two are enough next to a plain background.
    pub quiet_zone: u32,
    /// Whether the terminal writes dark text on a light background. Most write light on dark, where the light modules are the ones
    /// to be drawn.
    pub light_background: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            quiet_zone: 2,
            light_background: false,
        }
    }
}

impl Symbol {
    /// Draws lines of half blocks.
    ///
    /// # Errors
    /// [`RenderError::Options`].
    pub fn terminal(&self, options: &TerminalOptions) -> Result<String, RenderError> {
        if options.quiet_zone > QUIET_ZONE_MAX {
            return Err(RenderError::Options);
        }
        let side = self
            .width()
            .saturating_add(options.quiet_zone.saturating_mul(2));
        let is_drawn = |x: u32, y: u32| {
            let is_dark = match (
                x.checked_sub(options.quiet_zone),
                y.checked_sub(options.quiet_zone),
            ) {
                (Some(x), Some(y)) => self.is_dark(x, y),
                (None, _) | (_, None) => false,
            };
            // Below the last row of an odd symbol there is nothing to draw on either background.
            y < side && is_dark == options.light_background
        };
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            for x in 0..side {
                text.push(match (is_drawn(x, y), is_drawn(x, y.saturating_add(1))) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push('\n');
        }
        Ok(text)
    }
}
