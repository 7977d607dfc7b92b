//! What is to be seen while a part runs: a bar of its time, and how the gateway keeps up.

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::tally::Tally;

/// The heights of a small picture of the waits.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Seconds in the small picture.
const SECONDS_SHOWN: usize = 30;

/// One part on the terminal; nothing where there is no terminal.
#[derive(Debug)]
pub(crate) struct Live {
    bar: ProgressBar,
}

impl Live {
    pub(crate) fn begin(name: &str, rate: u32, seconds: u32) -> Result<Self> {
        let bar = ProgressBar::new(u64::from(seconds));
        bar.set_style(ProgressStyle::with_template(
            "{prefix}\n  {bar:30} {pos} of {len} s  {msg}",
        )?);
        bar.set_prefix(format!("{name}: {rate} payments a second"));
        Ok(Self { bar })
    }

    /// Shows where things stand, once a second.
    pub(crate) fn show(&self, elapsed: Duration, tally: &Tally, under_way: usize) {
        if elapsed.as_secs() <= self.bar.position() || self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(elapsed.as_secs());
        let seconds = tally.last_seconds(SECONDS_SHOWN);
        let waits: Vec<u64> = seconds.iter().map(|second| second.p99_micros).collect();
        let last = seconds.iter().rev().nth(1);
        let (came, paid, slow) = last.map_or((0, 0, 0), |second| {
            (second.came, second.paid, second.p99_micros)
        });
        self.bar.set_message(format!(
            "{came}/s came, {paid}/s paid, p99 {} ms {}, {under_way} under way, {} turned away",
            slow.div_euclid(1_000),
            picture(&waits),
            tally.count.turned_away,
        ));
    }

    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// The waits side by side, the longest as the highest.
fn picture(waits: &[u64]) -> String {
    let longest = waits.iter().copied().max().unwrap_or(0).max(1);
    let steps = u64::try_from(HEIGHTS.len()).unwrap_or(1).saturating_sub(1);
    let height = |wait: &u64| {
        let at = wait.saturating_mul(steps).div_ceil(longest);
        usize::try_from(at).ok().and_then(|at| HEIGHTS.get(at))
    };
    waits.iter().filter_map(height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_is_the_highest() {
        assert_eq!(picture(&[0, 50, 100]), "▁▅█");
        assert_eq!(picture(&[]), "");
        assert_eq!(picture(&[0]), "▁");
    }
}
