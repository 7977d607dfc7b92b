//! `cargo xtask fuzz`: every fuzz target of the repository, for some seconds each.
//!
//! A fuzz crate is a folder `fuzz` with a manifest, outside the workspace; it needs the nightly toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{self, check};
use crate::steps::Steps;

pub(crate) fn run(seconds: u32) -> Result<bool> {
    let mut steps = Steps::new();
    let mut probe = Command::new("cargo");
    probe.args(["+nightly", "fuzz", "--version"]);
    if shell::quietly(&mut probe).is_err() {
        steps.skip(
            "fuzz",
            "needs: rustup toolchain install nightly && cargo install cargo-fuzz",
        );
        return Ok(steps.finish());
    }
    for (folder, target) in targets()? {
        steps.run(&format!("fuzz: {target}"), || {
            check(
                Command::new("cargo")
                    .args(["+nightly", "fuzz", "run", &target, "--"])
                    .arg(format!("-max_total_time={seconds}"))
                    .current_dir(&folder),
            )
        });
    }
    Ok(steps.finish())
}

/// The crates with a fuzz folder, and the names of their targets.
fn targets() -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for group in ["ledger", "adapters", "services"] {
        for entry in fs::read_dir(shell::root().join(group))? {
            let folder = entry?.path();
            let sources = folder.join("fuzz/fuzz_targets");
            if sources.is_dir() {
                found.extend(
                    names(&sources)?
                        .into_iter()
                        .map(|name| (folder.clone(), name)),
                );
            }
        }
    }
    found.sort();
    Ok(found)
}

fn names(sources: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(sources).context("cannot list fuzz targets")? {
        let path = entry?.path();
        if let Some(name) = path.file_stem()
            && path.extension().is_some_and(|extension| extension == "rs")
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
