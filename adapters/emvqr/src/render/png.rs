//! The symbol as PNG: one bit a pixel.

use super::{QUIET_ZONE, QUIET_ZONE_MAX, RenderError, SCALE_MAX, Symbol};

/// How to draw a PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PngOptions {
    /// Pixels a module, 1 to 32.
    pub scale: u32,
    /// Light modules around the symbol.
    pub quiet_zone: u32,
}

impl Default for PngOptions {
    fn default() -> Self {
        Self {
            scale: 8,
            quiet_zone: QUIET_ZONE,
        }
    }
}

impl Symbol {
    /// Draws a PNG file, black on white.
    ///
    /// # Errors
    /// [`RenderError::Options`], [`RenderError::Png`].
    pub fn png(&self, options: &PngOptions) -> Result<Vec<u8>, RenderError> {
        if !(1..=SCALE_MAX).contains(&options.scale) || options.quiet_zone > QUIET_ZONE_MAX {
            return Err(RenderError::Options);
        }
        let side = self
            .width()
            .saturating_add(options.quiet_zone.saturating_mul(2));
        let pixels = side.saturating_mul(options.scale);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, pixels, pixels);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().map_err(RenderError::Png)?;
        writer
            .write_image_data(&self.pixels(options))
            .map_err(RenderError::Png)?;
        writer.finish().map_err(RenderError::Png)?;
        Ok(file)
    }

    /// Rows of pixels, eight to a byte, each row padded to a whole byte. Set bits are light.
    fn pixels(&self, options: &PngOptions) -> Vec<u8> {
        let modules = || {
            0..self
                .width()
                .saturating_add(options.quiet_zone.saturating_mul(2))
        };
        let mut data = Vec::new();
        for y in modules() {
            let light: Vec<bool> = modules()
                .flat_map(|x| {
                    let is_dark = match (
                        x.checked_sub(options.quiet_zone),
                        y.checked_sub(options.quiet_zone),
                    ) {
                        (Some(x), Some(y)) => self.is_dark(x, y),
                        (None, _) | (_, None) => false,
                    };
                    (0..options.scale).map(move |_| !is_dark)
                })
                .collect();
            let row: Vec<u8> = light.chunks(8).map(packed).collect();
            for _ in 0..options.scale {
                data.extend_from_slice(&row);
            }
        }
        data
    }
}

/// Up to eight pixels as a byte, the first in the highest bit.
fn packed(pixels: &[bool]) -> u8 {
    let bits = [0x80u8, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01];
    pixels
        .iter()
        .zip(bits)
        .filter(|(light, _)| **light)
        .fold(0, |byte, (_, bit)| byte | bit)
}
