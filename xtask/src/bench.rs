//! `cargo xtask bench`: every figure that the project claims, measured here and now, in one table.
//!
//! A benchmark that is a plain program prints lines `BENCH {"name":…,"value":…,"unit":…,"ratio_to":…,"ratio":…}`; criterion leaves its
//! estimates in the target folder. Both end up as rows. Sizes and idle memory come from the release build.

mod figure;
mod lines;
mod memory;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result};

use self::figure::Figure;
use crate::setup::{self, Python};
use crate::shell::{self, cargo, check};
use crate::stage::Stage;
use crate::steps::{Outcome, Steps};

/// Benchmarks that stand alone: what they show, and the names of their targets.
const ALONE: &[(&str, &[&str])] = &[
    ("emvqr: parse and build", &["codec"]),
    ("epay-tokens: verify and open", &["tokens"]),
    ("epay-domain: choose a rail", &["routing"]),
    ("epay-demand: bills a second", &["demands"]),
    ("rails: what each decodes", &["decode", "file", "judge"]),
    ("ledger: posting beside pgbench", &["posting"]),
    ("log: sealing beside posting, proofs", &["log"]),
];

/// Benchmarks that take minutes, for `--full`.
const LONG: &[(&str, &[&str])] = &[
    ("camt.053: a million entries parsed", &["statement"]),
    ("statement: a million entries taken in", &["statements"]),
    (
        "feed: a day of a million payments closed and read",
        &["feeds"],
    ),
    ("webhooks: one receiver of a hundred is ill", &["webhooks"]),
    ("notices: a quarter of rates planned and sent", &["notices"]),
];

/// How many demands the benchmark of notices is told of by, and how many a quarter of rates has.
const QUARTER: (&str, &str) = ("EPAY_BENCH_DEMANDS", "2500000");

/// A million payments beside a million entries, for `--full` too; with a peer.
const RECONCILE: &str = "reconcile";

/// Binaries whose size is a promise to whoever ships them.
const SHIPPED: [&str; 2] = ["epay", "epay-sandbox"];

pub(crate) fn run(full: bool) -> Result<bool> {
    setup::postgres()?;
    setup::fonts()?;
    let mut steps = Steps::new();
    let mut figures = Vec::new();
    let long = LONG.iter().filter(|_| full);
    let chosen: Vec<_> = ALONE.iter().chain(long).collect();
    // One build for all, as that of one package would compile what they share with other features.
    steps.run("build: benchmarks", || {
        let targets = chosen.iter().flat_map(|(_, targets)| targets.iter());
        let last = full.then_some(&RECONCILE);
        check(bench(targets.chain(last)).arg("--no-run"))
    });
    for (name, targets) in chosen {
        steps.run(name, || {
            let started = SystemTime::now();
            let (name, demands) = QUARTER;
            let outcome = collect(bench(*targets).env(name, demands), &mut figures)?;
            figures.extend(figure::from_criterion(started)?);
            Ok(outcome)
        });
    }
    let built = steps.run("release build", || {
        let mut command = cargo(["build", "--release", "--package", "epay-loadtest"]);
        for name in SHIPPED {
            command.args(["--package", name]);
        }
        check(&mut command)
    });
    if built {
        steps.run("size, idle memory", || released(&mut figures));
        steps.run("full path beside pgbench", || {
            let program = shell::target().join("release/epay-loadtest");
            collect(Command::new(program).arg("full-path"), &mut figures)
        });
    }
    steps.run("source lines of each rail", || {
        figures.extend(lines::of_rails()?);
        Ok(Outcome::Passed)
    });
    if full {
        steps.run("reconciliation beside DuckDB", || reconciled(&mut figures));
        steps.run("clean debug build", || clean_build(&mut figures));
    }
    figure::print(&figures);
    Ok(steps.finish())
}

/// Cargo, told to run these benchmarks.
fn bench<'a>(targets: impl IntoIterator<Item = &'a &'a str>) -> Command {
    let mut command = cargo(["bench", "--workspace"]);
    for target in targets {
        command.args(["--bench", target]);
    }
    command
}

/// Runs a program, shows what it prints and keeps its figures.
fn collect(command: &mut Command, figures: &mut Vec<Figure>) -> Result<Outcome> {
    println!("    {}", shell::shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", shell::shown(command)))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            match line.strip_prefix("BENCH ") {
                Some(json) => figures.push(Figure::read(json)?),
                None => println!("{line}"),
            }
        }
    }
    let status = child.wait()?;
    Ok(if status.success() {
        Outcome::Passed
    } else {
        Outcome::Failed(status.to_string())
    })
}

/// What the release binaries weigh, and use at rest.
fn released(figures: &mut Vec<Figure>) -> Result<Outcome> {
    let release = shell::target().join("release");
    for name in SHIPPED {
        let bytes = std::fs::metadata(release.join(name))?.len();
        figures.push(Figure::new(&format!("{name}: binary"), bytes / 1024, "KiB"));
    }
    let stage = Stage::start_program(&release.join("epay"), "bench-demo")?;
    let at_rest = memory::at_rest(stage.pid());
    // A stage that does not end cleanly is a failure too, but the figures' own error comes first.
    let stopped = stage.stop();
    figures.extend(at_rest?);
    stopped
}

/// A million payments beside a million entries of a statement, and `DuckDB`'s plain join of the same.
fn reconciled(figures: &mut Vec<Figure>) -> Result<Outcome> {
    let mut command = bench(&[RECONCILE]);
    match setup::python()? {
        Python::Ready(programs) => {
            command.env("EPAY_BENCH_PYTHON", programs.join("python"));
        }
        Python::Missing(why) => println!("    without DuckDB: {why}"),
    }
    collect(&mut command, figures)
}

/// The default members, from nothing, in a target folder of their own.
fn clean_build(figures: &mut Vec<Figure>) -> Result<Outcome> {
    let folder = shell::target().join("clean-build");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let started = Instant::now();
    let outcome = check(cargo(["build"]).env("CARGO_TARGET_DIR", &folder))?;
    let took = started.elapsed().as_secs();
    figures.push(Figure::new("clean debug build", took, "s"));
    std::fs::remove_dir_all(&folder)?;
    Ok(outcome)
}
