//! Everything that is held of a person, for the person or for who answers a request of access: the only place where addresses and accounts are read
//! whole by anybody but who sends notices. It is written down in the transaction that opens them, with the case.

use epay_money::PersonId;
use epay_notice::Channel;
use jiff::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use crate::read::{data_key, open_rows};
use crate::subscription::{read_whole, subscriptions};
use crate::view::{PERSON, shown};
use crate::{Account, Addresses, ContactError, Contacts, PersonView, Reader};

/// Most records of consent on a page; a larger wish is cut to this.
pub const CONSENTS_PAGE_MAX: i64 = 1_000;
const CONSENTS_PAGE: i64 = 50;
/// Longest number of a case, in characters.
pub const CASE_CHARACTERS_MAX: usize = 64;

/// A person with everything that is sealed of them, opened. Nothing prints it.
#[derive(Debug, Clone)]
pub struct OpenedPerson {
    /// As the owner is shown it every day.
    pub view: PersonView,
    /// The addresses, whole.
    pub addresses: Addresses,
    /// The accounts, whole, in the order in which they came.
    pub accounts: Vec<(Account, SecretString)>,
}

/// That a person agreed, or no longer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Its id.
    pub id: Uuid,
    /// Whether it was given, or taken back.
    pub given: bool,
    /// Which version of the words the person saw.
    pub words: String,
    /// When.
    pub at: Timestamp,
    /// By which client.
    pub client: String,
}

impl Contacts {
    /// Opens a person whole, and writes down who did it, what for, and in which case; that there was no address to open is written down too.
    ///
    /// # Errors
    /// [`ContactError`], with nothing opened.
    pub async fn open_person(
        &self,
        reader: &Reader,
        case: Option<&str>,
        of: PersonId,
    ) -> Result<OpenedPerson, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let statement = tx.prepare_cached(PERSON).await?;
        let row = tx.query_opt(&statement, &[&of.uuid()]).await?;
        let row = row.ok_or(ContactError::NoPerson)?;
        let statement = tx
            .prepare_cached(
                "SELECT person_id, key_id, data_key, channel, sealed FROM contact.person JOIN contact.point USING (person_id) \
                 WHERE person_id = $1 ORDER BY channel",
            )
            .await?;
        let points = tx.query(&statement, &[&of.uuid()]).await?;
        let addresses = open_rows(self.keys(), &points)?;
        let addresses = addresses.into_values().next().unwrap_or_default();
        let key = data_key(self.keys(), &row)?;
        let accounts = subscriptions(&tx, of).await?;
        let accounts = accounts.iter().map(|row| read_whole(row, &key));
        let accounts = accounts.collect::<Result<_, _>>()?;
        let statement = tx
            .prepare_cached(
                "INSERT INTO contact.read (person_id, reader, purpose, channels, case_reference, at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .await?;
        let channels: Vec<&str> = Channel::ALL
            .into_iter()
            .filter(|on| addresses.on(*on).is_some())
            .map(Channel::as_str)
            .collect();
        let purpose = reader.purpose.as_str();
        tx.execute(
            &statement,
            &[
                &of.uuid(),
                &reader.name,
                &purpose,
                &channels,
                &case,
                &reader.at,
            ],
        )
        .await?;
        let view = shown(of, &row, &addresses)?;
        tx.commit().await?;
        Ok(OpenedPerson {
            view,
            addresses,
            accounts,
        })
    }

    /// What a person agreed to, oldest first, and after which record the next page begins.
    ///
    /// # Errors
    /// What the database says.
    pub async fn consents(
        &self,
        of: PersonId,
        after: Option<Uuid>,
        size: i64,
    ) -> Result<(Vec<ConsentRecord>, Option<Uuid>), ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT * FROM contact.consent WHERE person_id = $1 AND ($2::uuid IS NULL OR consent_id > $2) \
                 ORDER BY consent_id LIMIT $3",
            )
            .await?;
        let size = if size <= 0 {
            CONSENTS_PAGE
        } else {
            size.min(CONSENTS_PAGE_MAX)
        };
        let rows = client
            .query(&statement, &[&of.uuid(), &after, &size.saturating_add(1)])
            .await?;
        let read = |row: &tokio_postgres::Row| -> Result<ConsentRecord, ContactError> {
            Ok(ConsentRecord {
                id: row.try_get("consent_id")?,
                given: row.try_get("given")?,
                words: row.try_get("words")?,
                at: row.try_get("at")?,
                client: row.try_get("client")?,
            })
        };
        let mut records = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(size).unwrap_or(usize::MAX);
        let more = records.len() > most;
        records.truncate(most);
        let next = records.last().filter(|_last| more).map(|last| last.id);
        Ok((records, next))
    }
}
