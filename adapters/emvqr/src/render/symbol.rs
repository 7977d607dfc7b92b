//! The modules of a symbol.

use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode, Version};
use thiserror::Error;

/// The ECI assignment that announces UTF-8.
const ECI_UTF8: u32 = 26;

/// The largest version of the standard.
const VERSION_MAX: i16 = 40;

/// How much of the symbol may be damaged and still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ErrorCorrection {
    /// About 7 percent: for screens.
    Low,
    /// About 15 percent: for print.
    #[default]
    Medium,
    /// About 25 percent.
    Quartile,
    /// About 30 percent.
    High,
}

impl ErrorCorrection {
    fn level(self) -> EcLevel {
        match self {
            Self::Low => EcLevel::L,
            Self::Medium => EcLevel::M,
            Self::Quartile => EcLevel::Q,
            Self::High => EcLevel::H,
        }
    }
}

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The payload does not fit into the largest symbol at this error correction.
    #[error("the payload has {bytes} bytes, more than a symbol with this error correction holds")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// The payload is empty.
    #[error("there is nothing to draw")]
    Empty,
    /// The options ask for more than is drawn.
    #[error(
        "the scale is 1 to {}, the quiet zone at most {}",
        super::SCALE_MAX,
        super::QUIET_ZONE_MAX
    )]
    Options,
    /// The symbol could not be made.
    #[error("the symbol could not be made")]
    Symbol(#[source] QrError),
    /// The picture could not be written.
    #[error("the picture could not be written")]
    Png(#[source] png::EncodingError),
}

/// A QR symbol: a square of dark and light modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    width: u32,
    modules: Vec<bool>,
}

impl Symbol {
    /// Encodes a payload into the smallest symbol that holds it.
    ///
    /// The text is taken as it is: draw what [`build`](crate::Builder::build) wrote or what [`parse`](crate::parse) found valid.
    ///
    /// # Errors
    /// [`RenderError::Empty`], [`RenderError::TooLong`].
    pub fn encode(payload: &str, correction: ErrorCorrection) -> Result<Self, RenderError> {
        if payload.is_empty() {
            return Err(RenderError::Empty);
        }
        for version in 1..=VERSION_MAX {
            match bits(payload, version, correction.level()) {
                Ok(bits) => return Self::draw(bits, correction.level()),
                Err(QrError::DataTooLong) => {}
                Err(error) => return Err(RenderError::Symbol(error)),
            }
        }
        Err(RenderError::TooLong {
            bytes: payload.len(),
        })
    }

    fn draw(bits: Bits, level: EcLevel) -> Result<Self, RenderError> {
        let code = QrCode::with_bits(bits, level).map_err(RenderError::Symbol)?;
        let width = u32::try_from(code.width()).unwrap_or_default();
        let modules = code
            .into_colors()
            .into_iter()
            .map(|color| color == Color::Dark)
            .collect();
        Ok(Self { width, modules })
    }

    /// Modules on a side, without the quiet zone: 21 to 177.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Whether a module is dark. Outside the symbol nothing is.
    #[must_use]
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        self.row(y)
            .and_then(|row| row.get(usize::try_from(x).ok()?))
            .copied()
            .unwrap_or(false)
    }

    /// The modules of one row, dark ones `true`.
    #[must_use]
    pub fn row(&self, y: u32) -> Option<&[bool]> {
        let width = usize::try_from(self.width).ok()?;
        self.modules
            .chunks_exact(width)
            .nth(usize::try_from(y).ok()?)
    }
}

/// The bit stream of a payload: the ECI header where it is needed, one segment of bytes, the terminator.
fn bits(payload: &str, version: i16, level: EcLevel) -> Result<Bits, QrError> {
    let mut bits = Bits::new(Version::Normal(version));
    if !payload.chars().all(|c| matches!(c, ' '..='~')) {
        bits.push_eci_designator(ECI_UTF8)?;
    }
    bits.push_byte_data(payload.as_bytes())?;
    bits.push_terminator(level)?;
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_one_byte_segment_announced_where_needed() {
        for (payload, start) in [
            ("000201", [0x40, 0x63]),
            ("ABC", [0x40, 0x34]),
            ("水", [0x71, 0xA4]),
        ] {
            let bits = bits(payload, 1, EcLevel::M).unwrap().into_bytes();
            assert_eq!(bits[..2], start, "{payload}");
        }
    }
}
