//! Looking: at what people want, which opens nothing, and at where they are reached, which is written down.

use std::collections::HashMap;

use epay_domain::notification::Preferences;
use epay_money::PersonId;
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{channel, person, preferences};
use crate::seal::{DataKey, Place};
use crate::{Addresses, BATCH_MAX, ContactError, ContactKeys, Contacts};

/// What an address is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A notice is sent there.
    SendNotice,
    /// Its owner is shown it, masked.
    ShowToOwner,
    /// A person asked what is known of them (Personal Data (Privacy) Ordinance, section 18).
    AnswerRequest,
    /// The service is kept running.
    Operate,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [
        Self::SendNotice,
        Self::ShowToOwner,
        Self::AnswerRequest,
        Self::Operate,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendNotice => "send_notice",
            Self::ShowToOwner => "show_to_owner",
            Self::AnswerRequest => "answer_request",
            Self::Operate => "operate",
        }
    }
}

/// Who opens addresses, when and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The person, service or task.
    pub name: String,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub at: Timestamp,
}

impl Contacts {
    /// What these people want. Who is forgotten, or was never there, is left out.
    ///
    /// # Errors
    /// [`ContactError`].
    pub async fn preferences(
        &self,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Preferences>, ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT person_id, tongue, channels, reminders, quiet_from, quiet_until FROM contact.person \
                 WHERE person_id = ANY($1) AND erased_at IS NULL",
            )
            .await?;
        let mut found = HashMap::new();
        for batch in people.chunks(BATCH_MAX) {
            let ids: Vec<Uuid> = batch.iter().map(|one| one.uuid()).collect();
            for row in client.query(&statement, &[&ids]).await? {
                found.insert(person(&row)?, preferences(&row)?);
            }
        }
        Ok(found)
    }

    /// Opens these people's addresses, and writes down that it was done: nothing is opened that is not written down. Who is forgotten,
    /// was never there or has no address is left out.
    ///
    /// # Errors
    /// [`ContactError`], with nothing opened; [`ContactError::Sealed`] says whose does not open.
    pub async fn open(
        &self,
        reader: &Reader,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Addresses>, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let statement = tx
            .prepare_cached(
                "SELECT person_id, key_id, data_key, channel, sealed FROM contact.person JOIN contact.point USING (person_id) \
                 WHERE person_id = ANY($1) AND erased_at IS NULL ORDER BY person_id, channel",
            )
            .await?;
        let log = tx
            .prepare_cached(
                "INSERT INTO contact.read (person_id, reader, purpose, channels, at) \
                 SELECT person_id, $3, $4, string_to_array(channels, ' '), $5 \
                 FROM unnest($1::uuid[], $2::text[]) AS opened (person_id, channels)",
            )
            .await?;
        let mut found = HashMap::new();
        for batch in people.chunks(BATCH_MAX) {
            let ids: Vec<Uuid> = batch.iter().map(|one| one.uuid()).collect();
            let opened = open_rows(self.keys(), &tx.query(&statement, &[&ids]).await?)?;
            let (ids, channels): (Vec<Uuid>, Vec<String>) = opened
                .iter()
                .map(|(person, addresses)| (person.uuid(), addresses.channels()))
                .unzip();
            let purpose = reader.purpose.as_str();
            tx.execute(&log, &[&ids, &channels, &reader.name, &purpose, &reader.at])
                .await?;
            found.extend(opened);
        }
        tx.commit().await?;
        Ok(found)
    }
}

/// One row an address; the rows of a person follow each other.
pub(crate) fn open_rows(
    keys: &ContactKeys,
    rows: &[Row],
) -> Result<HashMap<PersonId, Addresses>, ContactError> {
    let mut opened: HashMap<PersonId, Addresses> = HashMap::new();
    let mut at_hand: Option<(PersonId, DataKey)> = None;
    for row in rows {
        let of = person(row)?;
        let key = match at_hand.take() {
            Some((person, key)) if person == of => key,
            _ => data_key(keys, row)?,
        };
        let on = channel(row.try_get("channel")?).ok_or(ContactError::Unknown {
            table: "contact.point",
            column: "channel",
        })?;
        let address = key.open(Place::Point(on), row.try_get("sealed")?)?;
        opened.entry(of).or_default().put(on, address);
        at_hand = Some((of, key));
    }
    Ok(opened)
}

/// The data key in a row of `contact.person`.
pub(crate) fn data_key(keys: &ContactKeys, row: &Row) -> Result<DataKey, ContactError> {
    data_key_of(keys, row, person(row)?)
}

/// The data key in a row, which is bound to an id.
pub(crate) fn data_key_of(
    keys: &ContactKeys,
    row: &Row,
    of: PersonId,
) -> Result<DataKey, ContactError> {
    let (name, wrapped) = (row.try_get("key_id")?, row.try_get("data_key")?);
    DataKey::unwrap(keys, of, (name, wrapped))
}
