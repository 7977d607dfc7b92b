//! How large each rail is: the lines of its sources without tests, blank lines and comments.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::figure::Figure;
use crate::shell;

/// One row a rail.
pub(super) fn of_rails() -> Result<Vec<Figure>> {
    let mut rails = Vec::new();
    for entry in fs::read_dir(shell::root().join("adapters"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("rail-") {
            rails.push((name, of(&entry.path().join("src"))?));
        }
    }
    rails.sort();
    let figure =
        |(name, lines): (String, u64)| Figure::new(&format!("{name}: source"), lines, "lines");
    Ok(rails.into_iter().map(figure).collect())
}

fn of(folder: &Path) -> Result<u64> {
    let mut lines = 0_u64;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let more = if path.is_dir() {
            of(&path)?
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            counted(&fs::read_to_string(&path)?)
        } else {
            0
        };
        lines = lines.saturating_add(more);
    }
    Ok(lines)
}

/// Lines before the file's tests that are neither blank nor comments.
fn counted(text: &str) -> u64 {
    let lines = text.lines().map(str::trim);
    let code = lines
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    u64::try_from(code.count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shipped_code_counts() {
        let text =
            "//! What.\n\nfn one() {\n    // Why.\n    two();\n}\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(counted(text), 3);
    }

    #[test]
    fn every_rail_is_listed_with_its_size() {
        let rails = of_rails().expect("the folders can be read");
        assert!(rails.len() >= 5, "{rails:?}");
    }
}
