//! Arrows point to lower numbers; the pure tiers have no runtime, database, network, clock or dice in their tree.

use std::collections::BTreeMap;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use epay_tests::{relative, rust_files, workspace_root};

/// Every crate of the workspace and its tier. A new crate gets its line here first.
const TIERS: &[(&str, u8)] = &[
    // Wire types stand apart: see `only_the_edges_see_wire_types`.
    ("epay-proto", 0),
    ("epay-money", 0),
    ("emvqr", 1),
    ("epay-bill-file", 1),
    ("epay-camt", 1),
    ("epay-iamsmart", 1),
    ("epay-iamsmart-client", 3),
    ("epay-ledger", 1),
    ("epay-mt940", 1),
    ("epay-notice", 1),
    ("epay-rail", 1),
    ("epay-tokens", 1),
    ("epay-webhook", 1),
    ("epay-demand", 2),
    ("epay-domain", 2),
    ("epay-feed", 2),
    ("epay-statement", 2),
    ("rail-card", 2),
    ("rail-echeque", 2),
    ("rail-fps", 2),
    ("rail-pps", 2),
    ("rail-wallet", 2),
    // The ground under the stores: it knows PostgreSQL and no table.
    ("epay-pg", 2),
    ("epay-contact", 3),
    ("epay-ledger-pg", 3),
    ("epay-rail-kit", 3),
    ("epay-sftp", 3),
    ("epay-store", 3),
    // The list of rails is as pure as the rails; the engine asks it for codecs.
    ("epay-rails", 3),
    ("epay-channels", 4),
    ("epay-engine", 4),
    ("epay-gateway", 5),
    ("epay-portal", 5),
    ("epay-sandbox", 5),
    ("epay-worker", 5),
    ("epay", 6),
    ("epay-loadtest", 6),
    ("epay-tests", 6),
    ("xtask", 6),
];

/// Crates of the low tiers that are not pure, and why they are there nevertheless.
const NOT_PURE: [&str; 2] = ["epay-pg", "epay-proto"];
const PURE_TIER_MAX: u8 = 2;

/// What a pure crate must not have anywhere in its tree. Crates for ids and dates stay: types are welcome, and
/// `pure_code_asks_neither_clock_nor_dice` sees to it that nothing else of them is used.
const IMPURE: [&str; 16] = [
    "axum",
    "chrono",
    "deadpool",
    "deadpool-postgres",
    "diesel",
    "fastrand",
    "hyper",
    "mio",
    "postgres-types",
    "rand",
    "reqwest",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "tonic",
    "ureq",
];

/// Impure crates that a pure crate has in its tree and never calls, and why they are there.
const NEVER_CALLED: [(&str, &str); 1] = [
    // lopdf draws keys with it for files that it encrypts; the rail reads files, and refuses encrypted ones.
    ("rail-echeque", "rand"),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(workspace_root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata answers")
}

fn tiers() -> BTreeMap<&'static str, u8> {
    TIERS.iter().copied().collect()
}

/// What a crate is built from. Dependencies of its tests do not ship, and may point anywhere.
fn shipped(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
}

#[test]
fn every_crate_has_a_tier_and_every_tier_its_crates() {
    let metadata = metadata();
    let members: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let tiers = tiers();
    for member in &members {
        assert!(
            tiers.contains_key(member),
            "{member} has no tier: give it a line in TIERS"
        );
    }
    for name in tiers.keys() {
        assert!(members.contains(name), "{name} is in TIERS and gone");
    }
}

#[test]
fn arrows_point_to_lower_tiers_only() {
    let tiers = tiers();
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let own = tiers.get(package.name.as_str()).copied().unwrap_or(0);
        for name in shipped(package) {
            if let Some(tier) = tiers.get(name)
                && *tier >= own
            {
                wrong.push(format!("{} ({own}) -> {name} ({tier})", package.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that point up or sideways: {wrong:#?}"
    );
}

#[test]
fn only_the_edges_see_wire_types() {
    let tiers = tiers();
    for package in &metadata().packages {
        let own = tiers.get(package.name.as_str()).copied().unwrap_or(0);
        if own < 5 {
            let sees = shipped(package).any(|name| name == "epay-proto");
            assert!(
                !sees,
                "{} is of tier {own} and sees wire types",
                package.name
            );
        }
    }
}

#[test]
fn emvqr_stands_alone() {
    let tiers = tiers();
    for package in &metadata().packages {
        if package.name.as_str() == "emvqr" {
            for dependency in &package.dependencies {
                assert!(
                    !tiers.contains_key(dependency.name.as_str()),
                    "emvqr is for people who never heard of us, and depends on {}",
                    dependency.name
                );
            }
        }
    }
}

/// The whole tree of a crate as it is built alone, tests and build scripts left out.
fn tree(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none"])
        .args(["--format", "{p}", "--no-dedupe"])
        .current_dir(workspace_root())
        .output()
        .expect("cargo tree runs");
    assert!(
        output.status.success(),
        "cargo tree {package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_pure_tiers_have_no_runtime_database_network_clock_or_dice() {
    let mut wrong = Vec::new();
    for &(package, tier) in TIERS {
        if tier > PURE_TIER_MAX || NOT_PURE.contains(&package) {
            continue;
        }
        let tree = tree(package);
        assert!(tree.first().is_some_and(|name| name == package));
        for name in IMPURE {
            if NEVER_CALLED.contains(&(package, name)) {
                continue;
            }
            if tree.iter().any(|found| found == name) {
                wrong.push(format!("{package} -> {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "impure crates in pure trees: {wrong:#?}");
}

/// Calls that look at a clock or roll dice.
const LOOKS_AT_THE_WORLD: [&str; 4] = ["::now(", "::now_v7(", "::new_v4(", "::random("];

#[test]
fn pure_code_asks_neither_clock_nor_dice() {
    let tiers = tiers();
    let sources = rust_files().expect("the sources can be read");
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let name = package.name.as_str();
        let tier = tiers.get(name).copied().unwrap_or(0);
        if tier > PURE_TIER_MAX || NOT_PURE.contains(&name) {
            continue;
        }
        let folder = package.manifest_path.parent().expect("lies in a folder");
        let folder = format!("{}/src/", relative(folder.as_std_path()));
        let own = sources.iter().filter(|(path, _)| path.starts_with(&folder));
        for (path, text) in own {
            for (index, line) in text.lines().enumerate() {
                if LOOKS_AT_THE_WORLD.iter().any(|call| line.contains(call)) {
                    wrong.push(format!("{path}:{}: {}", index + 1, line.trim()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "time and ids arrive as arguments: {wrong:#?}"
    );
}
