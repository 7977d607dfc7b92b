//! The settlement file: what a wallet paid over for a day's payments, less its fee. One for all wallets, in a layout of
//! our own; it comes by the bank channel, which proves it. The README has the layout.
//!
//! ```text
//! EPAY-SETTLEMENT,1,<account>,<settlement id>,<value date>,HKD
//! P,<our reference>,<rail's reference>,<cents>,<fee cents>
//! R,<refund key>,<rail's reference>,<cents>,<fee cents>
//! TOTAL,<items>,<gross cents>,<fee cents>,<net cents>
//! ```
//!
//! The rows must add up to the total, payments less refunds; else the whole file is quarantined.

use epay_money::{Currency, Money};
use epay_rail::{Decoded, Payout, Unreadable, UnreadableKind};
use jiff::civil::Date;

use crate::reading::{name, unreadable, wrong};

/// How every file begins.
const MARK: &str = "EPAY-SETTLEMENT,1,";
/// Larger than any day of one department.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// More rows than that do not fit into the bytes.
const ROWS_MAX: usize = 100_000;

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
    for (line, number) in lines.zip(2_usize..) {
        if sums.total.is_some() {
            return Err(totals("there are lines behind the total"));
        }
        if number > ROWS_MAX {
            let kind = UnreadableKind::TooManyEntries;
            return Err(unreadable(kind, "/", "it has more than 100000 rows"));
        }
        sums.add(line).ok_or_else(|| {
            let message = "it is neither a payment, nor a refund, nor the total";
            wrong(&format!("/line[{number}]"), message)
        })?;
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
    Ok(Decoded {
        payouts: vec![payout],
        ..Decoded::default()
    })
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

#[derive(Default)]
struct Sums {
    items: u32,
    gross: i64,
    fee: i64,
    total: Option<[i64; 4]>,
}

impl Sums {
    /// Adds a line; nothing when it is none of the three, or no longer fits.
    fn add(&mut self, line: &str) -> Option<()> {
        let fields: Vec<&str> = line.split(',').collect();
        match fields.as_slice() {
            ["P", _reference, _rail_reference, cents, fee] => {
                self.gross = self.gross.checked_add(positive(cents)?)?;
                self.fee = self.fee.checked_add(number(fee)?)?;
            }
            ["R", _key, _rail_reference, cents, fee] => {
                self.gross = self.gross.checked_sub(positive(cents)?)?;
                self.fee = self.fee.checked_sub(number(fee)?)?;
            }
            ["TOTAL", items, gross, fee, net] => {
                self.total = Some([number(items)?, number(gross)?, number(fee)?, number(net)?]);
                return Some(());
            }
            _ => return None,
        }
        self.items = self.items.checked_add(1)?;
        Some(())
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn positive(text: &str) -> Option<i64> {
    number(text).filter(|number| *number > 0)
}
