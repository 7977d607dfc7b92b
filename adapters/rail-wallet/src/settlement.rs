//! The settlement file: what a wallet paid over for a day's payments, less its fee. One for all wallets, in a layout of
//! our own (`docs/wallet-settlement-file.md`); it comes by the bank channel, which proves it.
//!
//! Every row is a report: a payment that we know is recognised by the wallet's reference, one whose notice was lost is learned
//! here. A row whose names or moment break a rule is unreadable alone as long as its amounts can be read; the rows must add
//! up to the total, payments less refunds, else the whole file is set apart, because its payment could not be explained.

use epay_money::{Currency, Money};
use epay_rail::{
    Decoded, FileReader, Finding, Payout, Report, Unreadable, UnreadableEntry, UnreadableKind,
    WholeFile,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::facts::Fact;
use crate::reading::{is_name, name, unreadable, wrong};

/// How every file begins.
const MARK: &str = "EPAY-SETTLEMENT,2,";
/// Larger than any day of one department.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// More rows than that do not fit into the bytes.
const ROWS_MAX: usize = 100_000;

/// A reader for the file where it comes as one, and not as a message.
pub(crate) fn file() -> Box<dyn FileReader> {
    Box::new(WholeFile::new(BYTES_MAX, read))
}

/// Whether a body is a settlement file.
pub(crate) fn is_settlement(body: &[u8]) -> bool {
    body.starts_with(MARK.as_bytes())
}

/// The payout that a file describes.
pub(crate) fn read(body: &[u8]) -> Result<Decoded, Unreadable> {
    if body.len() > BYTES_MAX {
        return Err(unreadable(
            UnreadableKind::TooLarge,
            "/",
            "it is larger than 4 MiB",
        ));
    }
    let text = core::str::from_utf8(body)
        .map_err(|_invalid| unreadable(UnreadableKind::WrongEncoding, "/", "it is not UTF-8"))?;
    let mut lines = text.lines();
    let mut payout = header(lines.next().unwrap_or_default())?;
    let currency = payout.gross.currency();
    let mut sums = Sums::default();
    let mut decoded = Decoded::default();
    for (line, number) in lines.zip(2_usize..) {
        if sums.total.is_some() {
            return Err(totals("there are lines behind the total"));
        }
        if number > ROWS_MAX {
            let kind = UnreadableKind::TooManyEntries;
            return Err(unreadable(kind, "/", "it has more than 100000 rows"));
        }
        let row = sums.add(line).ok_or_else(|| {
            let message = "it is neither a payment, nor a refund, nor the total";
            wrong(&format!("/line[{number}]"), message)
        })?;
        match row.map(|row| row.report(&payout, currency)) {
            None => {}
            Some(Ok(report)) => decoded.add(number.saturating_sub(2), report),
            Some(Err((code, message))) => decoded.unreadable.push(UnreadableEntry {
                index: number.saturating_sub(2),
                path: format!("/line[{number}]"),
                code,
                message: message.to_owned(),
            }),
        }
    }
    let total = sums.total.ok_or_else(|| totals("it has no total"))?;
    let net = sums.gross.checked_sub(sums.fee);
    if total
        != [
            i64::from(sums.items),
            sums.gross,
            sums.fee,
            net.unwrap_or(i64::MIN),
        ]
    {
        return Err(totals("the rows do not add up to the total"));
    }
    payout.gross = Money::new(sums.gross, currency);
    payout.fee = Money::new(sums.fee, currency);
    payout.net = Money::new(net.unwrap_or(0), currency);
    payout.items = sums.items;
    // More refunds than payments: nothing is paid over, and the wallet carries it into the next file.
    let pays = payout.net.is_positive();
    let payout = if pays { payout } else { payout.of_nothing() };
    decoded.payouts.push(payout);
    Ok(decoded)
}

fn totals(message: &str) -> Unreadable {
    unreadable(UnreadableKind::WrongTotals, "/TOTAL", message)
}

/// The first line as a payout of nothing.
fn header(line: &str) -> Result<Payout, Unreadable> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, _, account, id, date, currency] = fields.as_slice() else {
        return Err(wrong("/line[1]", "it has six fields"));
    };
    let currency: Currency = currency
        .parse()
        .map_err(|_unknown| wrong("/line[1]/6", "the currency is not one that we know"))?;
    let value_date: Date = date
        .parse()
        .map_err(|_shape| wrong("/line[1]/5", "it must be a date"))?;
    let nothing = Money::zero(currency);
    Ok(Payout {
        rail_account: name("/line[1]/3", Some(account))?.to_owned(),
        rail_reference: name("/line[1]/4", Some(id))?.to_owned(),
        gross: nothing,
        fee: nothing,
        net: nothing,
        items: 0,
        value_date,
    })
}

/// A payment or a refund as its row has it.
#[derive(Debug)]
struct Row<'a> {
    finding: Finding,
    /// Our reference, or the key of the refund.
    ours: &'a str,
    rail_reference: &'a str,
    at: &'a str,
    cents: i64,
    fee: i64,
}

impl Row<'_> {
    /// The report of it, or the rule that it breaks.
    fn report(
        &self,
        payout: &Payout,
        currency: Currency,
    ) -> Result<Report, (&'static str, &'static str)> {
        if !is_name(self.ours) || !is_name(self.rail_reference) {
            return Err((
                "missing_reference",
                "its names are 1 to 64 visible ASCII characters",
            ));
        }
        let at: Timestamp = self
            .at
            .parse()
            .map_err(|_no_moment| ("bad_date", "it has no moment with an offset"))?;
        let fact = Fact {
            account: &payout.rail_account,
            rail_reference: self.rail_reference,
            reference: self.ours,
            order_key: self.ours,
            amount: Money::new(self.cents, currency),
            finding: self.finding,
            reason: "settled".to_owned(),
            at,
            payer: None,
        };
        Ok(Report {
            fee: Some(Money::new(self.fee, currency)),
            ..fact.report()
        })
    }
}

#[derive(Default)]
struct Sums {
    items: u32,
    gross: i64,
    fee: i64,
    total: Option<[i64; 4]>,
}

impl Sums {
    /// Adds a line, and gives it back where it is a row; nothing when it is none of the three, or no longer fits.
    fn add<'a>(&mut self, line: &'a str) -> Option<Option<Row<'a>>> {
        let fields: Vec<&str> = line.split(',').collect();
        let (finding, [ours, rail_reference, at, cents, fee]) = match *fields.as_slice() {
            ["P", ours, rail_reference, at, cents, fee] => {
                (Finding::Settled, [ours, rail_reference, at, cents, fee])
            }
            ["R", key, rail_reference, at, cents, fee] => {
                (Finding::Refunded, [key, rail_reference, at, cents, fee])
            }
            ["TOTAL", items, gross, fee, net] => {
                self.total = Some([number(items)?, number(gross)?, number(fee)?, number(net)?]);
                return Some(None);
            }
            _ => return None,
        };
        let (cents, fee) = (positive(cents)?, number(fee)?);
        (self.gross, self.fee) = if finding == Finding::Settled {
            (self.gross.checked_add(cents)?, self.fee.checked_add(fee)?)
        } else {
            (self.gross.checked_sub(cents)?, self.fee.checked_sub(fee)?)
        };
        self.items = self.items.checked_add(1)?;
        Some(Some(Row {
            finding,
            ours,
            rail_reference,
            at,
            cents,
            fee,
        }))
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn positive(text: &str) -> Option<i64> {
    number(text).filter(|number| *number > 0)
}
