//! Golden messages: what a message must decode to, written beside it.
//!
//! `name.xml` (any extension but `.json`) stands beside `name.json`, a [`Golden`]. Run the tests with
//! `EPAY_BLESS=1` to write what the rail decodes today into the expectations, then read the diff.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use epay_rail::{Decoded, Inbound, OrderKind, Payout, Rail, RecallNews, Report, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Broken, Suite, Verdict, broken, contains};

/// Set to write expectations instead of checking them.
const BLESS: &str = "EPAY_BLESS";

/// The expectation beside a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Golden {
    /// What the message shows, in one sentence.
    pub shows: String,
    /// The rows of the code table that it exemplifies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Texts in the message that must never be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canaries: Vec<String>,
    /// Set when the message answers an order: which, and with what status. Otherwise it is a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// Facts that only the rail's own tests know, kept as they are.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
    /// What it decodes to, as [`rendered`] writes it.
    #[serde(default)]
    pub decodes_to: Value,
}

/// The order that a golden message answers: the suite's sample of that kind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Answers {
    /// The kind of order.
    pub order: OrderKind,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// A message and its expectation.
#[derive(Debug)]
pub struct Case {
    /// File name of the message.
    pub name: String,
    /// Path of the message.
    pub path: PathBuf,
    /// Its bytes.
    pub body: Vec<u8>,
    /// The expectation.
    pub expected: Golden,
    expectation: PathBuf,
}

/// All goldens of a folder, by name.
///
/// # Errors
/// [`Broken`] when the folder is empty, a message has no expectation, or one cannot be read.
pub fn goldens(folder: &Path) -> Result<Vec<Case>, Broken> {
    let failed = |path: &Path, fault: &dyn core::fmt::Display| {
        Broken(format!("{}: {fault}", path.display()))
    };
    let mut paths = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(|fault| failed(folder, &fault))? {
        let path = entry.map_err(|fault| failed(folder, &fault))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension != "json")
        {
            paths.insert(path);
        }
    }
    let mut cases = Vec::with_capacity(paths.len());
    for path in paths {
        let expectation = path.with_extension("json");
        let text = std::fs::read(&expectation).map_err(|fault| failed(&expectation, &fault))?;
        cases.push(Case {
            name: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            body: std::fs::read(&path).map_err(|fault| failed(&path, &fault))?,
            expected: serde_json::from_slice(&text)
                .map_err(|fault| failed(&expectation, &fault))?,
            path,
            expectation,
        });
    }
    if cases.is_empty() {
        return broken(format!("{} holds no golden message", folder.display()));
    }
    Ok(cases)
}

impl Suite {
    /// What a rail reads in a golden message, as the notice or the answer that it is.
    ///
    /// # Errors
    /// As [`Rail::decode`].
    pub fn decode(&self, rail: &dyn Rail, case: &Case) -> Result<Decoded, Unreadable> {
        let at = self.received_at();
        match case.expected.answers {
            None => rail.decode(&Inbound::notice(&case.body, at)),
            Some(Answers { order, status }) => {
                let order = self.sample(order);
                rail.decode(&Inbound::reply(&order, status, &case.body, at))
            }
        }
    }

    /// Every golden decodes to what is written beside it.
    pub fn goldens_decode_as_written(&self) -> Verdict {
        let rail = (self.open)();
        let bless = std::env::var_os(BLESS).is_some();
        let mut differing = Vec::new();
        for case in goldens(&self.goldens)? {
            let actual = rendered(&self.decode(rail.as_ref(), &case));
            if actual == case.expected.decodes_to {
                continue;
            }
            if bless {
                write(&case, actual)?;
            } else {
                differing.push(format!("{} decodes to {actual:#}", case.name));
            }
        }
        if differing.is_empty() {
            Ok(())
        } else {
            broken(differing.join("\n"))
        }
    }

    /// Every row of the code table occurs in a golden that says so.
    pub fn every_code_has_a_golden(&self) -> Verdict {
        let cases = goldens(&self.goldens)?;
        for code in &self.codes {
            let shown = cases.iter().any(|case| {
                case.expected.codes.iter().any(|shown| shown == code)
                    && contains(&case.body, code.as_bytes())
            });
            if !shown {
                return broken(format!("no golden shows the code {code}"));
            }
        }
        Ok(())
    }
}

fn write(case: &Case, actual: Value) -> Verdict {
    let golden = Golden {
        decodes_to: actual,
        ..case.expected.clone()
    };
    let mut text =
        serde_json::to_string_pretty(&golden).map_err(|fault| Broken(fault.to_string()))?;
    text.push('\n');
    std::fs::write(&case.expectation, text).map_err(|fault| Broken(fault.to_string()))
}

/// What a rail decoded, as the expectations write it: what most rails never fill in is written only when it is there.
#[must_use]
pub fn rendered(decoded: &Result<Decoded, Unreadable>) -> Value {
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(unreadable) => {
            return json!({
                "quarantined": { "path": unreadable.path, "code": unreadable.code() },
            });
        }
    };
    let mut all = json!({
        "reports": decoded.reports.iter().map(report).collect::<Vec<_>>(),
        "unreadable": decoded.unreadable.iter().map(|entry| json!({
            "index": entry.index,
            "path": entry.path,
            "code": entry.code,
        })).collect::<Vec<_>>(),
    });
    let hints: Vec<&String> = decoded.hints.iter().map(|hint| &hint.reference).collect();
    let payouts: Vec<Value> = decoded.payouts.iter().map(payout).collect();
    add(&mut all, "presentation", json!(decoded.presentation));
    add(&mut all, "keep", json!(decoded.keep));
    add(&mut all, "hints", json!(hints));
    add(&mut all, "payouts", json!(payouts));
    let recalls: Vec<Value> = decoded.recalls.iter().map(recall).collect();
    add(&mut all, "recalls", json!(recalls));
    all
}

/// Adds a field unless it is null or an empty list.
fn add(object: &mut Value, name: &str, value: Value) {
    let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    if let (false, Some(fields)) = (nothing, object.as_object_mut()) {
        fields.insert(name.to_owned(), value);
    }
}

fn report(report: &Report) -> Value {
    let mut all = json!({
        "rail_account": report.rail_account,
        "rail_reference": report.rail_reference,
        "reference": report.reference,
        "bill_number": report.bill_number,
        "amount": report.amount.to_string(),
        "finding": report.finding.as_str(),
        "instructed_at": report.instructed_at.to_string(),
        "booking_date": report.booking_date.to_string(),
        "value_date": report.value_date.to_string(),
        "payer": report.payer,
        "end_to_end_id": report.end_to_end_id,
        "clearing_reference": report.clearing_reference,
    });
    add(&mut all, "order_key", json!(report.order_key));
    add(
        &mut all,
        "fee",
        json!(report.fee.map(|fee| fee.to_string())),
    );
    add(&mut all, "reason", json!(report.reason));
    all
}

fn recall(news: &RecallNews) -> Value {
    match news {
        RecallNews::Wanted(wanted) => json!({
            "case": wanted.case,
            "rail_account": wanted.rail_account,
            "rail_reference": wanted.rail_reference,
            "reference": wanted.reference,
            "amount": wanted.amount.to_string(),
            "reason": wanted.reason,
            "payer": wanted.payer,
        }),
        RecallNews::Answered {
            key,
            agreed,
            reason,
        } => json!({ "key": key, "agreed": agreed, "reason": reason }),
    }
}

fn payout(payout: &Payout) -> Value {
    json!({
        "rail_account": payout.rail_account,
        "rail_reference": payout.rail_reference,
        "gross": payout.gross.to_string(),
        "fee": payout.fee.to_string(),
        "net": payout.net.to_string(),
        "items": payout.items,
        "value_date": payout.value_date.to_string(),
    })
}
