//! Stacks as `perf script` writes them, counted in a tree: what was called from where, and how often it was seen.

use std::collections::BTreeMap;
use std::io::BufRead;

use anyhow::Result;

/// Frames of one stack that are counted; those further in are not.
const DEPTH_MAX: usize = 96;
/// What a frame is called that has no symbol.
const UNKNOWN: &str = "[unknown]";

/// A function, as called from the one above it.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Samples in it, or in what it called.
    pub(super) samples: u64,
    pub(super) calls: BTreeMap<String, Frame>,
}

/// All of them; the first level is whose process it was.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    pub(super) root: Frame,
}

impl Stacks {
    /// Reads samples: a line that names the process, a line a frame from the innermost outwards, an empty line.
    pub(super) fn read(text: impl BufRead, gateways: &[u32]) -> Result<Self> {
        let (mut stacks, mut party, mut frames) = (Self::default(), None, Vec::new());
        for line in text.lines() {
            let line = line?;
            if line.trim().is_empty() {
                stacks.add(party.take(), &mut frames);
            } else if line.starts_with(char::is_whitespace) {
                frames.push(symbol(&line).to_owned());
            } else {
                party = Some(party_of(&line, gateways));
            }
        }
        stacks.add(party, &mut frames);
        Ok(stacks)
    }

    pub(super) const fn samples(&self) -> u64 {
        self.root.samples
    }

    /// Each party with its thousandths of all samples.
    pub(super) fn shares(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.samples().max(1);
        let calls = self.root.calls.iter();
        calls.map(move |(party, frame)| {
            let share = frame.samples.saturating_mul(1_000).div_euclid(all);
            (party.as_str(), share)
        })
    }

    fn add(&mut self, party: Option<String>, frames: &mut Vec<String>) {
        if let Some(party) = party {
            self.root.samples = self.root.samples.saturating_add(1);
            let names = frames.drain(..).rev().take(DEPTH_MAX);
            let mut at = &mut self.root;
            for name in std::iter::once(party).chain(names) {
                at = at.calls.entry(name).or_default();
                at.samples = at.samples.saturating_add(1);
            }
        }
        frames.clear();
    }
}

/// Whose process a sample is of: `name pid`, where the name is the thread's and may hold spaces.
fn party_of(line: &str, gateways: &[u32]) -> String {
    let words = line.split_whitespace();
    let pid = words
        .filter_map(|word| word.parse::<u32>().ok())
        .next_back();
    match pid {
        Some(pid) if gateways.contains(&pid) => "gateway and worker".to_owned(),
        _ => "PostgreSQL".to_owned(),
    }
}

/// The symbol of a frame: what stands behind its address.
fn symbol(line: &str) -> &str {
    let line = line.trim();
    match line.split_once(' ') {
        Some((_address, symbol)) if !symbol.trim().is_empty() => symbol.trim(),
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_where_they_were_from_the_outside_in() {
        let text = "tokio rt-worker  71 \n\t  55f leaf<a, b>\n\t  550 middle\n\t  540 main\n\n\
                    postgres  90 \n\t  10 ExecScan\n\t  11 [unknown]\n\n\
                    tokio rt-worker  71 \n\t  551 middle\n\t  540 main\n";
        let stacks = Stacks::read(text.as_bytes(), &[71]).unwrap();
        assert_eq!(stacks.samples(), 3);
        let shares: Vec<_> = stacks.shares().collect();
        assert_eq!(shares, [("PostgreSQL", 333), ("gateway and worker", 666)]);
        let main = &stacks.root.calls["gateway and worker"].calls["main"];
        let middle = &main.calls["middle"];
        assert_eq!((main.samples, middle.samples), (2, 2));
        assert_eq!(middle.calls["leaf<a, b>"].samples, 1);
        assert!(stacks.root.calls["PostgreSQL"].calls.contains_key(UNKNOWN));
    }

    #[test]
    fn nothing_is_no_sample() {
        assert_eq!(Stacks::read("\n\n".as_bytes(), &[]).unwrap().samples(), 0);
    }
}
