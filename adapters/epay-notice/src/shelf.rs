//! All versions of the texts. The first is built in; later ones are added by whoever runs the gateway, and none is ever taken away or
//! changed, because what was sent must be shown again as it was.

use std::collections::BTreeMap;

use epay_money::Language;

use crate::{TemplateFault, Templates};

/// The version that is built in.
pub const FIRST_VERSION: u32 = 1;

const ENGLISH: &str = include_str!("../templates/1/en-HK.ftl");
const TRADITIONAL: &str = include_str!("../templates/1/zh-HK.ftl");
const SIMPLIFIED: &str = include_str!("../templates/1/zh-CN.ftl");

/// Every version of the texts.
#[derive(Debug, Clone)]
pub struct Shelf {
    latest: Templates,
    older: BTreeMap<u32, Templates>,
}

/// A version that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {version} of the texts: a later version has a higher number than {latest}")]
pub struct ShelfFault {
    /// The version.
    pub version: u32,
    /// The latest that is there.
    pub latest: u32,
}

impl Shelf {
    /// The version that is built in.
    ///
    /// # Errors
    /// What is wrong with it: a test sees that nothing is.
    pub fn built_in() -> Result<Self, Vec<TemplateFault>> {
        let latest = Templates::load(FIRST_VERSION, |language| {
            let text = match language {
                Language::English => ENGLISH,
                Language::Traditional => TRADITIONAL,
                Language::Simplified => SIMPLIFIED,
            };
            text.to_owned()
        })?;
        Ok(Self {
            latest,
            older: BTreeMap::new(),
        })
    }

    /// Adds a later version, which new notices use from then on.
    ///
    /// # Errors
    /// [`ShelfFault`].
    pub fn add(&mut self, templates: Templates) -> Result<(), ShelfFault> {
        let (version, latest) = (templates.version(), self.latest.version());
        if version <= latest {
            return Err(ShelfFault { version, latest });
        }
        let before = core::mem::replace(&mut self.latest, templates);
        self.older.insert(latest, before);
        Ok(())
    }

    /// What new notices use.
    #[must_use]
    pub const fn latest(&self) -> &Templates {
        &self.latest
    }

    /// A version by its number.
    #[must_use]
    pub fn get(&self, version: u32) -> Option<&Templates> {
        if version == self.latest.version() {
            Some(&self.latest)
        } else {
            self.older.get(&version)
        }
    }
}
