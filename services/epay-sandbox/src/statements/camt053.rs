//! A statement as camt.053.001.08. Element order follows the published schema.

use std::io;

use jiff::civil::time;
use jiff::tz::Offset;

use super::make::{Entry, Statement};
use crate::bank::instruction::masked;
use crate::bank::xml::Document;
use crate::hk_time::{date_text, offset_text};
use crate::money::format_cents;

/// The word for it.
pub(super) const FORMAT: &str = "camt.053";
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";

/// Writes the message. `suffix` tells two files about one statement apart.
pub(super) fn write(statement: &Statement, suffix: &str) -> io::Result<String> {
    let made = offset_text(statement.made_at);
    let text = Document::write(NAMESPACE, |document| {
        document.branch("BkToCstmrStmt", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], &format!("M{}{suffix}", statement.id))?;
                document.leaf(&["CreDtTm"], &made)
            })?;
            document.branch("Stmt", |document| {
                document.leaf(&["Id"], &statement.id)?;
                document.leaf(&["ElctrncSeqNb"], &statement.number.to_string())?;
                document.leaf(&["CreDtTm"], &made)?;
                document.branch("FrToDt", |document| {
                    document.leaf(&["FrDtTm"], &moment(statement, 0))?;
                    document.leaf(&["ToDtTm"], &moment(statement, 23))
                })?;
                document.branch("Acct", |document| {
                    document.leaf(&["Id", "Othr", "Id"], &statement.account)?;
                    document.leaf(&["Ccy"], &statement.currency)
                })?;
                balance(document, statement, "OPBD", statement.opening_cents)?;
                balance(document, statement, "CLBD", statement.closing_cents)?;
                summary(document, statement)?;
                statement.entries.iter().try_for_each(|one| {
                    document.branch("Ntry", |document| entry(document, statement, one))
                })
            })
        })
    })?;
    Ok(
        match statement.entries.first().filter(|_| statement.garbled) {
            // The first amount after the first entry begins: a dollar sign where no reader expects one.
            Some(first) => {
                let good = format!(">{}</Amt>", format_cents(first.amount_cents));
                let (head, rest) = text.split_once("<Ntry>").unwrap_or((&text, ""));
                let bad = format!(">${}</Amt>", format_cents(first.amount_cents));
                format!("{head}<Ntry>{}", rest.replacen(&good, &bad, 1))
            }
            None => text,
        },
    )
}

/// The beginning or the last second of the day.
fn moment(statement: &Statement, hour: i8) -> String {
    let least = if hour == 0 { 0 } else { 59 };
    let local = statement.day.to_datetime(time(hour, least, least, 0));
    let at = Offset::constant(8).to_timestamp(local);
    at.map_or_else(|_range| offset_text(statement.made_at), offset_text)
}

fn balance(
    document: &mut Document,
    statement: &Statement,
    code: &str,
    cents: i64,
) -> io::Result<()> {
    document.branch("Bal", |document| {
        document.leaf(&["Tp", "CdOrPrtry", "Cd"], code)?;
        document.amount("Amt", &statement.currency, cents.saturating_abs())?;
        document.leaf(&["CdtDbtInd"], indicator(cents >= 0))?;
        document.leaf(&["Dt", "Dt"], &statement.day.to_string())
    })
}

fn summary(document: &mut Document, statement: &Statement) -> io::Result<()> {
    let of = |is_credit: bool| {
        let side = || {
            statement
                .entries
                .iter()
                .filter(move |one| one.is_credit == is_credit)
        };
        (
            side().count(),
            side().map(|one| one.amount_cents).sum::<i64>(),
        )
    };
    document.branch("TxsSummry", |document| {
        let count = statement.entries.len().to_string();
        document.leaf(&["TtlNtries", "NbOfNtries"], &count)?;
        for (name, is_credit) in [("TtlCdtNtries", true), ("TtlDbtNtries", false)] {
            let (count, cents) = of(is_credit);
            document.branch(name, |document| {
                document.leaf(&["NbOfNtries"], &count.to_string())?;
                document.leaf(&["Sum"], &format_cents(cents))
            })?;
        }
        Ok(())
    })
}

const fn indicator(is_credit: bool) -> &'static str {
    if is_credit { "CRDT" } else { "DBIT" }
}

fn entry(document: &mut Document, statement: &Statement, entry: &Entry) -> io::Result<()> {
    document.amount("Amt", &statement.currency, entry.amount_cents)?;
    document.leaf(&["CdtDbtInd"], indicator(entry.is_credit))?;
    document.leaf(&["Sts", "Cd"], "BOOK")?;
    document.leaf(&["BookgDt", "Dt"], &date_text(entry.booked_at))?;
    document.leaf(&["ValDt", "Dt"], &date_text(entry.booked_at))?;
    document.leaf(&["AcctSvcrRef"], &entry.bank_reference)?;
    document.branch("BkTxCd", |document| {
        if !entry.is_payment {
            return document.leaf(&["Prtry", "Cd"], "TRANSFER");
        }
        let family = if entry.is_credit { "RRCT" } else { "IRCT" };
        document.branch("Domn", |document| {
            document.leaf(&["Cd"], "PMNT")?;
            document.branch("Fmly", |document| {
                document.leaf(&["Cd"], family)?;
                document.leaf(&["SubFmlyCd"], "DMCT")
            })
        })
    })?;
    document.branch("NtryDtls", |document| {
        document.branch("TxDtls", |document| details(document, entry))
    })
}

fn details(document: &mut Document, entry: &Entry) -> io::Result<()> {
    document.branch("Refs", |document| {
        document.leaf(&["AcctSvcrRef"], &entry.bank_reference)?;
        if let Some(id) = &entry.end_to_end_id {
            document.leaf(&["EndToEndId"], id)?;
        }
        match &entry.fps_reference {
            Some(reference) => document.leaf(&["ClrSysRef"], reference),
            None => Ok(()),
        }
    })?;
    if entry.is_credit {
        let name = masked(&entry.payer_name);
        document.leaf(&["RltdPties", "Dbtr", "Pty", "Nm"], &name)?;
    }
    if entry.bill_number.is_none() && entry.reference.is_none() {
        return Ok(());
    }
    document.branch("RmtInf", |document| {
        document.branch("Strd", |document| {
            if let Some(number) = &entry.bill_number {
                document.leaf(&["RfrdDocInf", "Nb"], number)?;
            }
            match &entry.reference {
                Some(reference) => document.leaf(&["CdtrRefInf", "Ref"], reference),
                None => Ok(()),
            }
        })
    })
}
