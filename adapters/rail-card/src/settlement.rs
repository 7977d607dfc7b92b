//! The acquirer's settlement file, a layout of our own (`docs/card-settlement-file.md`): one batch, one payment to the bank.
//!
//! The file is read line by line. A line that breaks a rule is unreadable alone as long as its net amount can be read;
//! then the trailer proves count and sums over every line, and a file that does not add up is refused whole, because
//! its payment could not be explained.

use epay_money::{Currency, Money, hong_kong_date};
use epay_rail::{
    Decoded, FileReader, Finding, Payout, Profile, Report, Unreadable, UnreadableEntry,
    UnreadableKind, WholeFile, is_reference,
};
use jiff::{Timestamp, civil::Date};

use crate::answer::{is_id, unreadable};
use crate::report::rail_reference;

/// Most bytes of a file: what the bank channel carries.
const FILE_BYTES_MAX: usize = 4 << 20;
/// Most lines of a file, header and trailer apart.
const LINES_MAX: usize = 20_000;
/// Longest line.
const LINE_BYTES_MAX: usize = 512;
/// What the first line says it is.
const NAME: &str = "EPAY-CARD-SETTLEMENT";
/// The version of the layout.
const VERSION: &str = "1";

/// The kind of a line that takes over the sum of an earlier batch.
const CARRIED: &str = "CARRIED";

/// What the first line says.
struct Header<'a> {
    batch: &'a str,
    merchant: &'a str,
    currency: Currency,
    paid_on: Date,
}

/// Sums over the lines, in cents; `i128` cannot overflow with so many lines.
#[derive(Default)]
struct Sums {
    lines: usize,
    items: u32,
    collected: i128,
    discount: i128,
    net: i128,
}

/// A reader for the file where it comes as one, and not as a message.
pub(crate) fn file(profile: Profile) -> Box<dyn FileReader> {
    let read = move |body: &[u8]| decode(&profile, body);
    Box::new(WholeFile::new(FILE_BYTES_MAX, read))
}

/// Reads a settlement file.
///
/// # Errors
/// [`Unreadable`] when it is no such file, or does not add up.
pub(crate) fn decode(profile: &Profile, body: &[u8]) -> Result<Decoded, Unreadable> {
    let text = text_of(body)?;
    let mut lines = text.lines();
    let header = header(profile, lines.next().unwrap_or_default())?;
    let mut decoded = Decoded::default();
    let mut sums = Sums::default();
    let mut trailer = None;
    for line in lines {
        if trailer.is_some() {
            return Err(totals("something stands behind the trailer"));
        }
        if line.len() > LINE_BYTES_MAX {
            let words = format!("a line has more than {LINE_BYTES_MAX} bytes");
            return Err(unreadable(UnreadableKind::TextTooLong, words));
        }
        if line.starts_with("Z,") {
            trailer = Some(line);
            continue;
        }
        take(&header, line, &mut sums, &mut decoded)?;
        if sums.lines > LINES_MAX {
            let words = format!("more than {LINES_MAX} lines");
            return Err(unreadable(UnreadableKind::TooManyEntries, words));
        }
    }
    prove(&header, trailer, &sums)?;
    decoded.payouts.push(payout(&header, &sums)?);
    Ok(decoded)
}

fn text_of(body: &[u8]) -> Result<&str, Unreadable> {
    if body.len() > FILE_BYTES_MAX {
        let words = format!("it has more than {FILE_BYTES_MAX} bytes");
        return Err(unreadable(UnreadableKind::TooLarge, words));
    }
    if !body.is_ascii() {
        return Err(unreadable(UnreadableKind::WrongEncoding, "it is not ASCII"));
    }
    core::str::from_utf8(body)
        .map_err(|_not_text| unreadable(UnreadableKind::WrongEncoding, "it is not ASCII"))
}

fn header<'a>(profile: &Profile, line: &'a str) -> Result<Header<'a>, Unreadable> {
    let wrong = |words: &str| unreadable(UnreadableKind::WrongMessage, words);
    let fields: Vec<&str> = line.split(',').collect();
    let ["H", name, version, batch, merchant, currency, paid_on] = fields.as_slice() else {
        return Err(wrong("it is neither a notification nor a settlement file"));
    };
    if *name != NAME || *version != VERSION {
        return Err(wrong("it is not version 1 of the settlement file"));
    }
    let currency = currency
        .parse()
        .ok()
        .filter(|currency| profile.currencies.contains(currency))
        .ok_or_else(|| wrong("the currency is not one that this rail carries"))?;
    if !is_id(batch) || !is_id(merchant) {
        return Err(wrong("batch and merchant need a name"));
    }
    let paid_on = paid_on
        .parse()
        .map_err(|_no_date| wrong("the day of payment is not a date"))?;
    Ok(Header {
        batch,
        merchant,
        currency,
        paid_on,
    })
}

/// One line: into the sums, and into the reports or the unreadable entries.
fn take(
    header: &Header<'_>,
    line: &str,
    sums: &mut Sums,
    decoded: &mut Decoded,
) -> Result<(), Unreadable> {
    let index = sums.lines;
    sums.lines = sums.lines.saturating_add(1);
    let fields: Vec<&str> = line.split(',').collect();
    let [
        "T",
        kind,
        order,
        id,
        instructed_at,
        recorded_at,
        gross,
        fee,
        net,
        about,
        note,
    ] = fields.as_slice()
    else {
        return Err(totals("a line has not the fields of a transaction"));
    };
    let net = cents(net).ok_or_else(|| totals("a net amount cannot be read"))?;
    sums.net = sums.net.saturating_add(net);
    let line = Line {
        kind,
        order,
        id,
        times: (instructed_at.parse().ok(), recorded_at.parse().ok()),
        gross: Money::parse(gross, header.currency).ok(),
        fee: Money::parse(fee, header.currency).ok(),
        net,
        about,
        note,
    };
    if *kind == "CAPTURE" {
        let (Some(gross), Some(fee)) = (line.gross, line.fee) else {
            return Err(totals("a capture's amount or fee cannot be read"));
        };
        sums.items = sums.items.saturating_add(1);
        sums.collected = sums.collected.saturating_add(i128::from(gross.minor()));
        sums.discount = sums.discount.saturating_add(i128::from(fee.minor()));
    }
    if *kind == CARRIED {
        // Its movements were told with the batch that paid nothing; its discount is paid for now.
        let fee = line
            .fee
            .ok_or_else(|| totals("a carried fee cannot be read"))?;
        sums.discount = sums.discount.saturating_add(i128::from(fee.minor()));
        return Ok(());
    }
    match line.report(header) {
        Ok(report) => decoded.add(index, report),
        Err(wrong) => decoded.unreadable.push(UnreadableEntry {
            index,
            path: format!("/line/{}", index.saturating_add(2)),
            code: wrong.code,
            message: wrong.words.to_owned(),
        }),
    }
    Ok(())
}

/// A line's fields.
struct Line<'a> {
    kind: &'a str,
    order: &'a str,
    id: &'a str,
    times: (Option<Timestamp>, Option<Timestamp>),
    gross: Option<Money>,
    fee: Option<Money>,
    net: i128,
    about: &'a str,
    note: &'a str,
}

/// Why a line cannot be read.
struct Wrong {
    code: &'static str,
    words: &'static str,
}

const fn wrong<T>(code: &'static str, words: &'static str) -> Result<T, Wrong> {
    Err(Wrong { code, words })
}

impl Line<'_> {
    fn report(&self, header: &Header<'_>) -> Result<Report, Wrong> {
        let (finding, sign) = match self.kind {
            "CAPTURE" => (Finding::Settled, 1_i128),
            "REFUND" => (Finding::Refunded, -1),
            "CHARGEBACK" => (Finding::ChargedBack, -1),
            "CHARGEBACK_REVERSAL" => (Finding::ChargebackReversed, 1),
            _ => {
                return wrong(
                    "unlisted_kind",
                    "the kind of transaction is not in the table",
                );
            }
        };
        let (Some(gross), Some(fee)) = (self.gross, self.fee) else {
            return wrong("bad_amount", "the amount or the fee is not an amount");
        };
        if !gross.is_positive() {
            return wrong("amount_not_positive", "the amount is not more than nothing");
        }
        let expected = sign
            .saturating_mul(i128::from(gross.minor()))
            .saturating_sub(i128::from(fee.minor()));
        if expected != self.net {
            return wrong("wrong_net", "amount, fee and net do not agree");
        }
        let (Some(instructed_at), Some(recorded_at)) = self.times else {
            return wrong("bad_date", "a moment is not a date and time with an offset");
        };
        if !is_id(self.id) || !is_id(self.order) {
            return wrong("missing_reference", "order or transaction have no name");
        }
        let ours = is_reference(self.order);
        let dispute = matches!(finding, Finding::ChargedBack | Finding::ChargebackReversed);
        let date = hong_kong_date(recorded_at);
        Ok(Report {
            rail_account: header.merchant.to_owned(),
            rail_reference: rail_reference(self.order, self.id),
            reference: ours.then(|| self.order.to_owned()),
            bill_number: None,
            order_key: (ours && !dispute).then(|| self.id.to_owned()),
            amount: gross,
            // A capture's discount is booked with the payout, and compared with what was agreed; a dispute's fee is its own.
            fee: (finding == Finding::Settled || (dispute && fee.is_positive())).then_some(fee),
            finding,
            reason: Some(self.note)
                .filter(|note| dispute && is_word(note))
                .map(str::to_owned),
            instructed_at,
            booking_date: date,
            value_date: date,
            payer: None,
            end_to_end_id: None,
            clearing_reference: Some(self.about)
                .filter(|about| is_id(about))
                .map(str::to_owned),
        })
    }
}

/// The trailer must say what the lines add up to.
fn prove(header: &Header<'_>, trailer: Option<&str>, sums: &Sums) -> Result<(), Unreadable> {
    let trailer = trailer.ok_or_else(|| totals("the trailer is missing"))?;
    let fields: Vec<&str> = trailer.split(',').collect();
    let ["Z", lines, collected, discount, net] = fields.as_slice() else {
        return Err(totals("the trailer has not its fields"));
    };
    let amount = |text: &str| {
        Money::parse(text, header.currency)
            .ok()
            .map(|amount| i128::from(amount.minor()))
    };
    let agrees = lines.parse() == Ok(sums.lines)
        && amount(collected) == Some(sums.collected)
        && amount(discount) == Some(sums.discount)
        && cents(net) == Some(sums.net);
    if agrees {
        Ok(())
    } else {
        Err(totals("the lines do not add up to the trailer"))
    }
}

/// What the batch pays. What refunds and disputes took is out of the gross already: those movements are booked by
/// themselves. A batch that does not come to more than nothing pays nothing, and a later one takes its sum over.
fn payout(header: &Header<'_>, sums: &Sums) -> Result<Payout, Unreadable> {
    let money = |cents: i128| {
        i64::try_from(cents)
            .map(|cents| Money::new(cents, header.currency))
            .map_err(|_too_large| totals("a sum is larger than any payment"))
    };
    let gross = sums.net.saturating_add(sums.discount);
    let payout = Payout {
        rail_account: header.merchant.to_owned(),
        rail_reference: header.batch.to_owned(),
        gross: money(gross)?,
        fee: money(sums.discount)?,
        net: money(sums.net)?,
        items: sums.items,
        value_date: header.paid_on,
    };
    let pays = payout.net.is_positive();
    Ok(if pays { payout } else { payout.of_nothing() })
}

/// Cents of a decimal with an optional minus sign.
fn cents(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let amount = Money::parse(digits, Currency::Hkd).ok()?;
    i128::from(amount.minor()).checked_mul(sign)
}

/// A dispute's code and words: letters, digits, points and spaces.
fn is_word(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" .-".contains(&byte))
}

fn totals(words: &'static str) -> Unreadable {
    unreadable(UnreadableKind::WrongTotals, words)
}
