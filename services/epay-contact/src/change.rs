//! A person wants something else, is reached elsewhere, or wants to be forgotten.
//!
//! Who a person is at the sign-in service is said once, when the person comes: whoever is somebody else there is another person.

use deadpool_postgres::Transaction;
use epay_domain::notification::{Preferences, QuietHours};
use epay_money::PersonId;
use epay_notice::{Channel, Tongue};
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::person::{Consent, check_ways, put_consent_in, put_points_in};
use crate::read::data_key;
use crate::row::{channel, preferences, tongue_word};
use crate::subscription::lock_person_in;
use crate::{ContactError, Contacts, Point};

/// What is to be another way. What is not set stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// In which language.
    pub tongue: Option<Tongue>,
    /// By which ways, the best first.
    pub channels: Option<Vec<Channel>>,
    /// Whether reminders are wanted.
    pub reminders: Option<bool>,
    /// When they are not; `Some(None)` for always.
    pub quiet: Option<Option<QuietHours>>,
    /// Addresses to be written over those on their channels.
    pub points: Vec<Point>,
    /// Channels whose addresses are to be removed.
    pub removed: Vec<Channel>,
    /// What the person agreed to beside it.
    pub consent: Option<Consent>,
    /// The version that the change was made for; whichever there is where unset.
    pub version: Option<i32>,
}

impl Contacts {
    /// Changes a person.
    ///
    /// # Errors
    /// [`ContactError::NoPerson`], [`ContactError::Ways`], [`ContactError::IdentityStays`], [`ContactError::VersionDiffers`], and what the
    /// database says.
    pub async fn change(
        &self,
        of: PersonId,
        change: &Change,
        (client, at): (&str, Timestamp),
    ) -> Result<(), ContactError> {
        let mut points = change.points.iter().map(Point::channel);
        if points.any(|on| on == Channel::IamSmartPush)
            || change.removed.contains(&Channel::IamSmartPush)
        {
            return Err(ContactError::IdentityStays);
        }
        let mut connection = self.client().await?;
        let tx = connection.transaction().await?;
        let row = lock_person_in(&tx, of).await?;
        let version: i32 = row.try_get("version")?;
        if change.version.is_some_and(|wanted| wanted != version) {
            return Err(ContactError::VersionDiffers);
        }
        remove_points_in(&tx, of, &change.removed).await?;
        put_points_in(&tx, of, &data_key(self.keys(), &row)?, &change.points, at).await?;
        let wants = wanted(&row, change)?;
        check_ways(&wants, channels_in(&tx, of).await?.into_iter())?;
        write_in(&tx, of, &wants, at).await?;
        if let Some(consent) = &change.consent {
            put_consent_in(&tx, of, true, consent, client).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets a person: the data key is destroyed, addresses, accounts and wishes are gone. That there was a person, what was agreed to and who
    /// looked stays. Nothing happens where it was done already.
    ///
    /// # Errors
    /// [`ContactError::NoPerson`] where there never was one, and what the database says.
    pub async fn erase(
        &self,
        of: PersonId,
        record: Uuid,
        (client, at): (&str, Timestamp),
    ) -> Result<(), ContactError> {
        let mut connection = self.client().await?;
        let tx = connection.transaction().await?;
        let statement = tx
            .prepare_cached("SELECT erased_at FROM contact.person WHERE person_id = $1 FOR UPDATE")
            .await?;
        let row = tx.query_opt(&statement, &[&of.uuid()]).await?;
        let row = row.ok_or(ContactError::NoPerson)?;
        if row.try_get::<_, Option<Timestamp>>(0)?.is_some() {
            return Ok(());
        }
        erase_in(&tx, of, record, (client, at)).await?;
        Ok(tx.commit().await?)
    }
}

/// Forgets a person whose row is locked.
pub(crate) async fn erase_in(
    tx: &Transaction<'_>,
    of: PersonId,
    record: Uuid,
    (client, at): (&str, Timestamp),
) -> Result<(), ContactError> {
    for statement in [
        "DELETE FROM contact.point WHERE person_id = $1",
        "DELETE FROM contact.subscription WHERE person_id = $1",
        "DELETE FROM contact.form WHERE identity = (SELECT identity FROM contact.person WHERE person_id = $1)",
    ] {
        let statement = tx.prepare_cached(statement).await?;
        tx.execute(&statement, &[&of.uuid()]).await?;
    }
    let statement = tx
        .prepare_cached(
            "UPDATE contact.person SET key_id = NULL, data_key = NULL, identity = NULL, tongue = 'both', channels = '{}', \
             reminders = false, quiet_from = NULL, quiet_until = NULL, idle_since = NULL, changed_at = $2, erased_at = $2, \
             version = version + 1 WHERE person_id = $1",
        )
        .await?;
    tx.execute(&statement, &[&of.uuid(), &at]).await?;
    let consent = Consent {
        id: record,
        words: last_words_in(tx, of).await?,
        at,
    };
    put_consent_in(tx, of, false, &consent, client).await
}

/// What the person wants after the change.
fn wanted(row: &Row, change: &Change) -> Result<Preferences, ContactError> {
    let before = preferences(row)?;
    let mut channels = change.channels.clone().unwrap_or(before.channels);
    // A way whose address is taken away is no way any more, unless the person named it just now.
    if change.channels.is_none() {
        channels.retain(|on| !change.removed.contains(on));
    }
    Ok(Preferences {
        tongue: change.tongue.unwrap_or(before.tongue),
        channels,
        reminders: change.reminders.unwrap_or(before.reminders),
        quiet: change.quiet.unwrap_or(before.quiet),
    })
}

async fn remove_points_in(
    tx: &Transaction<'_>,
    of: PersonId,
    channels: &[Channel],
) -> Result<(), ContactError> {
    let words: Vec<&str> = channels.iter().map(|on| on.as_str()).collect();
    let statement = tx
        .prepare_cached("DELETE FROM contact.point WHERE person_id = $1 AND channel = ANY($2)")
        .await?;
    tx.execute(&statement, &[&of.uuid(), &words]).await?;
    Ok(())
}

async fn channels_in(tx: &Transaction<'_>, of: PersonId) -> Result<Vec<Channel>, ContactError> {
    let statement = tx
        .prepare_cached("SELECT channel FROM contact.point WHERE person_id = $1")
        .await?;
    let rows = tx.query(&statement, &[&of.uuid()]).await?;
    rows.iter()
        .map(|row| {
            channel(row.try_get(0)?).ok_or(ContactError::Unknown {
                table: "contact.point",
                column: "channel",
            })
        })
        .collect()
}

async fn write_in(
    tx: &Transaction<'_>,
    of: PersonId,
    wants: &Preferences,
    at: Timestamp,
) -> Result<(), ContactError> {
    let channels: Vec<&str> = wants.channels.iter().map(|way| way.as_str()).collect();
    let statement = tx
        .prepare_cached(
            "UPDATE contact.person SET tongue = $2, channels = $3, reminders = $4, quiet_from = $5, quiet_until = $6, \
             changed_at = $7, idle_since = CASE WHEN idle_since IS NOT NULL THEN $7::timestamptz END, version = version + 1 \
             WHERE person_id = $1",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &of.uuid(),
            &tongue_word(wants.tongue),
            &channels,
            &wants.reminders,
            &wants.quiet.map(|quiet| quiet.from),
            &wants.quiet.map(|quiet| quiet.until),
            &at,
        ],
    )
    .await?;
    Ok(())
}

/// Which words a person agreed to last.
async fn last_words_in(tx: &Transaction<'_>, of: PersonId) -> Result<String, ContactError> {
    let statement = tx
        .prepare_cached(
            "SELECT words FROM contact.consent WHERE person_id = $1 ORDER BY at DESC, consent_id DESC LIMIT 1",
        )
        .await?;
    let row = tx.query_opt(&statement, &[&of.uuid()]).await?;
    Ok(row.map_or(Ok(String::new()), |row| row.try_get(0))?)
}
