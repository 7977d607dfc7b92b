//! Rows as NDJSON: one JSON object a line, with the names that the columns of the CSV form have.

use serde::Deserialize;

use crate::fields::Fields;
use crate::parts::PartFields;

/// Longest message of the JSON reader that is passed on.
const MESSAGE_CHARACTERS_MAX: usize = 160;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(default)]
    action: String,
    document: String,
    #[serde(default)]
    revision: Option<u32>,
    #[serde(default)]
    bill_type: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    due_date: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    instalments: Vec<Instalment>,
    #[serde(default)]
    second_factor: String,
    #[serde(default)]
    licence_mark: String,
    #[serde(default)]
    licence_expiry: String,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: String,
    amount: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    reference: String,
    line: String,
    amount: String,
    label: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instalment {
    due_date: String,
    amount: String,
}

/// Reads one line.
pub(crate) fn row(line: &[u8]) -> Result<Fields, String> {
    let object: Object = serde_json::from_slice(line).map_err(|error| {
        let words = error.to_string();
        words
            .chars()
            .take(MESSAGE_CHARACTERS_MAX)
            .collect::<String>()
    })?;
    Ok(Fields {
        action: object.action,
        document: object.document,
        revision: object
            .revision
            .map_or_else(String::new, |revision| revision.to_string()),
        bill_type: object.bill_type,
        number: object.number,
        amount: object.amount,
        currency: object.currency,
        due_date: object.due_date,
        description: object.description,
        shares: object
            .lines
            .into_iter()
            .map(|line| (line.code, line.amount))
            .collect(),
        parts: object
            .parts
            .into_iter()
            .map(|part| PartFields {
                reference: part.reference,
                line: part.line,
                amount: part.amount,
                label: part.label,
            })
            .collect(),
        instalments: object
            .instalments
            .into_iter()
            .map(|one| (one.due_date, one.amount))
            .collect(),
        second_factor: object.second_factor,
        licence_mark: object.licence_mark,
        licence_expiry: object.licence_expiry,
        reason: object.reason,
    })
}
