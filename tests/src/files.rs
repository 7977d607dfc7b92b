//! The project's own files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the workspace's manifest.
#[must_use]
pub fn workspace_root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A path as it is written in the project, with forward slashes.
#[must_use]
pub fn relative(path: &Path) -> String {
    path.strip_prefix(workspace_root())
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

/// A file of the project as text; `None` when it does not exist.
///
/// # Errors
/// When it exists and cannot be read.
pub fn read(path: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(workspace_root().join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a path is Rust source.
#[must_use]
pub fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Every Rust file of the project with its text, in order of path. What is built or fetched is no part of it.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn rust_files() -> io::Result<Vec<(String, String)>> {
    let mut paths = Vec::new();
    walk(workspace_root(), &mut paths)?;
    paths.sort();
    paths
        .into_iter()
        .map(|path| Ok((relative(&path), fs::read_to_string(&path)?)))
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let foreign = name.starts_with('.') || name == "node_modules" || name == "target";
        if kind.is_dir() && !foreign {
            walk(&path, found)?;
        } else if kind.is_file() && is_rust(&path) {
            found.push(path);
        }
    }
    Ok(())
}
