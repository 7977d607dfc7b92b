//! `cargo xtask new-rail NAME`: the folder of a new rail, and the lines that tell of it.
//!
//! The folder compiles and fails the conformance suite until it is filled in. Outside it only what must know of a new
//! crate is touched: the workspace's manifest, the list of rails with its manifest, and the table of tiers. Every edit is
//! worked out before the first is written, so that a failure leaves nothing half done.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{self, cargo};

/// Longest name: it is part of account codes.
const NAME_MAX: usize = 20;

/// The files of the folder, each with its template.
const FILES: [(&str, &str); 9] = [
    (
        "Cargo.toml",
        include_str!("new_rail/template/Cargo.toml.txt"),
    ),
    ("README.md", include_str!("new_rail/template/README.md.txt")),
    ("src/lib.rs", include_str!("new_rail/template/lib.rs.txt")),
    (
        "src/codes.rs",
        include_str!("new_rail/template/codes.rs.txt"),
    ),
    (
        "src/settings.rs",
        include_str!("new_rail/template/settings.rs.txt"),
    ),
    (
        "tests/conformance.rs",
        include_str!("new_rail/template/conformance.rs.txt"),
    ),
    // The suite says aloud that the folder holds no message yet.
    ("tests/golden/.gitkeep", ""),
    (
        "fuzz/Cargo.toml",
        include_str!("new_rail/template/fuzz.Cargo.toml.txt"),
    ),
    (
        "fuzz/fuzz_targets/decode.rs",
        include_str!("new_rail/template/fuzz.decode.rs.txt"),
    ),
];

/// A rail's name in its three spellings.
#[derive(Debug, Clone)]
struct Name {
    /// `shop-card`: folder, configuration.
    kebab: String,
    /// `shop_card`: module, method.
    snake: String,
    /// `ShopCard`: type.
    pascal: String,
}

impl Name {
    fn new(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split('-').collect();
        let good = text.len() <= NAME_MAX
            && words.iter().all(|word| {
                word.starts_with(|first: char| first.is_ascii_lowercase())
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        ensure!(
            good,
            "{text:?} is no name for a rail: words of small letters and digits, joined by hyphens, 20 characters at most"
        );
        let capital = |word: &&str| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        };
        Ok(Self {
            kebab: text.to_owned(),
            snake: words.join("_"),
            pascal: words.iter().map(capital).collect(),
        })
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("{{name}}", &self.kebab)
            .replace("{{module}}", &self.snake)
            .replace("{{Type}}", &self.pascal)
    }
}

/// Makes the folder and tells of it; then says what to do next.
pub(crate) fn run(name: &str) -> Result<bool> {
    let written = make(shell::root(), name)?;
    for path in &written {
        println!("    {}", path.display());
    }
    shell::must(&mut cargo([
        "fmt",
        "--package",
        "epay-rails",
        "--package",
        &format!("rail-{name}"),
    ]))?;
    println!("adapters/rail-{name}/README.md says what to fill in; until then this is red:");
    println!("    cargo nextest run -p rail-{name}");
    Ok(true)
}

/// Writes everything under `root`; answers which files, as paths from there.
fn make(root: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let name = Name::new(name)?;
    let folder = PathBuf::from(format!("adapters/rail-{}", name.kebab));
    if root.join(&folder).exists() {
        bail!("{} is there already", folder.display());
    }
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for (path, edit) in EDITS {
        let old = fs::read_to_string(root.join(path)).with_context(|| format!("no {path}"))?;
        let new = edit(&old, &name).with_context(|| format!("{path} has another shape"))?;
        files.push((path.into(), new));
    }
    for (path, template) in FILES {
        files.push((folder.join(path), name.fill(template)));
    }
    for (path, text) in &files {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(files.into_iter().map(|(path, _text)| path).collect())
}

/// A change of one file's text; nothing when the place for it is not found.
type Edit = fn(&str, &Name) -> Option<String>;

/// What is touched outside the folder.
const EDITS: [(&str, Edit); 4] = [
    ("Cargo.toml", in_workspace),
    ("adapters/epay-rails/Cargo.toml", in_list_manifest),
    ("adapters/epay-rails/src/lib.rs", in_list),
    ("tests/architecture/tiers.rs", in_tiers),
];

fn in_workspace(text: &str, name: &Name) -> Option<String> {
    let dependency = format!(
        "rail-{0} = {{ path = \"adapters/rail-{0}\" }}\n",
        name.kebab
    );
    let text = before(text, "epay-pg = { path", &dependency)?;
    // A fuzz folder is a workspace of its own.
    let excluded = format!("\"adapters/rail-{}/fuzz\", ", name.kebab);
    after(&text, "exclude = [", &excluded)
}

fn in_list_manifest(text: &str, name: &Name) -> Option<String> {
    let dependency = format!("rail-{}.workspace = true\n", name.kebab);
    before(text, "thiserror.workspace", &dependency)
}

fn in_list(text: &str, name: &Name) -> Option<String> {
    let entry = format!("entry(\"{}\", rail_{}::open), ", name.kebab, name.snake);
    after(text, "vec![", &entry)
}

fn in_tiers(text: &str, name: &Name) -> Option<String> {
    let line = format!("(\"rail-{}\", 2),\n    ", name.kebab);
    before(text, "(\"rail-fps\", 2)", &line)
}

fn before(text: &str, mark: &str, new: &str) -> Option<String> {
    let at = text.find(mark)?;
    let (front, rest) = text.split_at_checked(at)?;
    Some([front, new, rest].concat())
}

fn after(text: &str, mark: &str, new: &str) -> Option<String> {
    let at = text.find(mark)?.checked_add(mark.len())?;
    let (front, rest) = text.split_at_checked(at)?;
    Some([front, new, rest].concat())
}
