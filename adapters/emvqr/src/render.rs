//! Drawing a payload as a QR symbol: SVG, PNG, or text for a terminal.
//!
//! The symbol keeps to what the specification allows: byte mode only, announced as UTF-8 by an ECI header when any character is
//! outside printable ASCII. An optimising encoder would switch modes to save modules, and some readers would stumble.

mod png;
mod svg;
mod symbol;
mod terminal;

pub use self::png::PngOptions;
pub use svg::SvgOptions;
pub use symbol::{ErrorCorrection, RenderError, Symbol};
pub use terminal::TerminalOptions;

/// Light modules that the standard wants around a symbol.
pub const QUIET_ZONE: u32 = 4;

/// The widest quiet zone that is drawn.
pub const QUIET_ZONE_MAX: u32 = 64;

/// The most pixels a module is drawn with; the largest symbol is then about 10,000 pixels wide.
pub const SCALE_MAX: u32 = 32;
