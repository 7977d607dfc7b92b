//! The three files of texts fit each other, and fit the pages that use them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

type Messages = BTreeMap<String, BTreeSet<String>>;

/// Keys of a Fluent file, each with the names of the words that are filled in.
fn messages(locale: &str) -> Messages {
    let path = crate_root().join("locales").join(locale).join("portal.ftl");
    let file = fs::read_to_string(path).unwrap();
    let mut found = Messages::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let Some((key, value)) = line.split_once(" = ") else {
            assert!(
                line.is_empty(),
                "{locale}: one line a message, not {line:?}"
            );
            continue;
        };
        assert!(!value.trim().is_empty(), "{locale}: {key} says nothing");
        let words = value
            .split("{ $")
            .skip(1)
            .map(|rest| rest.split(' ').next().unwrap().to_owned())
            .collect();
        assert!(
            found.insert(key.to_owned(), words).is_none(),
            "{locale}: {key} twice"
        );
    }
    found
}

fn crate_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_under(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_under(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// Keys that templates and handlers name: the first argument of `say`, `with` and `fill`.
fn keys_in_use() -> BTreeSet<String> {
    let mut files = Vec::new();
    files_under(&crate_root().join("templates"), &mut files);
    files_under(&crate_root().join("src"), &mut files);
    let mut keys = BTreeSet::new();
    let is_test = |file: &PathBuf| {
        file.iter()
            .any(|part| part == "tests" || part == "tests.rs")
    };
    for file in files.into_iter().filter(|file| !is_test(file)) {
        let text = fs::read_to_string(&file).unwrap();
        for call in [".say(", ".with(", ".fill("] {
            for rest in text.split(call).skip(1) {
                let rest = rest.trim_start();
                if let Some(key) = rest
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next())
                {
                    keys.insert(key.to_owned());
                }
            }
        }
        // Tables of pages and of amounts name keys too, as plain literals.
        let tables = [
            "problem.rs",
            "receipt.rs",
            "bill.rs",
            "waiting.rs",
            "form.rs",
        ];
        if tables.iter().any(|table| file.ends_with(table)) {
            let literals = text.split('"').skip(1).step_by(2);
            let is_key = |word: &&str| {
                ["-title", "-text", "-button", "-undated"]
                    .iter()
                    .any(|part| word.ends_with(part))
                    || ["problem-", "receipt-", "bill-", "account-error-"]
                        .iter()
                        .any(|page| word.starts_with(page))
            };
            let is_word = |word: &&str| {
                word.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            };
            keys.extend(literals.filter(is_key).filter(is_word).map(str::to_owned));
        }
    }
    keys
}

#[test]
fn all_languages_have_the_same_keys_with_the_same_words_to_fill_in() {
    let english = messages("en-HK");
    for other in ["zh-HK", "zh-CN"] {
        assert_eq!(english, messages(other), "{other}");
    }
}

#[test]
fn every_key_that_a_page_uses_exists_and_every_key_is_used() {
    let english: BTreeSet<String> = messages("en-HK").into_keys().collect();
    let used = keys_in_use();
    let missing: Vec<_> = used.difference(&english).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
    let idle: Vec<_> = english
        .difference(&used)
        .filter(|key| !key.starts_with("method-") && !key.starts_with("hand-bad-"))
        .collect();
    assert!(idle.is_empty(), "nobody uses {idle:?}");
}

#[test]
fn the_simplified_text_has_the_official_spelling_of_account_and_no_traditional_leftovers() {
    let text = fs::read_to_string(crate_root().join("locales/zh-CN/portal.ftl")).unwrap();
    for wrong in [
        '账', '帳', '單', '繳', '號', '碼', '開', '關', '門', '請', '銀', '錢', '應', '還',
    ] {
        assert!(!text.contains(wrong), "{wrong}");
    }
}

#[test]
fn words_are_filled_in_without_invisible_marks() {
    for (language, expected) in [
        (
            Language::English,
            "This bill was paid on 20 January 2026. You do not need to pay again",
        ),
        (
            Language::Traditional,
            "此帳單已於 2026年1月20日 繳付，無須再次付款",
        ),
        (
            Language::Simplified,
            "此帐单已于 2026年1月20日 缴付，无须再次付款",
        ),
    ] {
        let text = Text::new(language);
        let date = crate::format::date(language, jiff::civil::date(2026, 1, 20));
        assert_eq!(text.with("bill-paid-text", "date", date), expected);
    }
}

#[test]
fn a_way_to_pay_is_called_by_its_own_words_and_an_unknown_one_by_general_words() {
    let known = messages("en-HK")
        .into_keys()
        .filter_map(|key| {
            Some(
                key.strip_prefix("method-")?
                    .strip_suffix("-code")?
                    .to_owned(),
            )
        })
        .collect::<Vec<_>>();
    assert!(known.len() > 1);
    for language in Language::ALL {
        let text = Text::new(language);
        let general = text.method("carrier-pigeon", "code");
        assert_eq!(general, text.method("other", "code"));
        for rail in known.iter().filter(|rail| *rail != "other") {
            assert_ne!(text.method(rail, "code"), general);
            assert_ne!(text.method(rail, "name"), text.method("other", "name"));
        }
    }
}

#[test]
fn a_rules_word_means_the_rule_of_the_thing_that_was_handed_over() {
    for language in Language::ALL {
        let text = Text::new(language);
        let general = text.say("hand-bad-other");
        let own = text.instrument_fault("echeque", "wrong_amount");
        assert_ne!(own, general);
        assert_eq!(own, text.say("hand-bad-echeque-wrong-amount"));
        // A device's token has a rule of the same name, and no sentence about cheques.
        assert_eq!(text.instrument_fault("apple_pay", "wrong-amount"), general);
        assert_eq!(
            text.instrument_fault("google_pay", "used_before"),
            text.say("hand-bad-any-used-before")
        );
    }
}
