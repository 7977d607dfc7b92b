//! One version of all texts, and what they say with the facts of one notice.

use std::collections::BTreeMap;

use epay_money::{Language, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::check::{self, Rule, TemplateFault};
use crate::value::{
    CHINESE_CHARACTERS_MAX, ENGLISH_CHARACTERS_MAX, MARK_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX,
    TAIL_CHARACTERS_MAX,
};
use crate::{Channel, Details, Field, Kind, Part, Sms};

/// Most bytes of a file of texts.
pub const FILE_BYTES_MAX: usize = 65_536;
/// Most parts of an SMS in one language.
pub const SMS_PARTS_MAX: usize = 2;
/// Most parts of an SMS in two languages.
pub const BILINGUAL_SMS_PARTS_MAX: usize = 6;

/// In which language a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tongue {
    /// The one that the person chose.
    One(Language),
    /// Nobody chose: Traditional Chinese, then English.
    Both,
}

/// Which languages are said, in order.
const BOTH: [Language; 2] = [Language::Traditional, Language::English];

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it stands.
    Plain(String),
    /// Filled in for each notice.
    Field(Field),
}

/// A text.
pub(crate) type Text = Vec<Piece>;
/// The texts of one language.
pub(crate) type Texts = BTreeMap<(Kind, Part), Text>;

/// One version of all texts.
#[derive(Debug, Clone)]
pub struct Templates {
    version: u32,
    english: Texts,
    traditional: Texts,
    simplified: Texts,
}

/// A notice as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The head of a push message, or the subject of an e-mail; an SMS has none.
    pub title: Option<String>,
    /// What it says.
    pub body: String,
}

/// Why nobody can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// A fact is missing that the text says.
    #[error("a notice of this kind needs {}", .0.as_str())]
    Missing(Field),
}

impl Templates {
    /// Reads the three files of a version.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the order of the files.
    pub fn load(
        version: u32,
        file: impl Fn(Language) -> String,
    ) -> Result<Self, Vec<TemplateFault>> {
        let mut faults = Vec::new();
        let [english, traditional, simplified] =
            Language::ALL.map(|language| check::read(language, &file(language), &mut faults));
        let templates = Self {
            version,
            english,
            traditional,
            simplified,
        };
        if faults.is_empty() {
            templates.weigh(&mut faults);
        }
        if faults.is_empty() {
            Ok(templates)
        } else {
            Err(faults)
        }
    }

    /// Which version it is.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// What a person is told.
    ///
    /// # Errors
    /// [`RenderFault`].
    pub fn render(
        &self,
        (kind, channel): (Kind, Channel),
        tongue: Tongue,
        details: &Details,
    ) -> Result<Rendered, RenderFault> {
        let say = |part| {
            self.said(kind, part, tongue, &|field, language| {
                let value = details.get(field).ok_or(RenderFault::Missing(field))?;
                Ok(value.written(language))
            })
        };
        Ok(Rendered {
            title: channel.title().map(say).transpose()?,
            body: say(channel.body())?,
        })
    }

    fn said<E>(
        &self,
        kind: Kind,
        part: Part,
        tongue: Tongue,
        value: &impl Fn(Field, Language) -> Result<String, E>,
    ) -> Result<String, E> {
        let languages = match &tongue {
            Tongue::One(language) => core::slice::from_ref(language),
            Tongue::Both => &BOTH,
        };
        let between = match part {
            Part::Title => " / ",
            Part::Sms | Part::Push => "\n",
            Part::Mail => "\n\n----\n\n",
        };
        let mut said = String::new();
        for language in languages {
            if !said.is_empty() {
                said.push_str(between);
            }
            for piece in self
                .texts(*language)
                .get(&(kind, part))
                .into_iter()
                .flatten()
            {
                match piece {
                    Piece::Plain(plain) => said.push_str(plain),
                    Piece::Field(field) => said.push_str(&value(*field, *language)?),
                }
            }
        }
        Ok(said)
    }

    const fn texts(&self, language: Language) -> &Texts {
        match language {
            Language::English => &self.english,
            Language::Traditional => &self.traditional,
            Language::Simplified => &self.simplified,
        }
    }

    /// Counts every SMS with the longest values that there can be.
    fn weigh(&self, faults: &mut Vec<TemplateFault>) {
        for kind in Kind::ALL {
            let alone =
                Language::ALL.map(|language| (language, Tongue::One(language), SMS_PARTS_MAX));
            let both = (Language::Traditional, Tongue::Both, BILINGUAL_SMS_PARTS_MAX);
            for (language, tongue, most) in alone.into_iter().chain([both]) {
                let Ok(text) = self.said(kind, Part::Sms, tongue, &longest);
                let parts = Sms::of(&text).parts.len();
                if parts > most {
                    faults.push(TemplateFault {
                        language,
                        message: kind.message().to_owned(),
                        part: Some(Part::Sms),
                        rule: Rule::Long { parts, most },
                    });
                }
            }
        }
    }
}

/// A value as long as one of its field can be, in characters that need no other alphabet than those of its language do.
fn longest(field: Field, language: Language) -> Result<String, core::convert::Infallible> {
    let name = match language {
        Language::English => "x".repeat(ENGLISH_CHARACTERS_MAX),
        Language::Traditional | Language::Simplified => "字".repeat(CHINESE_CHARACTERS_MAX),
    };
    Ok(match field {
        Field::Department | Field::BillType => name,
        Field::AccountTail => "9".repeat(TAIL_CHARACTERS_MAX),
        Field::Amount => language.money(Money::hkd(i64::MIN)),
        Field::DueDate | Field::Expiry | Field::OpenDate => language.date(LONG_DATE),
        Field::PaidAt => language.date_and_time(LONG_TIME),
        Field::Reference => "9".repeat(REFERENCE_CHARACTERS_MAX),
        Field::Mark => "9".repeat(MARK_CHARACTERS_MAX),
    })
}

/// No month has a longer name than September, and no date more digits than this one.
const LONG_DATE: Date = jiff::civil::date(2026, 9, 30);
/// The same date in Hong Kong.
const LONG_TIME: Timestamp = Timestamp::constant(1_790_783_999, 0);
