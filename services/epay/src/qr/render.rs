//! `epay qr render`: draws a payload as a QR symbol.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use emvqr::render::{ErrorCorrection, PngOptions, QUIET_ZONE, SvgOptions, Symbol, TerminalOptions};
use emvqr::{Profile, parse_bytes};

use super::{Answer, complain, input, say};

/// Draw a payload as a QR symbol.
///
/// A payload that is not valid EMV is refused: somebody might pay it. Exit code: 0 drawn, 1 refused, 2 the command was not
/// understood or could not be carried out.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The payload, or - for standard input.
    payload: String,
    /// What to draw.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Where to write the picture; standard output if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Error correction: L for screens, M for print, Q and H for rough places.
    #[arg(long, value_enum, default_value_t = Level::M, ignore_case = true)]
    level: Level,
    /// Pixels a module (SVG, PNG).
    #[arg(long, default_value_t = 8)]
    scale: u32,
    /// Light modules around the symbol.
    #[arg(long, default_value_t = QUIET_ZONE)]
    quiet_zone: u32,
    /// What an SVG says to those who cannot see it.
    #[arg(long)]
    title: Option<String>,
    /// The terminal writes dark on light.
    #[arg(long)]
    light: bool,
}

/// Kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Scalable, for pages and print.
    Svg,
    /// Pixels.
    Png,
    /// Half blocks, to scan from the screen.
    Terminal,
}

/// Levels of error correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// About 7 percent.
    #[value(name = "L")]
    L,
    /// About 15 percent.
    #[value(name = "M")]
    M,
    /// About 25 percent.
    #[value(name = "Q")]
    Q,
    /// About 30 percent.
    #[value(name = "H")]
    H,
}

impl From<Level> for ErrorCorrection {
    fn from(level: Level) -> Self {
        match level {
            Level::L => Self::Low,
            Level::M => Self::Medium,
            Level::Q => Self::Quartile,
            Level::H => Self::High,
        }
    }
}

pub(super) fn run(arguments: &RenderArgs) -> anyhow::Result<Answer> {
    let payload = input::payload(&arguments.payload)?;
    let payload = match parse_bytes(&payload, Profile::Strict).into_document() {
        Ok(document) => document.encode(),
        Err(invalid) => {
            complain(&invalid.to_string());
            return Ok(Answer::Refused);
        }
    };
    let picture = draw(&payload, arguments)?;
    match &arguments.out {
        Some(file) => {
            std::fs::write(file, picture)
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        None if arguments.format == Format::Png && std::io::stdout().is_terminal() => {
            anyhow::bail!("a PNG is not for a terminal: give --out FILE");
        }
        None => say(&picture)?,
    }
    Ok(Answer::Yes)
}

fn draw(payload: &str, arguments: &RenderArgs) -> anyhow::Result<Vec<u8>> {
    let symbol = Symbol::encode(payload, arguments.level.into())?;
    let (scale, quiet_zone) = (arguments.scale, arguments.quiet_zone);
    Ok(match arguments.format {
        Format::Svg => {
            let title = arguments.title.clone();
            symbol
                .svg(&SvgOptions {
                    scale,
                    quiet_zone,
                    title,
                })?
                .into_bytes()
        }
        Format::Png => symbol.png(&PngOptions { scale, quiet_zone })?,
        Format::Terminal => {
            let options = TerminalOptions {
                quiet_zone,
                light_background: arguments.light,
            };
            symbol.terminal(&options)?.into_bytes()
        }
    })
}
