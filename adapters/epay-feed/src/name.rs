//! Names of files.

use epay_money::Currency;
use jiff::civil::Date;

use crate::{FeedHead, Shape};

/// What a department's acknowledgement is named after the name of the file it acknowledges, without that one's ending.
pub const ACK_FILE_NAME_END: &str = ".ack";

/// `EPG_RVD_RECON_20260121_000123.csv`. Shapes beside the CSV have their own ending.
#[must_use]
pub fn file_name(head: &FeedHead, shape: Shape) -> String {
    let stem = file_stem(&head.department, head.currency, head.day, head.sequence);
    format!("{stem}.{}", shape.extension())
}

/// `EPG_RVD_RECON_20260121_000123`: a file's name in any shape. One in another currency than Hong Kong dollars says so:
/// `RECON-CNY`.
#[must_use]
pub fn file_stem(department: &str, currency: Currency, day: Date, sequence: u64) -> String {
    let currency = match currency {
        Currency::Hkd => String::new(),
        other => format!("-{}", other.code()),
    };
    format!(
        "EPG_{}_RECON{currency}_{:04}{:02}{:02}_{sequence:06}",
        department.to_ascii_uppercase(),
        day.year(),
        day.month(),
        day.day(),
    )
}

/// The currency of the files that a file of acknowledgements is about, by its name: `EPG_RVD_RECON-CNY_20260121_000123.ack`.
/// A name that does not say another is about Hong Kong dollars.
#[must_use]
pub fn acknowledged_currency(name: &str) -> Currency {
    Currency::ALL
        .into_iter()
        .find(|currency| name.contains(&format!("_RECON-{}_", currency.code())))
        .unwrap_or(Currency::Hkd)
}
