//! One measured figure, and the table of all of them.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::shell;

/// A figure as its benchmark gave it: numbers stay text, nothing is computed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    name: String,
    value: String,
    unit: String,
    beside: String,
}

impl Figure {
    pub(super) fn new(name: &str, value: u64, unit: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_string(),
            unit: unit.to_owned(),
            beside: String::new(),
        }
    }

    /// Reads the JSON after `BENCH`.
    pub(super) fn read(json: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(json)
            .with_context(|| format!("a BENCH line is no JSON: {json}"))?;
        let text = |name: &str| match value.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let beside = match (text("ratio"), text("ratio_to")) {
            (ratio, to) if ratio.is_empty() || to.is_empty() => String::new(),
            (ratio, to) => format!("{ratio} × {to}"),
        };
        Ok(Self {
            name: text("name"),
            value: text("value"),
            unit: text("unit"),
            beside,
        })
    }
}

impl Figure {
    pub(super) fn to_json(&self) -> Value {
        json!({"name": self.name, "value": self.value, "unit": self.unit, "beside": self.beside})
    }

    /// Reads what [`Self::to_json`] wrote.
    pub(super) fn from_json(value: &Value) -> Self {
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Self {
            name: text("name"),
            value: text("value"),
            unit: text("unit"),
            beside: text("beside"),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The value, where it is a whole number.
    pub(super) fn value(&self) -> Option<u64> {
        self.value.parse().ok()
    }

    /// How many times what ran beside it, in hundredths.
    pub(super) fn times_hundredths(&self) -> Option<u64> {
        let (times, _) = self.beside.split_once(" ×")?;
        let (whole, rest) = times.split_once('.').unwrap_or((times, ""));
        let hundredths: u64 = format!("{rest:0<2}").get(..2)?.parse().ok()?;
        whole
            .parse::<u64>()
            .ok()?
            .checked_mul(100)?
            .checked_add(hundredths)
    }

    /// A row of a Markdown table.
    pub(super) fn row(&self) -> String {
        let Self {
            name,
            value,
            unit,
            beside,
        } = self;
        format!("| {name} | {value} | {unit} | {beside} |\n")
    }
}

/// What criterion has measured since `started`: its mean, in nanoseconds.
pub(super) fn from_criterion(started: SystemTime) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let folder = shell::target().join("criterion");
    if folder.is_dir() {
        visit(&folder, started, &mut figures)?;
    }
    figures.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(figures)
}

fn visit(folder: &Path, started: SystemTime, figures: &mut Vec<Figure>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let estimates = path.join("estimates.json");
        if path.ends_with("new")
            && fs::metadata(&estimates)
                .is_ok_and(|file| file.modified().is_ok_and(|modified| modified >= started))
        {
            figures.push(estimate(&path)?);
        } else {
            visit(&path, started, figures)?;
        }
    }
    Ok(())
}

fn estimate(folder: &Path) -> Result<Figure> {
    let read = |name: &str| -> Result<Value> {
        let text = fs::read_to_string(folder.join(name))?;
        Ok(serde_json::from_str(&text)?)
    };
    let (names, numbers) = (read("benchmark.json")?, read("estimates.json")?);
    let name = names.get("full_id").and_then(Value::as_str);
    let mean = numbers
        .pointer("/mean/point_estimate")
        .and_then(Value::as_f64);
    Ok(Figure {
        name: name.context("criterion gave no name")?.to_owned(),
        value: format!("{:.0}", mean.context("criterion gave no mean")?),
        unit: "ns".to_owned(),
        beside: String::new(),
    })
}

/// Prints the table.
pub(super) fn print(figures: &[Figure]) {
    println!("\n{:<52} {:>12} {:<12} beside", "figure", "value", "unit");
    for figure in figures {
        println!(
            "{:<52} {:>12} {:<12} {}",
            figure.name, figure.value, figure.unit, figure.beside
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_line_is_read_with_and_without_a_neighbour() {
        let alone = Figure::read(r#"{"name":"p99","value":12,"unit":"ms"}"#).expect("reads");
        assert_eq!(alone, Figure::new("p99", 12, "ms"));
        let beside = Figure::read(
            r#"{"name":"batch 1,000","value":31000.5,"unit":"journals/s","ratio_to":"pgbench","ratio":16.2}"#,
        )
        .expect("reads");
        assert_eq!(beside.value, "31000.5");
        assert_eq!(beside.beside, "16.2 × pgbench");
        assert_eq!(beside.times_hundredths(), Some(1_620));
        assert_eq!((alone.value(), alone.times_hundredths()), (Some(12), None));
        assert!(Figure::read("nonsense").is_err());
    }
}
