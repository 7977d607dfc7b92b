//! Cargo's own helpers, built into the target folder when they are not on PATH.
//!
//! Without optimisation: they are built once and wait for other programs most of the time.

use anyhow::Result;

use crate::shell;

/// The test runner.
pub(crate) fn nextest() -> Result<()> {
    install("cargo-nextest", "0.9.143")
}

/// The licence and source checker.
pub(crate) fn cargo_deny() -> Result<()> {
    install("cargo-deny", "0.20.2")
}

fn install(name: &str, version: &str) -> Result<()> {
    if shell::find(name).is_some() {
        return Ok(());
    }
    println!("    building {name} {version} into the target folder, once");
    let mut command = shell::cargo(["install", "--debug", "--locked", "--quiet", "--root"]);
    command
        .arg(shell::tools())
        .arg(format!("{name}@{version}"))
        // A target folder of its own: cargo's lock on ours would make the build wait for the tool.
        .env("CARGO_TARGET_DIR", shell::tools().join("build"));
    shell::quietly(&mut command)
}
