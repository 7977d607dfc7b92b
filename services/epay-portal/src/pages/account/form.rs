//! The form on which a person says how they are told.

use epay_proto::v1::NoticeLanguage;
use jiff::Timestamp;
use serde::Deserialize;

use crate::gateway::Failure;
use crate::language::Language;
use crate::view::{Change, Person, Way};
use crate::web::{Fault, Visit};

/// Which words a person agrees to. A change of the words is a new version.
pub(super) const WORDS: &str = "2026-11";
/// Longest address that is read.
const ADDRESS_CHARACTERS_MAX: usize = 254;

/// As the browser sends it. Check boxes that are not ticked are not sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AccountForm {
    etag: String,
    language: String,
    #[serde(rename = "by-iam-smart")]
    by_iam_smart: Option<String>,
    #[serde(rename = "by-sms")]
    by_sms: Option<String>,
    #[serde(rename = "by-email")]
    by_email: Option<String>,
    sms: String,
    email: String,
    reminders: Option<String>,
    quiet: Option<String>,
    agreed: Option<String>,
}

/// A way as the form shows it.
pub(super) struct WayField {
    pub(super) word: &'static str,
    pub(super) name: String,
    pub(super) chosen: bool,
    /// An address that is kept, masked.
    pub(super) kept: Option<String>,
    /// The field of its address: its label and what was typed.
    pub(super) address: Option<(String, String)>,
}

pub(super) struct LanguageField {
    pub(super) word: &'static str,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// The form as it is shown.
pub(super) struct Filled {
    pub(super) etag: String,
    pub(super) languages: Vec<LanguageField>,
    pub(super) ways: Vec<WayField>,
    pub(super) reminders: bool,
    pub(super) quiet: bool,
}

const LANGUAGES: [(&str, NoticeLanguage); 4] = [
    ("both", NoticeLanguage::Both),
    ("zh-hant", NoticeLanguage::TraditionalChinese),
    ("zh-hans", NoticeLanguage::SimplifiedChinese),
    ("en", NoticeLanguage::English),
];
/// The quiet hours that the page offers.
const QUIET: (&str, &str) = ("21:00", "09:00");

impl Filled {
    /// With what is kept of a person; with what most people want where nothing is.
    pub(super) fn of(visit: &Visit, person: Option<&Person>) -> Self {
        let language = match (person, visit.language()) {
            (Some(person), _) => person.language,
            (None, Language::English) => NoticeLanguage::English,
            (None, Language::Traditional) => NoticeLanguage::TraditionalChinese,
            (None, Language::Simplified) => NoticeLanguage::SimplifiedChinese,
        };
        let chosen = |way| {
            person.map_or(way == Way::IamSmart, |person| {
                person.channels.contains(&way)
            })
        };
        Self {
            etag: person.map(|person| person.etag.clone()).unwrap_or_default(),
            languages: languages(visit, language),
            ways: Way::ALL
                .map(|way| field(visit, person, (way, chosen(way)), String::new()))
                .into(),
            reminders: person.is_none_or(|person| person.reminders),
            quiet: person.is_none_or(|person| person.quiet.is_some()),
        }
    }

    /// With what iAM Smart gave, in the fields where a person types: ways that got an address are chosen, which the person may change.
    pub(super) fn given(
        visit: &Visit,
        person: Option<&Person>,
        (sms, email): (Option<String>, Option<String>),
    ) -> Self {
        let mut filled = Self::of(visit, person);
        let given = [(Way::Sms, sms), (Way::Email, email)];
        for (way, address) in given.into_iter().filter_map(|(way, one)| Some((way, one?))) {
            let fields = filled.ways.iter_mut();
            for field in fields.filter(|field| field.word == way.word()) {
                field.chosen = true;
                if let Some((_label, typed)) = &mut field.address {
                    typed.clone_from(&address);
                }
            }
        }
        filled
    }

    /// With what was typed.
    pub(super) fn typed(visit: &Visit, person: Option<&Person>, form: &AccountForm) -> Self {
        let typed = |way| match way {
            Way::IamSmart => String::new(),
            Way::Sms => form.sms.clone(),
            Way::Email => form.email.clone(),
        };
        Self {
            etag: form.etag.clone(),
            languages: languages(visit, form.language()),
            ways: Way::ALL
                .map(|way| field(visit, person, (way, form.by(way)), typed(way)))
                .into(),
            reminders: form.reminders.is_some(),
            quiet: form.quiet.is_some(),
        }
    }
}

fn languages(visit: &Visit, chosen: NoticeLanguage) -> Vec<LanguageField> {
    LANGUAGES
        .into_iter()
        .map(|(word, language)| LanguageField {
            word,
            name: match word {
                "both" => visit.text.say("account-language-both"),
                word => Language::from_segment(word)
                    .map(|language| language.own_name().to_owned())
                    .unwrap_or_default(),
            },
            chosen: language == chosen,
        })
        .collect()
}

fn field(
    visit: &Visit,
    person: Option<&Person>,
    (way, chosen): (Way, bool),
    typed: String,
) -> WayField {
    let text = visit.text;
    let (name, label) = match way {
        Way::IamSmart => (text.say("account-by-iam-smart"), None),
        Way::Sms => (text.say("account-by-sms"), Some(text.say("account-sms"))),
        Way::Email => (
            text.say("account-by-email"),
            Some(text.say("account-email")),
        ),
    };
    WayField {
        word: way.word(),
        name,
        chosen,
        kept: label
            .is_some()
            .then(|| person.and_then(|person| person.point(way)))
            .flatten()
            .map(str::to_owned),
        address: label.map(|label| (label, typed)),
    }
}

impl AccountForm {
    fn by(&self, way: Way) -> bool {
        match way {
            Way::IamSmart => self.by_iam_smart.is_some(),
            Way::Sms => self.by_sms.is_some(),
            Way::Email => self.by_email.is_some(),
        }
    }

    fn language(&self) -> NoticeLanguage {
        let known = LANGUAGES.iter().find(|(word, _)| *word == self.language);
        known.map_or(NoticeLanguage::Both, |(_, language)| *language)
    }

    /// What the person wants; else what is missing.
    pub(super) fn read(
        &self,
        visit: &Visit,
        person: Option<&Person>,
        now: Timestamp,
    ) -> Result<Change, Fault> {
        let fault = |field: &str, key: &str| Fault {
            field: field.to_owned(),
            text: visit.text.say(key),
        };
        let channels: Vec<Way> = Way::ALL.into_iter().filter(|way| self.by(*way)).collect();
        if channels.is_empty() {
            return Err(fault("by-iam-smart", "account-error-no-way"));
        }
        let typed = |text: &str| {
            let text: String = text.trim().chars().take(ADDRESS_CHARACTERS_MAX).collect();
            (!text.is_empty()).then_some(text)
        };
        // An address of a way that is not wanted is not kept.
        let (sms, email) = (
            typed(&self.sms).filter(|_typed| self.by(Way::Sms)),
            typed(&self.email).filter(|_typed| self.by(Way::Email)),
        );
        let kept = |way| person.is_some_and(|person| person.point(way).is_some());
        if self.by(Way::Sms) && sms.is_none() && !kept(Way::Sms) {
            return Err(fault("sms", "account-error-sms"));
        }
        if self.by(Way::Email) && email.is_none() && !kept(Way::Email) {
            return Err(fault("email", "account-error-email"));
        }
        if self.agreed.is_none() {
            return Err(fault("agreed", "account-error-agreed"));
        }
        let removed = [Way::Sms, Way::Email].into_iter();
        let quiet = (QUIET.0.to_owned(), QUIET.1.to_owned());
        Ok(Change {
            etag: self.etag.clone(),
            language: self.language(),
            channels,
            reminders: self.reminders.is_some(),
            quiet: self.quiet.is_some().then_some(quiet),
            sms,
            email,
            removed: removed.filter(|way| !self.by(*way) && kept(*way)).collect(),
            words: WORDS,
            agreed_at: now,
        })
    }
}

/// What the gateway says against a form, where it is about what was typed.
pub(super) fn refused(visit: &Visit, failure: &Failure) -> Option<Fault> {
    let rows = [
        ("TELEPHONE_NUMBER", "sms", "account-error-sms"),
        ("EMAIL_ADDRESS", "email", "account-error-email"),
        ("ETAG_DIFFERS", "language", "account-error-changed"),
    ];
    let (_, field, key) = rows.into_iter().find(|(code, ..)| failure.has_code(code))?;
    Some(Fault {
        field: field.to_owned(),
        text: visit.text.say(key),
    })
}
