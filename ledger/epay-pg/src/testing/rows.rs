//! All that a database holds, as text: for tests that compare it before and after, or search it for what must not be there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio_postgres::Client;

/// Every table outside the catalogue, by its quoted name with its schema.
const TABLES: &str = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables \
                      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')";

/// Every row of every table, in an order of its own that does not depend on where the row lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(BTreeMap<String, Vec<String>>);

impl Rows {
    /// Reads them all: a test's database is small.
    pub(super) async fn read(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let mut all = BTreeMap::new();
        for table in client.query(TABLES, &[]).await? {
            let table: String = table.try_get(0)?;
            let rows = client
                .query(&format!("SELECT t::text FROM {table} AS t"), &[])
                .await?;
            let rows = rows.iter().map(|row| row.try_get(0));
            let mut rows = rows.collect::<Result<Vec<String>, _>>()?;
            rows.sort_unstable();
            all.insert(table, rows);
        }
        Ok(Self(all))
    }

    /// The names of the tables, such as `epay.bill`.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The rows of a table; none where there is no such table.
    #[must_use]
    pub fn of(&self, table: &str) -> &[String] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// Rows that hold a text, each behind the name of its table.
    #[must_use]
    pub fn holding(&self, text: &str) -> Vec<String> {
        let rows = self
            .0
            .iter()
            .flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)));
        rows.filter(|(_table, row)| holds(row, text))
            .map(|(table, row)| format!("{table}: {row}"))
            .collect()
    }
}

/// Whether something printed holds a text: as it stands, as hexadecimal digits, or as a list of bytes.
#[must_use]
pub fn holds(printed: &str, text: &str) -> bool {
    let (mut digits, mut bytes) = (String::new(), vec![]);
    for byte in text.bytes() {
        // A string takes whatever is written into it.
        let _written = write!(digits, "{byte:02x}");
        bytes.push(byte.to_string());
    }
    printed.contains(text) || printed.contains(&digits) || printed.contains(&bytes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_whatever_way_it_was_printed() {
        let rows = [
            ("to canary@example.org", true),
            (r"(1,\\x63616e617279)", true),
            (&format!("{:?}", b"a canary".as_slice()), true),
            ("to c•••@example.org", false),
            ("", false),
        ];
        for (printed, found) in rows {
            assert_eq!(holds(printed, "canary"), found, "{printed}");
        }
    }
}
