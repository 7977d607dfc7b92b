//! `collections_monthly_….csv`, written and read back: RFC 4180, UTF-8 with a mark at its front, so that spreadsheets show
//! Chinese.

use core::fmt;
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, ensure};
use epay_domain::LocalizedText;
use epay_domain::open_data::{ALL, Figures, LeftOut, PublishedRow};
use epay_money::{Money, fiscal_year};
use jiff::civil::Date;

/// Stands at the front of a file.
pub(super) const MARK: &str = "\u{feff}";
const COLUMNS: [&str; 13] = [
    "fiscal_year",
    "month",
    "department_code",
    "department_en",
    "department_tc",
    "department_sc",
    "channel_code",
    "payment_count",
    "payment_amount_hkd",
    "refund_count",
    "refund_amount_hkd",
    "median_seconds_to_confirm",
    "revision",
];

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month(Date);

impl Month {
    pub(super) const fn first_day(self) -> Date {
        self.0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day: Result<Date, _> = format!("{text}-01").parse();
        let month = day.map(Self).map_err(|_not_a_date| ());
        month
            .ok()
            .filter(|month| month.to_string() == text)
            .ok_or_else(|| "a month is written 2026-10".to_owned())
    }
}

/// The text of an edition.
pub(super) fn text(
    month: Month,
    rows: &[PublishedRow],
    departments: &BTreeMap<String, LocalizedText>,
    revision: u32,
) -> anyhow::Result<String> {
    let mut text = format!("{MARK}{}\r\n", COLUMNS.join(","));
    for row in rows {
        let all = LocalizedText {
            en: "All departments".to_owned(),
            zh_hant: "所有部門".to_owned(),
            zh_hans: "所有部门".to_owned(),
        };
        let names = if row.department == ALL {
            Some(&all)
        } else {
            departments.get(&row.department)
        };
        let names = names.context("a row of no department")?;
        let count = |figures: Option<Figures>| figures.map(|it| it.count.to_string());
        let amount = |figures: Option<Figures>| {
            figures.map(|it| Money::hkd(it.minor).to_decimal().to_string())
        };
        let fields = [
            Some(fiscal_year(month.0).to_string()),
            Some(month.to_string()),
            Some(row.department.clone()),
            Some(names.en.clone()),
            Some(names.zh_hant.clone()),
            Some(names.zh_hans.clone()),
            Some(row.channel.clone()),
            count(row.payments),
            amount(row.payments),
            count(row.refunds),
            amount(row.refunds),
            row.median_seconds.map(|seconds| seconds.to_string()),
            Some(revision.to_string()),
        ];
        let fields: Vec<String> = fields
            .into_iter()
            .map(|field| quoted(&field.unwrap_or_default()))
            .collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    Ok(text)
}

/// A field, in quotes where it must be.
pub(super) fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// An edition that was published before.
#[derive(Debug, Default)]
pub(super) struct Edition {
    /// Counts from 1; 0 when there is none.
    pub(super) number: u32,
    pub(super) text: Option<String>,
    pub(super) left_out: LeftOut,
}

impl Edition {
    /// Reads the edition at a path; there may be none.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let what = || format!("the edition before, {}", path.display());
        let text = std::fs::read_to_string(path).with_context(what)?;
        let mut edition = Self::parse(&text).with_context(what)?;
        edition.text = Some(text);
        Ok(edition)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut edition = Self::default();
        let mut lines = text.trim_start_matches(MARK).lines();
        ensure!(
            lines.next() == Some(COLUMNS.join(",").as_str()),
            "it has other columns"
        );
        for line in lines {
            let fields = fields(line);
            let [
                _year,
                _month,
                department,
                _en,
                _tc,
                _sc,
                channel,
                payments,
                _paid,
                refunds,
                _refunded,
                _median,
                revision,
            ] = fields.as_slice()
            else {
                anyhow::bail!("a row has {} fields", fields.len());
            };
            let place = (department.clone(), channel.clone());
            if payments.is_empty() {
                edition.left_out.payments.insert(place.clone());
            }
            if refunds.is_empty() {
                edition.left_out.refunds.insert(place);
            }
            edition.number = revision.parse().context("revision")?;
        }
        Ok(edition)
    }
}

/// The fields of a line of ours: no name holds a line feed.
fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut within) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if within && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => within = !within,
            ',' if !within => all.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    all.push(field);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> BTreeMap<String, LocalizedText> {
        let name = LocalizedText {
            en: "Rating, \"TEST\"".to_owned(),
            zh_hant: "差餉".to_owned(),
            zh_hans: "差饷".to_owned(),
        };
        BTreeMap::from([("rvd".to_owned(), name)])
    }

    fn row(department: &str, channel: &str, payments: Option<(u64, i64)>) -> PublishedRow {
        PublishedRow {
            department: department.to_owned(),
            channel: channel.to_owned(),
            payments: payments.map(|(count, minor)| Figures { count, minor }),
            refunds: Some(Figures::default()),
            median_seconds: payments.map(|_| 4),
        }
    }

    #[test]
    fn an_edition_is_written_and_read_back() {
        let month: Month = "2027-03".parse().unwrap();
        let rows = [
            row("rvd", "fps", Some((12, 372_005))),
            row(ALL, "fps", None),
        ];
        let written = text(month, &rows, &names(), 3).unwrap();
        let expected = "\u{feff}fiscal_year,month,department_code,department_en,department_tc,department_sc,\
            channel_code,payment_count,payment_amount_hkd,refund_count,refund_amount_hkd,median_seconds_to_confirm,revision\r\n\
            2026-27,2027-03,rvd,\"Rating, \"\"TEST\"\"\",差餉,差饷,fps,12,3720.05,0,0.00,4,3\r\n\
            2026-27,2027-03,ALL,All departments,所有部門,所有部门,fps,,,0,0.00,,3\r\n";
        assert_eq!(written, expected);
        let read = Edition::parse(&written).unwrap();
        assert_eq!(read.number, 3);
        let hidden = (ALL.to_owned(), "fps".to_owned());
        assert_eq!(read.left_out.payments, [hidden].into());
        assert!(read.left_out.refunds.is_empty());
    }

    #[test]
    fn months_are_written_one_way() {
        let table = [
            ("2026-04", true),
            ("2099-12", true),
            ("2026-13", false),
            ("2026-4", false),
            ("2026-04-01", false),
            ("", false),
        ];
        for (text, readable) in table {
            assert_eq!(text.parse::<Month>().is_ok(), readable, "{text}");
        }
    }

    #[test]
    fn what_is_no_edition_is_not_taken_for_one() {
        for text in ["", "a,b\r\n", &format!("{}\r\n1,2\r\n", COLUMNS.join(","))] {
            assert!(Edition::parse(text).is_err(), "{text:?}");
        }
    }
}
