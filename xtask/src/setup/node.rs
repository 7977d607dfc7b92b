//! What the browser tests stand on: Node, a Chromium of the system, fonts with Chinese characters, two npm packages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::apt::{Installed, install};
use crate::shell;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// What browser can be used.
#[derive(Debug, Clone)]
pub(crate) enum Browser {
    /// The browser's program.
    Ready(PathBuf),
    /// Why there is none.
    Missing(String),
}

/// Installs the packages of `tests/browser` and finds a browser.
pub(crate) fn browser() -> Result<Browser> {
    if shell::find("node").is_none() || shell::find("npm").is_none() {
        return Ok(Browser::Missing(
            "no Node: install nodejs and npm".to_owned(),
        ));
    }
    let program = match find() {
        Some(program) => program,
        None => match install(&["chromium", "fonts-noto-cjk"])? {
            Installed::No(hint) => return Ok(Browser::Missing(format!("no Chromium: {hint}"))),
            Installed::Yes => match find() {
                Some(program) => program,
                None => {
                    return Ok(Browser::Missing(
                        "no Chromium after installing it".to_owned(),
                    ));
                }
            },
        },
    };
    let folder = shell::root().join("tests/browser");
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).or_else(|_| fs::read(folder.join("package.json")))?;
    let stamp = folder.join("node_modules/.installed");
    if !fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        let verb = if lock.is_file() { "ci" } else { "install" };
        shell::quietly(
            Command::new("npm")
                .args([verb, "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder),
        )?;
        fs::write(&stamp, wanted)?;
    }
    Ok(Browser::Ready(program))
}

fn find() -> Option<PathBuf> {
    BROWSERS.into_iter().find_map(shell::find)
}
