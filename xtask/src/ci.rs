//! `cargo xtask ci`: what `.ci/run` runs, in the order that fails soonest and compiles least.
//!
//! Format first (seconds); clippy and the docs share their half-compiled dependencies; the tests need the rest. The licence checker is
//! built beside them where it is missing. All of it runs with stand-ins for protoc and the like first on PATH.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Result;

use crate::guard::Guard;
use crate::setup::{self, Python};
use crate::shell::{self, cargo, check};
use crate::steps::{Outcome, Steps};
use crate::test;

pub(crate) fn run() -> Result<bool> {
    let Some(guard) = Guard::of_this_process() else {
        // PATH is decided before a process starts, so this one starts itself again behind the guard.
        let guard = Guard::new()?;
        let error = Command::new(std::env::current_exe()?)
            .arg("ci")
            .envs(guard.environment())
            .exec();
        return Err(error.into());
    };
    let deny = std::thread::spawn(setup::cargo_deny);
    let mut steps = Steps::new();
    steps.run("format", || check(&mut cargo(["fmt", "--all", "--check"])));
    steps.run("lints", || {
        let mut command = cargo(["clippy", "--workspace", "--all-targets"]);
        check(command.args(["--", "--deny", "warnings"]))
    });
    steps.run("docs", || {
        let mut command = cargo(["doc", "--workspace", "--no-deps"]);
        check(command.env("RUSTDOCFLAGS", "-D warnings"))
    });
    test::everything(&mut steps);
    steps.run("protos", protos);
    steps.run("licences, bans, sources", || {
        shell::joined(deny)?;
        let mut command = cargo(["deny", "--workspace", "check"]);
        check(command.args(["licenses", "bans", "sources"]))
    });
    steps.run("no protoc, cmake, clang … was needed", || guard.verdict());
    Ok(steps.finish())
}

/// `buf lint`, from the Python environment.
fn protos() -> Result<Outcome> {
    Ok(match setup::python()? {
        Python::Ready(programs) => check(
            Command::new(programs.join("buf"))
                .arg("lint")
                .current_dir(shell::root()),
        )?,
        Python::Missing(why) => Outcome::Skipped(why),
    })
}
