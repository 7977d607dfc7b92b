//! Samples of everything that the bank writes about orders and recalls, for judges that are not ours.
//!
//! Always the same: the moment and all names are fixed, and the writers are those of the bank itself.

use std::io;

use jiff::Timestamp;

use super::investigation::{self, Resolved};
use super::notice::{self, Entry};
use super::recall::Credit;
use super::settle;
use super::status;
use super::store::Kept;
use crate::faults::Chosen;

/// A file's name, without its extension, and the message.
pub(crate) type Sample = (String, String);

/// Every sample.
pub(crate) fn samples(at: Timestamp) -> io::Result<Vec<Sample>> {
    let mut all = Vec::new();
    for (word, reason) in [("ACSP", None), ("ACSC", None), ("RJCT", Some("AC04"))] {
        let mut order = order(at);
        order.reason = reason.map(str::to_owned);
        let report = settle::report(&order, "M999SAMPLE1", word, at)?;
        all.push((format!("pain002-{}", word.to_lowercase()), report));
    }
    let whole = status::refuse_whole("M999SAMPLE2", "RF0AB1CD2EF3GH4JK5MN-1", at)?;
    all.push(("pain002-whole".to_owned(), whole));
    for (name, returned) in [("debit", None), ("return", Some("AC04"))] {
        all.push((format!("camt054-{name}"), entry(&order(at), returned, at)?));
    }
    for (name, reference) in [
        ("with-reference", Some("EP0AB1CD2EF3GH4JK5MN")),
        ("bare", None),
    ] {
        let request = investigation::request("M999CASE1", &credit(reference, at), "DUPL", at)?;
        all.push((format!("camt056-{name}"), request));
    }
    for (answer, reason) in [("CNCL", None), ("RJCR", Some("CUST"))] {
        let resolved = Resolved {
            case_id: "RC0AB1CD2EF3GH4JK5MN-1".to_owned(),
            answer: answer.to_owned(),
            reason: reason.map(str::to_owned),
        };
        let text = investigation::resolution("M999SAMPLE3", &resolved, &order(at), at)?;
        all.push((format!("camt029-{}", answer.to_lowercase()), text));
    }
    Ok(all)
}

fn order(at: Timestamp) -> Kept {
    Kept {
        message_id: "RF0AB1CD2EF3GH4JK5MN-1".to_owned(),
        end_to_end_id: "RF0AB1CD2EF3GH4JK5MN-1".to_owned(),
        body_sha256: String::new(),
        debtor_account: "999000000201".to_owned(),
        creditor_bank: "998".to_owned(),
        creditor_account: "998000000001".to_owned(),
        creditor_name: "CHAN Tai Man & Co".to_owned(),
        amount_cents: 13_997,
        currency: "HKD".to_owned(),
        remittance: "paid twice".to_owned(),
        state: "PAID".to_owned(),
        reason: None,
        bank_reference: Some("SB20260121SAMPLE000001".to_owned()),
        faults: Chosen::default(),
        received_at: at,
    }
}

fn entry(order: &Kept, returned: Option<&str>, at: Timestamp) -> io::Result<String> {
    notice::write(&Entry {
        message_id: "M999SAMPLE4",
        account: &order.debtor_account,
        currency: &order.currency,
        amount_cents: order.amount_cents,
        bank_reference: "SB20260121SAMPLE000001",
        end_to_end_id: &order.end_to_end_id,
        creditor_name: &order.creditor_name,
        returned,
        at,
    })
}

fn credit(reference: Option<&str>, at: Timestamp) -> Credit {
    Credit {
        bank_reference: "SB20260120SAMPLE000002".to_owned(),
        fps_reference: "FRN20260120SAMPLE000003".to_owned(),
        end_to_end_id: "E999SAMPLE5".to_owned(),
        transaction_id: "T999SAMPLE6".to_owned(),
        payer_name: "CHAN Tai Man".to_owned(),
        account: "999000000201".to_owned(),
        amount_cents: 372_000,
        currency: "HKD".to_owned(),
        reference: reference.map(str::to_owned),
        booked_at: at,
    }
}
