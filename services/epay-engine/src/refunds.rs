//! The engine's front for refunds and proposals: hands commands to the desk and reads back what it decided.

use epay_domain::proposal::{Proposal, ProposalState, Resolved, Subject};
use epay_domain::refund::{Refund, RefundState};
use epay_money::{BillerId, Money, PaymentId, ProposalId, RefundId, hong_kong_date};
use epay_store::{BadRowKey, Page, PageRequest, ProposalFilter, RefundFilter};
use tokio::sync::oneshot;
use tracing::warn;
use uuid::Uuid;

use crate::desk::{self, Answer, Command};
use crate::{
    DecideProposal, Engine, EngineError, Found, ProposePayoutAccount, ProposeResolution, Reader,
    RedirectRefund, RefundView, RequestRefund, ResolvePayment,
};

/// Most agreed proposals that one call carries out.
const AWAITED_MAX: i64 = 100;

impl Engine {
    /// Asks for a refund: what it takes of its receipt is taken at once, and a second person must agree.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn request_refund(&self, command: RequestRefund) -> Result<RefundView, EngineError> {
        let keyed = command.keyed();
        let command = Command::Request(Box::new(command), keyed);
        match self.ask_desk(command).await? {
            Answer::Refund(view) => Ok(*view),
            Answer::Again(biller, id) => self.first_refund(&biller, id).await,
            Answer::Proposal(_) | Answer::Done | Answer::Held => Err(other_answer()),
        }
    }

    /// Says where a refund goes that came back or found no way. It is then sent again.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn redirect_refund(
        &self,
        command: RedirectRefund,
    ) -> Result<RefundView, EngineError> {
        let (biller, refund) = (command.biller.clone(), command.refund);
        self.ask_desk(Command::Redirect(command)).await?;
        self.reader.refund(&biller, refund).await
    }

    /// Proposes an account that refunds of a receipt may be paid to.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_payout_account(
        &self,
        command: ProposePayoutAccount,
    ) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        let command = Command::Account(Box::new(command), keyed);
        self.proposal_answer(command).await
    }

    /// Proposes how an unclear payment ended.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_resolution(
        &self,
        command: ProposeResolution,
    ) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        let command = Command::Resolution(Box::new(command), keyed);
        self.proposal_answer(command).await
    }

    /// Agrees to a proposal, or does not. What follows from an agreement is in the same commit, but for a payment's
    /// resolution, which is carried out right after it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn decide_proposal(&self, command: DecideProposal) -> Result<Proposal, EngineError> {
        match self.ask_desk(Command::Decide(command)).await? {
            Answer::Proposal(proposal) => Ok(*proposal),
            Answer::Refund(_) | Answer::Again(..) | Answer::Done | Answer::Held => {
                Err(other_answer())
            }
        }
    }

    /// Carries out what was agreed and belongs to somebody else's commit: the resolutions of unclear payments, rows to be
    /// read again, and the ends of breaks. Answers how many there were. What was carried out before is no news.
    ///
    /// # Errors
    /// [`EngineError`]; what was not carried out waits.
    pub async fn carry_out_proposals(&self) -> Result<usize, EngineError> {
        let awaited = {
            let client = self.core.pool.get().await?;
            epay_store::awaited_proposals(&client, AWAITED_MAX).await?
        };
        let mut failure = None;
        for proposal in &awaited {
            // One that cannot be carried out now holds up no other.
            if let Err(error) = self.carry_out(proposal).await {
                warn!(proposal = %proposal.id, %error, "What was agreed is not carried out yet");
                failure.get_or_insert(error);
            }
        }
        failure.map_or(Ok(awaited.len()), Err)
    }

    async fn carry_out(&self, proposal: &Proposal) -> Result<(), EngineError> {
        match &proposal.subject {
            Subject::Resolution { payment, finding } => {
                let command = self.resolution(proposal, *payment, finding).await?;
                self.resolve_payment(command).await?;
            }
            Subject::RedriveRow {
                message,
                entry,
                correction,
            } => {
                let key = BadRowKey {
                    message: *message,
                    entry: *entry,
                };
                self.redrive_row(proposal, key, correction.as_deref())
                    .await?;
            }
            Subject::AcceptStatement { statement } => {
                self.accept_statement(proposal, *statement).await?;
            }
            Subject::BreakResolution { id, resolution } => {
                self.end_break(proposal, *id, resolution).await?;
            }
            Subject::PeriodClose {
                first_day,
                last_day,
            } => {
                self.put_period(proposal, (*first_day, *last_day), true)
                    .await?
            }
            Subject::PeriodReopen {
                first_day,
                last_day,
            } => {
                self.put_period(proposal, (*first_day, *last_day), false)
                    .await?
            }
            Subject::Refund { .. } | Subject::PayoutAccount { .. } => {}
        }
        let client = self.core.pool.get().await?;
        Ok(epay_store::forget_proposal(&client, proposal.id).await?)
    }

    async fn resolution(
        &self,
        proposal: &Proposal,
        id: PaymentId,
        finding: &Resolved,
    ) -> Result<ResolvePayment, EngineError> {
        let payment = self.reader.payment(&proposal.biller, id).await?.payment;
        let found = match finding {
            Resolved::Came {
                rail_account,
                rail_reference,
                minor,
                instructed_at,
            } => Found::Came {
                rail: payment.rail,
                rail_account: rail_account.clone(),
                rail_reference: rail_reference.clone(),
                amount: Money::new(*minor, payment.amount.currency()),
                value_date: hong_kong_date(*instructed_at),
            },
            Resolved::DidNotCome => Found::DidNotCome {
                evidence: proposal.reason.clone(),
            },
        };
        Ok(ResolvePayment {
            biller: proposal.biller.clone(),
            payment: id,
            found,
            proposal: proposal.id.uuid(),
        })
    }

    pub(crate) async fn proposal_answer(&self, command: Command) -> Result<Proposal, EngineError> {
        match self.ask_desk(command).await? {
            Answer::Proposal(proposal) => Ok(*proposal),
            Answer::Again(_biller, id) => {
                let id = ProposalId::new(id);
                self.reader.proposal(id).await.map(as_made)
            }
            Answer::Refund(_) | Answer::Done | Answer::Held => Err(other_answer()),
        }
    }

    pub(crate) async fn ask_desk(&self, command: Command) -> Result<Answer, EngineError> {
        let (reply, answer) = oneshot::channel();
        let envelope = desk::Envelope { command, reply };
        self.doors()?.queues.desk.try_send(envelope)?;
        answer.await.map_err(|_dropped| EngineError::Unavailable)?
    }

    /// A refund as it was answered first: asked for, and nothing more.
    async fn first_refund(&self, biller: &BillerId, id: Uuid) -> Result<RefundView, EngineError> {
        let view = self.reader.refund(biller, RefundId::new(id)).await?;
        let refund = Refund {
            state: RefundState::Proposed,
            route: None,
            attempts: 0,
            problem: None,
            changed_at: view.refund.created_at,
            version: 1,
            ..view.refund
        };
        let proposal = as_made(view.proposal);
        Ok(RefundView { refund, proposal })
    }
}

fn other_answer() -> EngineError {
    EngineError::Broken("one thing was asked for and another came".to_owned())
}

fn as_made(proposal: Proposal) -> Proposal {
    Proposal {
        state: ProposalState::Waiting,
        checker: None,
        decided_at: None,
        decision: None,
        version: 1,
        ..proposal
    }
}

impl Reader {
    /// One refund with its proposal.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn refund(&self, biller: &BillerId, id: RefundId) -> Result<RefundView, EngineError> {
        let client = self.pool().get().await?;
        let refund = epay_store::refund(&client, biller, id)
            .await?
            .ok_or(EngineError::NotFound { what: "the refund" })?;
        drop(client);
        let proposal = self.proposal(refund.proposal).await?;
        Ok(RefundView { refund, proposal })
    }

    /// Refunds, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn refunds(
        &self,
        filter: &RefundFilter,
        page: PageRequest,
    ) -> Result<Page<Refund>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::refunds(&client, filter, page).await?)
    }

    /// One proposal.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn proposal(&self, id: ProposalId) -> Result<Proposal, EngineError> {
        let client = self.pool().get().await?;
        epay_store::proposal(&client, id)
            .await?
            .ok_or(EngineError::NotFound {
                what: "the proposal",
            })
    }

    /// Proposals, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn proposals(
        &self,
        filter: &ProposalFilter,
        page: PageRequest,
    ) -> Result<Page<Proposal>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::proposals(&client, filter, page).await?)
    }
}
