//! A person comes.

use deadpool_postgres::Transaction;
use epay_domain::notification::Preferences;
use epay_money::PersonId;
use epay_notice::Channel;
use epay_pg::PgErrorKind;
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::account::identity_message;
use crate::keys::Tag;
use crate::row::tongue_word;
use crate::seal::{DataKey, Place};
use crate::{ContactError, ContactKeys, Contacts, Point};

/// Longest name of a client, in characters.
pub const CLIENT_CHARACTERS_MAX: usize = 128;
/// Longest name of a version of the words of consent, in characters.
pub const WORDS_CHARACTERS_MAX: usize = 64;

/// That a person agreed to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The id of the record.
    pub id: Uuid,
    /// Which version of the words the person saw; at most [`WORDS_CHARACTERS_MAX`] characters.
    pub words: String,
    /// When.
    pub at: Timestamp,
}

/// A person who is not there yet.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The id.
    pub id: PersonId,
    /// One address a channel at most; the one of iAM Smart is also who the person is.
    pub points: Vec<Point>,
    /// What the person wants; each way needs an address.
    pub preferences: Preferences,
    /// What the person agreed to.
    pub consent: Consent,
    /// The client that the person came by; at most [`CLIENT_CHARACTERS_MAX`] characters.
    pub client: String,
    /// When.
    pub at: Timestamp,
}

impl Contacts {
    /// Writes a person: wishes, addresses, consent.
    ///
    /// # Errors
    /// [`ContactError::Ways`], [`ContactError::PersonIsThere`], and what the database says.
    pub async fn create(&self, new: &NewPerson) -> Result<(), ContactError> {
        check_ways(&new.preferences, new.points.iter().map(Point::channel))?;
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let identity = self.claim_identity_in(&tx, &new.points).await?;
        let key = DataKey::draw(new.id)?;
        insert_person_in(&tx, new, identity, (self.keys(), &key)).await?;
        put_points_in(&tx, new.id, &key, &new.points, new.at).await?;
        put_consent_in(&tx, new.id, true, &new.consent, &new.client).await?;
        Ok(tx.commit().await?)
    }

    /// The digest of who a person is; an error where somebody has it already, under whatever key.
    async fn claim_identity_in(
        &self,
        tx: &Transaction<'_>,
        points: &[Point],
    ) -> Result<Option<Tag>, ContactError> {
        let Some(point) = identity_of(points) else {
            return Ok(None);
        };
        let tags = self.keys().tags(&identity_message(point.address()));
        lock_tags_in(tx, &tags).await?;
        if found_by_identity(tx, &tags).await?.is_some() {
            return Err(ContactError::PersonIsThere);
        }
        Ok(tags.first().copied())
    }
}

fn identity_of(points: &[Point]) -> Option<&Point> {
    let mut points = points.iter();
    points.find(|point| point.channel() == Channel::IamSmartPush)
}

/// Each way is named once and has an address; each address is on a channel of its own.
pub(crate) fn check_ways(
    preferences: &Preferences,
    points: impl Iterator<Item = Channel>,
) -> Result<(), ContactError> {
    let mut there: Vec<Channel> = vec![];
    for channel in points {
        if there.contains(&channel) {
            return Err(ContactError::Ways);
        }
        there.push(channel);
    }
    for channel in &preferences.channels {
        let place = there.iter().position(|one| one == channel);
        there.swap_remove(place.ok_or(ContactError::Ways)?);
    }
    Ok(())
}

/// Holds off whoever would look for, or write, the same digests, to the end of the transaction: in one order, so that nobody waits in a ring.
/// Nodes whose keys differ while one is changed for another share one at least, and so wait for each other.
pub(crate) async fn lock_tags_in(tx: &Transaction<'_>, tags: &[Tag]) -> Result<(), ContactError> {
    let mut sorted: Vec<&[u8]> = tags.iter().map(Tag::as_slice).collect();
    sorted.sort_unstable();
    let statement = tx
        .prepare_cached(
            "SELECT pg_advisory_xact_lock(hashtextextended('contact:' || encode(tag, 'hex'), 0)) \
             FROM unnest($1::bytea[]) AS tag",
        )
        .await?;
    tx.query(&statement, &[&sorted]).await?;
    Ok(())
}

pub(crate) async fn found_by_identity(
    client: &impl deadpool_postgres::GenericClient,
    tags: &[Tag],
) -> Result<Option<Row>, ContactError> {
    let tags: Vec<&[u8]> = tags.iter().map(Tag::as_slice).collect();
    let statement = client
        .prepare_cached("SELECT * FROM contact.person WHERE identity = ANY($1)")
        .await?;
    Ok(client.query_opt(&statement, &[&tags]).await?)
}

async fn insert_person_in(
    tx: &Transaction<'_>,
    new: &NewPerson,
    identity: Option<Tag>,
    (keys, key): (&ContactKeys, &DataKey),
) -> Result<(), ContactError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO contact.person (person_id, key_id, data_key, identity, tongue, channels, reminders, quiet_from, \
             quiet_until, client, created_at, changed_at, idle_since, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
             $11, $11, $11, 1)",
        )
        .await?;
    let wants = &new.preferences;
    let channels: Vec<&str> = wants.channels.iter().map(|way| way.as_str()).collect();
    let inserted = tx
        .execute(
            &statement,
            &[
                &new.id.uuid(),
                &keys.current(),
                &key.wrap(keys)?,
                &identity.as_ref().map(Tag::as_slice),
                &tongue_word(wants.tongue),
                &channels,
                &wants.reminders,
                &wants.quiet.map(|quiet| quiet.from),
                &wants.quiet.map(|quiet| quiet.until),
                &new.client,
                &new.at,
            ],
        )
        .await;
    inserted.map(drop).map_err(|error| {
        let error = ContactError::from(error);
        let kind = error.database().map(epay_pg::PgError::kind);
        match kind {
            Some(PgErrorKind::Refused(name))
                if matches!(name.as_str(), "person_pkey" | "person_identity_key") =>
            {
                ContactError::PersonIsThere
            }
            _ => error,
        }
    })
}

/// Writes addresses over what was there on their channels.
pub(crate) async fn put_points_in(
    tx: &Transaction<'_>,
    person: PersonId,
    key: &DataKey,
    points: &[Point],
    at: Timestamp,
) -> Result<(), ContactError> {
    let channels: Vec<&str> = points.iter().map(|one| one.channel().as_str()).collect();
    let sealed = points
        .iter()
        .map(|one| key.seal(Place::Point(one.channel()), one.address()))
        .collect::<Result<Vec<_>, _>>()?;
    let statement = tx
        .prepare_cached(
            "INSERT INTO contact.point (person_id, channel, sealed, at) SELECT $1, channel, sealed, $4 \
             FROM unnest($2::text[], $3::bytea[]) AS new (channel, sealed) \
             ON CONFLICT (person_id, channel) DO UPDATE SET sealed = EXCLUDED.sealed, at = EXCLUDED.at",
        )
        .await?;
    tx.execute(&statement, &[&person.uuid(), &channels, &sealed, &at])
        .await?;
    Ok(())
}

/// Writes that a person agreed, or no longer does.
pub(crate) async fn put_consent_in(
    tx: &Transaction<'_>,
    person: PersonId,
    given: bool,
    consent: &Consent,
    client: &str,
) -> Result<(), ContactError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO contact.consent (consent_id, person_id, given, words, at, client) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .await?;
    let of = person.uuid();
    tx.execute(
        &statement,
        &[
            &consent.id,
            &of,
            &given,
            &consent.words,
            &consent.at,
            &client,
        ],
    )
    .await?;
    Ok(())
}
