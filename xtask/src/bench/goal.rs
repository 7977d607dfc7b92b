//! What the project wants of its figures, and whether those that were measured reach it.
//!
//! A goal that is missed stays in the table with its figure: why, and what bounds it, is in the notes.

use std::fmt::Write as _;

use super::figure::Figure;
use super::kept::Kept;
use super::part::PARTS;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    /// So many hundredths of what ran beside it, at least.
    Times(u64),
    /// So many hundredths of what ran beside it, at most.
    TimesAtMost(u64),
    /// Its value, at most.
    BeAtMost(u64),
}

/// One goal.
#[derive(Debug, Clone, Copy)]
struct Goal {
    what: &'static str,
    figure: &'static str,
    must: Must,
}

const GOALS: [Goal; 15] = [
    goal(
        "postings in batches of 1,000, beside a bare COPY of one row a transfer",
        "post_uniform_1000_x2_beside_lean_copy_1000_x2",
        Must::Times(90),
    ),
    goal(
        "the same, beside a bare COPY of the same rows with the same indexes",
        "post_uniform_1000_x2_beside_lean_rows_1000_x2",
        Must::Times(90),
    ),
    goal(
        "the same, beside cala-ledger",
        "cala-ledger, batch 1,000",
        Must::Times(2_500),
    ),
    goal(
        "one hot account, beside accounts in turn",
        "post_hot_1000_x2_beside_uniform",
        Must::Times(95),
    ),
    goal("full path, beside TPC-B", "full path", Must::Times(400)),
    goal(
        "CreatePayment alone, beside TPC-B",
        "CreatePayment alone",
        Must::Times(600),
    ),
    goal(
        "first answer at half of the knee, p99, beside three times to the disk + 5 ms",
        "steady: half of the knee, first answer p99",
        Must::TimesAtMost(100),
    ),
    goal(
        "turned away in the surge without a word of when to come back",
        "tax-day: the last hour, a surge of twenty times, of them without a hint",
        Must::BeAtMost(0),
    ),
    goal(
        "20 million journals in the tables, beside empty ones",
        "full path, 20000000 journals more in the tables",
        Must::Times(90),
    ),
    goal(
        "memory of the gateway beyond the knee, MiB",
        "hot-biller: all that it carries, memory of the gateway",
        Must::BeAtMost(300),
    ),
    goal(
        "memory of one of 50,000 open watches, bytes",
        "watched: thousands watch, memory of one watch",
        Must::BeAtMost(15_360),
    ),
    goal(
        "payments while 50,000 watch, beside nobody",
        "watched: all that it carries, thousands watch, paid",
        Must::Times(95),
    ),
    goal(
        "two gateways with workers on one PostgreSQL, one thread each, beside one of them",
        "full path, 2 gateways, one thread each, beside one of them",
        Must::Times(100),
    ),
    goal(
        "the same with a thread a processor each: twice as many threads as processors",
        "full path, 2 gateways, beside one of them",
        Must::Times(100),
    ),
    goal(
        "full path with TLS, as many times TPC-B as wanted without",
        "full path, TLS",
        Must::Times(400),
    ),
];

const fn goal(what: &'static str, figure: &'static str, must: Must) -> Goal {
    Goal { what, figure, must }
}

/// The table, for those goals whose figures there are.
pub(super) fn table(kept: &Kept) -> String {
    let measured: Vec<&Figure> = PARTS
        .iter()
        .filter_map(|part| kept.of(part.name))
        .flat_map(|measured| &measured.figures)
        .collect();
    rows(&measured)
}

fn rows(measured: &[&Figure]) -> String {
    let find = |name: &str| {
        measured
            .iter()
            .find(|figure| figure.name() == name)
            .copied()
    };
    let mut text = String::new();
    for goal in GOALS {
        let Some((seen, met)) = find(goal.figure).and_then(|figure| goal.judge(figure)) else {
            continue;
        };
        let (wanted, met) = (goal.must.wanted(), if met { "yes" } else { "**no**" });
        // Writing into a string cannot fail.
        let _cannot_fail = writeln!(text, "| {} | {wanted} | {seen} | {met} |", goal.what);
    }
    if text.is_empty() {
        return text;
    }
    format!("\n## Goals\n\n| what | wanted | seen | met |\n|---|---:|---:|---|\n{text}")
}

impl Goal {
    /// What was seen, and whether it is enough.
    fn judge(&self, figure: &Figure) -> Option<(String, bool)> {
        let times = figure.times_hundredths();
        Some(match self.must {
            Must::Times(least) => (shown(times?), times? >= least),
            Must::TimesAtMost(most) => (shown(times?), times? <= most),
            Must::BeAtMost(most) => (figure.value()?.to_string(), figure.value()? <= most),
        })
    }
}

impl Must {
    fn wanted(self) -> String {
        match self {
            Self::Times(least) => format!("≥ {}", shown(least)),
            Self::TimesAtMost(most) => format!("≤ {}", shown(most)),
            Self::BeAtMost(most) => format!("≤ {most}"),
        }
    }
}

fn shown(hundredths: u64) -> String {
    format!("{}.{:02} ×", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: u64, ratio: &str) -> Figure {
        let json = format!(
            r#"{{"name":"{name}","value":{value},"unit":"x","ratio_to":"y","ratio":{ratio}}}"#
        );
        Figure::read(&json).expect("reads")
    }

    #[test]
    fn goals_are_judged_by_what_was_measured_and_left_out_where_nothing_was() {
        let full = figure("full path", 1_800, "1.26");
        let two = figure("full path, 2 gateways, beside one of them", 1_900, "1.03");
        let silent = figure(
            "tax-day: the last hour, a surge of twenty times, of them without a hint",
            0,
            "1.0",
        );
        let late = figure("steady: half of the knee, first answer p99", 9_000, "1.01");
        let text = rows(&[&full, &two, &silent, &late]);
        assert!(text.contains("| ≥ 4.00 × | 1.26 × | **no** |"), "{text}");
        assert!(text.contains("| ≥ 1.00 × | 1.03 × | yes |"), "{text}");
        assert!(text.contains("| ≤ 0 | 0 | yes |"), "{text}");
        assert!(text.contains("| ≤ 1.00 × | 1.01 × | **no** |"), "{text}");
        assert!(!text.contains("cala"), "{text}");
        assert_eq!(rows(&[]), "");
    }
}
