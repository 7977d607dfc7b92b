//! Reads a debit or credit notice (`camt.054`, any version `001.xx`) into reports.
//!
//! The walk goes through the message once. At the end of each `Ntry` its texts are judged and either become
//! reports or one unreadable entry, so memory holds one entry as written beside the results. Element names
//! count, prefixes do not; the namespace must be a `camt.054`. What ends the whole message is in
//! [`xml`] (not well-formed, forbidden, too large) and here (too many entries, another message).

mod dates;
mod entry;
mod fault;
mod judge;
mod limits;
mod remittance;
mod xml;

use epay_rail::{Decoded, Unreadable, UnreadableEntry, UnreadableKind};
use jiff::Timestamp;

use self::entry::RawEntry;
use self::fault::{EntryFault, Wrong};
use self::judge::Around;
use self::limits::ENTRIES_MAX;
use self::xml::{Step, Walk};

pub(crate) use self::dates::HONG_KONG;

/// Every version of the message, before its two digits.
const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.";
const MESSAGE: &str = "/Document/BkToCstmrDbtCdtNtfctn";
const NOTIFICATION: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn";
const ENTRY: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry";
const DETAIL: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls";

/// Reads a notice.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub(crate) fn decode(body: &[u8]) -> Result<Decoded, Unreadable> {
    let mut walk = Walk::new(body, NAMESPACE_PREFIX)?;
    let mut notice = Notice::default();
    while let Some(step) = walk.step()? {
        match step {
            Step::Open => notice.open(&walk)?,
            Step::Leaf => {
                notice.leaf(&walk);
                notice.close(walk.path());
            }
            Step::Close => notice.close(walk.path()),
        }
    }
    if !walk.has_document() || !notice.is_message {
        return Err(Unreadable {
            kind: UnreadableKind::WrongMessage,
            path: "/".to_owned(),
            message: "it is not a camt.054 notice".to_owned(),
        });
    }
    Ok(notice.decoded)
}

/// What is known so far.
#[derive(Debug, Default)]
struct Notice {
    is_message: bool,
    /// `GrpHdr/CreDtTm`, for notifications without a time of their own.
    message_created_at: Option<Timestamp>,
    notifications: usize,
    created_at: Option<Timestamp>,
    account: Option<String>,
    account_is_doubtful: bool,
    /// Entries of the current notification, and of the message.
    entries_here: usize,
    entries: usize,
    details: usize,
    entry: Option<RawEntry>,
    decoded: Decoded,
}

impl Notice {
    fn open(&mut self, walk: &Walk<'_>) -> Result<(), Unreadable> {
        match walk.path() {
            MESSAGE => self.is_message = true,
            NOTIFICATION => {
                self.notifications = self.notifications.saturating_add(1);
                self.created_at = None;
                self.account = None;
                self.account_is_doubtful = false;
                self.entries_here = 0;
            }
            ENTRY => {
                self.entries_here = self.entries_here.saturating_add(1);
                self.entries = self.entries.saturating_add(1);
                self.entry = Some(RawEntry::default());
            }
            DETAIL => {
                self.details = self.details.saturating_add(1);
                if let Some(entry) = &mut self.entry {
                    entry.details.push(entry::RawDetail::default());
                }
            }
            _ => {}
        }
        if self.entries > ENTRIES_MAX || self.details > ENTRIES_MAX {
            return Err(walk.fault(
                UnreadableKind::TooManyEntries,
                &format!("more than {ENTRIES_MAX} entries or transaction details"),
            ));
        }
        Ok(())
    }

    fn leaf(&mut self, walk: &Walk<'_>) {
        let (path, text) = (walk.path(), walk.text());
        if let Some(entry) = &mut self.entry {
            if let Some(place) = path
                .strip_prefix(ENTRY)
                .and_then(|rest| rest.strip_prefix('/'))
            {
                entry.take(place, text, walk.currency());
            }
            return;
        }
        match path.strip_prefix(MESSAGE) {
            Some("/GrpHdr/CreDtTm") => self.message_created_at = dates::moment(text),
            Some("/Ntfctn/CreDtTm") => self.created_at = dates::moment(text),
            Some("/Ntfctn/Acct/Id/IBAN" | "/Ntfctn/Acct/Id/Othr/Id") if !text.is_empty() => {
                self.account_is_doubtful |= self.account.is_some();
                self.account = Some(text.to_owned());
            }
            _ => {}
        }
    }

    fn close(&mut self, path: &str) {
        if path != ENTRY {
            return;
        }
        let Some(entry) = self.entry.take() else {
            return;
        };
        let account = self
            .account
            .as_deref()
            .filter(|text| !self.account_is_doubtful && text.chars().count() <= ACCOUNT_CHARS_MAX);
        let around = Around {
            account,
            created_at: self.created_at.or(self.message_created_at),
        };
        match judge::reports(&entry, around) {
            Ok(reports) => self.decoded.reports.extend(reports),
            Err(fault) => {
                let unreadable = self.unreadable(&fault);
                self.decoded.unreadable.push(unreadable);
            }
        }
    }

    fn unreadable(&self, fault: &EntryFault) -> UnreadableEntry {
        let notification = format!("{NOTIFICATION}[{}]", self.notifications);
        let entry = format!("{notification}/Ntry[{}]", self.entries_here);
        let path = match (&fault.wrong, fault.place.as_str()) {
            (Wrong::NoAccount, _) => format!("{notification}/Acct/Id"),
            (_, "") => entry,
            (_, place) => format!("{entry}/{place}"),
        };
        UnreadableEntry {
            index: self.entries.saturating_sub(1),
            path,
            code: fault.wrong.code(),
            message: fault.wrong.to_string(),
        }
    }
}

/// `Max34Text`, and an IBAN's greatest length.
const ACCOUNT_CHARS_MAX: usize = 34;
