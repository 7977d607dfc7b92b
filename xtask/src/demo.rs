//! `cargo xtask demo`: from a fresh clone to a payable bill.
//!
//! This process then *becomes* `epay dev`: signals and the exit code are its own, with nothing in between.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup;
use crate::shell::{self, built, cargo};

pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    setup::postgres()?;
    shell::must(&mut cargo(["build", "-p", "epay", "-p", "epay-sandbox"]))?;
    let program = built("epay");
    let error = Command::new(&program)
        .arg("dev")
        .args(arguments)
        .current_dir(shell::root())
        .exec();
    Err(error).with_context(|| format!("cannot run {}", program.display()))
}
