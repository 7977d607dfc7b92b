//! A rail's name stays at home: code that handles every rail alike must not know one of them.
//!
//! Names are looked for in the words that identifiers and strings are made of (`FpsRail`, `fps_view`, `"fps"`), not in
//! comments, and not behind `#[cfg(test)]`: explanations and tests may give examples.

use epay_tests::rust_files;

/// Names of rails that are no everyday words. A card or a wallet may be spoken of anywhere.
const NAMES: [&str; 3] = ["fps", "pps", "echeque"];

/// Where a rail's name belongs, and why.
const HOMES: [(&str, &str); 15] = [
    ("adapters/rail-", "the rail itself"),
    ("adapters/epay-rails/", "the list of rails"),
    ("adapters/emvqr/", "the public QR profile of that name"),
    ("proto/", "the public QR profile, as messages"),
    ("services/epay-sandbox/", "the other side of the rails"),
    ("services/epay/src/qr", "the command line for QR codes"),
    ("services/epay/src/dev", "the demo's own configuration"),
    ("services/epay/src/demo", "the demo's own data"),
    ("loadtest/", "a scenario pays by some rail"),
    ("tests/", "tests may give examples"),
    ("xtask/", "names benchmarks and steps"),
    ("/tests/", "tests may give examples"),
    ("/benches/", "benchmarks may give examples"),
    ("/fuzz/", "a target fuzzes some rail"),
    ("/tests.rs", "tests may give examples"),
];

/// Single files that may say a name, each with its reason.
const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "ledger/epay-ledger/src/chart.rs",
        "the chart of accounts as given: titles of clearing accounts",
    ),
    (
        "services/epay-portal/src/web/portal.rs",
        "the method whose code a demonstration's bank app reads",
    ),
    (
        "services/epay-gateway/src/service/qr.rs",
        "the RPCs for the public QR profile of that name",
    ),
];

#[test]
fn a_rails_name_stays_at_home() {
    let mut strays = Vec::new();
    for (path, text) in rust_files().expect("the sources can be read") {
        if HOMES.iter().any(|(home, _)| is_at(&path, home)) {
            continue;
        }
        if EXCEPTIONS.iter().any(|(file, _)| *file == path) {
            continue;
        }
        for (number, line) in shipped(&text) {
            if let Some(name) = name_in(line) {
                strays.push(format!("{path}:{number}: {name}: {}", line.trim()));
            }
        }
    }
    assert!(
        strays.is_empty(),
        "rails are named where all rails should look alike: {strays:#?}"
    );
}

#[test]
fn every_exception_still_has_its_reason() {
    let files = rust_files().expect("the sources can be read");
    for (file, reason) in EXCEPTIONS {
        let needed = files.iter().any(|(path, text)| {
            path == file && shipped(text).any(|(_, line)| name_in(line).is_some())
        });
        assert!(
            needed,
            "{file} ({reason}) names no rail any more: drop its line"
        );
    }
}

/// A home that starts with a slash is a folder at any depth; any other starts at the root.
fn is_at(path: &str, home: &str) -> bool {
    if home.starts_with('/') {
        path.contains(home)
    } else {
        path.starts_with(home)
    }
}

/// The numbered lines before the file's tests, without their comments.
fn shipped(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .enumerate()
        .map(|(index, line)| (index + 1, code(line)))
}

/// The part of a line before its comment. `//` right after a colon is a URL.
fn code(line: &str) -> &str {
    line.match_indices("//")
        .filter_map(|(at, _)| line.get(..at))
        .find(|before| !before.ends_with(':'))
        .unwrap_or(line)
}

fn name_in(line: &str) -> Option<&'static str> {
    let words = words(line);
    NAMES
        .into_iter()
        .find(|name| words.iter().any(|word| word == name))
}

/// The lower-case words of a line: cut at everything that is no letter or digit, and before each capital that follows
/// a small letter or starts a capitalised word.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before: Option<char> = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let after_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || after_is_small);
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = Some(letter);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn a_name_is_found_in_every_spelling_and_nothing_else_is() {
    for (line, expected) in [
        ("let x = FpsView::read();", Some("fps")),
        ("const RAIL_FPS: &str;", Some("fps")),
        ("rail == \"fps\"", Some("fps")),
        ("struct MyFPSThing;", Some("fps")),
        ("pay_by_pps()", Some("pps")),
        ("kind: ECheque", None),
        ("kind: Echeque", Some("echeque")),
        ("let ppsx = fpsy;", None),
        ("let upps = 1;", None),
        ("", None),
    ] {
        assert_eq!(name_in(line), expected, "{line}");
    }
    assert_eq!(code("a(); // fps"), "a(); ");
    assert_eq!(code("/// fps"), "");
    assert_eq!(code("\"https://x.hk\""), "\"https://x.hk\"");
    let text = "one\n#[cfg(test)]\nmod tests { fps }";
    assert_eq!(shipped(text).count(), 1);
}
