//! The steps of a break: what may be asked, what is told, and what each event makes of it.

use epay_money::{JournalId, ProposalId};
use jiff::Timestamp;

use super::{BreakClass, Case, CaseEvent, CaseState, Ended, ItemKind, Resolution};
use crate::Refusal;

/// What may be asked of a break by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseAsk {
    /// Somebody looks after it, or nobody.
    Assign {
        /// Who.
        owner: Option<String>,
        /// Who says so.
        by: String,
    },
}

/// What is told to a break. Never refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseFact {
    /// It was found.
    Found {
        /// What booked it.
        journals: Vec<JournalId>,
    },
    /// The same items are wrong in another way.
    FoundAs(BreakClass),
    /// What it stands for is less or more than it was.
    Left {
        /// What is left, as a difference, in minor units.
        difference_minor: i64,
        /// How much of it lies where it is kept, if it keeps any.
        kept_minor: i64,
    },
    /// What was missing came, or it was explained by something that came.
    Explained {
        /// What, in a few words.
        what: String,
        /// What was booked.
        journals: Vec<JournalId>,
    },
    /// Two people agreed.
    Agreed {
        /// Their proposal.
        proposal: ProposalId,
        /// How it ends.
        resolution: Resolution,
        /// What it booked.
        journals: Vec<JournalId>,
    },
    /// Two people agreed to something that cannot be done.
    Undone {
        /// Their proposal.
        proposal: ProposalId,
        /// Why not, for those who look after it.
        why: String,
    },
    /// Two people agreed, and a fact had been faster.
    Overtaken {
        /// Their proposal.
        proposal: ProposalId,
    },
}

/// What a person may do alone.
///
/// # Errors
/// [`Refusal::BreakResolved`].
pub fn asked(case: &Case, ask: &CaseAsk) -> Result<Vec<CaseEvent>, Refusal> {
    let CaseAsk::Assign { owner, by } = ask;
    if case.state != CaseState::Open {
        return Err(Refusal::BreakResolved);
    }
    if case.owner == *owner {
        return Ok(vec![]);
    }
    Ok(vec![CaseEvent::BreakAssigned {
        owner: owner.clone(),
        by: by.clone(),
    }])
}

/// What follows from a fact. One that is known already is no news.
#[must_use]
pub fn told(case: &Case, fact: &CaseFact, now: Timestamp) -> Vec<CaseEvent> {
    let open = case.state == CaseState::Open;
    let event = match fact {
        CaseFact::Found { journals } => CaseEvent::BreakOpened {
            class: case.class,
            difference_minor: case.difference_minor,
            journals: journals.clone(),
        },
        CaseFact::FoundAs(class) if open && *class != case.class => {
            CaseEvent::BreakReclassified { class: *class }
        }
        CaseFact::Left {
            difference_minor,
            kept_minor,
        } if open && *difference_minor != case.difference_minor => CaseEvent::BreakRestated {
            difference_minor: *difference_minor,
            kept_minor: case.kept.as_ref().map(|_kept| *kept_minor),
        },
        CaseFact::Explained { what, journals } if open => CaseEvent::BreakEnded {
            ended: Ended::Fact {
                what: what.clone(),
                at: now,
            },
            journals: journals.clone(),
        },
        CaseFact::Agreed {
            proposal,
            resolution: Resolution::Reopen,
            journals,
        } if !open => CaseEvent::BreakReopened {
            proposal: *proposal,
            journals: journals.clone(),
        },
        CaseFact::Agreed {
            proposal,
            resolution,
            journals,
        } if open && *resolution != Resolution::Reopen => CaseEvent::BreakEnded {
            ended: Ended::People {
                proposal: *proposal,
                resolution: resolution.clone(),
                journals: journals.clone(),
                at: now,
            },
            journals: journals.clone(),
        },
        CaseFact::Undone { proposal, why } => CaseEvent::BreakNotEnded {
            proposal: *proposal,
            why: why.clone(),
        },
        CaseFact::Overtaken { proposal } | CaseFact::Agreed { proposal, .. } => {
            CaseEvent::BreakOvertaken {
                proposal: *proposal,
            }
        }
        CaseFact::FoundAs(_) | CaseFact::Left { .. } | CaseFact::Explained { .. } => {
            return vec![];
        }
    };
    vec![event]
}

/// The break after an event.
#[must_use]
pub fn apply(mut case: Case, event: &CaseEvent, now: Timestamp) -> Case {
    case.version = case.version.saturating_add(1);
    case.changed_at = now;
    match event {
        CaseEvent::BreakOpened { journals, .. } => case.journals.extend(journals),
        CaseEvent::BreakReclassified { class } => case.class = *class,
        CaseEvent::BreakRestated {
            difference_minor,
            kept_minor,
        } => {
            case.difference_minor = *difference_minor;
            if let (Some(kept), Some(minor)) = (&mut case.kept, kept_minor) {
                kept.minor = *minor;
            }
            // The payments of a day are shown as one item.
            if let [day] = case.expected.as_mut_slice()
                && day.kind == ItemKind::DayBatch
            {
                day.minor = difference_minor.saturating_neg();
            }
        }
        CaseEvent::BreakAssigned { owner, .. } => case.owner.clone_from(owner),
        CaseEvent::BreakEnded { ended, journals } => {
            case.state = CaseState::Resolved;
            case.ended = Some(ended.clone());
            case.journals.extend(journals);
        }
        CaseEvent::BreakReopened { journals, .. } => {
            case.state = CaseState::Open;
            case.ended = None;
            case.journals.extend(journals);
        }
        CaseEvent::BreakOvertaken { .. } | CaseEvent::BreakNotEnded { .. } => {}
    }
    case
}
