//! Steps with names, durations and an honest table at the end.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// Nothing was checked, and why. Said aloud, never counted as passed.
    Skipped(String),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(reason) | Self::Skipped(reason) => reason,
        }
    }
}

/// The steps of one command so far.
#[derive(Debug)]
pub(crate) struct Steps {
    rows: Vec<(String, Outcome, Duration)>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Runs one step. An error becomes a failed row: later steps still run and tell more.
    /// True when it did not fail.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("==> {name}");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        let took = started.elapsed();
        println!("<== {}", line(name, &outcome, took));
        let fine = !matches!(outcome, Outcome::Failed(_));
        self.rows.push((name.to_owned(), outcome, took));
        fine
    }

    /// Notes a step that could not be tried.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        let outcome = Outcome::Skipped(reason.to_owned());
        println!("<== {}", line(name, &outcome, Duration::ZERO));
        self.rows.push((name.to_owned(), outcome, Duration::ZERO));
    }

    fn none_failed(&self) -> bool {
        !self
            .rows
            .iter()
            .any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)))
    }

    /// Prints the table. True when nothing failed.
    pub(crate) fn finish(self) -> bool {
        let total: Duration = self.rows.iter().map(|(_, _, took)| *took).sum();
        println!("\n{:-<72}", "");
        for (name, outcome, took) in &self.rows {
            println!("{}", line(name, outcome, *took));
        }
        println!("{:-<72}", "");
        let fine = self.none_failed();
        let verdict = if fine {
            "all steps passed or were skipped aloud"
        } else {
            "FAILED"
        };
        println!("{verdict}, {}", seconds(total));
        fine
    }
}

fn line(name: &str, outcome: &Outcome, took: Duration) -> String {
    let text = format!("{:<7} {:>9}  {name}", outcome.word(), seconds(took));
    match outcome.reason() {
        "" => text,
        reason => format!("{text}: {reason}"),
    }
}

fn seconds(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_whole_and_later_steps_still_run() {
        let mut steps = Steps::new();
        assert!(steps.run("one", || Ok(Outcome::Passed)));
        assert!(!steps.run("two", || anyhow::bail!("broken")));
        assert!(steps.run("three", || Ok(Outcome::Skipped("no node".to_owned()))));
        assert!(!steps.none_failed());
        assert!(!steps.finish());
    }

    #[test]
    fn a_line_says_what_how_long_and_why() {
        let took = Duration::from_millis(12_340);
        let skipped = Outcome::Skipped("no Python".to_owned());
        assert_eq!(
            line("peers", &skipped, took),
            "skipped    12.3 s  peers: no Python"
        );
    }
}
