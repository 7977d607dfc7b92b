//! `BillService`.

pub(crate) mod import;

use epay_domain::Refusal;
use epay_domain::bill::{BillPart, Instalment, Licence, RevenueLine};
use epay_engine::{Engine, EngineError, IssueBill, WithdrawBill};
use epay_money::{BillTypeCode, BillerId, Money};
use epay_proto::v1;
use epay_proto::v1::bill_service_server::BillService;
use epay_store::ReceiptFilter;
use tonic::{Request, Response, Status, Streaming};

use super::read;
use super::throttle::{self, Throttle};
use crate::auth::{Method, authorise};
use crate::convert::{self, Sight};
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Finds, lists, issues and withdraws bills.
#[derive(Debug, Clone)]
pub(crate) struct Bills {
    engine: Engine,
    throttle: Throttle,
}

impl Bills {
    pub(crate) const fn new(engine: Engine, throttle: Throttle) -> Self {
        Self { engine, throttle }
    }
}

#[tonic::async_trait]
impl BillService for Bills {
    async fn list_bill_types(
        &self,
        request: Request<v1::ListBillTypesRequest>,
    ) -> Result<Response<v1::ListBillTypesResponse>, Status> {
        authorise(&request, Method::ListBillTypes)?;
        let catalogue = self.engine.reader().catalogue();
        let bill_types = catalogue
            .kinds()
            .iter()
            .map(|kind| convert::bill_type(kind))
            .collect();
        Ok(Response::new(v1::ListBillTypesResponse { bill_types }))
    }

    async fn lookup_bill(
        &self,
        request: Request<v1::LookupBillRequest>,
    ) -> Result<Response<v1::Bill>, Status> {
        let caller = authorise(&request, Method::LookupBill)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let code: BillTypeCode = names::id("bill_type", &asked.bill_type)?;
        let about = About::read("Bill", code.as_str());
        let key = throttle::key(&throttle::visitor(&caller, &asked.visitor), code.as_str());
        self.throttle
            .take(&key, self.engine.now())
            .map_err(fault::lookups_too_many)?;
        let found = self
            .engine
            .look_up_bill(&code, &asked.number, &asked.second_factor)
            .await;
        match &found {
            Ok(_bill) => self.throttle.found(&key),
            Err(EngineError::NotFound { .. }) => {}
            Err(_nothing_was_looked_up) => self.throttle.not_looked(&key),
        }
        let view = found.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::bill(
            &view,
            Sight::Least,
            self.engine.now(),
        )))
    }

    async fn get_bill(
        &self,
        request: Request<v1::GetBillRequest>,
    ) -> Result<Response<v1::Bill>, Status> {
        let caller = authorise(&request, Method::GetBill)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, bill) = names::bill("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().bill(&biller, bill).await;
        let view =
            found.map_err(|error| fault::engine(error, &About::read("Bill", &asked.name)))?;
        Ok(Response::new(convert::bill(
            &view,
            Sight::of(caller.role()),
            self.engine.now(),
        )))
    }

    async fn list_bills(
        &self,
        request: Request<v1::ListBillsRequest>,
    ) -> Result<Response<v1::ListBillsResponse>, Status> {
        let caller = authorise(&request, Method::ListBills)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let state = v1::BillState::try_from(asked.state).map_err(|_unknown| {
            fault::invalid_field("state", "FIELD_MALFORMED", "must be a state of a bill")
        })?;
        let list = List::new("ListBills", &[biller.as_str(), state.as_str_name()]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self
            .engine
            .reader()
            .bills(&biller, convert::bill_state_filter(state), page)
            .await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Bill", &asked.parent)))?;
        let (sight, now) = (Sight::of(caller.role()), self.engine.now());
        Ok(Response::new(v1::ListBillsResponse {
            bills: found
                .items
                .iter()
                .map(|view| convert::bill(view, sight, now))
                .collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn create_bill(
        &self,
        request: Request<v1::CreateBillRequest>,
    ) -> Result<Response<v1::Bill>, Status> {
        let caller = authorise(&request, Method::CreateBill)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let command = issue(&self.engine, asked, biller, caller.subject())?;
        let issued = self.engine.issue_bill(command).await;
        let view =
            issued.map_err(|error| fault::engine(error, &About::write("Bill", &asked.parent)))?;
        Ok(Response::new(convert::bill(
            &view,
            Sight::of(caller.role()),
            self.engine.now(),
        )))
    }

    async fn import_bills(
        &self,
        request: Request<Streaming<v1::ImportBillsRequest>>,
    ) -> Result<Response<v1::ImportBillsResponse>, Status> {
        let caller = authorise(&request, Method::ImportBills)?;
        let done = import::take(&self.engine, &caller, request.into_inner()).await?;
        Ok(Response::new(done))
    }

    async fn withdraw_bill(
        &self,
        request: Request<v1::WithdrawBillRequest>,
    ) -> Result<Response<v1::Bill>, Status> {
        let caller = authorise(&request, Method::WithdrawBill)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, bill) = names::bill("name", &asked.name)?;
        caller.over(&biller)?;
        let command = WithdrawBill {
            biller,
            bill,
            reason: asked.reason.clone(),
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let withdrawn = self.engine.withdraw_bill(command).await;
        let view =
            withdrawn.map_err(|error| fault::engine(error, &About::write("Bill", &asked.name)))?;
        Ok(Response::new(convert::bill(
            &view,
            Sight::of(caller.role()),
            self.engine.now(),
        )))
    }

    async fn list_receipts(
        &self,
        request: Request<v1::ListReceiptsRequest>,
    ) -> Result<Response<v1::ListReceiptsResponse>, Status> {
        let caller = authorise(&request, Method::ListReceipts)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let bill = super::payment::bill_filter(&biller, &asked.bill)?;
        let list = List::new("ListReceipts", &[biller.as_str(), &asked.bill]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let filter = ReceiptFilter {
            bill,
            payment: None,
        };
        let found = self.engine.reader().receipts(&biller, filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Receipt", &asked.parent)))?;
        let sight = Sight::of(caller.role());
        Ok(Response::new(v1::ListReceiptsResponse {
            receipts: found
                .items
                .iter()
                .map(|receipt| convert::receipt(receipt, sight))
                .collect(),
            next_page_token: list.token(found.next),
        }))
    }
}

fn issue(
    engine: &Engine,
    asked: &v1::CreateBillRequest,
    biller: BillerId,
    caller: &str,
) -> Result<IssueBill, Status> {
    let bill = read::present("bill", asked.bill.as_ref())?;
    let amount = read::money(
        "bill.amount",
        read::present("bill.amount", bill.amount.as_ref())?,
    )?;
    let lines = lines(bill, amount)?;
    let bill_type = names::id("bill.bill_type", &bill.bill_type)?;
    let about = About::write("Bill", &asked.parent);
    let second_factor = engine
        .seal_factor(&bill_type, &bill.number, &asked.second_factor)
        .map_err(|error| fault::engine(error, &about))?;
    Ok(IssueBill {
        biller,
        bill_type,
        number: bill.number.clone(),
        amount,
        due_date: read::date(
            "bill.due_date",
            read::present("bill.due_date", bill.due_date.as_ref())?,
        )?,
        description: bill.description.clone(),
        lines,
        parts: parts(bill, amount)?,
        instalments: instalments(bill, amount)?,
        second_factor,
        licence: licence(bill)?
            .transpose()
            .map_err(|refusal| fault::engine(EngineError::Refused(refusal), &about))?,
        idempotency_key: asked.idempotency_key.clone(),
        caller: caller.to_owned(),
    })
}

/// The revenue lines of a new bill.
fn lines(bill: &v1::Bill, amount: Money) -> Result<Vec<RevenueLine>, Status> {
    let lines = bill.revenue_lines.iter();
    lines
        .map(|line| {
            Ok(RevenueLine {
                code: line.code.clone(),
                minor: share("bill.revenue_lines.amount", line.amount.as_ref(), amount)?,
            })
        })
        .collect()
}

/// The parts of a new bill.
fn parts(bill: &v1::Bill, amount: Money) -> Result<Vec<BillPart>, Status> {
    let parts = bill.parts.iter();
    parts
        .map(|part| {
            Ok(BillPart {
                label: part.label.clone(),
                reference: part.reference.clone(),
                line: part.revenue_line.clone(),
                minor: share("bill.parts.amount", part.amount.as_ref(), amount)?,
            })
        })
        .collect()
}

/// The instalments of a new bill.
fn instalments(bill: &v1::Bill, amount: Money) -> Result<Vec<Instalment>, Status> {
    let instalments = bill.instalments.iter();
    instalments
        .map(|one| {
            let field = "bill.instalments.due_date";
            Ok(Instalment {
                minor: share("bill.instalments.amount", one.amount.as_ref(), amount)?,
                due_date: read::date(field, read::present(field, one.due_date.as_ref())?)?,
            })
        })
        .collect()
}

/// The licence that a new bill renews: from here on its mark is masked.
fn licence(bill: &v1::Bill) -> Result<Option<Result<Licence, Refusal>>, Status> {
    let Some(asked) = &bill.vehicle_licence else {
        return Ok(None);
    };
    let field = "bill.vehicle_licence.expiry_date";
    let expires_on = read::date(field, read::present(field, asked.expiry_date.as_ref())?)?;
    Ok(Some(Licence::new(&asked.registration_mark, expires_on)))
}

/// A part of the bill's amount, in its currency.
fn share(field: &str, part: Option<&v1::Amount>, amount: Money) -> Result<i64, Status> {
    let part = read::money(field, read::present(field, part)?)?;
    if part.currency() == amount.currency() {
        Ok(part.minor())
    } else {
        let words = "must be in the bill's currency";
        Err(fault::invalid_field(field, "WRONG_CURRENCY", words))
    }
}
