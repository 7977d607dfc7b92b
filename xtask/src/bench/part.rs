//! The parts of the benchmark: what each shows, and how it is measured.

/// How a part is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Benchmarks of the workspace, by the names of their targets.
    Benches(&'static [&'static str]),
    /// A million payments beside `DuckDB`, where a Python has it.
    Reconcile,
    /// Other people's ledgers, in a workspace of their own.
    Ledgers,
    /// What the release binaries weigh, and use at rest.
    AtRest,
    /// `epay-loadtest full-path` with these arguments.
    FullPath(&'static [&'static str]),
    /// The same, with a picture of where the processors were.
    FlameGraph(&'static [&'static str]),
    /// `epay-loadtest run` with these arguments, the first a scenario; it leaves a report of its own.
    Scenario(&'static [&'static str]),
    /// How large each rail is.
    RailLines,
    /// The default members, from nothing.
    CleanBuild,
}

/// One part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) how: How,
    /// It takes minutes: for `--full`, or by name.
    pub(super) long: bool,
}

const fn quick(name: &'static str, how: How) -> Part {
    let long = false;
    Part { name, how, long }
}

const fn long(name: &'static str, how: How) -> Part {
    let long = true;
    Part { name, how, long }
}

/// All of them, in the order in which they run and are reported.
pub(super) const PARTS: &[Part] = &[
    quick(
        "full path beside pgbench",
        How::FullPath(&["--rounds", "5", "--payments", "12000"]),
    ),
    long(
        "full path: where the processors are",
        How::FlameGraph(&["--rounds", "1", "--payments", "20000"]),
    ),
    long(
        "full path: CreatePayment alone",
        How::FullPath(&["--create-only", "--rounds", "5"]),
    ),
    long(
        "full path: a bank that gathers credits",
        How::FullPath(&["--credits", "50", "--rounds", "5"]),
    ),
    long("full path: TLS", How::FullPath(&["--tls", "--rounds", "5"])),
    long(
        "full path: two gateways, one thread each",
        How::FullPath(&["--nodes", "2", "--server-threads", "1", "--rounds", "5"]),
    ),
    long(
        "full path: two gateways, threads as they come",
        How::FullPath(&["--nodes", "2", "--rounds", "5"]),
    ),
    long(
        "full path: a commit each",
        How::FullPath(&["--commit-each", "--payments", "5000", "--rounds", "5"]),
    ),
    long(
        "full path: 20 million journals more",
        How::FullPath(&["--journals", "20000000", "--rounds", "5"]),
    ),
    long("load: steady", How::Scenario(&["steady"])),
    long("load: tax day", How::Scenario(&["tax-day"])),
    long("load: hot biller", How::Scenario(&["hot-biller"])),
    long("load: citizens who watch", How::Scenario(&["watched"])),
    long("load: import beside payments", How::Scenario(&["import"])),
    long("load: cost as work grows", How::Scenario(&["cost"])),
    long("load: all rails", How::Scenario(&["all-rails"])),
    long("load: a sick rail", How::Scenario(&["sick-rail"])),
    long("load: soak", How::Scenario(&["soak"])),
    quick("ledger: posting beside pgbench", How::Benches(&["posting"])),
    long("ledger: beside other ledgers", How::Ledgers),
    quick(
        "log: sealing beside posting, proofs",
        How::Benches(&["log"]),
    ),
    long("reconciliation beside DuckDB", How::Reconcile),
    long(
        "camt.053: a million entries parsed",
        How::Benches(&["statement"]),
    ),
    long(
        "statement: a million entries taken in",
        How::Benches(&["statements"]),
    ),
    long(
        "feed: a day of a million payments closed and read",
        How::Benches(&["feeds"]),
    ),
    long(
        "webhooks: one receiver of a hundred is ill",
        How::Benches(&["webhooks"]),
    ),
    long(
        "notices: a quarter of rates planned and sent",
        How::Benches(&["notices"]),
    ),
    quick("emvqr: parse and build", How::Benches(&["codec"])),
    quick("epay-tokens: verify and open", How::Benches(&["tokens"])),
    quick("epay-domain: choose a rail", How::Benches(&["routing"])),
    quick("epay-demand: bills a second", How::Benches(&["demands"])),
    quick(
        "rails: what each decodes",
        How::Benches(&["decode", "file", "judge"]),
    ),
    quick("size, idle memory", How::AtRest),
    quick("source lines of each rail", How::RailLines),
    long("clean debug build", How::CleanBuild),
];

impl Part {
    /// Whether it is asked for: by name, or because all are, or because it is quick.
    pub(super) fn is_chosen(&self, only: &[String], full: bool) -> bool {
        if only.is_empty() {
            return full || !self.long;
        }
        only.iter().any(|word| self.name.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn parts_are_told_apart_by_name_and_some_are_quick() {
        let names: BTreeSet<&str> = PARTS.iter().map(|part| part.name).collect();
        assert_eq!(names.len(), PARTS.len());
        let chosen = |only: &[&str], full| {
            let only: Vec<String> = only.iter().map(|word| (*word).to_owned()).collect();
            let parts = PARTS.iter().filter(|part| part.is_chosen(&only, full));
            parts.count()
        };
        assert!(chosen(&[], false) < chosen(&[], true));
        assert_eq!(chosen(&[], true), PARTS.len());
        assert_eq!(chosen(&["load: steady", "clean debug"], false), 2);
        assert_eq!(chosen(&["nothing of the kind"], true), 0);
    }
}
