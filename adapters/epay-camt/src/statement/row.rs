//! One row read again alone, after it was set apart.

use super::{BadRow, Entry, Part, RowContext, StatementReader};
use crate::{Unreadable, UnreadableKind};

/// Reads one `Ntry` element as it would have been read in its statement. Its prefix, if it has one, need not be bound.
///
/// # Errors
/// [`BadRow`] when it is still unreadable; it is also one when the bytes are not exactly one entry.
pub fn read_row(raw: &[u8], context: &RowContext) -> Result<Vec<Entry>, BadRow> {
    let parts = read(raw, context).map_err(|fault| bad(raw, &fault.message))?;
    let mut rows = parts.into_iter().filter_map(|part| match part {
        Part::Row(row) => Some(Ok(row.entries)),
        Part::Bad(row) => Some(Err(row)),
        Part::Opened(_) | Part::Closed(_) => None,
    });
    match (rows.next(), rows.next()) {
        (Some(row), None) => row,
        _ => Err(bad(raw, "it is not exactly one entry")),
    }
}

fn bad(raw: &[u8], message: &str) -> BadRow {
    BadRow {
        row: 1,
        path: "/Ntry".to_owned(),
        code: "not_an_entry",
        message: message.to_owned(),
        raw: raw.to_vec(),
    }
}

/// The row in a statement of its own, around which the row's prefix is bound.
fn read(raw: &[u8], context: &RowContext) -> Result<Vec<Part>, Unreadable> {
    let prefix = prefix(raw);
    let (colon, bind) = match prefix {
        "" => ("", String::new()),
        prefix => (":", format!(":{prefix}")),
    };
    let p = format!("{prefix}{colon}");
    let account = quick_xml::escape::escape(&context.account).into_owned();
    // Without it an entry that names no day stays unreadable.
    let made = context
        .created_at
        .map(|at| format!("<{p}CreDtTm>{at}</{p}CreDtTm>"))
        .unwrap_or_default();
    let before = format!(
        "<{p}Document xmlns{bind}=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><{p}BkToCstmrStmt><{p}Stmt>\
         <{p}Id>row</{p}Id>{made}<{p}FrToDt><{p}ToDtTm>2000-01-01T00:00:00</{p}ToDtTm></{p}FrToDt>\
         <{p}Acct><{p}Id><{p}Othr><{p}Id>{account}</{p}Id></{p}Othr></{p}Id><{p}Ccy>{}</{p}Ccy></{p}Acct>",
        context.currency
    );
    let after = format!("</{p}Stmt></{p}BkToCstmrStmt></{p}Document>");
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for piece in [before.as_bytes(), raw, after.as_bytes()] {
        reader.feed(piece, &mut parts)?;
    }
    reader.end(&mut parts)?;
    let count = |is: fn(&Part) -> bool| parts.iter().filter(|part| is(part)).count();
    let opened = count(|part| matches!(part, Part::Opened(_)));
    let closed = count(|part| matches!(part, Part::Closed(_)));
    if (opened, closed) == (1, 1) {
        return Ok(parts);
    }
    Err(Unreadable {
        kind: UnreadableKind::Malformed,
        path: "/Ntry".to_owned(),
        message: "it does not end where its entry does".to_owned(),
    })
}

/// The prefix of the first element; empty where it has none or is no name.
fn prefix(raw: &[u8]) -> &str {
    let text = core::str::from_utf8(raw).unwrap_or_default().trim_start();
    let name = text.strip_prefix('<').unwrap_or_default();
    let end = name.find([' ', '\t', '\r', '\n', '>', '/']).unwrap_or(0);
    let name = name.get(..end).unwrap_or_default();
    let prefix = name.split_once(':').map_or("", |(prefix, _local)| prefix);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if prefix.bytes().all(plain) {
        prefix
    } else {
        ""
    }
}
