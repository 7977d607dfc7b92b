//! The e-Cheque rail: signed PDF cheques judged, handed to the bank's drop box, cleared by camt.054; a pure codec.
//!
//! An e-Cheque is a PDF with two signatures, the payer's and the paying bank's. [`epay_rail::Ask::Collect`] asks the payer for it; with
//! [`epay_rail::Ask::Tender`] it is judged, in this order: the file (`pdf`), both signatures (`cms`), what it says
//! (`cheque`). Only what passes is handed to the collecting bank's drop box (`dropbox`), whose answer is a
//! conditional promise; the bank's notice (`notice`) says later whether it was honoured. The rules and where they come
//! from are in the crate's README; the tables are [`FAULTS`], [`STATES`] and [`STATUS`].
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod cheque;
mod cms;
mod config;
mod dropbox;
mod fault;
mod judge;
mod notice;
mod pdf;

pub use dropbox::{STATES, StateRow};
pub use fault::{FAULTS, FaultRow};
pub use notice::{STATUS, StatusRow};

use epay_money::RailId;
use epay_rail::{
    Ask, Decoded, Inbound, OpenError, Order, Origin, Outbound, Presentation, Profile, Rail,
    Refusal, Unreadable,
};

use self::config::Config;

/// What the payer hands over, in the words of [`Presentation::Handover`] and [`epay_rail::Instrument`].
pub const INSTRUMENT: &str = "echeque";

/// Opens the rail under an id with its configuration table (`[rails.echeque]`) as TOML text. With an empty text every
/// cheque is refused, because no authority is recognised.
///
/// # Errors
/// [`OpenError`] for a word that is no setting, and for values that no cheque could be taken with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    Ok(Box::new(ECheque(config::read(rail, settings)?)))
}

/// The rail: its configuration, and nothing else.
#[derive(Debug)]
struct ECheque(Config);

impl Rail for ECheque {
    fn profile(&self) -> &Profile {
        &self.0.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        match &order.ask {
            Ask::Collect => self.ask_for_cheque(order),
            Ask::Tender(instrument) => {
                self.check(order)?;
                let accepted = judge::judge(&self.0, order, instrument)?;
                Ok(Outbound::Call(dropbox::present(
                    &self.0, order, instrument, &accepted,
                )))
            }
            Ask::Query(_) => Ok(Outbound::Call(dropbox::query(&self.0, order))),
            Ask::Capture { .. } | Ask::Void | Ask::Close | Ask::Refund(_) | Ask::Recall(_) => {
                Err(Refusal::OrderNotTaken { kind: order.kind() })
            }
        }
    }

    fn bills_max(&self, payee: &str) -> u32 {
        self.0.bills_max(payee)
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        match inbound.origin {
            Origin::Notice => notice::decode(inbound.body),
            Origin::Reply { order, status } => {
                dropbox::answer(order, status, inbound.body, inbound.received_at)
            }
        }
    }
}

impl ECheque {
    fn ask_for_cheque(&self, order: &Order) -> Result<Outbound, Refusal> {
        self.check(order)?;
        Ok(Outbound::Present(Presentation::Handover {
            what: INSTRUMENT.to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes_max: pdf::BYTES_MAX_U32,
            request_json: judge::request(&self.0, &order.collect),
        }))
    }

    /// What holds for asking and for taking: the profile's rules, and how many bills one cheque may pay.
    fn check(&self, order: &Order) -> Result<(), Refusal> {
        self.0.profile.check_collect(&order.collect)?;
        let most = self.0.bills_max(&order.collect.payee);
        if order.collect.bills > most {
            return Err(Refusal::BadField {
                field: "bills",
                problem: format!("one cheque pays at most {most} bills of this kind"),
            });
        }
        Ok(())
    }
}
