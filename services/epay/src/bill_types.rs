//! Kinds of bill from the shell: checked whole, applied whole or not at all, listed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use epay_domain::{BillType, KindFault, check_kinds};
use epay_pg::{PoolOptions, build_pool};
use serde_json::Value;

use crate::load;
use crate::settings::Settings;

/// Most kinds of one file: several times what all departments have.
const KINDS_MAX: usize = 1_000;

/// Verbs about kinds of bill.
#[derive(Debug, Subcommand)]
pub(crate) enum BillTypesCommand {
    /// Say what is wrong with a file of kinds, each fault by its kind and field. Exits with 1 when something is. Needs no
    /// database.
    Check {
        /// JSON: a list of kinds.
        file: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Add the kinds of a file and change those that are known; none is removed. Nothing is done where anything is wrong.
    Apply {
        /// JSON: a list of kinds.
        file: PathBuf,
    },
    /// Print the kinds that are loaded.
    List {
        /// Print them as a file of kinds.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(
    command: BillTypesCommand,
    settings: impl FnOnce() -> anyhow::Result<Settings>,
) -> anyhow::Result<ExitCode> {
    match command {
        BillTypesCommand::Check { file, json } => check(&read(&file)?, json),
        BillTypesCommand::Apply { file } => {
            let config = settings()?.database.config()?;
            let count = load::bill_types(&config, &read(&file)?).await?;
            println!("{count} kinds of bill are applied.");
            Ok(ExitCode::SUCCESS)
        }
        BillTypesCommand::List { json } => list(&settings()?, json).await,
    }
}

fn read(file: &PathBuf) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn check(text: &str, json: bool) -> anyhow::Result<ExitCode> {
    let read = read_kinds(text);
    if json {
        let faults: Vec<Value> = read
            .as_ref()
            .err()
            .into_iter()
            .flatten()
            .map(as_json)
            .collect();
        let count = read.as_ref().map_or(0, Vec::len);
        println!(
            "{}",
            serde_json::json!({ "kinds": count, "faults": faults })
        );
    } else {
        match &read {
            Ok(kinds) => println!("{} kinds of bill can be applied.", kinds.len()),
            Err(faults) => faults.iter().for_each(|fault| println!("{}", said(fault))),
        }
    }
    Ok(if read.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn list(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::named("epay bill types")
    };
    let client = build_pool(&settings.database.config()?, &options)?
        .get()
        .await?;
    let kinds = epay_store::bill_types(&client).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&kinds)?);
    } else {
        for kind in &kinds {
            println!("{}", line(kind));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `ird-salaries  Salaries tax: 11 digits, part payments, up to 2 instalments; fps, card`.
fn line(kind: &BillType) -> String {
    let mut says = vec![format!("{} digits", kind.number.digits)];
    if kind.policy.exact_only {
        says.push("exact amount only".to_owned());
    } else if kind.policy.part_allowed {
        says.push("part payments".to_owned());
    }
    if let Some(policy) = kind.terms.instalments {
        says.push(format!("up to {} instalments", policy.count_max));
    }
    if let Some(factor) = &kind.terms.second_factor {
        says.push(format!("second factor {}", factor.kind.as_str()));
    }
    let rails: Vec<&str> = kind
        .payees
        .iter()
        .map(|payee| payee.rail.as_str())
        .collect();
    format!(
        "{}  {}: {}; {}",
        kind.code,
        kind.name.en,
        says.join(", "),
        rails.join(", ")
    )
}

/// A fault as a line for a person.
pub(crate) fn said(fault: &KindFault) -> String {
    let KindFault {
        kind,
        field,
        code,
        message,
    } = fault;
    format!("  {kind}, {field}: {message} ({code})")
}

fn as_json(fault: &KindFault) -> Value {
    serde_json::json!({
        "kind": fault.kind, "field": fault.field, "code": fault.code, "message": fault.message,
    })
}

/// Reads a file of kinds, or says all that is wrong with it.
pub(crate) fn read_kinds(text: &str) -> Result<Vec<BillType>, Vec<KindFault>> {
    let whole = |code, message: String| {
        vec![KindFault {
            kind: "file".to_owned(),
            field: "file".to_owned(),
            code,
            message,
        }]
    };
    let entries: Vec<Value> = serde_json::from_str(text)
        .map_err(|error| whole("FILE_MALFORMED", format!("it is no list of kinds: {error}")))?;
    if entries.is_empty() || entries.len() > KINDS_MAX {
        let words = format!("it names 1 to {KINDS_MAX} kinds");
        return Err(whole("KIND_COUNT", words));
    }
    let mut faults = vec![];
    let mut kinds = Vec::with_capacity(entries.len());
    for (entry, place) in entries.iter().zip(1_usize..) {
        match serde_json::from_value::<BillType>(entry.clone()) {
            Ok(kind) => {
                let known = serde_json::to_value(&kind).unwrap_or_default();
                unknown_fields(kind.code.as_str(), "", entry, &known, &mut faults);
                kinds.push(kind);
            }
            Err(error) => {
                let code = entry.get("code").and_then(Value::as_str);
                faults.push(KindFault {
                    kind: code.map_or_else(|| place.to_string(), str::to_owned),
                    field: "kind".to_owned(),
                    code: "KIND_MALFORMED",
                    message: error.to_string(),
                });
            }
        }
    }
    faults.extend(check_kinds(&kinds));
    if faults.is_empty() {
        Ok(kinds)
    } else {
        Err(faults)
    }
}

/// Fields that were written and are not read: a rule that is spelt wrongly would otherwise be no rule.
fn unknown_fields(
    kind: &str,
    path: &str,
    written: &Value,
    known: &Value,
    faults: &mut Vec<KindFault>,
) {
    match (written, known) {
        (Value::Object(written), Value::Object(known)) => {
            for (name, value) in written {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                match known.get(name) {
                    Some(known) => unknown_fields(kind, &path, value, known, faults),
                    None => faults.push(KindFault {
                        kind: kind.to_owned(),
                        field: path,
                        code: "FIELD_UNKNOWN",
                        message: "there is no such field".to_owned(),
                    }),
                }
            }
        }
        (Value::Array(written), Value::Array(known)) => {
            for (place, (value, known)) in written.iter().zip(known).enumerate() {
                unknown_fields(kind, &format!("{path}[{place}]"), value, known, faults);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../deploy/demo/bill-types.json");

    #[test]
    fn the_demonstration_kinds_can_be_applied() {
        let kinds = read_kinds(DEMO).unwrap();
        assert!(kinds.len() > 6);
    }

    #[test]
    fn every_fault_of_a_file_is_said_by_kind_and_field() {
        let mut entries: Vec<Value> = serde_json::from_str(DEMO).unwrap();
        entries[0]["terms"]["late_rule"] = Value::Array(vec![]);
        entries[0]["payees"][1]["nmae"] = Value::Null;
        entries[1]["policy"]["over"] = "keep it".into();
        entries[2]["number"]["digits"] = 0.into();
        let read = read_kinds(&serde_json::to_string(&entries).unwrap());
        let said: Vec<(String, String, &str)> = read
            .unwrap_err()
            .into_iter()
            .map(|fault| (fault.kind, fault.field, fault.code))
            .collect();
        let row = |kind: &str, field: &str, code| (kind.to_owned(), field.to_owned(), code);
        assert_eq!(
            said,
            [
                row("ird-salaries", "payees[1].nmae", "FIELD_UNKNOWN"),
                row("ird-salaries", "terms.late_rule", "FIELD_UNKNOWN"),
                row("ird-profits", "kind", "KIND_MALFORMED"),
                row("rvd-rates", "number.digits", "NUMBER_DIGITS"),
            ]
        );
        for (text, code) in [("{", "FILE_MALFORMED"), ("[]", "KIND_COUNT")] {
            assert_eq!(read_kinds(text).unwrap_err()[0].code, code);
        }
    }
}
