//! Bill payments: a merchant code and a bill number out, the daily file and the settlement report in.

mod credits;
mod file;
mod record;
mod totals;

use epay_money::RailId;
use epay_rail::{
    Ask, Collect, DayReport, Decoded, FileReader, Inbound, OpenError, Order, Outbound,
    Presentation, Profile, Rail, Refusal, Resend, Unreadable,
};
use jiff::Timestamp;

use crate::settings::{self, Common, PaidBy};

pub use file::{FILE_KIND, LAYOUT_VERSION, REPORT_KIND};
pub use record::ROW_FAULTS;

/// Instructions are valid for a day: the payer may go to the phone in the evening.
const TTL_SECS: u32 = 24 * 60 * 60;
/// Digits of a merchant code.
const MERCHANT_DIGITS_MAX: usize = 6;
/// Digits of a bill number that a payer types.
const BILL_DIGITS_MAX: usize = 25;

/// Opens the rail under an id with its configuration table as TOML text; an empty text is the default.
///
/// # Errors
/// [`OpenError`] for a word that is no setting, and for values that no payment could be made with.
pub fn open(rail: &RailId, table: &str) -> Result<Box<dyn Rail>, OpenError> {
    let common: Common = settings::read(table)?;
    let profile = Profile {
        methods: &["pps"],
        // Nothing is sent: the same order makes the same instructions, and showing them twice takes no money.
        resend: Resend::SafeWithKey,
        notice_types: &["text/plain"],
        day_report: DayReport::File,
        ..common.profile(rail, "PPS", TTL_SECS, PaidBy::Report)?
    };
    Ok(Box::new(Bill { profile }))
}

/// The rail: its profile, and nothing else.
#[derive(Debug)]
struct Bill {
    profile: Profile,
}

impl Rail for Bill {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The payer types the number of one bill.
    fn bills_max(&self, _payee: &str) -> u32 {
        1
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        match &order.ask {
            Ask::Collect => instructions(&self.profile, &order.collect).map(Outbound::Present),
            Ask::Tender(_)
            | Ask::Query(_)
            | Ask::Capture { .. }
            | Ask::Void
            | Ask::Close
            | Ask::Refund(_)
            | Ask::Recall(_) => Err(Refusal::OrderNotTaken { kind: order.kind() }),
        }
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        let mut decoded = Decoded::default();
        let mut reader = Box::new(file::Reader::new());
        reader.feed(inbound.body, &mut decoded)?;
        reader.end(&mut decoded)?;
        Ok(decoded)
    }

    fn open_file(&self, _received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        Some(Box::new(file::Reader::new()))
    }
}

/// What the payer types at PPS. A PPS payment is for one bill, so an attempt with more cannot be made here.
fn instructions(profile: &Profile, collect: &Collect) -> Result<Presentation, Refusal> {
    profile.check_collect(collect)?;
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(&collect.payee, MERCHANT_DIGITS_MAX) {
        return Err(Refusal::BadPayee {
            problem: format!("a merchant code is 1 to {MERCHANT_DIGITS_MAX} digits"),
        });
    }
    if collect.bills > 1 {
        return Err(Refusal::BadField {
            field: "bills",
            problem: "PPS pays one bill at a time".to_owned(),
        });
    }
    let number = typed_number(&collect.bill_number);
    if !digits(number, BILL_DIGITS_MAX) {
        return Err(Refusal::BadField {
            field: "bill_number",
            problem: format!("PPS takes 1 to {BILL_DIGITS_MAX} digits"),
        });
    }
    let fields = [("merchant_code", &*collect.payee), ("bill_number", number)];
    Ok(Presentation::Instructions {
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
    })
}

/// The number as a payer types it: the letter at the end of a tax account is left out by phone (paying tax by PPS, the government's portal).
fn typed_number(number: &str) -> &str {
    number
        .strip_suffix(|last: char| last.is_ascii_alphabetic())
        .unwrap_or(number)
}
