//! After the tests: nothing that any of them printed or logged holds an address of a person. Tests use addresses of nobody, which are known here; whatever
//! a test says of one that passes was written by our own log.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};

use anyhow::{Context as _, Result};

use crate::shell::root;
use crate::steps::Outcome;

/// Addresses of nobody, as tests use them: mailboxes, telephone numbers and an id of the sign-in service.
const CANARIES: [&str; 7] = [
    "canary@",
    "canaryqx7",
    "kanarieqx7",
    "person-1@",
    "61230001",
    "61239417",
    "tokenised-id-of-nobody",
];
/// Most lines that are shown.
const SHOWN_MAX: usize = 20;

/// Searches what the tests of the last run printed, as nextest keeps it.
pub(crate) fn check_output(profile: &str) -> Result<Outcome> {
    let folder = root().join("target/nextest").join(profile);
    let path = folder.join("junit.xml");
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    judge(file, |number, line| {
        println!("    {}:{number}: {line}", path.display())
    })
}

/// `show` gets the first lines that hold one. It is no part of this: what a test of this prints is searched itself.
fn judge(output: impl Read, mut show: impl FnMut(usize, &str)) -> Result<Outcome> {
    let mut found = 0_usize;
    let mut number = 0_usize;
    let mut lines = BufReader::new(output);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        number = number.saturating_add(1);
        let text = String::from_utf8_lossy(&line);
        if CANARIES.iter().any(|canary| text.contains(canary)) {
            found = found.saturating_add(1);
            if found <= SHOWN_MAX {
                show(number, text.trim_end());
            }
        }
        line.clear();
    }
    Ok(match (found, number) {
        (_, 0) => Outcome::Failed("the tests left no output to search".to_owned()),
        (0, _) => Outcome::Passed,
        _ => Outcome::Failed(format!("{found} lines hold an address of a person")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_an_address_fails_and_so_does_no_output_at_all() {
        let rows = [
            ("a line\nanother\n", true),
            ("a line\nsent to canary@example.org\n", false),
            ("to +85261230001", false),
            ("<testcase name=\"canary::no_log_line_holds_one\">\n", true),
            ("", false),
        ];
        for (output, passes) in rows {
            let mut shown = 0;
            let outcome = judge(output.as_bytes(), |_number, _line| shown += 1).unwrap();
            assert_eq!(shown > 0, !passes && !output.is_empty(), "{output:?}");
            assert_eq!(
                outcome == Outcome::Passed,
                passes,
                "{output:?}: {outcome:?}"
            );
        }
    }
}
