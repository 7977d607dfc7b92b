//! `ProposalService`. That nobody decides a proposal of their own is the domain's rule, not this door's.

use epay_domain::proposal::{Proposal, Verdict};
use epay_engine::{DecideProposal, Engine};
use epay_proto::v1;
use epay_proto::v1::proposal_service_server::ProposalService;
use epay_store::ProposalFilter;
use tonic::{Request, Response, Status};

use super::refund::{person, scope_of};
use crate::auth::{Authorised, Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Shows proposals and takes the second person's word.
#[derive(Debug, Clone)]
pub(crate) struct Proposals {
    engine: Engine,
}

impl Proposals {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The proposal of a name. Its department is part of the name, so another one's is not found.
    async fn find(&self, caller: &Authorised, name: &str) -> Result<Proposal, Status> {
        let (biller, id) = names::proposal("name", name)?;
        caller.over(&biller)?;
        let about = About::read("Proposal", name);
        let found = self.engine.reader().proposal(id).await;
        let proposal = found.map_err(|error| fault::engine(error, &about))?;
        if proposal.biller == biller {
            Ok(proposal)
        } else {
            Err(fault::not_found(about.kind, name))
        }
    }

    async fn decide(
        &self,
        caller: &Authorised,
        name: &str,
        verdict: Verdict,
    ) -> Result<Response<v1::Proposal>, Status> {
        let proposal = self.find(caller, name).await?.id;
        let command = DecideProposal {
            proposal,
            verdict,
            caller: person(caller),
        };
        let decided = self.engine.decide_proposal(command).await;
        let proposal =
            decided.map_err(|error| fault::engine(error, &About::write("Proposal", name)))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }
}

#[tonic::async_trait]
impl ProposalService for Proposals {
    async fn list_proposals(
        &self,
        request: Request<v1::ListProposalsRequest>,
    ) -> Result<Response<v1::ListProposalsResponse>, Status> {
        let caller = authorise(&request, Method::ListProposals)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let state = v1::ProposalState::try_from(asked.state).map_err(|_unknown| {
            fault::invalid_field("state", "FIELD_MALFORMED", "must be a state of a proposal")
        })?;
        let kind = convert::proposal_kind_filter(&asked.kind).map_err(|()| {
            let words = "must be \"refund\", \"resolution\", \"payout_account\", \"redrive_row\", \"accept_statement\" or \"break_resolution\"";
            fault::invalid_field("kind", "FIELD_MALFORMED", words)
        })?;
        let filter = ProposalFilter {
            biller,
            state: convert::proposal_state_filter(state),
            kind,
        };
        let list = List::new(
            "ListProposals",
            &[&asked.parent, state.as_str_name(), &asked.kind],
        );
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().proposals(&filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Proposal", &asked.parent)))?;
        Ok(Response::new(v1::ListProposalsResponse {
            proposals: found.items.iter().map(convert::proposal).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn get_proposal(
        &self,
        request: Request<v1::GetProposalRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::GetProposal)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let proposal = self.find(&caller, &asked.name).await?;
        Ok(Response::new(convert::proposal(&proposal)))
    }

    async fn approve_proposal(
        &self,
        request: Request<v1::ApproveProposalRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ApproveProposal)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let verdict = Verdict {
            approve: true,
            reason: asked.reason.clone(),
        };
        self.decide(&caller, &asked.name, verdict).await
    }

    async fn reject_proposal(
        &self,
        request: Request<v1::RejectProposalRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::RejectProposal)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let verdict = Verdict {
            approve: false,
            reason: asked.reason.clone(),
        };
        self.decide(&caller, &asked.name, verdict).await
    }
}
