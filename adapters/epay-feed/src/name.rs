//! Names of files.

use epay_money::Currency;

use crate::{FeedHead, Shape};

/// What a department's acknowledgement is named after the name of the file it acknowledges, without that one's ending.
pub const ACK_FILE_NAME_END: &str = ".ack";

/// `EPG_RVD_RECON_20260121_000123.csv`. A file in another currency than Hong Kong dollars says so: `RECON-CNY`. Shapes
/// beside the CSV have their own ending.
#[must_use]
pub fn file_name(head: &FeedHead, shape: Shape) -> String {
    let currency = match head.currency {
        Currency::Hkd => String::new(),
        other => format!("-{}", other.code()),
    };
    let day = head.day;
    format!(
        "EPG_{}_RECON{currency}_{:04}{:02}{:02}_{:06}.{}",
        head.department.to_ascii_uppercase(),
        day.year(),
        day.month(),
        day.day(),
        head.sequence,
        shape.extension()
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
