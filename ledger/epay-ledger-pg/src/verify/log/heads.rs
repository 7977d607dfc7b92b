//! Heads of one source against the tree: the first that does not fit says between which leaves something was changed.

use epay_ledger::log::{Frontier, LogHash, PublicKeys, SignedHead};

use super::super::log_report::{HeadSource, LeafName, LogFinding, SUSPECTS_MAX};
use super::super::report::VerifyReport;

/// Names, the first [`SUSPECTS_MAX`] of them, and how many there are.
#[derive(Default)]
pub(super) struct Names {
    pub(super) list: Vec<LeafName>,
    pub(super) count: u64,
}

impl Names {
    pub(super) fn add(&mut self, name: &LeafName) {
        self.count = self.count.saturating_add(1);
        if self.list.len() < SUSPECTS_MAX {
            self.list.push(name.clone());
        }
    }
}

/// The heads of one source, in the order of their sizes.
pub(super) struct HeadCheck {
    source: HeadSource,
    /// Leaves since the last head that fits.
    pub(super) suspects: Names,
    fits_until: u64,
    misfit: Option<LogFinding>,
    largest: Option<SignedHead>,
}

impl HeadCheck {
    pub(super) fn new(source: HeadSource) -> Self {
        Self {
            source,
            suspects: Names::default(),
            fits_until: 0,
            misfit: None,
            largest: None,
        }
    }

    pub(super) const fn is_misfit(&self) -> bool {
        self.misfit.is_some()
    }

    /// Compares a head with the tree, once it has grown to the head's size. A head of a larger tree waits for the end.
    pub(super) fn judge(
        &mut self,
        signed: &SignedHead,
        keys: Option<&PublicKeys>,
        frontier: &Frontier,
        broken: bool,
        report: &mut VerifyReport,
    ) {
        let size = signed.head.size();
        if let Some(Err(fault)) = keys.map(|keys| keys.verify(signed)) {
            report.find_log(LogFinding::Signature {
                source: self.source,
                tree_size: size,
                key_id: signed.key_id.clone(),
                what: fault.to_string(),
            });
        }
        self.largest = Some(signed.clone());
        if size == 0 && *signed.head.root() == LogHash::of_nothing() {
            return;
        }
        if broken || size != frontier.size() || self.misfit.is_some() {
            return;
        }
        let suspects = std::mem::take(&mut self.suspects);
        if *signed.head.root() == frontier.root() {
            self.fits_until = size;
        } else {
            self.misfit = Some(LogFinding::Head {
                source: self.source,
                tree_size: size,
                fits_until: self.fits_until,
                suspects: suspects.list,
                suspects_count: suspects.count,
            });
        }
    }

    /// Tells what was found, and whether the largest head is of more leaves than there are, or the database's of fewer.
    pub(super) fn finish(self, leaves: u64, report: &mut VerifyReport) {
        if let Some(misfit) = self.misfit {
            report.find_log(misfit);
        }
        let signed = self.largest.as_ref().map_or(0, |signed| signed.head.size());
        if let Some(largest) = self.largest.filter(|_largest| signed > leaves) {
            report.find_log(LogFinding::Truncated {
                source: self.source,
                leaves,
                signed,
                sealed_at: largest.head.sealed_at(),
            });
        }
        // Every seal writes its head with its leaves, so leaves behind the last one were written by somebody else.
        if self.source == HeadSource::Stored && signed < leaves {
            report.find_log(LogFinding::Unsigned { leaves, signed });
        }
    }
}
