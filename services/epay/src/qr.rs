//! `epay qr`: payment codes by hand, without a gateway or a database.
//!
//! Every verb reads its arguments or standard input, says one thing on standard output, and answers by its exit code:
//! 0 it is so, 1 the payload or request was refused, 2 the command was not understood or could not read or write.

mod decode;
mod encode;
mod input;
mod render;
mod report;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Subcommand;

/// Payment codes: write, read and draw EMV merchant-presented QR payloads with the Hong Kong FPS profile.
#[derive(Debug, Subcommand)]
pub(crate) enum QrCommand {
    /// Write the payload of a code that asks for a payment through FPS.
    Encode(Box<encode::EncodeArgs>),
    /// Read a payload and say everything that is wrong with it.
    Decode(decode::DecodeArgs),
    /// Draw a payload as a QR symbol.
    Render(render::RenderArgs),
}

/// What a verb has to answer when nothing went wrong with the reading and writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    Refused,
}

/// Runs the verb and says by the exit code how it went.
pub(crate) fn run(command: QrCommand) -> ExitCode {
    let answer = match command {
        QrCommand::Encode(arguments) => encode::run(&arguments),
        QrCommand::Decode(arguments) => decode::run(&arguments),
        QrCommand::Render(arguments) => render::run(&arguments),
    };
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::Refused) => ExitCode::from(1),
        Err(failure) => {
            complain(&format!("{failure:#}"));
            ExitCode::from(2)
        }
    }
}

/// Writes to standard output. A reader that has heard enough and closed the pipe is not a failure.
fn say(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line to standard error; when even that fails there is nobody left to tell.
fn complain(text: &str) {
    writeln!(std::io::stderr(), "epay qr: {text}").unwrap_or_default();
}
