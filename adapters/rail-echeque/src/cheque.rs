//! What an e-Cheque says: the data of its attachment, and whether it may pay for this.
//!
//! The schema is our own (`docs/echeque-data.md`, `schema/echeque-1.xsd`), because where the machine-readable data of a
//! Hong Kong e-Cheque stands is not public. An element that the schema does not have, or that comes twice, makes the
//! data unreadable: what a bank signs must have one reading.

use core::fmt;

use epay_money::{Currency, Money, hong_kong_date};
use epay_rail::Order;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::cms::Signer;
use crate::config::Config;
use crate::fault::Fault;

/// The namespace of the data's first version.
const NAMESPACE: &str = "urn:epay:echeque:1";
/// Characters of a name.
const NAME_CHARS_MAX: usize = 140;
/// After so many months a cheque is stale (the Treasury, Pay e-Cheque).
const MONTHS_MAX: i32 = 6;

/// The data as written.
#[derive(Deserialize)]
#[serde(rename = "Cheque", rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    #[serde(rename = "@xmlns")]
    namespace: String,
    bank: String,
    branch: String,
    account: String,
    number: String,
    date: String,
    currency: String,
    amount: String,
    payee: String,
    payer: String,
}

/// The data, readable.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cheque {
    /// Clearing code of the paying bank, three digits.
    pub(crate) bank: String,
    /// Branch, three digits.
    pub(crate) branch: String,
    /// Account, 6 to 12 digits.
    pub(crate) account: String,
    /// Cheque number, six digits.
    pub(crate) number: String,
    date: Date,
    currency: String,
    amount: String,
    payee: String,
    payer: String,
}

/// The numbers only: names are personal data.
impl fmt::Debug for Cheque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cheque")
            .field("bank", &self.bank)
            .field("branch", &self.branch)
            .field("number", &self.number)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

impl Cheque {
    /// What names a cheque among all cheques: `bank-branch-account-number`. At most 27 characters.
    pub(crate) fn identity(&self) -> String {
        format!(
            "{}-{}-{}-{}",
            self.bank, self.branch, self.account, self.number
        )
    }
}

/// Reads the attachment.
///
/// # Errors
/// [`Fault::BadData`] for anything that the schema does not allow.
pub(crate) fn read(bytes: &[u8]) -> Result<Cheque, Fault> {
    let text = core::str::from_utf8(bytes).map_err(|_not_utf8| Fault::BadData)?;
    // No document type, and nothing behind the one element: neither has a place in the schema.
    if text.contains("<!") || text.matches("</Cheque").count() != 1 || !ends_with_root(text) {
        return Err(Fault::BadData);
    }
    let written: Written =
        quick_xml::de::from_str(text).map_err(|_quoting_the_file| Fault::BadData)?;
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_digit())
    };
    let name = |text: &str| {
        let count = text.chars().count();
        (1..=NAME_CHARS_MAX).contains(&count) && !text.chars().any(char::is_control)
    };
    let shaped = written.namespace == NAMESPACE
        && digits(&written.bank, 3, 3)
        && digits(&written.branch, 3, 3)
        && digits(&written.account, 6, 12)
        && digits(&written.number, 6, 6)
        && written.date.len() == 10
        && is_amount(&written.amount)
        && name(&written.payee)
        && name(&written.payer);
    if !shaped {
        return Err(Fault::BadData);
    }
    let date = written
        .date
        .parse()
        .map_err(|_quoting_the_file| Fault::BadData)?;
    Ok(Cheque {
        bank: written.bank,
        branch: written.branch,
        account: written.account,
        number: written.number,
        date,
        currency: written.currency,
        amount: written.amount,
        payee: written.payee,
        payer: written.payer,
    })
}

fn ends_with_root(text: &str) -> bool {
    text.trim_end()
        .strip_suffix('>')
        .is_some_and(|text| text.trim_end().ends_with("</Cheque"))
}

/// Digits, a point, two digits; no zero in front of others.
fn is_amount(text: &str) -> bool {
    let Some((whole, cents)) = text.split_once('.') else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|one| one.is_ascii_digit());
    (1..=12).contains(&whole.len())
        && cents.len() == 2
        && digits(whole)
        && digits(cents)
        && (whole == "0" || !whole.starts_with('0'))
}

/// Whether the cheque may pay for the order.
///
/// # Errors
/// The first rule that it breaks.
pub(crate) fn check(
    cheque: &Cheque,
    config: &Config,
    order: &Order,
    signers: &[Signer],
) -> Result<(), Fault> {
    let payee = plain(&cheque.payee);
    if !config.payee_names.iter().any(|name| plain(name) == payee) {
        return Err(Fault::Payee);
    }
    if cheque.currency.parse() != Ok(Currency::Hkd) {
        return Err(Fault::Currency);
    }
    let amount = Money::parse(&cheque.amount, Currency::Hkd).map_err(|_too_large| Fault::Amount)?;
    if amount != order.collect.amount {
        return Err(Fault::Amount);
    }
    let today = hong_kong_date(order.header.at);
    if cheque.date > today {
        return Err(Fault::PostDated);
    }
    let goes_stale = |date: Date| date.saturating_add(MONTHS_MAX.months());
    // A signature may not be older either: who signs with an expired certificate would have to say so.
    let signed = signers
        .iter()
        .map(|signer| hong_kong_date(signer.signed_at));
    if signed
        .chain([cheque.date])
        .any(|date| goes_stale(date) < today)
    {
        return Err(Fault::Stale);
    }
    Ok(())
}

/// A name as it is compared: words by single spaces, in lower case.
fn plain(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{is_amount, plain, read};

    fn data(from: &str, to: &str) -> String {
        let good = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Cheque xmlns=\"urn:epay:echeque:1\"><Bank>024</Bank>\
            <Branch>001</Branch><Account>123456789001</Account><Number>000123</Number><Date>2026-01-20</Date>\
            <Currency>HKD</Currency><Amount>6700.00</Amount><Payee>The Government of the HKSAR</Payee>\
            <Payer>CHAN &amp; CO</Payer></Cheque>\n";
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    }

    #[test]
    fn the_data_are_read_as_the_schema_says_and_in_no_other_way() {
        let cheque = read(data("HKD", "HKD").as_bytes()).unwrap();
        assert_eq!(cheque.identity(), "024-001-123456789001-000123");
        assert_eq!(cheque.payer, "CHAN & CO");
        let broken = [
            ("urn:epay:echeque:1", "urn:epay:echeque:2"),
            (" xmlns=\"urn:epay:echeque:1\"", ""),
            ("<Bank>024", "<Bank>24"),
            ("<Bank>024", "<Bank>０２４"),
            ("<Branch>001", "<Branch>0011"),
            ("<Account>123456789001", "<Account>12345"),
            ("<Account>123456789001", "<Account>1234567890012"),
            ("<Number>000123", "<Number>00012A"),
            ("2026-01-20", "2026-02-30"),
            ("2026-01-20", "20260120"),
            ("6700.00", "6,700.00"),
            ("6700.00", "-6700.00"),
            ("6700.00", "6700.000"),
            ("6700.00", "06700.00"),
            ("<Payer>CHAN &amp; CO</Payer>", ""),
            ("<Payer>CHAN &amp; CO</Payer>", "<Payer></Payer>"),
            ("</Cheque>", "<Amount>1.00</Amount></Cheque>"),
            ("</Cheque>", "<Memo>x</Memo></Cheque>"),
            ("</Cheque>", "</Cheque><Cheque/>"),
            ("<Cheque ", "<!DOCTYPE Cheque><Cheque "),
            ("&amp;", "&payer;"),
        ];
        for (from, to) in broken {
            assert!(read(data(from, to).as_bytes()).is_err(), "{from} -> {to}");
        }
        assert!(read(b"\xff").is_err());
    }

    #[test]
    fn an_amount_has_two_decimals_and_one_spelling() {
        for (text, good) in [
            ("0.01", true),
            ("999999999999.99", true),
            ("1234567890123.00", false),
            ("1", false),
            ("1.0", false),
            ("00.10", false),
            ("+1.00", false),
            (".50", false),
        ] {
            assert_eq!(is_amount(text), good, "{text}");
        }
    }

    #[test]
    fn a_name_is_compared_without_case_and_spacing() {
        assert_eq!(
            plain(" The  Government OF the\nHKSAR "),
            "the government of the hksar"
        );
    }
}
