//! The project's manners, held by tests: what a lint cannot see because it is about files, not about code.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::fs;
use std::process::Command;

use epay_tests::{read, rust_files, workspace_root};

/// No Rust file is longer than this. Most are far shorter.
const FILE_LINES_MAX: usize = 500;
/// Files that are longer today, with their length: it may fall and not rise.
const LONGER_FILES: [(&str, usize); 0] = [];
/// A crate's `lib.rs` is its table of contents.
const LIB_LINES_MAX: usize = 120;
/// Crates small enough that the contents are the code, and why.
const LIBS_WITH_CODE: [(&str, &str); 2] = [
    (
        "adapters/epay-rails/",
        "the list of rails is what the crate is",
    ),
    (
        "adapters/rail-",
        "a rail is three methods that hand over to its modules",
    ),
];
/// Pages that are read before anything else.
const PAGES: [(&str, usize); 3] = [
    ("README.md", 80),
    ("ARCHITECTURE.md", 150),
    ("CONTRIBUTING.md", 60),
];
/// Nobody reads a larger file in a review.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Made by a tool, read by a tool.
const LARGE_FILES: [&str; 1] = ["Cargo.lock"];

#[test]
fn nothing_is_left_undone_or_unrun() {
    // Spelt in two halves, or this file would find itself.
    let signs = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
    ];
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (index, line) in text.lines().enumerate() {
            if signs.iter().any(|sign| line.contains(sign)) {
                found.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "left undone: {found:#?}");
}

#[test]
fn files_stay_small() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        let listed = LONGER_FILES.iter().find(|(file, _)| *file == path);
        match listed {
            Some((_, allowed)) => {
                assert!(lines <= *allowed, "{path} has grown to {lines} lines");
                assert!(
                    lines > FILE_LINES_MAX,
                    "{path} is short enough now: drop its line in LONGER_FILES"
                );
            }
            None => assert!(
                lines <= FILE_LINES_MAX,
                "{path} has {lines} lines, more than {FILE_LINES_MAX}: cut it where it has a seam"
            ),
        }
    }
    for (file, _) in LONGER_FILES {
        assert!(
            workspace_root().join(file).is_file(),
            "{file} is gone: drop its line in LONGER_FILES"
        );
    }
}

#[test]
fn a_lib_file_is_a_table_of_contents() {
    for (path, text) in sources() {
        if !path.ends_with("/src/lib.rs") {
            continue;
        }
        let lines = text.lines().count();
        assert!(lines <= LIB_LINES_MAX, "{path} has {lines} lines");
        assert!(
            text.starts_with("//!") || text.starts_with("#![doc = include_str!"),
            "{path} does not open with what the crate is"
        );
        if LIBS_WITH_CODE
            .iter()
            .any(|(start, _)| path.starts_with(start))
        {
            continue;
        }
        for line in text.lines() {
            let body = ["fn ", "pub fn ", "pub async fn ", "impl ", "impl<"];
            assert!(
                !body.iter().any(|start| line.starts_with(start)),
                "{path} holds code, not only contents: {line}"
            );
        }
    }
}

#[test]
fn every_crate_is_under_the_workspaces_lints() {
    let mut crates = 0;
    for folder in crate_folders() {
        let manifest = read(&format!("{folder}/Cargo.toml"))
            .expect("can be read")
            .expect("is there");
        let mut lines = manifest.lines().skip_while(|line| line.trim() != "[lints]");
        assert!(
            lines.next().is_some() && lines.next().map(str::trim) == Some("workspace = true"),
            "{folder} does not say [lints] workspace = true"
        );
        crates += 1;
    }
    assert!(crates >= 20, "only {crates} crates were found");
}

/// The folders of the workspace's members, as the root manifest's globs find them.
fn crate_folders() -> Vec<String> {
    let mut folders = Vec::new();
    for single in ["proto", "loadtest", "tests", "xtask"] {
        folders.push(single.to_owned());
    }
    for group in ["ledger", "adapters", "services"] {
        let entries = fs::read_dir(workspace_root().join(group)).expect("can be listed");
        for entry in entries {
            let path = entry.expect("can be read").path();
            if path.join("Cargo.toml").is_file() {
                let name = path.file_name().expect("has a name").to_string_lossy();
                folders.push(format!("{group}/{name}"));
            }
        }
    }
    folders
}

#[test]
fn the_first_pages_stay_short() {
    for (page, lines_max) in PAGES {
        let Some(text) = read(page).expect("can be read") else {
            println!("skipped: no {page}");
            continue;
        };
        let lines = text.lines().count();
        assert!(
            lines <= lines_max,
            "{page} has {lines} lines, more than {lines_max}"
        );
    }
}

#[test]
fn nothing_large_is_kept() {
    // What git would keep: tracked, and new without being ignored.
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(workspace_root())
        .output();
    let listed = match output {
        Ok(output) if output.status.success() => output.stdout,
        Ok(_) | Err(_) => {
            println!("skipped: this is no git checkout");
            return;
        }
    };
    for path in String::from_utf8_lossy(&listed).split_terminator('\0') {
        // A file may be listed and deleted; there is nothing to measure then.
        let Ok(metadata) = fs::metadata(workspace_root().join(path)) else {
            continue;
        };
        assert!(
            metadata.len() <= FILE_BYTES_MAX || LARGE_FILES.contains(&path),
            "{path} has {} bytes",
            metadata.len()
        );
    }
}

fn sources() -> Vec<(String, String)> {
    rust_files().expect("the sources can be read")
}
