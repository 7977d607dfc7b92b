//! camt.053.001.08 and camt.054.001.08.
//!
//! One entry with one transaction a row. Where a field of the schema is shorter than what it is to hold, the end is cut and
//! the whole stands in `AddtlTxInf`.

use std::borrow::Cow;

use epay_money::Currency;

use crate::csv::put;
use crate::text::{decimal, moment};
use crate::writer::account;
use crate::{Direction, FeedHead, FeedRow, Totals};

/// Most characters of a reference (`Max35Text`).
const REFERENCE_CHARS_MAX: usize = 35;
/// Most characters of further words (`Max500Text`).
const WORDS_CHARS_MAX: usize = 500;

/// A message that is being written.
#[derive(Debug)]
pub(crate) struct Camt {
    message: &'static str,
    root: &'static str,
    report: &'static str,
    words: &'static str,
    balances: bool,
}

impl Camt {
    pub(crate) const fn statement() -> Self {
        Self {
            message: "camt.053.001.08",
            root: "BkToCstmrStmt",
            report: "Stmt",
            words: "AddtlStmtInf",
            balances: true,
        }
    }

    pub(crate) const fn notice() -> Self {
        Self {
            message: "camt.054.001.08",
            root: "BkToCstmrDbtCdtNtfctn",
            report: "Ntfctn",
            words: "AddtlNtfctnInf",
            balances: false,
        }
    }

    pub(crate) fn open(&mut self, head: &FeedHead, totals: &Totals, out: &mut Vec<u8>) {
        let (account, made) = (account(head), moment(head.sealed_at));
        let id = format!("{account}-{:06}", head.sequence);
        let id = escaped(&cut(&id, REFERENCE_CHARS_MAX)).into_owned();
        let (root, report, day) = (self.root, self.report, head.day);
        put(
            out,
            format_args!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{}\"><{root}><GrpHdr><MsgId>{id}</MsgId>\
                 <CreDtTm>{made}</CreDtTm></GrpHdr>\n<{report}><Id>{id}</Id><ElctrncSeqNb>{}</ElctrncSeqNb>\
                 <CreDtTm>{made}</CreDtTm><FrToDt><FrDtTm>{day}T00:00:00+08:00</FrDtTm>\
                 <ToDtTm>{day}T23:59:59+08:00</ToDtTm></FrToDt><Acct><Id><Othr><Id>{}</Id></Othr></Id><Ccy>{}</Ccy></Acct>\n",
                self.message,
                head.sequence,
                escaped(&cut(&account, REFERENCE_CHARS_MAX - 1)),
                head.currency.code()
            ),
        );
        if self.balances {
            let closing = head.opening_minor.saturating_add(totals.net_minor());
            for (code, minor) in [("OPBD", head.opening_minor), ("CLBD", closing)] {
                put(
                    out,
                    format_args!(
                        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}<Dt><Dt>{day}</Dt></Dt></Bal>\n",
                        amount(minor, head.currency)
                    ),
                );
            }
        }
        let net = totals.net_minor();
        let magnitude = net.saturating_abs();
        put(
            out,
            format_args!(
                "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries><TtlNetNtry><Amt>{}</Amt>\
                 <CdtDbtInd>{}</CdtDbtInd></TtlNetNtry></TtlNtries><TtlCdtNtries><Sum>{}</Sum></TtlCdtNtries>\
                 <TtlDbtNtries><Sum>{}</Sum></TtlDbtNtries></TxsSummry>\n",
                totals.rows,
                decimal(magnitude),
                mark(net),
                decimal(totals.credits_minor),
                decimal(totals.debits_minor)
            ),
        );
    }

    pub(crate) fn row(&mut self, currency: Currency, row: &FeedRow, out: &mut Vec<u8>) {
        let reference = escaped(&cut(&row.reference, REFERENCE_CHARS_MAX)).into_owned();
        let signed = match row.direction {
            Direction::Credit => row.amount_minor,
            Direction::Debit => row.amount_minor.saturating_neg(),
        };
        let amount = amount(signed, currency);
        let (day, value) = (row.of_day, row.value_date);
        let kind = row.rail.as_deref().unwrap_or("epay").to_ascii_uppercase();
        put(
            out,
            format_args!(
                "<Ntry><NtryRef>{}</NtryRef>{amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>\
                 <ValDt><Dt>{value}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef><BkTxCd><Prtry>\
                 <Cd>{}</Cd><Issr>EPG</Issr></Prtry></BkTxCd><NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls><Refs>\
                 <AcctSvcrRef>{reference}</AcctSvcrRef>",
                row.line,
                escaped(&cut(&kind, REFERENCE_CHARS_MAX))
            ),
        );
        if let Some(text) = some(row.rail_reference.as_ref()) {
            let text = cut(text, REFERENCE_CHARS_MAX);
            put(
                out,
                format_args!("<EndToEndId>{}</EndToEndId>", escaped(&text)),
            );
        }
        if let Some(text) = some(row.corrects.as_ref()) {
            let text = cut(text, REFERENCE_CHARS_MAX);
            put(
                out,
                format_args!(
                    "<Prtry><Tp>CORRECTS</Tp><Ref>{}</Ref></Prtry>",
                    escaped(&text)
                ),
            );
        }
        put(out, format_args!("</Refs>{amount}"));
        if let Some(text) = some(row.bill_number.as_ref()) {
            let text = cut(text, REFERENCE_CHARS_MAX);
            put(
                out,
                format_args!(
                    "<RmtInf><Strd><CdtrRefInf><Ref>{}</Ref></CdtrRefInf></Strd></RmtInf>",
                    escaped(&text)
                ),
            );
        }
        put(
            out,
            format_args!(
                "<RltdDts><TxDtTm>{}</TxDtTm></RltdDts><AddtlTxInf>{}</AddtlTxInf></TxDtls></NtryDtls></Ntry>\n",
                moment(row.instructed_at),
                escaped(&cut(&words(row), WORDS_CHARS_MAX))
            ),
        );
    }

    pub(crate) fn close(&mut self, totals: &Totals, out: &mut Vec<u8>) {
        let words = self.words;
        put(
            out,
            format_args!(
                "<{words}>{}</{words}></{}></{}></Document>\n",
                summary(totals).join(" "),
                self.report,
                self.root
            ),
        );
    }
}

/// What the file comes to, as words of it.
pub(crate) fn summary(totals: &Totals) -> [String; 5] {
    [
        format!("/ROWS/{}", totals.rows),
        format!("/CREDITS/{}", decimal(totals.credits_minor)),
        format!("/DEBITS/{}", decimal(totals.debits_minor)),
        format!("/HASH/{}", totals.hash_total),
        format!("/DIGEST/{}", hex::encode(totals.digest)),
    ]
}

/// What no other field says, and what their fields may have cut.
fn words(row: &FeedRow) -> String {
    let parts = [
        ("TYP", row.bill_type.as_deref()),
        ("REV", Some(row.revenue_line.as_str())),
        ("RAL", row.rail.as_deref()),
        ("BIL", row.bill_number.as_deref()),
        ("REF", row.rail_reference.as_deref()),
    ];
    let parts = parts.into_iter().filter_map(|(name, text)| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(format!("/{name}/{text}"))
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn some(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn mark(minor: i64) -> &'static str {
    if minor < 0 { "DBIT" } else { "CRDT" }
}

/// An amount and its mark.
fn amount(minor: i64, currency: Currency) -> String {
    format!(
        "<Amt Ccy=\"{}\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>",
        currency.code(),
        decimal(minor.saturating_abs()),
        mark(minor)
    )
}

/// At most so many characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Text that XML may hold; a character that no XML may hold becomes the replacement character.
fn escaped(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || forbidden(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other if forbidden(other) => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

const fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')
}
