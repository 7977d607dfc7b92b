//! What breaks still stand for that say that something is not there. Each expectation that is seen, or gets a break of its own,
//! is one less, and each that joins a day is one more: a break always says what is left of it, and ends with the last.

use std::collections::BTreeMap;

use epay_domain::reconciliation::case::CaseFact;
use epay_money::BreakId;

use super::Wanted;
use super::found::Run;

/// What one break stands for.
#[derive(Debug, Default)]
struct Left {
    count: usize,
    /// What must be seen, and of how much.
    minor: i64,
    gross_minor: i64,
    changed: bool,
}

/// What each break stands for that expectations name.
#[derive(Debug, Default)]
pub(super) struct Standing(BTreeMap<BreakId, Left>);

impl Standing {
    pub(super) fn of(wanted: &[Wanted]) -> Self {
        let mut standing = Self::default();
        for one in wanted {
            if let Some(id) = one.case {
                standing.0.entry(id).or_default().more(one);
            }
        }
        standing
    }
}

impl Left {
    fn more(&mut self, one: &Wanted) {
        self.count = self.count.saturating_add(1);
        self.minor = self.minor.saturating_add(one.what.minor);
        self.gross_minor = self.gross_minor.saturating_add(one.what.gross_minor);
    }

    fn less(&mut self, one: &Wanted) {
        self.count = self.count.saturating_sub(1);
        self.minor = self.minor.saturating_sub(one.what.minor);
        self.gross_minor = self.gross_minor.saturating_sub(one.what.gross_minor);
    }
}

impl Run<'_> {
    /// The breaks that stand for nothing any more once these are accounted for.
    pub(super) fn accounted(&mut self, left: &[&Wanted]) -> Vec<BreakId> {
        let mut done = Vec::new();
        for one in left {
            let Some(id) = one.case else { continue };
            if let Some(standing) = self.standing.0.get_mut(&id) {
                standing.less(one);
                standing.changed = true;
                if standing.count == 0 {
                    done.push(id);
                }
            }
        }
        done
    }

    /// What no break stood for joins this one.
    pub(super) fn join(&mut self, left: &[&Wanted], id: BreakId) {
        for one in left.iter().filter(|one| one.case.is_none()) {
            let standing = self.standing.0.entry(id).or_default();
            standing.more(one);
            standing.changed = true;
        }
    }

    /// Says of each break that stands for less or more than before what is left: once, however many were seen.
    pub(super) fn restate(&mut self) {
        let mut changed = Vec::new();
        for (id, left) in &mut self.standing.0 {
            if std::mem::take(&mut left.changed) && left.count > 0 {
                changed.push((*id, left.minor, left.gross_minor));
            }
        }
        for (id, minor, kept_minor) in changed {
            // One that was seen in part has its difference from that, and one expectation for it.
            if self
                .cases
                .get(&id)
                .is_some_and(|case| case.observed.is_empty())
            {
                let difference_minor = minor.saturating_neg();
                let fact = CaseFact::Left {
                    difference_minor,
                    kept_minor,
                };
                self.tell(id, &fact);
            }
        }
    }
}
