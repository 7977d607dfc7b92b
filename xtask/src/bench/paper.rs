//! `docs/performance.md`: every figure that is kept, in the order of the parts, and the reports of the scenarios beside it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::goal;
use super::kept::{self, Kept, Measured};
use super::part::{How, PARTS, Part};
use crate::shell;

/// Pictures of a scenario, where it has them.
const PICTURES: [&str; 4] = ["knee.svg", "rates.svg", "waits.svg", "rails.svg"];
const FLAME_GRAPH: &str = "full-path-flame.svg";
const HEAD: &str = "# Performance\n\n\
    Made by `cargo xtask bench --report` from what was measured on one machine; nothing here is written by hand. What is measured, how to\n\
    read it and what the profiles show is in [performance-notes.md](performance-notes.md). Compare ratios, not figures of two machines.\n\n";

/// Writes the page, and copies the reports of scenarios.
pub(super) fn write(kept: &Kept) -> Result<()> {
    let docs = shell::root().join("docs");
    fs::create_dir_all(docs.join("performance"))?;
    for part in PARTS {
        if let (How::Scenario([scenario, ..]), Some(_)) = (part.how, kept.of(part.name)) {
            copy(
                &report_of(scenario),
                &docs.join("performance").join(scenario),
            )?;
        }
    }
    if flame_graph().is_file() {
        fs::copy(flame_graph(), docs.join("performance").join(FLAME_GRAPH))?;
    }
    let page = docs.join("performance.md");
    fs::write(&page, text(kept, &machine())).with_context(|| page.display().to_string())?;
    println!("{}", page.display());
    Ok(())
}

/// Where the full path leaves its picture.
pub(super) fn flame_graph() -> std::path::PathBuf {
    kept::folder().join(FLAME_GRAPH)
}

/// Where a scenario leaves its report.
pub(super) fn report_of(scenario: &str) -> std::path::PathBuf {
    kept::folder().join("load").join(scenario)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for name in PICTURES.into_iter().chain(["report.md"]) {
        if from.join(name).is_file() {
            fs::copy(from.join(name), to.join(name))?;
        }
    }
    Ok(())
}

/// The machine, as Linux describes it.
fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    format!(
        "{}, {} cores, {} of memory, Linux {}.\n",
        field(&read("/proc/cpuinfo"), "model name"),
        std::thread::available_parallelism().map_or(1, usize::from),
        field(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim()
    )
}

fn text(kept: &Kept, machine: &str) -> String {
    let mut text = format!("{HEAD}{machine}{}", goal::table(kept));
    for part in PARTS {
        if let Some(measured) = kept.of(part.name) {
            section(&mut text, part, measured);
        }
    }
    text
}

fn section(text: &mut String, part: &Part, measured: &Measured) {
    let Part { name, how, .. } = part;
    let Measured {
        day,
        commit,
        figures,
    } = measured;
    // Writing into a string cannot fail.
    let _cannot_fail = write!(
        text,
        "\n## {name}\n\n`cargo xtask bench --only \"{name}\"`, {day}, commit {commit}\n"
    );
    if !figures.is_empty() {
        text.push_str("\n| figure | value | | beside |\n|---|---:|---|---|\n");
    }
    for figure in figures {
        text.push_str(&figure.row());
    }
    if let How::FlameGraph(_) = how {
        let _cannot_fail = write!(text, "\n![{name}](performance/{FLAME_GRAPH})\n");
    }
    if let How::Scenario([scenario, ..]) = how {
        let _cannot_fail = write!(
            text,
            "\n[The whole report](performance/{scenario}/report.md)\n\n![{name}](performance/{scenario}/rates.svg)\n"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_measured_is_on_the_page() {
        let empty = text(&Kept::default(), "A machine.\n");
        assert!(empty.starts_with("# Performance") && empty.ends_with("A machine.\n"));
        let mut page = String::new();
        let part = PARTS
            .iter()
            .find(|part| part.name == "load: steady")
            .expect("there");
        let measured = Measured {
            day: "2026-11-28".to_owned(),
            commit: "0123456789".to_owned(),
            figures: vec![super::super::figure::Figure::new(
                "the knee",
                900,
                "payments/s",
            )],
        };
        section(&mut page, part, &measured);
        assert!(
            page.contains("| the knee | 900 | payments/s |  |\n"),
            "{page}"
        );
        assert!(page.contains("](performance/steady/report.md)"), "{page}");
    }
}
