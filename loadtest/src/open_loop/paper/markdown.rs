//! The report as people read it.

use core::fmt::Write as _;

use super::{Paper, PartRow, Waits, rails};
use crate::report::millis;

/// The report.
pub(super) fn of(paper: &Paper) -> String {
    let mut text = head(paper);
    text.push_str(&knee(paper));
    text.push_str(&parts(paper));
    text.push_str(&rails::markdown(paper));
    text.push_str(&costs(paper));
    line(
        &mut text,
        format_args!(
            "## The audit\n\n{}\n",
            paper.audit.trim_start_matches("Audit: ")
        ),
    );
    text.push_str(CAVEATS);
    text
}

const CAVEATS: &str = "## How to read it

* Citizens come by a schedule and do not wait for each other. A wait is counted from the moment at which one came, so a stall is in the
  figures of everybody whom it held up.
* Client, gateway and PostgreSQL share the machine: what the client takes, the gateway has not.
* \"Client late\" is how late the client itself began, p99. Where it is no small part of a wait, the wait is the client's too.
* Who is turned away goes home; the bank tells of its money until it is heard. Payments without an answer are asked about when the part is
  over and are then paid, so the books must agree to the cent whatever happened.
* Figures of two runs are compared by their ratios to the yardsticks, not by themselves.
";

fn line(text: &mut String, arguments: core::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _cannot_fail = writeln!(text, "{arguments}");
}

fn head(paper: &Paper) -> String {
    let machine = &paper.machine;
    let house = match paper.house.join(", ") {
        words if words.is_empty() => words,
        words => format!("With {words}. "),
    };
    let mut text = String::new();
    line(
        &mut text,
        format_args!(
            "# Load report: {}\n\n{}\n\n{}{}; {}, {} cores, {} MiB, Linux {}, PostgreSQL {}; ended {}.\nOne page reaches the disk in {} ms (p50), \
             {} ms (p99).\n",
            paper.scenario,
            paper.summary,
            house,
            machine.program,
            machine.processor,
            machine.cores,
            machine.memory_mib,
            machine.kernel,
            machine.postgres,
            paper.ended_at,
            millis(machine.sync_p50_micros),
            millis(machine.sync_p99_micros),
        ),
    );
    text.push_str("| beside it, on the same cluster | a second |\n|---|---:|\n");
    for yardstick in &paper.yardsticks {
        line(
            &mut text,
            format_args!("| {} | {} |", yardstick.name, yardstick.per_second),
        );
    }
    text.push('\n');
    text
}

fn knee(paper: &Paper) -> String {
    let mut text = String::new();
    line(
        &mut text,
        format_args!("## The knee: {} payments a second\n", paper.knee),
    );
    if paper.steps.is_empty() {
        text.push_str("It was given, not looked for.\n\n");
        return text;
    }
    text.push_str(
        "The highest rate at which everybody was served and 99 of 100 had their first answer within a second; \
         where citizens pay by every rail, also the news of their money within three.\n\n\
         ![](knee.svg)\n\n| came a second | payments | not served | p99 ms | settled p99 ms | carried |\n|---:|---:|---:|---:|---:|---|\n",
    );
    for step in &paper.steps {
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {} |",
                step.rate,
                step.offered,
                step.not_served,
                millis(step.p99_micros),
                millis(step.settled_p99_micros),
                if step.carried { "yes" } else { "no" }
            ),
        );
    }
    text.push('\n');
    text
}

fn parts(paper: &Paper) -> String {
    let mut text = String::from(
        "## The parts\n\n![](rates.svg)\n\n![](waits.svg)\n\n\
         | part | came /s | s | paid /s | turned away | no answer | first answer ms: p50 | p90 | p99 | p99.9 | max | notice p99 | settled p99 | client late |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for part in &paper.parts {
        let PartRow {
            name,
            rate,
            seconds,
            count,
            paid_per_second,
            answered:
                Waits {
                    p50,
                    p90,
                    p99,
                    p999,
                    max,
                },
            acknowledged,
            settled,
            client_late_p99_micros,
            ..
        } = part;
        let [p50, p90, p99, p999, max] = [p50, p90, p99, p999, max].map(|wait| millis(*wait));
        line(
            &mut text,
            format_args!(
                "| {name} | {rate} | {seconds} | {paid_per_second} | {} | {} | {p50} | {p90} | {p99} | {p999} | {max} | {} | {} | {} |",
                count.turned_away,
                count.unanswered.saturating_add(count.not_let_in),
                millis(acknowledged.p99),
                millis(settled.p99),
                millis(*client_late_p99_micros),
            ),
        );
    }
    for part in &paper.parts {
        let count = part.count;
        if count.not_let_in > 0 {
            line(
                &mut text,
                format_args!(
                    "\n**{}**: the client let {} not in, so the rate was higher than the client can offer.",
                    part.name, count.not_let_in
                ),
            );
        }
        if count.turned_away_without_hint > 0 {
            line(
                &mut text,
                format_args!(
                    "\n**{}**: {} were turned away without a word of when to come back.",
                    part.name, count.turned_away_without_hint
                ),
            );
        }
    }
    text.push('\n');
    text
}

fn costs(paper: &Paper) -> String {
    let mut text = String::from(
        "## What a payment costs\n\n\
         | part | gateway us | PostgreSQL us | client us | sandbox us | rows | WAL bytes | on disk bytes | gateway MiB | watchers | bytes each | imported |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for part in &paper.parts {
        let cost = part.cost;
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {}.{} | {} | {} | {} | {} | {} | {} |",
                part.name,
                cost.gateway_micros,
                cost.postgres_micros,
                cost.client_micros,
                cost.sandbox_micros,
                cost.rows_tenths.div_euclid(10),
                cost.rows_tenths.rem_euclid(10),
                cost.wal_bytes,
                cost.database_bytes,
                part.gateway_bytes.div_euclid(1 << 20),
                part.watchers,
                part.watcher_bytes,
                part.imported_bills,
            ),
        );
    }
    text.push('\n');
    text
}
