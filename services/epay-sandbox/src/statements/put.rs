//! Files of statements: put into the folder under a temporary name and renamed, so that nobody reads half of one.
//!
//! A file that was held back is let go once a later one of its account is out, and put down with the next call. A crash between the rename and its note puts the
//! same bytes down once more under the same name.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::{Statements, camt053};
use crate::books::{BooksError, Sql};

/// Most files that one call puts down; the next one goes on.
const FILES_A_CALL_MAX: i64 = 1_000;

/// A file as lists show it.
#[derive(Debug, Serialize)]
pub(super) struct FileRow {
    file_name: String,
    account: String,
    place: i64,
    format: String,
    held: bool,
    written_at: Option<Timestamp>,
}

impl Statements {
    /// Puts down what waits, where there is a folder; then lets go what was held back.
    pub(super) async fn put_down(&self) -> Result<(), BooksError> {
        if let Some(folder) = &self.settings.folder {
            self.put_into(folder).await?;
        }
        let free = "UPDATE statement_files AS old SET held = false WHERE held AND EXISTS
                    (SELECT FROM statement_files AS new WHERE new.account = old.account AND new.place > old.place AND NOT new.held)";
        self.frame.client().await?.execute(free, &[]).await?;
        Ok(())
    }

    async fn put_into(&self, folder: &Path) -> Result<(), BooksError> {
        let usual = [camt053::FORMAT.to_owned()];
        let formats: Vec<&str> = match &self.settings.formats {
            Some(formats) => formats.iter().map(String::as_str).collect(),
            None => usual.iter().map(String::as_str).collect(),
        };
        let client = self.frame.client().await?;
        let sql = "SELECT file_name, body FROM statement_files WHERE written_at IS NULL AND NOT held AND format = ANY($1)
                   ORDER BY sequence LIMIT $2";
        let rows = client.query(sql, &[&formats, &FILES_A_CALL_MAX]).await?;
        for row in rows {
            let (name, body): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            write_whole(&folder.join(name), body)
                .await
                .map_err(BooksError::Message)?;
            let note = "UPDATE statement_files SET written_at = $2 WHERE file_name = $1";
            client.execute(note, &[&name, &self.frame.now()]).await?;
        }
        Ok(())
    }

    /// The files, oldest first.
    pub(super) async fn list(&self, limit: i64) -> Result<Vec<FileRow>, BooksError> {
        let sql = "SELECT file_name, account, place, format, held, written_at FROM statement_files ORDER BY sequence LIMIT $1";
        let client = self.frame.client().await?;
        let rows = client.query(sql, &[&limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(FileRow {
                    file_name: row.try_get(0)?,
                    account: row.try_get(1)?,
                    place: row.try_get(2)?,
                    format: row.try_get(3)?,
                    held: row.try_get(4)?,
                    written_at: row.try_get(5)?,
                })
            })
            .collect()
    }

    /// Format and bytes of a file.
    pub(super) async fn body(
        &self,
        file_name: &str,
    ) -> Result<Option<(String, String)>, BooksError> {
        let sql = "SELECT format, body FROM statement_files WHERE file_name = $1";
        let client = self.frame.client().await?;
        let row = client.query_opt(sql, &[&file_name]).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .transpose()
    }
}

async fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    tokio::fs::write(&part, text).await?;
    tokio::fs::rename(&part, path).await
}
