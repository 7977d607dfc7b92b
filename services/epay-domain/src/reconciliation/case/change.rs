//! The steps of a break: what may be asked, what is told, and what each event makes of it.

use epay_money::{JournalId, ProposalId};
use jiff::Timestamp;

use super::{BreakClass, Case, CaseEvent, CaseState, Ended, Resolution};
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
        CaseFact::Overtaken { proposal } | CaseFact::Agreed { proposal, .. } => {
            CaseEvent::BreakOvertaken {
                proposal: *proposal,
            }
        }
        CaseFact::FoundAs(_) | CaseFact::Explained { .. } => return vec![],
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
        CaseEvent::BreakOvertaken { .. } => {}
    }
    case
}
