//! Contacts: the keys that open them, changing one key for another, and giving a person everything that is held of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use epay_contact::{CASE_CHARACTERS_MAX, CONTACT_ROLE, ContactKeys, Contacts, Purpose, Reader};
use epay_gateway::PersonFile;
use epay_money::PersonId;
use epay_pg::{PoolOptions, build_pool};
use jiff::Timestamp;
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
    /// Write everything that is held of a person into a file, as JSON, for a request of access. That it was done is written down with who did it and
    /// the request's number.
    Export(ExportArgs),
}

/// Whose data is wanted, by whom, and why.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The person: the last part of "subscribers/{subscriber}".
    person: PersonId,
    /// The number of the request that is answered.
    #[arg(long, value_parser = case_reference)]
    case_reference: String,
    /// Who answers it.
    #[arg(long)]
    officer: String,
    /// The file, which must not be there; its owner alone may read it.
    #[arg(long)]
    out: PathBuf,
}

/// A number that the log of reads can keep.
fn case_reference(text: &str) -> Result<String, String> {
    let length = text.trim().chars().count();
    if (1..=CASE_CHARACTERS_MAX).contains(&length) {
        return Ok(text.trim().to_owned());
    }
    Err(format!("must have 1 to {CASE_CHARACTERS_MAX} characters"))
}

/// Does it.
pub(crate) async fn run(command: ContactsCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let contacts = store(settings)?.context("contacts.key_files is not configured")?;
    match command {
        ContactsCommand::RotateKeys => rotate(&contacts).await,
        ContactsCommand::Export(arguments) => export(&contacts, settings, &arguments).await,
    }
}

async fn export(
    contacts: &Contacts,
    settings: &Settings,
    asked: &ExportArgs,
) -> anyhow::Result<ExitCode> {
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::named("epay contacts export").as_service()
    };
    let notices = build_pool(&settings.database.config()?, &options)?;
    let reader = Reader {
        name: asked.officer.clone(),
        purpose: Purpose::AnswerRequest,
        at: Timestamp::now(),
    };
    let file = PersonFile {
        contacts,
        notices: &notices,
        reader: &reader,
        case: Some(&asked.case_reference),
    };
    let shown = asked.out.display();
    // Before anything is opened: what cannot be written down is not looked at.
    let mut out = private_file(&asked.out).with_context(|| format!("{shown} cannot be made"))?;
    let held = match file.whole(asked.person).await {
        Ok(held) => held,
        Err(error) => {
            // Nothing was written; an empty file would look like an answer.
            let _removed = std::fs::remove_file(&asked.out);
            return Err(error.into());
        }
    };
    out.write_all(&serde_json::to_vec_pretty(&held)?)?;
    out.sync_all()?;
    println!("{shown}: everything that is held of {}", asked.person);
    if held.next_page_token.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("It is longer than one file may be, and not whole.");
    Ok(ExitCode::FAILURE)
}

/// A new file for its owner's eyes.
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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
