//! How long things are kept, and removing what is older: people whom nothing is told any more are forgotten, who was forgotten long ago is removed,
//! and so is who looked long ago.
//!
//! Each call does one bounded piece in one transaction, found by an index; what is left is for the next call.

use epay_money::PersonId;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::change::erase_in;
use crate::row::person;
use crate::{ContactError, Contacts};

/// How long it is known who looked. The database holds to it too.
pub const READS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 730);
/// How long somebody is kept who hears of no account: after that, nothing is left that the addresses are for.
pub const IDLE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 365);
/// How long it is known that a person was forgotten, and what the person had agreed to: as long as somebody may ask why something was sent (seven
/// years). The database holds to it too.
pub const FORGOTTEN_KEPT: SignedDuration = SignedDuration::from_hours(24 * 2_557);
/// Most rows that one statement removes.
pub const REMOVED_MAX: i32 = 1_000;
/// Most people whom one transaction forgets.
pub const FORGOTTEN_MAX: i64 = 100;
/// How the record of consent names whoever forgets people by their age.
const CLIENT: &str = "retention";

impl Contacts {
    /// Removes from the log of reads what is older than [`READS_KEPT`]: at most [`REMOVED_MAX`] rows. How many it were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_reads(&self, now: Timestamp) -> Result<u64, ContactError> {
        self.remove("SELECT contact.remove_reads($1, $2)", now, READS_KEPT)
            .await
    }

    /// Removes people who were forgotten longer ago than [`FORGOTTEN_KEPT`], with what they had agreed to: at most [`REMOVED_MAX`] people. How many
    /// it were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_forgotten(&self, now: Timestamp) -> Result<u64, ContactError> {
        self.remove(
            "SELECT contact.remove_forgotten($1, $2)",
            now,
            FORGOTTEN_KEPT,
        )
        .await
    }

    async fn remove(
        &self,
        call: &str,
        now: Timestamp,
        kept: SignedDuration,
    ) -> Result<u64, ContactError> {
        let until = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        let client = self.client().await?;
        let statement = client.prepare_cached(call).await?;
        let row = client
            .query_one(&statement, &[&until, &REMOVED_MAX])
            .await?;
        Ok(u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
    }

    /// Forgets people who have heard of no account for longer than [`IDLE_KEPT`]: at most [`FORGOTTEN_MAX`]. How many it were. Each gets a record
    /// of consent under an id of `next_id`.
    ///
    /// # Errors
    /// What the database says; nobody of this call is forgotten then.
    pub async fn forget_idle(
        &self,
        now: Timestamp,
        mut next_id: impl FnMut() -> Uuid,
    ) -> Result<u64, ContactError> {
        let until = now.checked_sub(IDLE_KEPT).unwrap_or(Timestamp::MIN);
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        // Whoever subscribes changes this row, so that nobody is taken who has just done it.
        let statement = tx
            .prepare_cached(
                "SELECT person_id FROM contact.person WHERE idle_since < $1 ORDER BY idle_since, person_id LIMIT $2 \
                 FOR UPDATE SKIP LOCKED",
            )
            .await?;
        let rows = tx.query(&statement, &[&until, &FORGOTTEN_MAX]).await?;
        let people = rows.iter().map(person);
        let people = people.collect::<Result<Vec<PersonId>, _>>()?;
        let mut forgotten = 0_u64;
        for of in people {
            erase_in(&tx, of, next_id(), (CLIENT, now)).await?;
            forgotten = forgotten.saturating_add(1);
        }
        tx.commit().await?;
        Ok(forgotten)
    }
}
