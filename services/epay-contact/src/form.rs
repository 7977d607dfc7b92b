//! Forms that a person has the sign-in service fill in.
//!
//! 1. [`Contacts::ask_form`] notes that somebody is asked, before they are: what nobody asked for is not kept.
//! 2. [`Contacts::hear_form`] seals what is told, once. What comes again, late, with another state or of a form that nobody knows changes nothing.
//! 3. [`Contacts::form`] opens it for whom it was asked of, and writes down that it did. A person is told by nothing of it: that needs a change of
//!    theirs, with what they agreed to.
//! 4. [`Contacts::discard_form`] removes it, as does its end after [`FORM_SECONDS`].
//!
//! A form has a data key of its own, because its person may be nobody here yet. It does not rotate: it is gone before a key is.

use deadpool_postgres::Transaction;
use epay_money::PersonId;
use epay_notice::Channel;
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::account::identity_message;
use crate::keys::Tag;
use crate::person::found_by_identity;
use crate::read::data_key_of;
use crate::row::person;
use crate::seal::{DataKey, Place};
use crate::{Addresses, ContactError, Contacts, Point, Reader};

/// How long a form may be answered, and what is told is kept.
pub const FORM_SECONDS: i64 = 900;
/// Most forms that one statement removes.
pub const FORMS_REMOVED_MAX: i64 = 1_000;
/// The channels that a form is filled in for.
const FILLED: [Channel; 2] = [Channel::Sms, Channel::Email];

/// A form that is to be filled in.
#[derive(Debug, Clone, Copy)]
pub struct NewForm<'a> {
    /// Its id, which the sign-in service is told.
    pub id: Uuid,
    /// Who is asked.
    pub identity: &'a Point,
    /// What comes back with the answer.
    pub state: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What the sign-in service told of a form.
#[derive(Debug, Clone)]
pub struct FormAnswer {
    /// Which form.
    pub id: Uuid,
    /// What came back.
    pub state: String,
    /// What the person gave; nothing where they did not agree.
    pub given: Option<Vec<Point>>,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEffect {
    /// It is kept.
    Kept,
    /// The form was answered before; the first answer stands.
    Known,
    /// The form is over.
    Late,
    /// There is no such form, or it was asked with another state.
    Foreign,
}

/// How a form stands.
#[derive(Debug, Clone)]
pub enum FormState {
    /// Nothing is told yet.
    Asked,
    /// The person did not agree.
    Refused,
    /// What the person gave.
    Filled(Addresses),
}

/// A form as it is shown to whom it was asked of.
#[derive(Debug, Clone)]
pub struct FormView {
    /// How it stands.
    pub state: FormState,
    /// When it is over.
    pub ends_at: Timestamp,
}

impl Contacts {
    /// Notes that somebody is asked to have a form filled in. Forms that they were asked before are gone, and some that are over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask_form(&self, new: &NewForm<'_>) -> Result<Timestamp, ContactError> {
        let tags = self.tags_of(new.identity);
        let first = tags.first().ok_or(ContactError::NotSealed)?;
        // The key is bound to the form's id as others are to their person's.
        let key = DataKey::draw(PersonId::new(new.id))?.wrap(self.keys())?;
        let life = SignedDuration::from_secs(FORM_SECONDS);
        let ends_at = new.at.saturating_add(life).unwrap_or(Timestamp::MAX);
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        remove_over_in(&tx, new.at).await?;
        discard_in(&tx, None, &tags).await?;
        let statement = tx
            .prepare_cached(
                "INSERT INTO contact.form (form_id, identity, key_id, data_key, state, asked_at, ends_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .await?;
        let current = self.keys().current();
        tx.execute(
            &statement,
            &[
                &new.id,
                &first.as_slice(),
                &current,
                &key,
                &new.state,
                &new.at,
                &ends_at,
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(ends_at)
    }

    /// Keeps what was told of a form, sealed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hear_form(
        &self,
        answer: &FormAnswer,
        at: Timestamp,
    ) -> Result<FormEffect, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let statement = tx
            .prepare_cached("SELECT * FROM contact.form WHERE form_id = $1 FOR UPDATE")
            .await?;
        let Some(row) = tx.query_opt(&statement, &[&answer.id]).await? else {
            return Ok(FormEffect::Foreign);
        };
        if row.try_get::<_, &str>("state")? != answer.state {
            return Ok(FormEffect::Foreign);
        }
        if row.try_get::<_, Timestamp>("ends_at")? < at {
            return Ok(FormEffect::Late);
        }
        if row.try_get::<_, Option<&str>>("outcome")?.is_some() {
            return Ok(FormEffect::Known);
        }
        let key = form_key(self, &row)?;
        let sealed = |channel| {
            let mut given = answer.given.iter().flatten();
            let point = given.find(|point| point.channel() == channel);
            point
                .map(|point| key.seal(Place::Point(channel), point.address()))
                .transpose()
        };
        let outcome = match answer.given {
            Some(_) => "filled",
            None => "refused",
        };
        let statement = tx
            .prepare_cached(
                "UPDATE contact.form SET outcome = $2, sms = $3, email = $4 WHERE form_id = $1",
            )
            .await?;
        let (sms, email) = (sealed(Channel::Sms)?, sealed(Channel::Email)?);
        tx.execute(&statement, &[&answer.id, &outcome, &sms, &email])
            .await?;
        tx.commit().await?;
        Ok(FormEffect::Kept)
    }

    /// A form, for whom it was asked of alone; nothing where there is none, or it is over. What is opened is written down under the person's id, or
    /// under the form's where the person is nobody here yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn form(
        &self,
        reader: &Reader,
        (id, identity): (Uuid, &Point),
    ) -> Result<Option<FormView>, ContactError> {
        let tags = self.tags_of(identity);
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let statement = tx
            .prepare_cached(
                "SELECT * FROM contact.form WHERE form_id = $1 AND identity = ANY($2) AND ends_at >= $3",
            )
            .await?;
        let slices: Vec<&[u8]> = tags.iter().map(Tag::as_slice).collect();
        let found = tx
            .query_opt(&statement, &[&id, &slices, &reader.at])
            .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let state = match row.try_get("outcome")? {
            None => FormState::Asked,
            Some("refused") => FormState::Refused,
            Some("filled") => FormState::Filled(opened(self, &row)?),
            Some(_) => {
                return Err(ContactError::Unknown {
                    table: "contact.form",
                    column: "outcome",
                });
            }
        };
        if let FormState::Filled(addresses) = &state {
            let person = match found_by_identity(&tx, &tags).await? {
                Some(row) => person(&row)?.uuid(),
                None => id,
            };
            let statement = tx
                .prepare_cached(
                    "INSERT INTO contact.read (person_id, reader, purpose, channels, at) \
                     VALUES ($1, $2, $3, string_to_array($4, ' '), $5)",
                )
                .await?;
            let (purpose, channels) = (reader.purpose.as_str(), addresses.channels());
            tx.execute(
                &statement,
                &[&person, &reader.name, &purpose, &channels, &reader.at],
            )
            .await?;
        }
        let ends_at = row.try_get("ends_at")?;
        tx.commit().await?;
        Ok(Some(FormView { state, ends_at }))
    }

    /// Removes a form of whom it was asked of. Nothing happens where there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn discard_form(&self, id: Uuid, identity: &Point) -> Result<(), ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        discard_in(&tx, Some(id), &self.tags_of(identity)).await?;
        Ok(tx.commit().await?)
    }

    /// Removes forms that are over: at most [`FORMS_REMOVED_MAX`]. How many it were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_forms(&self, now: Timestamp) -> Result<u64, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let removed = remove_over_in(&tx, now).await?;
        tx.commit().await?;
        Ok(removed)
    }

    fn tags_of(&self, identity: &Point) -> Vec<Tag> {
        self.keys().tags(&identity_message(identity.address()))
    }
}

fn form_key(contacts: &Contacts, row: &Row) -> Result<DataKey, ContactError> {
    data_key_of(contacts.keys(), row, PersonId::new(row.try_get("form_id")?))
}

fn opened(contacts: &Contacts, row: &Row) -> Result<Addresses, ContactError> {
    let key = form_key(contacts, row)?;
    let mut addresses = Addresses::default();
    for channel in FILLED {
        let sealed: Option<&[u8]> = row.try_get(channel.as_str())?;
        if let Some(sealed) = sealed {
            addresses.put(channel, key.open(Place::Point(channel), sealed)?);
        }
    }
    Ok(addresses)
}

/// Forms that others remove at the same time are left to them.
async fn remove_over_in(tx: &Transaction<'_>, now: Timestamp) -> Result<u64, ContactError> {
    let statement = tx
        .prepare_cached(
            "DELETE FROM contact.form WHERE form_id IN (SELECT form_id FROM contact.form WHERE ends_at < $1 \
             ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .await?;
    Ok(tx.execute(&statement, &[&now, &FORMS_REMOVED_MAX]).await?)
}

/// Removes one form of a person, or all.
async fn discard_in(
    tx: &Transaction<'_>,
    id: Option<Uuid>,
    tags: &[Tag],
) -> Result<(), ContactError> {
    let tags: Vec<&[u8]> = tags.iter().map(Tag::as_slice).collect();
    let statement = tx
        .prepare_cached(
            "DELETE FROM contact.form WHERE identity = ANY($1) AND ($2::uuid IS NULL OR form_id = $2)",
        )
        .await?;
    tx.execute(&statement, &[&tags, &id]).await?;
    Ok(())
}
