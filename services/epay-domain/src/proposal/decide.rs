//! The second person's word.

use jiff::Timestamp;

use super::limits::Right;
use super::{Limits, Person, Proposal, ProposalEvent, ProposalState};
use crate::Refusal;

/// What the second person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Agreed.
    pub approve: bool,
    /// Why.
    pub reason: String,
}

/// Decides a proposal. The same verdict by the same person again is no news.
///
/// # Errors
/// [`Refusal::OwnProposal`], [`Refusal::MayNotDecide`], [`Refusal::AboveLimit`], [`Refusal::AlreadyDecided`].
pub fn decide(
    proposal: &Proposal,
    verdict: &Verdict,
    checker: &Person,
    limits: &Limits,
    at: Timestamp,
) -> Result<Vec<ProposalEvent>, Refusal> {
    if proposal.maker == checker.name {
        return Err(Refusal::OwnProposal);
    }
    let right = limits.right(checker, proposal.subject.kind());
    if right == Right::None {
        return Err(Refusal::MayNotDecide);
    }
    let wanted = if verdict.approve {
        ProposalState::Approved
    } else {
        ProposalState::Declined
    };
    if proposal.state != ProposalState::Waiting {
        let again =
            proposal.state == wanted && proposal.checker.as_deref() == Some(checker.name.as_str());
        return if again {
            Ok(vec![])
        } else {
            Err(Refusal::AlreadyDecided)
        };
    }
    let (checker, reason) = (checker.clone(), verdict.reason.clone());
    if !verdict.approve {
        return Ok(vec![ProposalEvent::Declined {
            checker,
            reason,
            at,
        }]);
    }
    if let (Right::UpTo(most), Some(amount)) = (right, proposal.amount)
        && amount.minor() > most
    {
        return Err(Refusal::AboveLimit {
            most: epay_money::Money::new(most, amount.currency()),
        });
    }
    Ok(vec![ProposalEvent::Approved {
        checker,
        reason,
        at,
    }])
}

/// The proposal after the event.
#[must_use]
pub fn apply(mut proposal: Proposal, event: &ProposalEvent) -> Proposal {
    proposal.version = proposal.version.saturating_add(1);
    let (state, checker, reason, at) = match event {
        ProposalEvent::Made { .. } => return proposal,
        ProposalEvent::Approved {
            checker,
            reason,
            at,
        } => (ProposalState::Approved, checker, reason, at),
        ProposalEvent::Declined {
            checker,
            reason,
            at,
        } => (ProposalState::Declined, checker, reason, at),
    };
    proposal.state = state;
    proposal.checker = Some(checker.name.clone());
    proposal.decision = Some(reason.clone());
    proposal.decided_at = Some(*at);
    proposal
}
