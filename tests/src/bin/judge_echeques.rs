//! Judges e-Cheques that another program made, for `tests/peers/echeque.py`.
//!
//! The argument is a folder as `tests/peers/_echeque_pdf.py` writes it: `settings.toml`, `manifest.json`, the PDFs. Prints one JSON
//! object a cheque: its file, and the verdict, `taken` or the code of the rule that it breaks.
#![expect(clippy::print_stdout, reason = "a command line talks to its caller")]

use std::path::Path;

use anyhow::{Context as _, Result};
use epay_money::{Currency, Money};
use epay_rail::{Ask, Collect, Instrument, Order, Outbound, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("name a folder")?;
    let folder = Path::new(&folder);
    let settings = std::fs::read_to_string(folder.join("settings.toml"))?;
    let rail = rail_echeque::open(&"echeque".parse()?, &settings)?;
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json"))?)?;
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str);
        text.map(str::to_owned)
            .with_context(|| format!("no {name}"))
    };
    let at: Timestamp = text(&manifest, "at")?.parse()?;
    let amount = Money::parse(&text(&manifest, "amount")?, Currency::Hkd)?;
    let cheques = manifest.get("cheques").and_then(Value::as_array);
    for row in cheques.context("no cheques")? {
        let file = text(row, "file")?;
        let mut order = Order::collect(collect(at, amount)?);
        order.ask = Ask::Tender(Instrument {
            kind: rail_echeque::INSTRUMENT.to_owned(),
            bytes: std::fs::read(folder.join(&file))?,
        });
        let verdict = match rail.encode(&order) {
            Ok(Outbound::Call(_)) => "taken",
            Ok(Outbound::Present(_)) => "shown",
            Err(Refusal::BadInstrument { code, .. }) => code,
            Err(other) => return Err(other.into()),
        };
        println!("{}", json!({ "file": file, "verdict": verdict }));
    }
    Ok(())
}

fn collect(at: Timestamp, amount: Money) -> Result<Collect> {
    Ok(Collect {
        method: "echeque".to_owned(),
        payee: "012888000654321".to_owned(),
        amount,
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: at,
        expires_at: at.checked_add(SignedDuration::from_hours(1))?,
    })
}
