//! The fields of a row, each with its rule; the two formats differ only in how they write them down.

use epay_money::{BillTypeCode, Currency, Money};
use jiff::civil::Date;

use crate::parts::{self, PartFields};
use crate::row::{Action, Demand, Fault, Instalment, Licence, Row, Share};

/// Longest name of a demand.
pub const DOCUMENT_BYTES_MAX: usize = 48;
/// Most characters of a description, and of a reason.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 200;
/// Most revenue lines of a bill.
pub const SHARES_MAX: usize = 16;
/// Most instalments of a bill.
pub const INSTALMENTS_MAX: usize = 24;
/// Most characters of a second factor.
pub const FACTOR_CHARACTERS_MAX: usize = 200;
/// Most characters of a registration mark.
pub const MARK_CHARACTERS_MAX: usize = 8;
/// Longest number, as it is written.
const NUMBER_CHARACTERS_MAX: usize = 64;
/// Longest code of a revenue line.
const CODE_BYTES_MAX: usize = 24;

/// A row's fields as text; what is not there is empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) action: String,
    pub(crate) document: String,
    pub(crate) revision: String,
    pub(crate) bill_type: String,
    pub(crate) number: String,
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) due_date: String,
    pub(crate) description: String,
    /// Code and amount of each share.
    pub(crate) shares: Vec<(String, String)>,
    pub(crate) parts: Vec<PartFields>,
    /// Day and amount of each instalment.
    pub(crate) instalments: Vec<(String, String)>,
    pub(crate) second_factor: String,
    pub(crate) licence_mark: String,
    pub(crate) licence_expiry: String,
    pub(crate) reason: String,
}

/// Collects what is wrong with a row, so that a department learns of all of it at once.
struct Judge<'a> {
    line: u64,
    fields: &'a Fields,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    /// Keeps what a rule gave, or notes what was wrong.
    fn take<T>(&mut self, field: &'static str, read: Result<T, Wrong>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err((code, message)) => {
                let document = &self.fields.document;
                self.faults.push(Fault {
                    line: self.line,
                    document: is_document(document).then(|| document.clone()),
                    field,
                    code,
                    message: message.to_owned(),
                });
                None
            }
        }
    }
}

pub(crate) type Wrong = (&'static str, &'static str);

impl Fields {
    /// The row, or one fault for every field that is wrong.
    pub(crate) fn read(self, line: u64) -> Result<Row, Vec<Fault>> {
        let mut judge = Judge {
            line,
            fields: &self,
            faults: vec![],
        };
        let document = judge.take("document", document(&self.document));
        let action = judge.take("action", action(&self.action, &self.revision));
        let revision = judge.take("revision", revision(&self.revision, action));
        let demand = match action {
            Some(Action::Withdraw) => None,
            Some(Action::Issue | Action::Revise) | None => demand(&mut judge, &self),
        };
        let reason = judge.take("reason", text(&self.reason, "REASON_TOO_LONG"));
        let faults = judge.faults;
        match (document, action, revision, reason) {
            (Some(document), Some(action), Some(revision), Some(reason)) if faults.is_empty() => {
                Ok(Row {
                    line,
                    action,
                    document,
                    revision,
                    demand,
                    reason,
                })
            }
            _ => Err(faults),
        }
    }
}

fn demand(judge: &mut Judge<'_>, fields: &Fields) -> Option<Demand> {
    let bill_type = judge.take("bill_type", bill_type(&fields.bill_type));
    let number = judge.take("number", number(&fields.number));
    let currency = judge.take("currency", currency(&fields.currency));
    // The amount is judged too where the currency is wrong: both have two decimals.
    let unit = currency.unwrap_or(Currency::Hkd);
    let amount = judge.take("amount", amount(&fields.amount, unit));
    let due_date = judge.take("due_date", date(&fields.due_date));
    let description = judge.take(
        "description",
        text(&fields.description, "DESCRIPTION_TOO_LONG"),
    );
    let shares = judge.take("lines", shares(&fields.shares, unit, amount));
    let parts = judge.take("parts", parts::read(fields, unit, amount));
    let instalments = judge.take(
        "instalments",
        instalments(&fields.instalments, unit, amount, due_date),
    );
    let second_factor = judge.take("second_factor", factor(&fields.second_factor));
    let mark = judge.take("licence_mark", mark(fields));
    let expires_on = judge.take("licence_expiry", expiry(fields));
    Some(Demand {
        bill_type: bill_type?,
        number: number?,
        amount: amount?,
        due_date: due_date?,
        description: description?,
        shares: shares?,
        parts: parts?,
        instalments: instalments?,
        second_factor: second_factor?,
        licence: mark?
            .zip(expires_on?)
            .map(|(mark, expires_on)| Licence { mark, expires_on }),
    })
}

pub(crate) fn is_document(text: &str) -> bool {
    (1..=DOCUMENT_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte))
}

fn document(text: &str) -> Result<String, Wrong> {
    if is_document(text) {
        Ok(text.to_owned())
    } else {
        Err((
            "DOCUMENT_MALFORMED",
            "it is 1 to 48 characters A-Z, a-z, 0-9 and . _ / : -",
        ))
    }
}

/// Without the word, a revision above 0 is one.
fn action(text: &str, revision: &str) -> Result<Action, Wrong> {
    match text {
        "" if revision.is_empty() || revision == "0" => Ok(Action::Issue),
        "" | "revise" => Ok(Action::Revise),
        "issue" => Ok(Action::Issue),
        "withdraw" => Ok(Action::Withdraw),
        _ => Err(("ACTION_UNKNOWN", "it is issue, revise or withdraw")),
    }
}

fn revision(text: &str, action: Option<Action>) -> Result<i32, Wrong> {
    let malformed = Err(("REVISION_MALFORMED", "it is a whole number, 0 or more"));
    let number: i32 = match text {
        "" => 0,
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => match text.parse() {
            Ok(number) => number,
            Err(_too_large) => return malformed,
        },
        _ => return malformed,
    };
    match action {
        Some(Action::Issue) if number != 0 => Err((
            "REVISION_OF_AN_ISSUE",
            "a demand is issued as revision 0; a higher one revises it",
        )),
        Some(Action::Revise) if number == 0 => {
            Err(("REVISION_MISSING", "a revision counts from 1"))
        }
        _ => Ok(number),
    }
}

fn bill_type(text: &str) -> Result<BillTypeCode, Wrong> {
    BillTypeCode::new(text).map_err(|_malformed| {
        (
            "BILL_TYPE_MALFORMED",
            "it is the code of a kind of bill, for instance rvd-rates",
        )
    })
}

fn number(text: &str) -> Result<String, Wrong> {
    if (1..=NUMBER_CHARACTERS_MAX).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(("NUMBER_MALFORMED", "it is 1 to 64 characters"))
    }
}

fn currency(text: &str) -> Result<Currency, Wrong> {
    match text {
        "" => Ok(Currency::Hkd),
        text => text
            .parse()
            .map_err(|_unknown| ("CURRENCY_UNKNOWN", "it is HKD or CNY")),
    }
}

fn amount(text: &str, currency: Currency) -> Result<Money, Wrong> {
    Money::parse(text, currency).ok().filter(|amount| amount.minor() >= 0).ok_or((
        "AMOUNT_MALFORMED",
        "it is a decimal of dollars with at most two places, 0 or more, without signs and separators",
    ))
}

fn date(text: &str) -> Result<Date, Wrong> {
    let plain = text.len() == 10;
    text.parse()
        .ok()
        .filter(|_| plain)
        .ok_or(("DATE_MALFORMED", "it is a date as YYYY-MM-DD"))
}

fn text(text: &str, code: &'static str) -> Result<String, Wrong> {
    if text.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return Err((code, "it is 200 characters or fewer"));
    }
    if text.chars().any(char::is_control) {
        return Err(("CONTROL_CHARACTER", "it holds a control character"));
    }
    Ok(text.to_owned())
}

fn factor(text: &str) -> Result<String, Wrong> {
    if text.chars().count() > FACTOR_CHARACTERS_MAX {
        return Err(("SECOND_FACTOR_TOO_LONG", "it is 200 characters or fewer"));
    }
    if text.chars().any(char::is_control) {
        return Err(("CONTROL_CHARACTER", "it holds a control character"));
    }
    Ok(text.to_owned())
}

/// The days rise from the bill's own last day, and the amounts add up to the bill's.
fn instalments(
    pairs: &[(String, String)],
    currency: Currency,
    amount: Option<Money>,
    due_date: Option<Date>,
) -> Result<Vec<Instalment>, Wrong> {
    if pairs.len() > INSTALMENTS_MAX {
        let words = "a bill has at most 24 instalments";
        return Err(("TOO_MANY_INSTALMENTS", words));
    }
    let mut instalments: Vec<Instalment> = Vec::with_capacity(pairs.len());
    let mut sum = 0_i64;
    for (day, share) in pairs {
        let words = "an instalment's day is a date as YYYY-MM-DD";
        let day = date(day).map_err(|_malformed| ("INSTALMENT_DAYS", words))?;
        let minor = Money::parse(share, currency).map_or(0, |money| money.minor());
        if minor <= 0 {
            let words = "an instalment's amount is more than nothing";
            return Err(("INSTALMENT_AMOUNT", words));
        }
        if instalments
            .last()
            .is_some_and(|before| before.due_date >= day)
        {
            let words = "each instalment is due after the one before";
            return Err(("INSTALMENT_DAYS", words));
        }
        sum = sum.saturating_add(minor);
        instalments.push(Instalment {
            due_date: day,
            minor,
        });
    }
    let Some(first) = instalments.first() else {
        return Ok(instalments);
    };
    if due_date.is_some_and(|due| due != first.due_date) {
        let words = "the first instalment is due on the bill's own last day for payment";
        return Err(("INSTALMENT_FIRST_DAY", words));
    }
    if amount.is_some_and(|amount| amount.minor() != sum) {
        let words = "the instalments do not add up to the amount";
        return Err(("INSTALMENTS_DO_NOT_ADD_UP", words));
    }
    Ok(instalments)
}

fn shares(
    pairs: &[(String, String)],
    currency: Currency,
    amount: Option<Money>,
) -> Result<Vec<Share>, Wrong> {
    if pairs.len() > SHARES_MAX {
        return Err(("TOO_MANY_LINES", "a bill has at most 16 revenue lines"));
    }
    let mut shares = Vec::with_capacity(pairs.len());
    let mut sum = 0_i64;
    for (code, share) in pairs {
        if !is_code(code) {
            let words = "a line's code is 1 to 24 characters a-z, 0-9 and -";
            return Err(("LINE_CODE", words));
        }
        let minor = Money::parse(share, currency).map_or(0, |money| money.minor());
        if minor <= 0 {
            return Err(("LINE_AMOUNT", "a line's amount is more than nothing"));
        }
        sum = sum.saturating_add(minor);
        shares.push(Share {
            code: code.clone(),
            minor,
        });
    }
    let whole = amount.is_none_or(|amount| amount.minor() == sum);
    if shares.is_empty() || whole {
        Ok(shares)
    } else {
        let words = "the revenue lines do not add up to the amount";
        Err(("LINES_DO_NOT_ADD_UP", words))
    }
}

pub(crate) fn is_code(code: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=CODE_BYTES_MAX).contains(&code.len()) && code.bytes().all(allowed)
}

/// A registration mark as plates have it; nothing where the demand renews no licence.
fn mark(fields: &Fields) -> Result<Option<String>, Wrong> {
    let written = fields.licence_mark.trim();
    if written.is_empty() {
        let missing = !fields.licence_expiry.is_empty();
        let words = "a licence has a registration mark and a last day";
        return if missing {
            Err(("LICENCE_INCOMPLETE", words))
        } else {
            Ok(None)
        };
    }
    let plain = written.bytes().filter(|byte| *byte != b' ');
    let plain: Vec<u8> = plain.map(|byte| byte.to_ascii_uppercase()).collect();
    let good = (1..=MARK_CHARACTERS_MAX).contains(&plain.len())
        && plain.iter().all(u8::is_ascii_alphanumeric);
    match String::from_utf8(plain) {
        Ok(mark) if good => Ok(Some(mark)),
        _ => Err((
            "MARK_MALFORMED",
            "a registration mark has 1 to 8 letters and digits",
        )),
    }
}

/// The last day of the licence that the demand renews.
fn expiry(fields: &Fields) -> Result<Option<Date>, Wrong> {
    if !fields.licence_expiry.is_empty() {
        return date(&fields.licence_expiry).map(Some);
    }
    if fields.licence_mark.is_empty() {
        return Ok(None);
    }
    Err((
        "LICENCE_INCOMPLETE",
        "a licence has a registration mark and a last day",
    ))
}
