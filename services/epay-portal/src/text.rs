//! The words of the pages, from the Fluent files in `locales/`.
//!
//! The three files have the same keys, and every key that a template or a handler uses is in them; tests see to
//! both. So a look-up that fails is a defect, and shows the key rather than nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

use epay_proto::v1;
use fluent_templates::fluent_bundle::FluentValue;

use crate::language::Language;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en-HK",
        // Amounts and numbers stand alone here, and the marks would end up in copied text.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Speaks one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) language: Language,
}

impl Text {
    pub(crate) const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The text of a key.
    pub(crate) fn say(self, key: &str) -> String {
        self.look_up(key, &[])
    }

    /// The text of a key with one word filled in.
    pub(crate) fn with(self, key: &str, name: &'static str, value: impl Display) -> String {
        self.look_up(key, &[(name, value.to_string())])
    }

    /// The text of a key with several words filled in.
    pub(crate) fn fill<const N: usize>(
        self,
        key: &str,
        words: [(&'static str, String); N],
    ) -> String {
        self.look_up(key, &words)
    }

    /// Words of a way to pay: its `name`, what its `code` is called, what it is `about`, what comes `next`, and the
    /// `button` that leads there. A way that the texts do not know has general words.
    pub(crate) fn method(self, method: &str, part: &str) -> String {
        self.try_look_up(&format!("method-{method}-{part}"), &[])
            .unwrap_or_else(|| self.look_up(&format!("method-other-{part}"), &[]))
    }

    /// Whether a way to pay shows a code, and so has words for it.
    pub(crate) fn names_code(self, method: &str) -> bool {
        self.try_look_up(&format!("method-{method}-code"), &[])
            .is_some()
    }

    /// What is wrong with something that was handed over, by the stable word of the rule that it broke. The same word
    /// may stand for another rule where another thing is handed over, so `what` that is comes first.
    pub(crate) fn instrument_fault(self, what: &str, code: &str) -> String {
        let word = code.to_ascii_lowercase().replace('_', "-");
        [
            format!("hand-bad-{what}-{word}"),
            format!("hand-bad-any-{word}"),
        ]
        .iter()
        .find_map(|key| self.try_look_up(key, &[]))
        .unwrap_or_else(|| self.look_up("hand-bad-other", &[]))
    }

    /// The language's version of a text that came with the data, or the first that is there.
    pub(crate) fn pick(self, text: Option<&v1::LocalizedText>) -> String {
        let Some(text) = text else {
            return String::new();
        };
        let wanted = match self.language {
            Language::English => &text.en,
            Language::Traditional => &text.zh_hant,
            Language::Simplified => &text.zh_hans,
        };
        [wanted, &text.en, &text.zh_hant, &text.zh_hans]
            .into_iter()
            .find(|version| !version.is_empty())
            .cloned()
            .unwrap_or_default()
    }

    fn look_up(self, key: &str, words: &[(&'static str, String)]) -> String {
        self.try_look_up(key, words)
            .unwrap_or_else(|| key.to_owned())
    }

    fn try_look_up(self, key: &str, words: &[(&'static str, String)]) -> Option<String> {
        let words: HashMap<Cow<'static, str>, FluentValue<'_>> = words
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.as_str())))
            .collect();
        LOCALES
            .lookup_single_language(self.language.locale(), key, Some(&words))
            .ok()
    }
}

#[cfg(test)]
mod tests;
