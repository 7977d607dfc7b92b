//! Payloads from the command line or from standard input.

use std::io::{BufRead, Read};

use anyhow::Context;
use emvqr::INPUT_BYTES_MAX;

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// The payload given, or all of standard input for `-`. The line end that a shell puts after the last line is not part of it.
///
/// # Errors
/// Standard input that cannot be read.
pub(super) fn payload(argument: &str) -> anyhow::Result<Vec<u8>> {
    if argument != STDIN {
        return Ok(argument.as_bytes().to_vec());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limit())
        .read_to_end(&mut bytes)
        .context("standard input cannot be read")?;
    Ok(without_line_end(bytes))
}

/// Calls `each` with every line of standard input. Of a line that is longer than any payload the rest is skipped.
///
/// # Errors
/// As [`payload`], and whatever `each` reports.
pub(super) fn each_line(mut each: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut stdin = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        stdin
            .by_ref()
            .take(limit())
            .read_until(b'\n', &mut line)
            .context("standard input cannot be read")?;
        if line.is_empty() {
            return Ok(());
        }
        if line.last() != Some(&b'\n') {
            stdin
                .skip_until(b'\n')
                .context("standard input cannot be read")?;
        }
        each(&without_line_end(line))?;
    }
}

/// Enough bytes to hold the longest payload with its line end, and one more to be told that it is too long.
fn limit() -> u64 {
    u64::try_from(INPUT_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(3)
}

fn without_line_end(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    bytes
}
