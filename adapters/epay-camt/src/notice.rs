//! Reads a debit or credit notice (`camt.054`, any version `001.xx`) into movements.
//!
//! The walk goes through the message once. At the end of each `Ntry` its texts are judged and either become
//! movements or one bad entry, so memory holds one entry as written beside the results. Element names
//! count, prefixes do not; the namespace must be a `camt.054`. What ends the whole message is in
//! [`crate::xml`] (not well-formed, forbidden, too large) and here (too many entries, another message).

pub(crate) mod entry;
pub(crate) mod judge;

use jiff::Timestamp;

use self::entry::RawEntry;
use self::judge::Around;
use crate::dates;
use crate::fault::{EntryFault, Wrong};
use crate::limits::ENTRIES_MAX;
use crate::xml::{Step, Walk};
use crate::{BadEntry, Movement, Unreadable, UnreadableKind};

/// Every version of the message, before its two digits.
const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.";
const MESSAGE: &str = "/Document/BkToCstmrDbtCdtNtfctn";
const NOTIFICATION: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn";
const ENTRY: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry";
const DETAIL: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls";

/// What a notice said. Movements and bad entries are each in the message's own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// What moved.
    pub movements: Vec<Movement>,
    /// For each movement, its entry's position in the message, as [`BadEntry::index`] counts them.
    pub places: Vec<usize>,
    /// Entries that cannot be read; their neighbours are unharmed.
    pub bad_entries: Vec<BadEntry>,
}

/// Reads a notice.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub fn read_notice(body: &[u8]) -> Result<Notice, Unreadable> {
    let mut walk = Walk::new(body, NAMESPACE_PREFIX)?;
    let mut notice = Reading::default();
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
    Ok(notice.said)
}

/// What is known so far.
#[derive(Debug, Default)]
struct Reading {
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
    said: Notice,
}

impl Reading {
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
        match judge::movements(&entry, around) {
            Ok(movements) => {
                self.said.movements.extend(movements);
                let count = self.said.movements.len();
                let place = self.entries.saturating_sub(1);
                self.said.places.resize(count, place);
            }
            Err(fault) => {
                let bad = self.bad_entry(&fault);
                self.said.bad_entries.push(bad);
            }
        }
    }

    fn bad_entry(&self, fault: &EntryFault) -> BadEntry {
        let notification = format!("{NOTIFICATION}[{}]", self.notifications);
        let entry = format!("{notification}/Ntry[{}]", self.entries_here);
        let path = match (&fault.wrong, fault.place.as_str()) {
            (Wrong::NoAccount, _) => format!("{notification}/Acct/Id"),
            (_, "") => entry,
            (_, place) => format!("{entry}/{place}"),
        };
        BadEntry {
            index: self.entries.saturating_sub(1),
            path,
            code: fault.wrong.code(),
            message: fault.wrong.to_string(),
        }
    }
}

/// `Max34Text`, and an IBAN's greatest length.
const ACCOUNT_CHARS_MAX: usize = 34;
