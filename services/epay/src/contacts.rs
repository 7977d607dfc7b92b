//! Contacts: the keys that open them, and changing one key for another.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_contact::{CONTACT_ROLE, ContactKeys, Contacts};
use epay_pg::{PoolOptions, build_pool};
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// Connections to the contacts of one process: few, because people are looked up in batches.
const CONNECTIONS: usize = 4;

/// How contacts are set up. Without it nobody subscribes and nobody is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSettings {
    /// Files of 32 bytes or more each: the first seals, every one opens.
    pub(crate) key_files: Vec<PathBuf>,
}

impl ContactSettings {
    /// What seals and opens.
    pub(crate) fn keys(&self) -> anyhow::Result<ContactKeys> {
        let read = |path: &PathBuf| -> anyhow::Result<SecretSlice<u8>> {
            let what = || format!("contacts.key_files: {} cannot be read", path.display());
            let text = std::fs::read(path).with_context(what)?;
            Ok(text.trim_ascii_end().to_vec().into())
        };
        let keys = self.key_files.iter().map(read);
        let keys: Vec<SecretSlice<u8>> = keys.collect::<Result<_, _>>()?;
        ContactKeys::new(&keys).context("contacts.key_files")
    }
}

/// The contacts of this configuration, on a pool and a role of their own.
pub(crate) fn store(settings: &Settings) -> anyhow::Result<Option<Contacts>> {
    let Some(contacts) = &settings.contacts else {
        return Ok(None);
    };
    let options = PoolOptions {
        size: CONNECTIONS,
        role: Some(CONTACT_ROLE.to_owned()),
        ..PoolOptions::named("epay contacts")
    };
    let pool = build_pool(&settings.database.config()?, &options).context("contacts")?;
    Ok(Some(Contacts::new(pool, contacts.keys()?)))
}

/// What is done with contacts by hand.
#[derive(Debug, Subcommand)]
pub(crate) enum ContactsCommand {
    /// Take everybody over to the first of `contacts.key_files`. May be stopped and begun again, while everything runs. Afterwards the
    /// other keys can be taken out of the configuration of every process.
    RotateKeys,
}

/// Does it.
pub(crate) async fn run(command: ContactsCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let contacts = store(settings)?.context("contacts.key_files is not configured")?;
    match command {
        ContactsCommand::RotateKeys => rotate(&contacts).await,
    }
}

async fn rotate(contacts: &Contacts) -> anyhow::Result<ExitCode> {
    let (mut people, mut unopened, mut after) = (0_usize, vec![], None);
    loop {
        let batch = contacts.rotate(after).await?;
        people = people.saturating_add(batch.people);
        unopened.extend(batch.unopened);
        after = batch.next;
        if after.is_none() {
            break;
        }
    }
    println!("{people} people were taken over to the first key.");
    if unopened.is_empty() {
        println!("No other key is needed any more.");
        return Ok(ExitCode::SUCCESS);
    }
    for person in unopened {
        println!("{person} does not open with any key that is configured.");
    }
    println!("The keys that opened them, if there still are any, are needed.");
    Ok(ExitCode::FAILURE)
}
