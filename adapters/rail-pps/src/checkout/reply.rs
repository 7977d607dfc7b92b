//! The answer to a query: every attempt that the payer made on the page, as records of XML.

use epay_money::{Currency, Money, hong_kong_date};
use epay_rail::{
    Collect, Decoded, Finding, Order, Report, Unreadable, UnreadableEntry, UnreadableKind,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::Deserialize;

use crate::fault::unreadable;

/// Most bytes of an answer.
const REPLY_BYTES_MAX: usize = 256 * 1_024;
/// Most records: a payer may try again on the page.
const RECORDS_MAX: usize = 200;
/// Longest reference of the gateway.
const PAY_REF_CHARS_MAX: usize = 40;

/// A row of the table of order statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// The gateway's word.
    pub code: &'static str,
    /// What it means for the collection.
    pub finding: Finding,
}

/// The gateway's order statuses. Another word is [`Finding::Unclear`].
pub const ORDER_STATUS: [StatusRow; 7] = [
    row("Accepted", Finding::Settled),
    row("Authorized", Finding::Accepted),
    row("Pending", Finding::Waiting),
    row("Pending_3D", Finding::Waiting),
    row("Rejected", Finding::Declined),
    row("Cancelled", Finding::Declined),
    row("Voided", Finding::Voided),
];

const fn row(code: &'static str, finding: Finding) -> StatusRow {
    StatusRow { code, finding }
}

/// The document.
#[derive(Debug, Deserialize)]
#[serde(rename = "records")]
struct Records {
    #[serde(default)]
    record: Vec<Record>,
}

/// One attempt on the page; what is not here is not read.
#[derive(Deserialize)]
struct Record {
    #[serde(rename = "orderStatus")]
    status: String,
    #[serde(rename = "ref")]
    reference: String,
    #[serde(rename = "payRef")]
    pay_ref: String,
    amt: String,
    cur: String,
    #[serde(default)]
    prc: String,
    #[serde(default)]
    src: String,
    #[serde(default)]
    holder: String,
    #[serde(default, rename = "txTime")]
    time: String,
}

impl core::fmt::Debug for Record {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Record")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What became of the collection.
pub(crate) fn decode(
    order: &Order,
    status: u16,
    body: &[u8],
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    let records = read(status, body)?;
    let mut decoded = Decoded::default();
    for (index, record) in records.iter().enumerate() {
        match report(order, record, at) {
            Ok(report) => decoded.add(index, report),
            Err((code, message)) => decoded.unreadable.push(UnreadableEntry {
                index,
                path: format!("records/record[{}]/{code}", index.saturating_add(1)),
                code,
                message: message.to_owned(),
            }),
        }
    }
    if records.is_empty() {
        decoded.reports.push(said(order, Finding::NotFound, at));
    }
    settle(&mut decoded, &order.collect, at);
    Ok(decoded)
}

fn read(status: u16, body: &[u8]) -> Result<Vec<Record>, Unreadable> {
    let wrong = |kind, message: &str| Err(unreadable(kind, "/", message));
    if status != 200 {
        return wrong(
            UnreadableKind::WrongMessage,
            "the query was not answered with 200",
        );
    }
    if body.len() > REPLY_BYTES_MAX {
        return wrong(UnreadableKind::TooLarge, "the answer is too large");
    }
    let Ok(text) = core::str::from_utf8(body) else {
        return wrong(UnreadableKind::WrongEncoding, "the answer is not UTF-8");
    };
    if text.contains("<!") {
        return wrong(UnreadableKind::Forbidden, "the answer holds a declaration");
    }
    if !text.contains("<records") {
        return wrong(UnreadableKind::WrongMessage, "the answer holds no records");
    }
    let Ok(Records { record }) = quick_xml::de::from_str(text) else {
        return wrong(UnreadableKind::Malformed, "the records cannot be read");
    };
    if record.len() > RECORDS_MAX {
        return wrong(UnreadableKind::TooManyEntries, "there are too many records");
    }
    Ok(record)
}

/// A payer may try again on the page. So while money came or may come, attempts that brought none say nothing; and until
/// the page has ended, a declined attempt is not the last.
fn settle(decoded: &mut Decoded, collect: &Collect, at: Timestamp) {
    let none = |finding: Finding| matches!(finding, Finding::Declined | Finding::Voided);
    let some = decoded.reports.iter().any(|report| !none(report.finding));
    if some || !decoded.unreadable.is_empty() {
        decoded.reports.retain(|report| !none(report.finding));
        return;
    }
    // The last attempt speaks for all that brought no money.
    let last = decoded.reports.pop();
    decoded.reports.clear();
    if let Some(mut report) = last {
        if at < collect.expires_at {
            report.finding = Finding::Waiting;
        }
        decoded.reports.push(report);
    }
}

type Fault = (&'static str, &'static str);

fn report(order: &Order, record: &Record, at: Timestamp) -> Result<Report, Fault> {
    let collect = &order.collect;
    if record.reference.trim() != collect.reference {
        return Err(("ref", "it is about another order"));
    }
    let pay_ref = record.pay_ref.trim();
    let fits = (1..=PAY_REF_CHARS_MAX).contains(&pay_ref.len());
    if !fits || !pay_ref.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(("payRef", "it is not a reference of the gateway"));
    }
    let currency = Currency::ALL
        .into_iter()
        .find(|currency| currency.numeric() == record.cur.trim())
        .ok_or(("cur", "it is not a currency that is carried"))?;
    let amount = Money::parse(record.amt.trim(), currency)
        .ok()
        .filter(|amount| amount.is_positive())
        .ok_or(("amt", "it is not an amount"))?;
    let status = record.status.trim();
    let known = ORDER_STATUS.iter().find(|row| row.code == status);
    let instructed_at = moment(record.time.trim()).unwrap_or(at);
    let holder = record.holder.trim();
    let date = hong_kong_date(instructed_at);
    Ok(Report {
        rail_reference: pay_ref.to_owned(),
        amount,
        finding: known.map_or(Finding::Unclear, |row| row.finding),
        reason: reason(record),
        instructed_at,
        booking_date: date,
        value_date: date,
        payer: Some(holder)
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        ..said(order, Finding::Unclear, at)
    })
}

/// A report about the collection itself, with nothing from a record in it.
fn said(order: &Order, finding: Finding, at: Timestamp) -> Report {
    let collect = &order.collect;
    Report {
        rail_account: collect.payee.clone(),
        rail_reference: collect.reference.clone(),
        reference: Some(collect.reference.clone()),
        bill_number: None,
        order_key: Some(collect.reference.clone()),
        amount: collect.amount,
        fee: None,
        finding,
        reason: None,
        instructed_at: at,
        booking_date: hong_kong_date(at),
        value_date: hong_kong_date(at),
        payer: None,
        end_to_end_id: None,
        clearing_reference: None,
    }
}

/// Status and bank codes, for people; a code that is not one is left out.
fn reason(record: &Record) -> Option<String> {
    let code = |text: &str| {
        let text = text.trim();
        let fits = (1..=12).contains(&text.len());
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        (fits && plain).then(|| text.to_owned())
    };
    let status = code(&record.status)?;
    Some(match (code(&record.prc), code(&record.src)) {
        (Some(primary), Some(secondary)) => format!("{status} (prc {primary}, src {secondary})"),
        _ => status,
    })
}

/// `2026-01-20 23:58:03`, in Hong Kong.
fn moment(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Offset::constant(8).to_timestamp(civil).ok()
}
