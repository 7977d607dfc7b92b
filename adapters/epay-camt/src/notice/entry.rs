//! An entry as the bank wrote it: texts by field, not yet judged.
//!
//! The match arms of [`RawEntry::take`] and [`RawDetail::take`] are the whole list of places that are read,
//! as paths below `Ntry` and `TxDtls`. Where versions of the message differ both places are listed.
//! The first fault is kept and the rest of the entry passed over.

use crate::fault::{EntryFault, Wrong};
use crate::remittance::Remittance;

/// `Max35Text`: references and statuses.
const REFERENCE_CHARS_MAX: usize = 35;
/// Amounts, dates and codes; the schema's longest is an amount of 18 digits with a point.
const VALUE_CHARS_MAX: usize = 35;
/// `Max140Text`: names and unstructured remittance.
const TEXT_CHARS_MAX: usize = 140;
/// `Max500Text`: narratives.
const NARRATIVE_CHARS_MAX: usize = 500;

/// Payments of one batch: more than a clearing house moves in a day.
const BATCH_ITEMS_MAX: u32 = 100_000_000;

/// A field that may occur once.
pub(crate) type Slot = Option<String>;

/// An amount as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawAmount {
    pub(crate) number: Slot,
    pub(crate) currency: Slot,
}

/// A day or a moment as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawDate {
    pub(crate) day: Slot,
    pub(crate) moment: Slot,
}

/// `Ntry`.
#[derive(Debug, Default)]
pub(crate) struct RawEntry {
    pub(crate) amount: RawAmount,
    pub(crate) direction: Slot,
    pub(crate) status: Slot,
    pub(crate) booked: RawDate,
    pub(crate) value: RawDate,
    pub(crate) bank_reference: Slot,
    pub(crate) narrative: Slot,
    pub(crate) details: Vec<RawDetail>,
    pub(crate) fault: Option<EntryFault>,
    /// What statements ask for beside; see [`RawEntry::take_beside`].
    pub(crate) reversal: bool,
    pub(crate) items: u32,
    codes: [Option<String>; 4],
}

/// `Ntry/NtryDtls/TxDtls`.
#[derive(Debug, Default)]
pub(crate) struct RawDetail {
    pub(crate) amount: RawAmount,
    pub(crate) transaction_amount: RawAmount,
    pub(crate) direction: Slot,
    pub(crate) bank_reference: Slot,
    pub(crate) end_to_end_id: Slot,
    pub(crate) clearing_reference: Slot,
    pub(crate) return_reason: Slot,
    pub(crate) transaction_at: Slot,
    pub(crate) accepted_at: Slot,
    pub(crate) debtor: Slot,
    pub(crate) creditor: Slot,
    pub(crate) remittance: Remittance,
}

impl RawEntry {
    /// Takes the text of a leaf; `place` is its path below `Ntry`.
    pub(crate) fn take(&mut self, place: &str, text: &str, currency: Option<&str>) {
        if self.fault.is_some() || text.is_empty() {
            return;
        }
        if let Err(wrong) = self.put(place, text, currency) {
            self.fault = Some(EntryFault::at(self.numbered(place), wrong));
        }
    }

    /// Takes what a statement shows and no rule stands on: whether it undoes another entry, how many payments a batch has,
    /// and the bank's transaction code. What is not as it should be is passed over, because none of it moves money.
    pub(crate) fn take_beside(&mut self, place: &str, text: &str) {
        let part = match place {
            "RvslInd" => {
                self.reversal = matches!(text, "true" | "1");
                return;
            }
            "NtryDtls/Btch/NbOfTxs" => {
                let items = text.parse().unwrap_or(0_u32).min(BATCH_ITEMS_MAX);
                self.items = self.items.saturating_add(items).min(BATCH_ITEMS_MAX);
                return;
            }
            "BkTxCd/Domn/Cd" => 0_usize,
            "BkTxCd/Domn/Fmly/Cd" => 1,
            "BkTxCd/Domn/Fmly/SubFmlyCd" => 2,
            "BkTxCd/Prtry/Cd" => 3,
            _ => return,
        };
        if let (Some(slot), Ok(text)) =
            (self.codes.get_mut(part), bounded(text, REFERENCE_CHARS_MAX))
        {
            *slot = Some(text);
        }
    }

    /// The bank's own code where it has one, else the three parts of the standard's, joined.
    pub(crate) fn code(&self) -> Option<String> {
        let [domain, family, sub_family, own] = &self.codes;
        own.clone().or_else(|| {
            let parts =
                [domain, family, sub_family].map(|part| part.as_deref().unwrap_or_default());
            domain.as_ref().map(|_known| parts.join("-"))
        })
    }

    /// Notes that a text cannot be believed.
    pub(crate) fn spoil(&mut self, entry_path: &str, path: &str) {
        let place = path.strip_prefix(entry_path).unwrap_or_default();
        let place = self.numbered(place.strip_prefix('/').unwrap_or(place));
        self.fault
            .get_or_insert_with(|| EntryFault::at(place, Wrong::Text));
    }

    fn put(&mut self, place: &str, text: &str, currency: Option<&str>) -> Result<(), Wrong> {
        if let Some(below) = place.strip_prefix("NtryDtls/TxDtls/") {
            return match self.details.last_mut() {
                Some(detail) => detail.take(below, text, currency),
                None => Ok(()),
            };
        }
        match place {
            "Amt" => amount(&mut self.amount, text, currency),
            "CdtDbtInd" => once(&mut self.direction, text, VALUE_CHARS_MAX),
            "Sts" | "Sts/Cd" | "Sts/Prtry" => {
                let known = if place == "Sts/Prtry" { "" } else { text };
                once(&mut self.status, known, REFERENCE_CHARS_MAX)
            }
            "BookgDt/Dt" => once(&mut self.booked.day, text, VALUE_CHARS_MAX),
            "BookgDt/DtTm" => once(&mut self.booked.moment, text, VALUE_CHARS_MAX),
            "ValDt/Dt" => once(&mut self.value.day, text, VALUE_CHARS_MAX),
            "ValDt/DtTm" => once(&mut self.value.moment, text, VALUE_CHARS_MAX),
            "AcctSvcrRef" => once(&mut self.bank_reference, text, REFERENCE_CHARS_MAX),
            "AddtlNtryInf" => once(&mut self.narrative, text, NARRATIVE_CHARS_MAX),
            _ => Ok(()),
        }
    }

    /// The place with the number of the current detail, from 1 as in `XPath`.
    fn numbered(&self, place: &str) -> String {
        match place.strip_prefix("NtryDtls/TxDtls/") {
            Some(below) => format!("{}/{below}", detail_place(self.details.len())),
            None => place.to_owned(),
        }
    }
}

/// The place of a detail, by its number from 1 within its entry.
pub(crate) fn detail_place(number: usize) -> String {
    format!("NtryDtls/TxDtls[{number}]")
}

impl RawDetail {
    fn take(&mut self, place: &str, text: &str, currency: Option<&str>) -> Result<(), Wrong> {
        match place {
            "Amt" => amount(&mut self.amount, text, currency),
            "AmtDtls/TxAmt/Amt" => amount(&mut self.transaction_amount, text, currency),
            "CdtDbtInd" => once(&mut self.direction, text, VALUE_CHARS_MAX),
            "Refs/AcctSvcrRef" => once(&mut self.bank_reference, text, REFERENCE_CHARS_MAX),
            "Refs/EndToEndId" => once(&mut self.end_to_end_id, text, REFERENCE_CHARS_MAX),
            "Refs/ClrSysRef" => once(&mut self.clearing_reference, text, REFERENCE_CHARS_MAX),
            "RtrInf/Rsn/Cd" | "RtrInf/Rsn/Prtry" => {
                once(&mut self.return_reason, text, REFERENCE_CHARS_MAX)
            }
            "RltdDts/TxDtTm" => once(&mut self.transaction_at, text, VALUE_CHARS_MAX),
            "RltdDts/AccptncDtTm" => once(&mut self.accepted_at, text, VALUE_CHARS_MAX),
            "RltdPties/Dbtr/Nm" | "RltdPties/Dbtr/Pty/Nm" => {
                once(&mut self.debtor, text, TEXT_CHARS_MAX)
            }
            "RltdPties/Cdtr/Nm" | "RltdPties/Cdtr/Pty/Nm" => {
                once(&mut self.creditor, text, TEXT_CHARS_MAX)
            }
            "RmtInf/Ustrd" => many(&mut self.remittance.unstructured, text, TEXT_CHARS_MAX),
            "RmtInf/Strd/CdtrRefInf/Ref" => many(
                &mut self.remittance.creditor_references,
                text,
                REFERENCE_CHARS_MAX,
            ),
            "RmtInf/Strd/RfrdDocInf/Nb" => many(
                &mut self.remittance.document_numbers,
                text,
                REFERENCE_CHARS_MAX,
            ),
            "AddtlTxInf" => many(&mut self.remittance.narratives, text, NARRATIVE_CHARS_MAX),
            _ => Ok(()),
        }
    }
}

fn amount(slot: &mut RawAmount, text: &str, currency: Option<&str>) -> Result<(), Wrong> {
    once(&mut slot.number, text, VALUE_CHARS_MAX)?;
    slot.currency = currency.map(str::to_owned);
    Ok(())
}

fn once(slot: &mut Slot, text: &str, chars_max: usize) -> Result<(), Wrong> {
    if slot.is_some() {
        return Err(Wrong::Repeated);
    }
    *slot = Some(bounded(text, chars_max)?);
    Ok(())
}

fn many(list: &mut Vec<String>, text: &str, chars_max: usize) -> Result<(), Wrong> {
    list.push(bounded(text, chars_max)?);
    Ok(())
}

fn bounded(text: &str, chars_max: usize) -> Result<String, Wrong> {
    if text.chars().count() > chars_max {
        Err(Wrong::TooLong(chars_max))
    } else {
        Ok(text.to_owned())
    }
}
