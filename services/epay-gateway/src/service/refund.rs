//! `RefundService`.

use epay_domain::proposal::Person;
use epay_domain::refund::{RefundState, Source};
use epay_engine::{Engine, ProposePayoutAccount, RedirectRefund, RequestRefund};
use epay_money::{BillerId, PaymentId, PayoutAccountId, ReceiptId};
use epay_proto::v1;
use epay_proto::v1::refund_service_server::RefundService;
use epay_rail::PayoutAccount;
use epay_store::RefundFilter;
use tonic::{Request, Response, Status};

use super::read;
use crate::auth::{Authorised, Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names::{self, Scope};
use crate::page_token::List;

/// Asks for refunds and tells where their money is.
#[derive(Debug, Clone)]
pub(crate) struct Refunds {
    engine: Engine,
}

impl Refunds {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

/// The caller, as four eyes know people. A token has one role.
pub(super) fn person(caller: &Authorised) -> Person {
    Person {
        name: caller.subject().to_owned(),
        roles: vec![caller.role().as_str().to_owned()],
    }
}

/// The department that a list is about; every one where the caller may see them all.
pub(super) fn scope_of(caller: &Authorised, parent: &str) -> Result<Option<BillerId>, Status> {
    match names::scope("parent", parent)? {
        Scope::One(biller) => {
            caller.over(&biller)?;
            Ok(Some(biller))
        }
        Scope::All => {
            caller.over_all()?;
            Ok(None)
        }
    }
}

/// The thing that a filter or field names, when set; it must be of the same department.
pub(super) fn own<T>(
    field: &str,
    name: &str,
    biller: &BillerId,
    read: impl FnOnce(&str, &str) -> Result<(BillerId, T), Status>,
) -> Result<Option<T>, Status> {
    if name.is_empty() {
        return Ok(None);
    }
    let (owner, id) = read(field, name)?;
    if owner == *biller {
        Ok(Some(id))
    } else {
        Err(fault::invalid_field(
            field,
            "FIELD_MALFORMED",
            "must be of the same biller",
        ))
    }
}

pub(super) fn payout_account(
    field: &str,
    name: &str,
    biller: &BillerId,
) -> Result<Option<PayoutAccountId>, Status> {
    own(field, name, biller, names::payout_account)
}

/// The part of a receipt that a request names; nothing where it leaves the choice.
pub(super) fn source_of(source: i32) -> Result<Option<Source>, Status> {
    let source = v1::RefundSource::try_from(source).map_err(|_unknown| {
        fault::invalid_field("source", "FIELD_MALFORMED", "must be a part of a receipt")
    })?;
    Ok(convert::refund_source_filter(source))
}

#[tonic::async_trait]
impl RefundService for Refunds {
    async fn create_refund(
        &self,
        request: Request<v1::CreateRefundRequest>,
    ) -> Result<Response<v1::Refund>, Status> {
        let caller = authorise(&request, Method::CreateRefund)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, receipt) = names::receipt("receipt", &asked.receipt)?;
        caller.over(&biller)?;
        let amount = asked.amount.as_ref();
        let command = RequestRefund {
            receipt,
            source: source_of(asked.source)?,
            amount: amount
                .map(|amount| read::money("amount", amount))
                .transpose()?,
            account: payout_account("payout_account", &asked.payout_account, &biller)?,
            reason: asked.reason.clone(),
            consent: Some(asked.consent.clone()).filter(|consent| !consent.is_empty()),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
            biller,
        };
        let about = About::write("Receipt", &asked.receipt);
        let requested = self.engine.request_refund(command).await;
        let view = requested.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::refund(&view.refund)))
    }

    async fn get_refund(
        &self,
        request: Request<v1::GetRefundRequest>,
    ) -> Result<Response<v1::Refund>, Status> {
        let caller = authorise(&request, Method::GetRefund)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, refund) = names::refund("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().refund(&biller, refund).await;
        let view =
            found.map_err(|error| fault::engine(error, &About::read("Refund", &asked.name)))?;
        Ok(Response::new(convert::refund(&view.refund)))
    }

    async fn list_refunds(
        &self,
        request: Request<v1::ListRefundsRequest>,
    ) -> Result<Response<v1::ListRefundsResponse>, Status> {
        let caller = authorise(&request, Method::ListRefunds)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let state = v1::RefundState::try_from(asked.state).map_err(|_unknown| {
            fault::invalid_field("state", "FIELD_MALFORMED", "must be a state of a refund")
        })?;
        let filter = filter(biller, state, asked)?;
        let list = List::new(
            "ListRefunds",
            &[
                &asked.parent,
                state.as_str_name(),
                &asked.receipt,
                &asked.payment,
            ],
        );
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().refunds(&filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Refund", &asked.parent)))?;
        Ok(Response::new(v1::ListRefundsResponse {
            refunds: found.items.iter().map(convert::refund).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn redirect_refund(
        &self,
        request: Request<v1::RedirectRefundRequest>,
    ) -> Result<Response<v1::Refund>, Status> {
        let caller = authorise(&request, Method::RedirectRefund)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, refund) = names::refund("name", &asked.name)?;
        caller.over(&biller)?;
        let command = RedirectRefund {
            refund,
            account: payout_account("payout_account", &asked.payout_account, &biller)?,
            caller: person(&caller),
            biller,
        };
        let redirected = self.engine.redirect_refund(command).await;
        let view = redirected
            .map_err(|error| fault::engine(error, &About::write("Refund", &asked.name)))?;
        Ok(Response::new(convert::refund(&view.refund)))
    }

    async fn propose_payout_account(
        &self,
        request: Request<v1::ProposePayoutAccountRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposePayoutAccount)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, receipt) = names::receipt("receipt", &asked.receipt)?;
        caller.over(&biller)?;
        let account = read::present("account", asked.account.as_ref())?;
        let command = ProposePayoutAccount {
            biller,
            receipt,
            account: PayoutAccount {
                bank_code: account.bank_code.clone(),
                number: account.number.clone(),
                name: account.holder_name.clone(),
            },
            reason: asked.reason.clone(),
            idempotency_key: asked.idempotency_key.clone(),
            caller: person(&caller),
        };
        let proposed = self.engine.propose_payout_account(command).await;
        let proposal = proposed
            .map_err(|error| fault::engine(error, &About::write("Receipt", &asked.receipt)))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }
}

fn filter(
    biller: Option<BillerId>,
    state: v1::RefundState,
    asked: &v1::ListRefundsRequest,
) -> Result<RefundFilter, Status> {
    let state: Option<RefundState> = convert::refund_state_filter(state);
    let (receipt, payment): (Option<ReceiptId>, Option<PaymentId>) = match &biller {
        Some(biller) => (
            own("receipt", &asked.receipt, biller, names::receipt)?,
            own("payment", &asked.payment, biller, names::payment)?,
        ),
        None if asked.receipt.is_empty() && asked.payment.is_empty() => (None, None),
        None => {
            let words = "needs the department in the parent";
            return Err(fault::invalid_field("parent", "FIELD_MALFORMED", words));
        }
    };
    Ok(RefundFilter {
        biller,
        state,
        receipt,
        payment,
    })
}
