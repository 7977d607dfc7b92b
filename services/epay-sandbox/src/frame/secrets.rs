//! Secrets and keys by name: from a folder with one file each, so that they stand in no configuration and can be changed
//! while the sandbox runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

/// Where secrets are read from.
#[derive(Debug, Clone)]
pub struct Secrets {
    channel: SecretString,
    given: BTreeMap<String, SecretString>,
    folder: Option<PathBuf>,
}

impl From<SecretString> for Secrets {
    fn from(channel: SecretString) -> Self {
        Self {
            channel,
            given: BTreeMap::new(),
            folder: None,
        }
    }
}

impl Secrets {
    /// Also reads files of this folder: the secret `pps-checkout` is the file of that name, without the line feed at its end.
    #[must_use]
    pub fn in_folder(mut self, folder: Option<PathBuf>) -> Self {
        self.folder = folder;
        self
    }

    /// Also knows this one.
    #[must_use]
    pub fn with(mut self, name: &str, secret: &str) -> Self {
        self.given
            .insert(name.to_owned(), SecretString::from(secret));
        self
    }

    /// The bank channel's.
    #[must_use]
    pub fn channel(&self) -> &SecretString {
        &self.channel
    }

    /// The secret of a name, read now. `None` when there is none.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<SecretString> {
        if let Some(secret) = self.given.get(name) {
            return Some(secret.clone());
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !name.bytes().all(plain) || name.starts_with('.') {
            return None;
        }
        let text = std::fs::read_to_string(self.folder.as_ref()?.join(name)).ok()?;
        Some(SecretString::from(text.trim_end_matches(['\n', '\r'])))
    }
}
