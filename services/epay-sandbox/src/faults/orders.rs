//! Which faults bend a payment: those that were ordered, said or configured.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::menu::{Chosen, MenuItem};
use crate::books::{Books, BooksError, Sql};

/// A fault of every payment of a rail that names none of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultDefault {
    /// The rail.
    pub rail: String,
    /// The menu's word.
    pub fault: String,
    /// Its value.
    pub value: Option<String>,
}

/// An order for faults to come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultOrder {
    /// The rail.
    pub rail: String,
    /// The menu's word.
    pub fault: String,
    /// Its value; the menu's when absent.
    pub value: Option<String>,
    /// How many payments it bends; 1 when absent, every one until it is deleted when 0.
    pub count: Option<u32>,
    /// Bends only payments one of whose texts (reference, bill number, payer's name) holds this.
    #[serde(rename = "match")]
    pub matches: Option<String>,
}

/// An order that is not used up.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// Its number.
    pub fault_id: i64,
    /// The rail.
    pub rail: String,
    /// The menu's word.
    pub fault: String,
    /// Its value.
    pub value: Option<String>,
    /// The text that a payment must hold.
    #[serde(rename = "match")]
    pub matches: Option<String>,
    /// How many payments it still bends; absent when every one.
    pub remaining: Option<i64>,
    /// When it was ordered.
    pub ordered_at: Timestamp,
}

/// Where counterparties ask what goes wrong.
#[derive(Debug, Clone)]
pub struct FaultMenu {
    books: Books,
    defaults: Vec<FaultDefault>,
}

impl FaultMenu {
    /// A menu over the books, with the configuration's defaults.
    #[must_use]
    pub fn new(books: Books, defaults: Vec<FaultDefault>) -> Self {
        Self { books, defaults }
    }

    /// Chooses the faults of one payment of a rail and uses up the orders among them. `texts` are what the payment says:
    /// reference, bill number, payer's name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(
        &self,
        rail: &str,
        menu: &[MenuItem],
        texts: &[&str],
    ) -> Result<Chosen, BooksError> {
        let ordered = self.take_ordered(rail, menu, texts).await?;
        if ordered.any() {
            return Ok(ordered);
        }
        let said = texts
            .iter()
            .map(|text| Chosen::from_magic(menu, text))
            .find(Chosen::any);
        Ok(said.unwrap_or_else(|| {
            let mut chosen = Chosen::default();
            for default in self.defaults.iter().filter(|default| default.rail == rail) {
                chosen.add(menu, &default.fault, default.value.as_deref());
            }
            chosen
        }))
    }

    /// The same, from orders of the API alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_ordered(
        &self,
        rail: &str,
        menu: &[MenuItem],
        texts: &[&str],
    ) -> Result<Chosen, BooksError> {
        let mut chosen = Chosen::default();
        // Often asked by somebody who holds a connection.
        let mut client = self.books.client_aside().await?;
        let transaction = client.transaction().await?;
        let sql = "SELECT fault_id, fault, value FROM faults
                   WHERE rail = $1 AND (matches IS NULL
                       OR EXISTS (SELECT FROM unnest($2::text[]) AS given (text) WHERE position(matches IN text) > 0))
                   ORDER BY fault_id FOR UPDATE";
        let mut used: Vec<i64> = Vec::new();
        for row in transaction.query(sql, &[&rail, &texts]).await? {
            let before = chosen.0.len();
            chosen.add(menu, row.try_get(1)?, row.try_get(2)?);
            if chosen.0.len() > before {
                used.push(row.try_get(0)?);
            }
        }
        if used.is_empty() {
            return Ok(chosen);
        }
        let last = "DELETE FROM faults WHERE fault_id = ANY($1) AND remaining = 1";
        transaction.execute(last, &[&used]).await?;
        let rest = "UPDATE faults SET remaining = remaining - 1 WHERE fault_id = ANY($1)";
        transaction.execute(rest, &[&used]).await?;
        transaction
            .commit()
            .await
            .map_err(BooksError::CommitUnknown)?;
        Ok(chosen)
    }

    /// Notes an order and returns its number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn order(&self, order: &FaultOrder, now: Timestamp) -> Result<i64, BooksError> {
        let remaining = Some(i64::from(order.count.unwrap_or(1))).filter(|count| *count > 0);
        let sql = "INSERT INTO faults (rail, fault, value, matches, remaining, ordered_at)
                   VALUES ($1, $2, $3, $4, $5, $6) RETURNING fault_id";
        let client = self.books.client().await?;
        let row = client
            .query_one(
                sql,
                &[
                    &order.rail,
                    &order.fault,
                    &order.value,
                    &order.matches,
                    &remaining,
                    &now,
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// The orders that are not used up, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self) -> Result<Vec<FaultRow>, BooksError> {
        let sql = "SELECT fault_id, rail, fault, value, matches, remaining, ordered_at FROM faults ORDER BY fault_id";
        let rows = self.books.client().await?.query(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(FaultRow {
                    fault_id: row.try_get(0)?,
                    rail: row.try_get(1)?,
                    fault: row.try_get(2)?,
                    value: row.try_get(3)?,
                    matches: row.try_get(4)?,
                    remaining: row.try_get(5)?,
                    ordered_at: row.try_get(6)?,
                })
            })
            .collect()
    }

    /// Takes back an order, or all of them. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_back(&self, fault_id: Option<i64>) -> Result<u64, BooksError> {
        let sql = "DELETE FROM faults WHERE $1::bigint IS NULL OR fault_id = $1";
        Ok(self
            .books
            .client()
            .await?
            .execute(sql, &[&fault_id])
            .await?)
    }
}
