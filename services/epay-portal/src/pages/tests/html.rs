//! A small judge of pages: what every page must be, whoever made it.

use std::collections::{BTreeMap, BTreeSet};

use crate::language::Language;

const VOID: [&str; 10] = [
    "meta", "link", "input", "img", "br", "hr", "rect", "path", "circle", "wbr",
];

type Attributes = BTreeMap<String, String>;

/// The tags of a page in order: name, attributes, whether it closes.
fn tags(html: &str) -> Vec<(String, Attributes, bool)> {
    html.split('<')
        .skip(1)
        .map(|piece| piece.split_once('>').expect("a tag ends").0)
        .filter(|inside| !inside.starts_with('!'))
        .map(|inside| {
            let plain = inside.trim_start_matches('/').trim_end_matches('/');
            let (name, rest) = plain.split_once(char::is_whitespace).unwrap_or((plain, ""));
            (name.to_owned(), attributes(rest), inside.starts_with('/'))
        })
        .collect()
}

/// `a="1" b` as a map; an attribute without a value has an empty one.
fn attributes(mut rest: &str) -> Attributes {
    let mut found = Attributes::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("an attribute ends"),
            None => ("", after),
        };
        assert!(
            found.insert(key.to_owned(), value.to_owned()).is_none(),
            "{key} twice"
        );
        rest = after;
    }
}

/// Asserts what must hold of every page.
pub(crate) fn is_sound(html: &str, language: Language) {
    let tags = tags(html);
    are_nested(&tags);
    have_one_of_each_landmark(&tags, language);
    keep_to_our_policy(&tags);
    point_at_what_is_there(&tags);
    let is_linked = |other: &&Language| html.contains(&format!("hreflang=\"{}\"", other.tag()));
    let switches = Language::ALL.iter().filter(is_linked).count();
    assert_eq!(switches, 2, "a link to each other language");
    assert!(
        !html.contains("{{") && !html.contains("{ $"),
        "all words are filled in"
    );
}

type Tag = (String, Attributes, bool);

fn opening<'a>(tags: &'a [Tag], wanted: &'static str) -> impl Iterator<Item = &'a Attributes> {
    tags.iter()
        .filter(move |(name, _, closes)| name == wanted && !closes)
        .map(|(_, attributes, _)| attributes)
}

fn are_nested(tags: &[Tag]) {
    let mut open: Vec<&str> = Vec::new();
    for (name, _, closes) in tags {
        if *closes {
            assert_eq!(open.pop(), Some(name.as_str()), "tags are nested");
        } else if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} never close");
}

fn have_one_of_each_landmark(tags: &[Tag], language: Language) {
    let html = opening(tags, "html").next().unwrap();
    assert_eq!(html["lang"], language.tag());
    for once in ["h1", "title", "main", "header", "footer"] {
        assert_eq!(opening(tags, once).count(), 1, "one <{once}>");
    }
}

fn keep_to_our_policy(tags: &[Tag]) {
    for (_, attributes, _) in tags {
        for forbidden in ["style", "onclick", "onload", "onsubmit"] {
            assert!(
                !attributes.contains_key(forbidden),
                "{forbidden} is refused by our own policy"
            );
        }
    }
    for script in opening(tags, "script") {
        assert!(
            script["src"].starts_with("/assets/"),
            "no script stands in a page"
        );
    }
}

fn point_at_what_is_there(tags: &[Tag]) {
    let mut ids = BTreeSet::new();
    for id in tags
        .iter()
        .filter_map(|(_, attributes, _)| attributes.get("id"))
    {
        assert!(ids.insert(id.as_str()), "id {id} twice");
    }
    for (_, attributes, _) in tags {
        let pointers = ["aria-describedby", "aria-labelledby", "for"];
        for pointer in pointers.iter().filter_map(|key| attributes.get(*key)) {
            assert!(
                pointer.split(' ').all(|id| ids.contains(id)),
                "#{pointer} is pointed at"
            );
        }
    }
    for link in opening(tags, "a") {
        if let Some(id) = link["href"].strip_prefix('#') {
            assert!(ids.contains(id), "#{id} is linked to");
        }
    }
    let labelled: BTreeSet<&str> = opening(tags, "label")
        .filter_map(|label| label.get("for"))
        .map(String::as_str)
        .collect();
    for input in opening(tags, "input").filter(|input| input["type"] != "hidden") {
        assert!(
            labelled.contains(input["id"].as_str()),
            "{} has a label",
            input["id"]
        );
    }
    for image in opening(tags, "img") {
        assert!(!image["alt"].is_empty());
    }
}
