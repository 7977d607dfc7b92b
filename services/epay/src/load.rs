//! Loading what a set-up needs: kinds of bill and bills, from JSON files.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use epay_domain::bill::{BillPart, Instalment, Licence, RevenueLine};
use epay_domain::rules::{quarter_due_date, tax_instalments};
use epay_engine::{Engine, EngineError, IssueBill};
use epay_money::{BillTypeCode, BusinessCalendar, Currency, Money, hong_kong_date};
use epay_pg::{PoolOptions, build_pool};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::bill_types::{read_kinds, said};
use crate::roles::start_engine;
use crate::settings::Settings;

/// What can be loaded.
#[derive(Debug, Subcommand)]
pub(crate) enum LoadCommand {
    /// Kinds of bill: new ones are added, known ones changed, none removed.
    BillTypes {
        /// JSON: a list of kinds.
        file: PathBuf,
    },
    /// Bills of a demonstration: each once, however often it is loaded.
    Bills {
        /// JSON: a list of bills.
        file: PathBuf,
    },
}

/// A bill of a demonstration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemoBill {
    pub(crate) bill_type: BillTypeCode,
    pub(crate) number: String,
    pub(crate) amount: String,
    /// Counted from the day of loading; below zero for one that is overdue. The next day by the rates rule when unset.
    #[serde(default)]
    due_in_days: Option<i32>,
    /// Cut in two by the tax rule; the second is due so many days after the first.
    #[serde(default)]
    second_instalment_after_days: Option<i32>,
    #[serde(default)]
    pub(crate) second_factor: String,
    #[serde(default)]
    licence: Option<DemoLicence>,
    description: String,
    #[serde(default)]
    lines: Vec<DemoLine>,
    #[serde(default)]
    parts: Vec<DemoPart>,
}

/// The vehicle licence that a bill of a demonstration renews.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoLicence {
    mark: String,
    /// Counted from the day of loading.
    expires_in_days: i32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoLine {
    code: String,
    amount: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPart {
    reference: String,
    line: String,
    amount: String,
    label: String,
}

/// Runs a load.
pub(crate) async fn run(command: LoadCommand, settings: &Settings) -> anyhow::Result<()> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
    };
    let config = settings.database.config()?;
    match command {
        LoadCommand::BillTypes { file } => {
            let count = bill_types(&config, &read(&file)?).await?;
            println!("{count} kinds of bill are loaded.");
        }
        LoadCommand::Bills { file } => {
            let engine = start_engine(settings, &config).await?;
            let (issued, known) = bills(&engine, &parse_bills(&read(&file)?)?).await?;
            engine.drain().await;
            println!("{issued} bills are issued, {known} were there.");
        }
    }
    Ok(())
}

/// Loads kinds of bill from JSON; answers how many.
pub(crate) async fn bill_types(
    config: &tokio_postgres::Config,
    json: &str,
) -> anyhow::Result<usize> {
    let kinds = read_kinds(json).map_err(|faults| {
        let faults = faults.iter().map(said).collect::<Vec<_>>();
        anyhow::anyhow!("the kinds of bill cannot be used:\n{}", faults.join("\n"))
    })?;
    let pool = build_pool(
        config,
        &PoolOptions {
            size: 1,
            ..PoolOptions::named("epay load")
        },
    )?;
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    epay_store::put_bill_types(&tx, &kinds).await?;
    tx.commit().await?;
    Ok(kinds.len())
}

/// Reads demonstration bills.
pub(crate) fn parse_bills(json: &str) -> anyhow::Result<Vec<DemoBill>> {
    serde_json::from_str(json).context("not a list of bills")
}

/// Issues the bills that are not there yet; answers how many were issued and how many known.
pub(crate) async fn bills(engine: &Engine, bills: &[DemoBill]) -> anyhow::Result<(u32, u32)> {
    let (mut issued, mut known) = (0_u32, 0_u32);
    for bill in bills {
        match engine
            .reader()
            .find_bill(&bill.bill_type, &bill.number)
            .await
        {
            Ok(_found) => known = known.saturating_add(1),
            Err(EngineError::NotFound { what: "the bill" }) => {
                let command = bill.command(engine)?;
                engine
                    .issue_bill(command)
                    .await
                    .with_context(|| format!("bill {}", bill.number))?;
                issued = issued.saturating_add(1);
            }
            Err(error) => return Err(error).with_context(|| format!("bill {}", bill.number)),
        }
    }
    Ok((issued, known))
}

impl DemoBill {
    fn command(&self, engine: &Engine) -> anyhow::Result<IssueBill> {
        let catalogue = engine.reader().catalogue();
        let kind = catalogue
            .kind(&self.bill_type)
            .context("unknown kind of bill")?;
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let minor = Money::parse(&line.amount, Currency::Hkd)?.minor();
            lines.push(RevenueLine {
                code: line.code.clone(),
                minor,
            });
        }
        let today = hong_kong_date(engine.now());
        let due_date = match self.due_in_days {
            Some(days) => today.checked_add(days.days())?,
            None => next_quarter_day(today)?,
        };
        let amount = Money::parse(&self.amount, Currency::Hkd)?;
        Ok(IssueBill {
            biller: kind.biller.clone(),
            bill_type: self.bill_type.clone(),
            number: self.number.clone(),
            amount,
            due_date,
            description: self.description.clone(),
            lines,
            parts: self.parts()?,
            instalments: self.instalments(amount, due_date)?,
            second_factor: engine.seal_factor(
                &self.bill_type,
                &self.number,
                &self.second_factor,
            )?,
            licence: self.licence(today)?,
            idempotency_key: format!("demo-{}", self.number),
            caller: "demo".to_owned(),
        })
    }

    fn parts(&self) -> anyhow::Result<Vec<BillPart>> {
        let read = |part: &DemoPart| {
            Ok(BillPart {
                label: part.label.clone(),
                reference: part.reference.clone(),
                line: part.line.clone(),
                minor: Money::parse(&part.amount, Currency::Hkd)?.minor(),
            })
        };
        self.parts.iter().map(read).collect()
    }

    fn licence(&self, today: Date) -> anyhow::Result<Option<Licence>> {
        let Some(one) = &self.licence else {
            return Ok(None);
        };
        let expires_on = today.checked_add(one.expires_in_days.days())?;
        Ok(Some(Licence::new(&one.mark, expires_on)?))
    }

    fn instalments(&self, amount: Money, first: Date) -> anyhow::Result<Vec<Instalment>> {
        let Some(days) = self.second_instalment_after_days else {
            return Ok(vec![]);
        };
        let second = first.checked_add(days.days())?;
        let cut = tax_instalments(amount, first, second).context("no tax is cut like this")?;
        Ok(cut.to_vec())
    }
}

/// The next last day for payment of rates.
fn next_quarter_day(today: Date) -> anyhow::Result<Date> {
    let calendar = BusinessCalendar::vendored()?;
    for year in [today.year(), today.year().saturating_add(1)] {
        for quarter in 1..=4 {
            let day = quarter_due_date(year, quarter, &calendar)?;
            if day > today {
                return Ok(day);
            }
        }
    }
    anyhow::bail!("no quarter follows {today}")
}
