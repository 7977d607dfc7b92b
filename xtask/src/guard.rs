//! Stand-ins for the tools that our build must not need.
//!
//! A `protoc` or `cmake` that happens to be on a developer's machine hides a build script that calls it. In
//! continuous integration programs of those names come first on PATH, note that they were called, and fail.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Result;

use crate::shell;
use crate::steps::Outcome;

/// Compilers and generators that some crate would like to run.
const FORBIDDEN: [&str; 6] = ["protoc", "cmake", "clang", "bindgen", "nasm", "go"];

/// Names the file that the stand-ins write to.
const CALLS: &str = "EPAY_GUARD_CALLS";

#[derive(Debug)]
pub(crate) struct Guard {
    folder: PathBuf,
    calls: PathBuf,
}

impl Guard {
    /// The guard that this process was started behind, if it was.
    pub(crate) fn of_this_process() -> Option<Self> {
        let calls = PathBuf::from(std::env::var_os(CALLS)?);
        let folder = calls.parent()?.to_owned();
        Some(Self { folder, calls })
    }

    /// Writes the stand-ins, with an empty list of calls.
    pub(crate) fn new() -> Result<Self> {
        let folder = shell::target().join("guard");
        fs::create_dir_all(&folder)?;
        let calls = folder.join("calls.txt");
        fs::write(&calls, "")?;
        for name in FORBIDDEN {
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o755)
                .open(folder.join(name))?;
            // The path comes by environment: it may hold any character.
            writeln!(
                file,
                "#!/bin/sh\necho \"{name} $*\" >> \"${CALLS}\"\necho \"{name} must not be needed\" >&2\nexit 1"
            )?;
        }
        Ok(Self { folder, calls })
    }

    /// The environment that puts the stand-ins first.
    pub(crate) fn environment(&self) -> [(&'static str, std::ffi::OsString); 2] {
        [
            ("PATH", shell::path_with(Some(&self.folder))),
            (CALLS, self.calls.clone().into_os_string()),
        ]
    }

    /// Passed when nobody called a stand-in.
    pub(crate) fn verdict(&self) -> Result<Outcome> {
        let calls = fs::read_to_string(&self.calls)?;
        Ok(match calls.lines().next() {
            None => Outcome::Passed,
            Some(first) => Outcome::Failed(format!("the build called: {first}")),
        })
    }
}
