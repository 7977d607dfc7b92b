//! Running other programs, and where things lie.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow, bail};

use crate::steps::Outcome;

/// The workspace's root folder: as cargo says when it runs this, since a target folder may be shared by several clones.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        here.parent().map_or(here.clone(), Path::to_owned)
    })
}

/// Cargo's target folder, where everything that is made lies.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A binary of the workspace, built without optimisation.
pub(crate) fn built(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Tells a command where the workspace's binaries are.
pub(crate) fn with_binaries(command: &mut Command) -> &mut Command {
    command
        .env("EPAY_BIN", built("epay"))
        .env("EPAY_SANDBOX_BIN", built("epay-sandbox"))
}

/// Programs that xtask has installed for itself.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A cargo command in the workspace, by the same toolchain that runs this.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root())
        .env("PATH", path_with(None));
    command
}

/// PATH with a folder in front, if any, and the installed tools behind.
pub(crate) fn path_with(first: Option<&Path>) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = first
        .map(Path::to_owned)
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain([tools().join("bin")]);
    // Joining fails only if a folder's name holds a colon: then the tools are not found, and say so.
    std::env::join_paths(all).unwrap_or(path)
}

/// Runs a command, showing what it prints. Passed when it exits with zero.
pub(crate) fn check(command: &mut Command) -> Result<Outcome> {
    println!("    {}", shown(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    Ok(if status.success() {
        Outcome::Passed
    } else {
        Outcome::Failed(status.to_string())
    })
}

/// Runs a command that must succeed for the rest to make sense.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    match check(command)? {
        Outcome::Failed(status) => bail!("{} ended with {status}", shown(command)),
        Outcome::Passed | Outcome::Skipped(_) => Ok(()),
    }
}

/// Runs a command silently; what it printed is shown only if it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}:\n{}{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// The result of work that ran beside other steps.
pub(crate) fn joined<T>(work: JoinHandle<Result<T>>) -> Result<T> {
    work.join()
        .unwrap_or_else(|_| Err(anyhow!("a preparation panicked")))
}

/// Whether a program is on PATH, or among the installed tools.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&path_with(None))
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Whether this process may install system packages.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            match Path::new(word.as_ref()).strip_prefix(root()) {
                Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
                _ => word.into_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
