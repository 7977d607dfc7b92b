//! In a scratch copy of the tree: the new rail compiles, fails conformance, and nothing else changed but what must.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use super::{FILES, Name, make};
use crate::shell;

/// Rules that a skeleton cannot hold.
const RED: [&str; 4] = [
    "encoding_is_deterministic",
    "what_the_profile_promises_is_encoded_at_both_limits",
    "goldens_decode_as_written",
    "every_code_has_a_golden",
];
/// Rules that it holds from the start.
const GREEN: [&str; 2] = ["the_profile_is_usable", "arbitrary_bytes_never_panic"];

/// Every file that git would keep, copied.
fn copy(to: &Path) {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(shell::root())
        .output()
        .unwrap();
    assert!(listed.status.success());
    for path in String::from_utf8(listed.stdout)
        .unwrap()
        .split_terminator('\0')
    {
        let from = shell::root().join(path);
        // A file may be listed and deleted.
        if from.is_file() {
            let to = to.join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// Cargo in the copy, offline, with the target folder of this tree: what is fetched and built is there already.
fn cargo_in(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root)
        .env("CARGO_TARGET_DIR", shell::target())
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn changed(root: &Path, old: &Path) -> BTreeSet<String> {
    let output = Command::new("git")
        .args(["diff", "--no-index", "--name-only", "--diff-filter=ADM"])
        .args([old, root])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let root = format!("{}/", root.display());
    let old = format!("{}/", old.display());
    text.lines()
        .map(|line| line.replace(&root, "").replace(&old, ""))
        .collect()
}

#[test]
fn a_new_rail_compiles_and_fails_conformance_and_touches_nothing_else() {
    let scratch = tempfile::tempdir().unwrap();
    let (old, new) = (scratch.path().join("old"), scratch.path().join("new"));
    copy(&old);
    copy(&new);
    make(&new, "demo").unwrap();
    let inside = FILES.map(|(path, _)| format!("adapters/rail-demo/{path}"));
    let outside = super::EDITS.map(|(path, _)| path.to_owned());
    let expected: BTreeSet<String> = inside.into_iter().chain(outside).collect();
    assert_eq!(changed(&new, &old), expected);
    for (path, _) in super::EDITS {
        let before = std::fs::read_to_string(old.join(path)).unwrap();
        let after = std::fs::read_to_string(new.join(path)).unwrap();
        let grown = after.len() - before.len();
        assert!(grown < 100, "{path} grows by {grown} bytes");
    }

    let checked = cargo_in(&new, &["check", "--package", "epay-rails"]);
    assert!(checked.status.success(), "{}", said(&checked));
    let tested = cargo_in(&new, &["test", "--package", "rail-demo", "--no-fail-fast"]);
    let words = said(&tested);
    assert!(!tested.status.success(), "{words}");
    assert!(!words.contains("could not compile"), "{words}");
    for rule in RED {
        assert!(
            words.contains(&format!("test {rule} ... FAILED")),
            "{rule}: {words}"
        );
    }
    for rule in GREEN {
        assert!(
            words.contains(&format!("test {rule} ... ok")),
            "{rule}: {words}"
        );
    }
    assert!(make(&new, "demo").is_err(), "it is there already");
}

#[test]
fn a_name_has_three_spellings_or_is_refused() {
    let name = Name::new("shop-card2").unwrap();
    assert_eq!(
        (name.snake.as_str(), name.pascal.as_str()),
        ("shop_card2", "ShopCard2")
    );
    for bad in [
        "",
        "-",
        "a-",
        "A",
        "a_b",
        "2a",
        "a--b",
        "../x",
        "abcdefghijklmnopqrstu",
    ] {
        assert!(Name::new(bad).is_err(), "{bad}");
    }
}
