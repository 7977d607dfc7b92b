//! A scenario, as a file says it: which bills are paid, and parts of so many seconds at a share of what the machine carries.
//!
//! Rates are shares of the knee, so that one file asks the same question on every machine. Bounds: [`PARTS_MAX`] parts, each of
//! [`SECONDS_MAX`] seconds and [`PERCENT_MAX`] per cent at most, [`WATCHERS_MAX`] watchers and [`IMPORT_BILLS_MAX`] imported bills.

use serde::Deserialize;

use crate::rails::{Mix, MixFault, Rail, Share};

const PARTS_MAX: usize = 32;
const SECONDS_MAX: u32 = 24 * 3_600;
const PERCENT_MAX: u32 = 400;
const WATCHERS_MAX: u32 = 60_000;
const IMPORT_BILLS_MAX: u32 = 5_000_000;

/// What is to be done to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// One word, as the file is called.
    pub(crate) name: String,
    /// What it asks, for whoever reads the report.
    pub(crate) summary: String,
    /// Only bills of these kinds are paid; of every kind, in turn, where it is empty.
    #[serde(default)]
    pub(crate) bill_types: Vec<String>,
    /// Who pays by which rail; by FPS alone, with the tool as the bank, where it is empty.
    #[serde(default, rename = "mix")]
    pub(crate) shares: Vec<Share>,
    #[serde(rename = "part")]
    pub(crate) parts: Vec<Part>,
}

/// So long, so much.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) seconds: u32,
    /// Payments that citizens begin, in hundredths of the knee.
    pub(crate) percent: u32,
    /// Streams that are open all the while, each on a payment that nobody makes.
    #[serde(default)]
    pub(crate) watchers: u32,
    /// Bills of a file that is sent at the beginning of the part.
    #[serde(default)]
    pub(crate) import_bills: u32,
    /// A rail of the mix that is ill all the while.
    #[serde(default)]
    pub(crate) sick: Option<Sick>,
}

/// What its counterparty does wrong: a word of the sandbox's menu, with a value where the menu's own is not meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sick {
    pub(crate) rail: Rail,
    pub(crate) fault: String,
    #[serde(default)]
    pub(crate) value: Option<String>,
}

/// Why a file is no scenario.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioFault {
    #[error("the file is no scenario: {0}")]
    Shape(#[from] toml::de::Error),
    #[error("{what} of {part:?} must be between {least} and {most}")]
    Range {
        part: String,
        what: &'static str,
        least: u32,
        most: u32,
    },
    #[error("a scenario has between 1 and {PARTS_MAX} parts")]
    Parts,
    #[error("the mix is none: {0}")]
    Mix(#[from] MixFault),
    #[error("{part:?} makes a rail ill that has no share in the mix")]
    Sick { part: String },
    #[error("{part:?} has watchers or an import, which have no place beside a mix")]
    Beside { part: String },
    #[error("the name {0:?} is not made of small letters, digits and hyphens")]
    Name(String),
}

impl Scenario {
    pub(crate) fn read(text: &str) -> Result<Self, ScenarioFault> {
        let scenario: Self = toml::from_str(text)?;
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if scenario.name.is_empty() || !scenario.name.chars().all(plain) {
            return Err(ScenarioFault::Name(scenario.name));
        }
        if scenario.parts.is_empty() || scenario.parts.len() > PARTS_MAX {
            return Err(ScenarioFault::Parts);
        }
        for part in &scenario.parts {
            part.within("seconds", part.seconds, 1, SECONDS_MAX)?;
            part.within("percent", part.percent, 1, PERCENT_MAX)?;
            part.within("watchers", part.watchers, 0, WATCHERS_MAX)?;
            part.within("import_bills", part.import_bills, 0, IMPORT_BILLS_MAX)?;
        }
        scenario.check_mix()?;
        Ok(scenario)
    }

    /// Who pays by which rail; nothing where all pay by one.
    pub(crate) fn mix(&self) -> Result<Option<Mix>, MixFault> {
        Mix::of(&self.shares)
    }

    fn check_mix(&self) -> Result<(), ScenarioFault> {
        let mix = self.mix()?;
        let has = |rail| mix.iter().flat_map(Mix::rails).any(|other| other == rail);
        for part in &self.parts {
            let name = || part.name.clone();
            if part.sick.as_ref().is_some_and(|sick| !has(sick.rail)) {
                return Err(ScenarioFault::Sick { part: name() });
            }
            if mix.is_some() && part.watchers.max(part.import_bills) > 0 {
                return Err(ScenarioFault::Beside { part: name() });
            }
        }
        Ok(())
    }
}

impl Part {
    fn within(
        &self,
        what: &'static str,
        value: u32,
        least: u32,
        most: u32,
    ) -> Result<(), ScenarioFault> {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        let part = self.name.clone();
        Err(ScenarioFault::Range {
            part,
            what,
            least,
            most,
        })
    }

    /// Payments a second at a knee; one at least.
    pub(crate) fn rate(&self, knee: u32) -> u32 {
        let share = u64::from(knee).saturating_mul(u64::from(self.percent)) / 100;
        u32::try_from(share).unwrap_or(u32::MAX).max(1)
    }
}

/// The scenarios that come with the program.
pub(crate) const OWN: [(&str, &str); 9] = [
    ("steady", include_str!("../../scenarios/steady.toml")),
    ("tax-day", include_str!("../../scenarios/tax-day.toml")),
    (
        "hot-biller",
        include_str!("../../scenarios/hot-biller.toml"),
    ),
    ("watched", include_str!("../../scenarios/watched.toml")),
    ("import", include_str!("../../scenarios/import.toml")),
    ("cost", include_str!("../../scenarios/cost.toml")),
    ("all-rails", include_str!("../../scenarios/all-rails.toml")),
    ("sick-rail", include_str!("../../scenarios/sick-rail.toml")),
    ("soak", include_str!("../../scenarios/soak.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_that_comes_with_the_program_can_be_read() {
        for (name, text) in OWN {
            let scenario = Scenario::read(text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert_eq!(scenario.name, name);
            assert!(!scenario.summary.is_empty());
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let part = "[[part]]\nname = \"p\"\nseconds = 5\npercent = 50\n";
        let head = "name = \"a\"\nsummary = \"s\"\n";
        let cases = [
            ("name = 1".to_owned(), "the file is no scenario"),
            (format!("{head}surprise = 1\n{part}"), "unknown field"),
            (head.to_owned(), "missing field `part`"),
            (format!("{head}part = []\n"), "between 1 and 32 parts"),
            (
                format!("name = \"A b\"\nsummary = \"s\"\n{part}"),
                "small letters",
            ),
            (
                head.to_owned() + &part.replace("50", "0"),
                "percent of \"p\"",
            ),
            (
                head.to_owned() + &part.replace("= 5\n", "= 100000\n"),
                "seconds of \"p\"",
            ),
            (
                format!("{head}[[mix]]\nrail = \"card\"\nshare = 0\n{part}"),
                "the share of card",
            ),
            (
                format!("{head}[[mix]]\nrail = \"cash\"\nshare = 1\n{part}"),
                "unknown variant `cash`",
            ),
            (
                format!("{head}{part}sick = {{ rail = \"card\", fault = \"late\" }}\n"),
                "\"p\" makes a rail ill",
            ),
            (
                format!("{head}[[mix]]\nrail = \"card\"\nshare = 1\n{part}watchers = 1\n"),
                "no place beside a mix",
            ),
        ];
        for (text, said) in cases {
            let fault = Scenario::read(&text).unwrap_err().to_string();
            assert!(fault.contains(said), "{text:?}: {fault}");
        }
    }

    #[test]
    fn a_rate_is_a_share_of_the_knee() {
        let scenario = Scenario::read(OWN[1].1).unwrap();
        let rates: Vec<u32> = scenario.parts.iter().map(|part| part.rate(1_000)).collect();
        assert_eq!(rates, [60, 1_200, 60]);
        assert_eq!(scenario.parts[0].rate(3), 1);
    }
}
