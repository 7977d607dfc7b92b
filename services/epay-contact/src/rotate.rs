//! Taking people over to the key that seals: the data key is wrapped anew, and the digests are made anew.
//!
//! What the data key sealed stays as it is. A batch is one transaction; what is left to do is in the rows themselves, so a run that was
//! stopped is simply begun again. A person whose rows do not open is passed by and named; no other waits for it.

use deadpool_postgres::Transaction;
use epay_money::PersonId;
use epay_notice::Channel;
use secrecy::ExposeSecret;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::account::{account_message, identity_message};
use crate::keys::Tag;
use crate::read::data_key;
use crate::row::person;
use crate::seal::{DataKey, Place};
use crate::subscription::{kind_of, subscriptions};
use crate::{ContactError, Contacts};

/// Most people that one transaction takes over.
pub const ROTATED_MAX: i64 = 100;

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How many people were taken over.
    pub people: usize,
    /// People whose rows do not open.
    pub unopened: Vec<PersonId>,
    /// Where the next batch begins; nothing where there is none.
    pub next: Option<PersonId>,
}

/// What is written anew of a person.
struct Renewed {
    wrapped: Vec<u8>,
    identity: Option<Tag>,
    accounts: Vec<(Uuid, Tag)>,
}

impl Contacts {
    /// Takes the next people after `after` over to the key that seals.
    ///
    /// # Errors
    /// What the database says; nobody of the batch is taken over then.
    pub async fn rotate(&self, after: Option<PersonId>) -> Result<Rotated, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let statement = tx
            .prepare_cached(
                "SELECT * FROM contact.person WHERE key_id <> $1 AND ($2::uuid IS NULL OR person_id > $2) \
                 ORDER BY person_id LIMIT $3 FOR UPDATE",
            )
            .await?;
        let place = after.map(PersonId::uuid);
        let current = self.keys().current();
        let rows = tx
            .query(&statement, &[&current, &place, &ROTATED_MAX])
            .await?;
        let mut rotated = Rotated::default();
        for row in &rows {
            let of = person(row)?;
            match self.renewed_in(&tx, row).await {
                Ok(renewed) => {
                    write_in(&tx, of, current, &renewed).await?;
                    rotated.people = rotated.people.saturating_add(1);
                }
                Err(ContactError::Sealed { .. }) => rotated.unopened.push(of),
                Err(other) => return Err(other),
            }
        }
        if rows.len() == usize::try_from(ROTATED_MAX).unwrap_or(usize::MAX) {
            rotated.next = rows.last().map(person).transpose()?;
        }
        tx.commit().await?;
        Ok(rotated)
    }

    async fn renewed_in(&self, tx: &Transaction<'_>, row: &Row) -> Result<Renewed, ContactError> {
        let of = person(row)?;
        let key = data_key(self.keys(), row)?;
        let tag = |message: &[u8]| {
            let tag = self.keys().tag(self.keys().current(), message);
            tag.ok_or(ContactError::NotSealed)
        };
        let identity = opened_identity_in(tx, of, &key).await?;
        let mut accounts = vec![];
        for subscription in &subscriptions(tx, of).await? {
            let id: Uuid = subscription.try_get("subscription_id")?;
            let account = key.open(Place::Account(id), subscription.try_get("sealed")?)?;
            let (biller, kind) = kind_of(subscription)?;
            let message = account_message(&biller, &kind, account.expose_secret());
            accounts.push((id, tag(&message)?));
        }
        Ok(Renewed {
            wrapped: key.wrap(self.keys())?,
            identity: identity
                .map(|identity| tag(&identity_message(identity.expose_secret())))
                .transpose()?,
            accounts,
        })
    }
}

async fn opened_identity_in(
    tx: &Transaction<'_>,
    of: PersonId,
    key: &DataKey,
) -> Result<Option<secrecy::SecretString>, ContactError> {
    let statement = tx
        .prepare_cached("SELECT sealed FROM contact.point WHERE person_id = $1 AND channel = $2")
        .await?;
    let on = Channel::IamSmartPush;
    let row = tx
        .query_opt(&statement, &[&of.uuid(), &on.as_str()])
        .await?;
    row.map(|row| key.open(Place::Point(on), row.try_get(0)?))
        .transpose()
}

async fn write_in(
    tx: &Transaction<'_>,
    of: PersonId,
    key: &str,
    renewed: &Renewed,
) -> Result<(), ContactError> {
    let statement = tx
        .prepare_cached(
            "UPDATE contact.person SET key_id = $2, data_key = $3, identity = $4 WHERE person_id = $1",
        )
        .await?;
    let identity = renewed.identity.as_ref().map(Tag::as_slice);
    tx.execute(&statement, &[&of.uuid(), &key, &renewed.wrapped, &identity])
        .await?;
    let statement = tx
        .prepare_cached(
            "UPDATE contact.subscription AS s SET account = n.account \
             FROM unnest($2::uuid[], $3::bytea[]) AS n (id, account) \
             WHERE s.person_id = $1 AND s.subscription_id = n.id",
        )
        .await?;
    let accounts = renewed.accounts.iter();
    let (ids, tags): (Vec<Uuid>, Vec<&[u8]>) =
        accounts.map(|(id, tag)| (*id, tag.as_slice())).unzip();
    tx.execute(&statement, &[&of.uuid(), &ids, &tags]).await?;
    Ok(())
}
