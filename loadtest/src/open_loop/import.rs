//! A department's file of bills, sent by the shipped binary in a process of its own while citizens pay.

use std::fmt::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Child;

use crate::bills::bill_number;
use crate::house::House;

/// Numbers of imported bills begin here, far above those that citizens pay.
const FIRST_NUMBER: u64 = 500_000_000;

/// A running import.
#[derive(Debug)]
pub(crate) struct Import {
    child: Child,
    bills: u32,
}

impl Import {
    /// Writes the file, of the first kind of bill, and begins to send it.
    pub(crate) fn begin(house: &House, bills: u32) -> Result<Self> {
        let kind = house.kinds.first().context("no kind of bill")?;
        let mut text = String::from("document,bill_type,number,amount,due_date,description\n");
        let due = jiff::Zoned::now()
            .date()
            .saturating_add(jiff::Span::new().days(30));
        for place in 0..u64::from(bills) {
            let number = FIRST_NUMBER.saturating_add(place);
            let digits = bill_number(kind, number).context("no number of this kind")?;
            writeln!(
                text,
                "LOAD-{number},{},{digits},1234.50,{due},TEST load",
                kind.code
            )?;
        }
        let file = house.folder().join("import.csv");
        std::fs::write(&file, text)?;
        let mut command = house.command();
        command.args([
            "bills",
            "import",
            "--json",
            "--biller",
            kind.biller.as_str(),
        ]);
        let child = command
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self { child, bills })
    }

    /// Waits for its end; answers how many bills were issued.
    pub(crate) async fn end(self) -> Result<u32> {
        let output = self.child.wait_with_output().await?;
        ensure!(
            output.status.success(),
            "the import ended with {}: {}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(self.bills)
    }
}
