//! A Python environment in the target folder, with exactly the packages the peers name.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::apt::{Installed, install, judges};
use crate::shell;

/// The file that names the packages, in `tests/peers`.
const REQUIREMENTS: &str = "tests/peers/requirements.txt";
/// The same for packages that ask for outdated neighbours and do well without: they are installed alone.
const ALONE: &str = "tests/peers/requirements-alone.txt";

/// What Python can be used.
#[derive(Debug, Clone)]
pub(crate) enum Python {
    /// The folder of programs of the environment.
    Ready(PathBuf),
    /// Why there is none.
    Missing(String),
}

/// Makes the environment unless it holds the packages already.
pub(crate) fn python() -> Result<Python> {
    judges()?;
    let folder = shell::target().join("peers");
    let programs = folder.join("bin");
    let mut wanted = String::new();
    for list in [REQUIREMENTS, ALONE] {
        let text = fs::read_to_string(shell::root().join(list));
        wanted.push_str(&text.with_context(|| format!("cannot read {list}"))?);
    }
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Python::Ready(programs));
    }
    let Some(python) = shell::find("python3") else {
        return Ok(Python::Missing(
            "no Python: install python3 and python3-venv".to_owned(),
        ));
    };
    // Debian keeps the module that fills a new environment in a package of its own.
    let mut probe = Command::new(&python);
    probe.args(["-c", "import ensurepip, venv"]);
    if shell::quietly(&mut probe).is_err()
        && let Installed::No(hint) = install(&["python3-venv"])?
    {
        return Ok(Python::Missing(format!("Python without venv: {hint}")));
    }
    shell::quietly(
        Command::new(&python)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let none: &[&str] = &[];
    for (list, more) in [(REQUIREMENTS, none), (ALONE, &["--no-deps"])] {
        shell::quietly(
            Command::new(programs.join("pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(more)
                .args(["--no-input", "--requirement"])
                .arg(shell::root().join(list)),
        )?;
    }
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Python::Ready(programs))
}
