//! Figures that were measured on this machine, part by part, so that a report can be made of parts that ran on different days.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::figure::Figure;
use crate::shell;

/// The figures of one part, with when and of what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measured {
    /// The day, UTC.
    pub(super) day: String,
    pub(super) commit: String,
    pub(super) figures: Vec<Figure>,
}

/// The newest figures of every part that was ever measured here.
#[derive(Debug, Default)]
pub(super) struct Kept {
    parts: BTreeMap<String, Measured>,
}

fn file() -> PathBuf {
    folder().join("figures.json")
}

/// Where figures and reports lie.
pub(super) fn folder() -> PathBuf {
    shell::target().join("bench")
}

impl Kept {
    pub(super) fn read() -> Result<Self> {
        let Ok(text) = fs::read_to_string(file()) else {
            return Ok(Self::default());
        };
        Self::parse(&text).with_context(|| file().display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let parts = value.as_object().context("no object")?;
        let part = |(name, value): (&String, &Value)| {
            let word = |field: &str| {
                let word = value.get(field).and_then(Value::as_str);
                word.unwrap_or_default().to_owned()
            };
            let figures = value.get("figures").and_then(Value::as_array);
            let figures = figures.map_or(&[][..], Vec::as_slice);
            let measured = Measured {
                day: word("day"),
                commit: word("commit"),
                figures: figures.iter().map(Figure::from_json).collect(),
            };
            (name.clone(), measured)
        };
        Ok(Self {
            parts: parts.iter().map(part).collect(),
        })
    }

    fn text(&self) -> String {
        let part = |(name, measured): (&String, &Measured)| {
            let figures: Vec<Value> = measured.figures.iter().map(Figure::to_json).collect();
            let value = json!({
                "day": measured.day, "commit": measured.commit, "figures": figures,
            });
            (name.clone(), value)
        };
        let parts: serde_json::Map<String, Value> = self.parts.iter().map(part).collect();
        format!("{:#}\n", Value::Object(parts))
    }

    /// Puts the figures of a part in the place of older ones.
    pub(super) fn keep(&mut self, part: &str, figures: Vec<Figure>) -> Result<()> {
        let measured = Measured {
            day: of_program("date", &["-u", "+%F"])?,
            commit: of_program("git", &["rev-parse", "--short=10", "HEAD"])
                .unwrap_or_else(|_no_clone| "unknown".to_owned()),
            figures,
        };
        self.parts.insert(part.to_owned(), measured);
        fs::create_dir_all(folder())?;
        fs::write(file(), self.text()).with_context(|| file().display().to_string())
    }

    pub(super) fn of(&self, part: &str) -> Option<&Measured> {
        self.parts.get(part)
    }
}

/// The one line that a program says.
pub(super) fn of_program(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(shell::root())
        .output()
        .with_context(|| program.to_owned())?;
    anyhow::ensure!(
        output.status.success(),
        "{program} ended with {}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let figure = r#"{"name":"p99","value":12.5,"unit":"ms","ratio_to":"fsync","ratio":2.9}"#;
        let measured = Measured {
            day: "2026-11-28".to_owned(),
            commit: "0123456789".to_owned(),
            figures: vec![
                Figure::read(figure).expect("reads"),
                Figure::new("n", 3, ""),
            ],
        };
        let mut kept = Kept::default();
        kept.parts
            .insert("load: steady".to_owned(), measured.clone());
        let again = Kept::parse(&kept.text()).expect("reads");
        assert_eq!(again.of("load: steady"), Some(&measured));
        assert_eq!(again.of("nothing"), None);
        assert!(Kept::parse("[]").is_err());
    }
}
