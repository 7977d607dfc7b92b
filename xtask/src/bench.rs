//! `cargo xtask bench`: every figure that the project claims, measured here and now, in one table.
//!
//! A benchmark that is a plain program prints lines `BENCH {"name":…,"value":…,"unit":…,"ratio_to":…,"ratio":…}`; criterion leaves its
//! estimates in the target folder. Both end up as rows. Sizes, idle memory and loads come from the release build.
//!
//! What a part gave is kept in the target folder, and `--report` makes `docs/performance.md` of all that is kept.

mod figure;
mod goal;
mod kept;
mod lines;
mod memory;
mod paper;
mod part;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, ensure};

use self::figure::Figure;
use self::kept::Kept;
use self::part::{How, PARTS, Part};
use crate::setup::{self, Python};
use crate::shell::{self, cargo, check};
use crate::stage::Stage;
use crate::steps::{Outcome, Steps};

/// How many demands the benchmark of notices is told of by, and how many a quarter of rates has.
const QUARTER: (&str, &str) = ("EPAY_BENCH_DEMANDS", "2500000");
/// A million payments beside a million entries, with a peer.
const RECONCILE: &str = "reconcile";
/// Binaries whose size is a promise to whoever ships them.
const SHIPPED: [&str; 2] = ["epay", "epay-sandbox"];
const LOADTEST: &str = "epay-loadtest";

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Everything, also what takes minutes
    #[arg(long)]
    full: bool,
    /// Only parts whose name holds this; may be repeated
    #[arg(long)]
    only: Vec<String>,
    /// Then write docs/performance.md from all that was ever measured here
    #[arg(long)]
    report: bool,
    /// List the parts and end
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(options: &Options) -> Result<bool> {
    let chosen = PARTS
        .iter()
        .filter(|part| part.is_chosen(&options.only, options.full));
    let chosen: Vec<&Part> = chosen.collect();
    ensure!(!chosen.is_empty(), "no part has such a name: see --list");
    if options.list {
        for part in PARTS {
            println!("{}{}", part.name, if part.long { " (minutes)" } else { "" });
        }
        return Ok(true);
    }
    setup::postgres()?;
    setup::fonts()?;
    let mut steps = Steps::new();
    let (mut kept, mut all) = (Kept::read()?, Vec::new());
    let built = steps.run("build", || build(&chosen));
    for part in chosen.iter().filter(|_| built) {
        let mut figures = Vec::new();
        let measured = steps.run(part.name, || measure(part, options.full, &mut figures));
        if measured {
            kept.keep(part.name, figures.clone())?;
        }
        all.extend(figures);
    }
    figure::print(&all);
    if options.report {
        paper::write(&kept)?;
    }
    Ok(steps.finish())
}

/// One build for all benchmarks, as that of one package would compile what they share with other features; and one of what is shipped.
fn build(chosen: &[&Part]) -> Result<Outcome> {
    let targets = chosen.iter().flat_map(|part| match part.how {
        How::Benches(targets) => targets,
        How::Reconcile => &[RECONCILE],
        _ => &[][..],
    });
    let targets: Vec<&&str> = targets.collect();
    if !targets.is_empty() {
        let outcome = check(bench(targets).arg("--no-run"))?;
        if outcome != Outcome::Passed {
            return Ok(outcome);
        }
    }
    let shipped = |part: &&Part| {
        !matches!(
            part.how,
            How::Benches(_) | How::Reconcile | How::Ledgers | How::RailLines | How::CleanBuild
        )
    };
    if !chosen.iter().any(shipped) {
        return Ok(Outcome::Passed);
    }
    // Of the workspace, with the features that the benchmarks have, so that nothing is compiled twice.
    let mut command = cargo(["build", "--release", "--workspace", "--bin", LOADTEST]);
    for name in SHIPPED {
        command.args(["--bin", name]);
    }
    check(&mut command)
}

fn measure(part: &Part, full: bool, figures: &mut Vec<Figure>) -> Result<Outcome> {
    let loadtest = || Command::new(shell::target().join("release/epay-loadtest"));
    match part.how {
        How::Benches(targets) => {
            let started = SystemTime::now();
            let mut command = bench(targets);
            if full {
                let (name, demands) = QUARTER;
                command.env(name, demands);
            }
            let outcome = collect(&mut command, figures)?;
            figures.extend(figure::from_criterion(started)?);
            Ok(outcome)
        }
        How::Reconcile => reconciled(figures),
        How::Ledgers => ledgers(figures),
        How::AtRest => released(figures),
        How::FullPath(arguments) => collect(loadtest().arg("full-path").args(arguments), figures),
        How::FlameGraph(arguments) => {
            std::fs::create_dir_all(kept::folder())?;
            let mut command = loadtest();
            command
                .arg("full-path")
                .args(arguments)
                .arg("--flame-graph");
            // A round beside a profiler is no figure.
            collect(command.arg(paper::flame_graph()), &mut Vec::new())
        }
        How::Scenario(arguments) => {
            let scenario = arguments.first().context("a scenario has a name")?;
            let mut command = loadtest();
            command.arg("run").args(arguments);
            collect(
                command.arg("--out").arg(paper::report_of(scenario)),
                figures,
            )
        }
        How::RailLines => {
            figures.extend(lines::of_rails()?);
            Ok(Outcome::Passed)
        }
        How::CleanBuild => clean_build(figures),
    }
}

/// Our ledger beside other people's: their crates are built in a workspace and a target folder of their own.
fn ledgers(figures: &mut Vec<Figure>) -> Result<Outcome> {
    let manifest = shell::root().join("loadtest/peers/Cargo.toml");
    let mut command = cargo(["bench", "--manifest-path"]);
    command.arg(manifest);
    command.env("CARGO_TARGET_DIR", shell::target().join("peers-ledgers"));
    collect(&mut command, figures)
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
