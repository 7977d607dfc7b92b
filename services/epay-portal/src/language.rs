//! The three languages of the pages, and which one a visitor gets first.
//!
//! The language is the first segment of every address, so a link keeps its language and no cookie is needed.

use fluent_templates::LanguageIdentifier;
use unic_langid::langid;

/// Most entries of an `Accept-Language` header that are looked at.
const ACCEPTED_ENTRIES_MAX: usize = 20;

static EN_HK: LanguageIdentifier = langid!("en-HK");
static ZH_HK: LanguageIdentifier = langid!("zh-HK");
static ZH_CN: LanguageIdentifier = langid!("zh-CN");

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Traditional,
    Simplified,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::Traditional, Self::Simplified];

    /// First segment of an address.
    pub(crate) const fn segment(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Traditional => "zh-hant",
            Self::Simplified => "zh-hans",
        }
    }

    /// BCP 47 tag of the page.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en-HK",
            Self::Traditional => "zh-Hant-HK",
            Self::Simplified => "zh-Hans-HK",
        }
    }

    /// The language's name in itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Traditional => "繁體",
            Self::Simplified => "简体",
        }
    }

    /// Folder of the texts.
    pub(crate) const fn locale(self) -> &'static LanguageIdentifier {
        match self {
            Self::English => &EN_HK,
            Self::Traditional => &ZH_HK,
            Self::Simplified => &ZH_CN,
        }
    }

    /// How it writes amounts and dates.
    pub(crate) const fn written(self) -> epay_money::Language {
        match self {
            Self::English => epay_money::Language::English,
            Self::Traditional => epay_money::Language::Traditional,
            Self::Simplified => epay_money::Language::Simplified,
        }
    }

    pub(crate) const fn is_english(self) -> bool {
        matches!(self, Self::English)
    }

    pub(crate) fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.segment() == segment)
    }

    /// The language a browser likes best (RFC 9110, 12.5.4); English when it says nothing we have.
    pub(crate) fn negotiate(accept_language: &str) -> Self {
        let mut wishes: Vec<(u16, Self)> = accept_language
            .split(',')
            .take(ACCEPTED_ENTRIES_MAX)
            .filter_map(wish)
            .collect();
        // A stable sort: among equals the first one named wins.
        wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wishes
            .first()
            .map_or(Self::English, |(_, language)| *language)
    }
}

fn wish(entry: &str) -> Option<(u16, Language)> {
    let mut parts = entry.split(';');
    let tag = parts.next()?.trim().to_ascii_lowercase();
    let weight = parts
        .find_map(|part| part.trim().strip_prefix("q=").map(thousandths))
        .unwrap_or(1000);
    let mut subtags = tag.split('-');
    let language = match subtags.next()? {
        "en" => Language::English,
        "yue" => Language::Traditional,
        "zh" if tag.contains("hant") => Language::Traditional,
        "zh" if subtags.any(|subtag| matches!(subtag, "hans" | "cn" | "sg" | "my")) => {
            Language::Simplified
        }
        "zh" => Language::Traditional,
        _ => return None,
    };
    (weight > 0).then_some((weight, language))
}

/// `0.8` as 800; anything unreadable weighs nothing.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("1", Ok(0)) => 1000,
        ("0", Ok(thousandths)) => thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_it_likes_best() {
        let cases: &[(&str, Language)] = &[
            ("", Language::English),
            ("de-DE,de;q=0.9", Language::English),
            ("en-GB,en;q=0.9", Language::English),
            ("zh-HK,zh;q=0.9,en;q=0.8", Language::Traditional),
            ("zh-TW", Language::Traditional),
            ("zh-Hant-HK", Language::Traditional),
            ("zh", Language::Traditional),
            ("yue-HK", Language::Traditional),
            ("zh-CN,zh;q=0.9", Language::Simplified),
            ("zh-Hans-HK", Language::Simplified),
            ("zh-Hant-CN", Language::Traditional),
            ("zh-SG", Language::Simplified),
            ("fr, en;q=0.5, zh-CN;q=0.8", Language::Simplified),
            ("en;q=0, zh-HK;q=0.1", Language::Traditional),
            ("zh-CN;q=nonsense, en;q=0.2", Language::English),
            ("*", Language::English),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::negotiate(header), *expected, "{header:?}");
        }
    }

    #[test]
    fn a_segment_names_its_language_and_nothing_else_does() {
        for language in Language::ALL {
            assert_eq!(Language::from_segment(language.segment()), Some(language));
        }
        assert_eq!(Language::from_segment("zh"), None);
        assert_eq!(Language::from_segment("EN"), None);
    }
}
