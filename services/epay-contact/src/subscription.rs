//! Which accounts people are told of.
//!
//! A subscription is to an account of a kind of bill, found by its digest. The account itself is sealed beside it: its person may be shown
//! its last digits, and a new key can make the next digest.
//!
//! Lock order: the person's row, then the account's digests.

use std::collections::HashMap;

use deadpool_postgres::Transaction;
use epay_domain::BillType;
use epay_money::{BillTypeCode, BillerId, PersonId};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::account::account_message;
use crate::keys::Tag;
use crate::person::lock_tags_in;
use crate::read::data_key;
use crate::row::person;
use crate::seal::{DataKey, Place};
use crate::{AccountKey, BATCH_MAX, ContactError, Contacts};

/// Most accounts that a person is told of.
pub const ACCOUNTS_MAX: usize = 64;
/// Most people who are told of one account: a household, and whoever manages its property.
pub const SUBSCRIBERS_MAX: usize = 32;
/// How many of an account's characters its person is shown.
const TAIL_CHARACTERS: usize = 4;

/// Somebody who is told of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The account, as it was asked for.
    pub account: AccountKey,
    /// Who.
    pub person: PersonId,
    /// Since when: what came before is not told.
    pub since: Timestamp,
}

/// A wish to be told of an account.
#[derive(Debug, Clone, Copy)]
pub struct NewSubscription<'a> {
    /// The id.
    pub id: Uuid,
    /// Who.
    pub person: PersonId,
    /// The kind of bill.
    pub kind: &'a BillType,
    /// The number of one of its bills, as the kind reads it.
    pub number: &'a str,
    /// When.
    pub at: Timestamp,
}

/// An account as its person is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of the subscription.
    pub id: Uuid,
    /// The department.
    pub biller: BillerId,
    /// The kind of bill.
    pub kind: BillTypeCode,
    /// The account's last characters.
    pub tail: String,
    /// Since when.
    pub since: Timestamp,
}

impl Contacts {
    /// Who is told of these accounts, by account and person.
    ///
    /// # Errors
    /// [`ContactError`].
    pub async fn subscribers(
        &self,
        accounts: &[AccountKey],
    ) -> Result<Vec<Subscriber>, ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT account, person_id, at FROM contact.subscription WHERE account = ANY($1) \
                 ORDER BY account, person_id",
            )
            .await?;
        let mut found = vec![];
        for batch in accounts.chunks(BATCH_MAX) {
            let by_tag: HashMap<&[u8], &AccountKey> = batch
                .iter()
                .flat_map(|account| account.0.iter().map(move |tag| (tag.as_slice(), account)))
                .collect();
            let tags: Vec<&[u8]> = by_tag.keys().copied().collect();
            for row in client.query(&statement, &[&tags]).await? {
                let tag: &[u8] = row.try_get("account")?;
                let Some(account) = by_tag.get(tag) else {
                    continue;
                };
                found.push(Subscriber {
                    account: (*account).clone(),
                    person: person(&row)?,
                    since: row.try_get("at")?,
                });
            }
        }
        Ok(found)
    }

    /// Has a person told of an account. Who is told of it already is told of it as before.
    ///
    /// # Errors
    /// [`ContactError::NoPerson`], [`ContactError::TooManyAccounts`], [`ContactError::TooManySubscribers`], and what the database says.
    pub async fn subscribe(&self, new: &NewSubscription<'_>) -> Result<Account, ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let row = lock_person_in(&tx, new.person).await?;
        let key = data_key(self.keys(), &row)?;
        let AccountKey(tags) = self.keys().account(new.kind, new.number);
        lock_tags_in(&tx, &tags).await?;
        let kept = subscriptions(&tx, new.person).await?;
        for row in &kept {
            let tag: &[u8] = row.try_get("account")?;
            if tags.iter().any(|one| one.as_slice() == tag) {
                return read(row, &key);
            }
        }
        if kept.len() >= ACCOUNTS_MAX {
            return Err(ContactError::TooManyAccounts { most: ACCOUNTS_MAX });
        }
        if count_in(&tx, &tags).await? >= SUBSCRIBERS_MAX {
            let most = SUBSCRIBERS_MAX;
            return Err(ContactError::TooManySubscribers { most });
        }
        let account = new.kind.account(new.number);
        let message = account_message(&new.kind.biller, &new.kind.code, account);
        let name: &str = row.try_get("key_id")?;
        let tag = self.keys().tag(name, &message);
        let tag = tag.ok_or(ContactError::NotSealed)?;
        insert_in(&tx, new, tag, &key.seal(Place::Account(new.id), account)?).await?;
        let statement = tx
            .prepare_cached("UPDATE contact.person SET idle_since = NULL WHERE person_id = $1")
            .await?;
        tx.execute(&statement, &[&new.person.uuid()]).await?;
        tx.commit().await?;
        Ok(Account {
            id: new.id,
            biller: new.kind.biller.clone(),
            kind: new.kind.code.clone(),
            tail: tail(account),
            since: new.at,
        })
    }

    /// Has a person told of an account no more; nothing happens where that is so already. Who leaves the last one is kept for
    /// [`IDLE_KEPT`](crate::IDLE_KEPT) from then on.
    ///
    /// # Errors
    /// [`ContactError`].
    pub async fn unsubscribe(
        &self,
        person: PersonId,
        id: Uuid,
        at: Timestamp,
    ) -> Result<(), ContactError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        match lock_person_in(&tx, person).await {
            // Who is forgotten hears of nothing.
            Err(ContactError::NoPerson) => return Ok(()),
            locked => drop(locked?),
        }
        let statement = tx
            .prepare_cached(
                "DELETE FROM contact.subscription WHERE person_id = $1 AND subscription_id = $2",
            )
            .await?;
        tx.execute(&statement, &[&person.uuid(), &id]).await?;
        let statement = tx
            .prepare_cached(
                "UPDATE contact.person SET idle_since = $2 WHERE person_id = $1 AND idle_since IS NULL \
                 AND NOT EXISTS (SELECT FROM contact.subscription WHERE person_id = $1)",
            )
            .await?;
        tx.execute(&statement, &[&person.uuid(), &at]).await?;
        Ok(tx.commit().await?)
    }

    /// The accounts that a person is told of, in the order in which they came.
    ///
    /// # Errors
    /// [`ContactError::NoPerson`], and what the database says.
    pub async fn accounts(&self, of: PersonId) -> Result<Vec<Account>, ContactError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(
                "SELECT * FROM contact.person WHERE person_id = $1 AND erased_at IS NULL",
            )
            .await?;
        let row = client.query_opt(&statement, &[&of.uuid()]).await?;
        let key = data_key(self.keys(), &row.ok_or(ContactError::NoPerson)?)?;
        let rows = subscriptions(&client, of).await?;
        rows.iter().map(|row| read(row, &key)).collect()
    }
}

/// A person who is not forgotten, locked.
pub(crate) async fn lock_person_in(
    tx: &Transaction<'_>,
    person: PersonId,
) -> Result<Row, ContactError> {
    let statement = tx
        .prepare_cached(
            "SELECT * FROM contact.person WHERE person_id = $1 AND erased_at IS NULL FOR UPDATE",
        )
        .await?;
    let row = tx.query_opt(&statement, &[&person.uuid()]).await?;
    row.ok_or(ContactError::NoPerson)
}

pub(crate) async fn subscriptions(
    client: &impl deadpool_postgres::GenericClient,
    of: PersonId,
) -> Result<Vec<Row>, ContactError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM contact.subscription WHERE person_id = $1 ORDER BY subscription_id",
        )
        .await?;
    Ok(client.query(&statement, &[&of.uuid()]).await?)
}

async fn count_in(tx: &Transaction<'_>, tags: &[Tag]) -> Result<usize, ContactError> {
    let tags: Vec<&[u8]> = tags.iter().map(Tag::as_slice).collect();
    let statement = tx
        .prepare_cached("SELECT count(*) FROM contact.subscription WHERE account = ANY($1)")
        .await?;
    let count: i64 = tx.query_one(&statement, &[&tags]).await?.try_get(0)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

async fn insert_in(
    tx: &Transaction<'_>,
    new: &NewSubscription<'_>,
    tag: Tag,
    sealed: &[u8],
) -> Result<(), ContactError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO contact.subscription (person_id, subscription_id, biller_id, bill_type, account, sealed, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &new.person.uuid(),
            &new.id,
            &new.kind.biller.as_str(),
            &new.kind.code.as_str(),
            &tag.as_slice(),
            &sealed,
            &new.at,
        ],
    )
    .await?;
    Ok(())
}

/// The department and the kind of a subscription.
pub(crate) fn kind_of(row: &Row) -> Result<(BillerId, BillTypeCode), ContactError> {
    let unknown = |column| ContactError::Unknown {
        table: "contact.subscription",
        column,
    };
    let biller = BillerId::new(row.try_get("biller_id")?).map_err(|_word| unknown("biller_id"))?;
    let kind =
        BillTypeCode::new(row.try_get("bill_type")?).map_err(|_word| unknown("bill_type"))?;
    Ok((biller, kind))
}

fn read(row: &Row, key: &DataKey) -> Result<Account, ContactError> {
    read_whole(row, key).map(|(account, _whole)| account)
}

/// A subscription, and its account whole.
pub(crate) fn read_whole(
    row: &Row,
    key: &DataKey,
) -> Result<(Account, SecretString), ContactError> {
    let id: Uuid = row.try_get("subscription_id")?;
    let account = key.open(Place::Account(id), row.try_get("sealed")?)?;
    let (biller, kind) = kind_of(row)?;
    let shown = Account {
        id,
        biller,
        kind,
        tail: tail(account.expose_secret()),
        since: row.try_get("at")?,
    };
    Ok((shown, account))
}

fn tail(account: &str) -> String {
    let first = account.chars().count().saturating_sub(TAIL_CHARACTERS);
    account.chars().skip(first).collect()
}
