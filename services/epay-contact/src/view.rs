//! A person as the owner is shown, and the log of who looked.

use std::collections::HashMap;

use epay_domain::notification::Preferences;
use epay_money::PersonId;
use epay_notice::Channel;
use jiff::Timestamp;
use tokio_postgres::Row;

use crate::account::identity_message;
use crate::person::found_by_identity;
use crate::row::{channel, person, preferences};
use crate::{Addresses, ContactError, Contacts, Point, Reader};

/// Most rows on a page of the log of reads; a larger wish is cut to this.
pub const READS_PAGE_MAX: i64 = 1_000;
const READS_PAGE: i64 = 50;

/// A person as its owner is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// The id.
    pub id: PersonId,
    /// What the person wants.
    pub preferences: Preferences,
    /// Masked addresses, by channel.
    pub points: Vec<(Channel, String)>,
    /// The words that were agreed to last, and when; nothing of it where consent was taken back.
    pub consent: Option<(String, Timestamp)>,
    /// When the person came.
    pub created_at: Timestamp,
    /// When something was changed last.
    pub changed_at: Timestamp,
    /// Counts changes.
    pub version: i32,
}

/// That somebody opened a person's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its place in the log.
    pub id: i64,
    /// Whose.
    pub person: PersonId,
    /// Who.
    pub reader: String,
    /// What for, as [`crate::Purpose::as_str`] says it.
    pub purpose: String,
    /// Which.
    pub channels: Vec<Channel>,
    /// The number of the request that was answered by it, where there was one.
    pub case: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Which part of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadFilter {
    /// Of one person; of everybody where unset.
    pub person: Option<PersonId>,
    /// Rows before this place.
    pub before: Option<i64>,
    /// Rows wanted; 0 means the usual number.
    pub size: i64,
}

/// A person who is not forgotten, with what was agreed to last.
pub(crate) const PERSON: &str = "SELECT p.*, c.words, c.at AS agreed_at FROM contact.person AS p \
     LEFT JOIN LATERAL (SELECT * FROM contact.consent WHERE person_id = p.person_id \
     ORDER BY at DESC, consent_id DESC LIMIT 1) AS c ON c.given \
     WHERE p.person_id = $1 AND p.erased_at IS NULL";

/// A row of [`PERSON`], with these addresses masked.
pub(crate) fn shown(
    of: PersonId,
    row: &Row,
    addresses: &Addresses,
) -> Result<PersonView, ContactError> {
    let words: Option<String> = row.try_get("words")?;
    let masked = |on| addresses.masked(on).map(|text| (on, text));
    Ok(PersonView {
        id: of,
        preferences: preferences(row)?,
        points: Channel::ALL.into_iter().filter_map(masked).collect(),
        consent: words.zip(row.try_get("agreed_at")?),
        created_at: row.try_get("created_at")?,
        changed_at: row.try_get("changed_at")?,
        version: row.try_get("version")?,
    })
}

impl Contacts {
    /// A person, with masked addresses; that they were opened to be masked is written down.
    ///
    /// # Errors
    /// [`ContactError::NoPerson`], and what the database says.
    pub async fn view(&self, reader: &Reader, of: PersonId) -> Result<PersonView, ContactError> {
        let opened = self.open(reader, &[of]).await?;
        let client = self.client().await?;
        let statement = client.prepare_cached(PERSON).await?;
        let row = client.query_opt(&statement, &[&of.uuid()]).await?;
        let row = row.ok_or(ContactError::NoPerson)?;
        let addresses = opened.get(&of).cloned().unwrap_or_default();
        shown(of, &row, &addresses)
    }

    /// The person who is this at the sign-in service.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find(&self, identity: &Point) -> Result<Option<PersonId>, ContactError> {
        let tags = self.keys().tags(&identity_message(identity.address()));
        let client = self.client().await?;
        let row = found_by_identity(&client, &tags).await?;
        row.as_ref().map(person).transpose()
    }

    /// Who looked, newest first, and where the next page begins.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reads(
        &self,
        filter: ReadFilter,
    ) -> Result<(Vec<Read>, Option<i64>), ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT * FROM contact.read WHERE ($1::uuid IS NULL OR person_id = $1) \
                 AND ($2::int8 IS NULL OR read_id < $2) ORDER BY read_id DESC LIMIT $3",
            )
            .await?;
        let size = if filter.size <= 0 {
            READS_PAGE
        } else {
            filter.size.min(READS_PAGE_MAX)
        };
        let of = filter.person.map(PersonId::uuid);
        let rows = client
            .query(&statement, &[&of, &filter.before, &size.saturating_add(1)])
            .await?;
        let mut reads = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let shown = usize::try_from(size).unwrap_or(usize::MAX);
        let more = reads.len() > shown;
        reads.truncate(shown);
        let next = reads.last().filter(|_last| more).map(|last| last.id);
        Ok((reads, next))
    }

    /// How many people each key wraps the data key of, by the key's name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn people_by_key(&self) -> Result<HashMap<String, u64>, ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT key_id, count(*) FROM contact.person WHERE key_id IS NOT NULL GROUP BY key_id",
            )
            .await?;
        let rows = client.query(&statement, &[]).await?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get(1)?;
                Ok((row.try_get(0)?, u64::try_from(count).unwrap_or(0)))
            })
            .collect()
    }
}

fn read(row: &Row) -> Result<Read, ContactError> {
    let words: Vec<&str> = row.try_get("channels")?;
    let channels = words.into_iter().map(|word| {
        channel(word).ok_or(ContactError::Unknown {
            table: "contact.read",
            column: "channels",
        })
    });
    Ok(Read {
        id: row.try_get("read_id")?,
        person: person(row)?,
        reader: row.try_get("reader")?,
        purpose: row.try_get("purpose")?,
        channels: channels.collect::<Result<_, _>>()?,
        case: row.try_get("case_reference")?,
        at: row.try_get("at")?,
    })
}
