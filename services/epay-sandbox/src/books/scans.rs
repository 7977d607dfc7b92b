//! What the bank app has scanned and not yet paid: kept in the database, so that a confirm page survives a restart and a
//! second press of its button finds the first payment.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Books, BooksError, Sql};

impl Books {
    /// Remembers a scanned code and returns its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember_scan(&self, payload: &str, now: Timestamp) -> Result<Uuid, BooksError> {
        let scan_id = Uuid::now_v7();
        let sql = "INSERT INTO scans (scan_id, payload, scanned_at) VALUES ($1, $2, $3)";
        self.client()
            .await?
            .execute(sql, &[&scan_id, &payload, &now])
            .await?;
        Ok(scan_id)
    }

    /// The text of a scanned code; `None` when there was no such scan.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scan_payload(&self, scan_id: Uuid) -> Result<Option<String>, BooksError> {
        let sql = "SELECT payload FROM scans WHERE scan_id = $1";
        let row = self.client().await?.query_opt(sql, &[&scan_id]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
