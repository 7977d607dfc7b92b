//! `ReconciliationService`.

use epay_domain::reconciliation::case::Resolution;
use epay_domain::reconciliation::{BreakClass, Level};
use epay_engine::{Engine, ProposeBreakResolution};
use epay_money::{BillerId, RailId, hong_kong_date};
use epay_proto::v1;
use epay_proto::v1::break_resolution::How;
use epay_proto::v1::reconciliation_service_server::ReconciliationService;
use epay_store::reconciliation::{CaseFilter, MatchFilter};
use jiff::ToSpan as _;
use jiff::civil::Date;
use tonic::{Request, Response, Status};

use super::read;
use super::refund::{person, scope_of};
use crate::auth::{Authorised, Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Stands for nobody in a filter of owners.
const NOBODY: &str = "-";
/// Days of a summary that names none.
const SUMMARY_DAYS: i32 = 31;

/// Shows breaks and matches, and takes what people decide about a break.
#[derive(Debug, Clone)]
pub(crate) struct Reconciliations {
    engine: Engine,
}

fn malformed(field: &str, words: &str) -> Status {
    fault::invalid_field(field, "FIELD_MALFORMED", words)
}

/// A word of a filter; nothing where it is empty.
fn word<T>(
    field: &str,
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let known = read(text).ok_or_else(|| malformed(field, "is not a word that is known"))?;
    Ok(Some(known))
}

fn rail(field: &str, text: &str) -> Result<Option<RailId>, Status> {
    word(field, text, |text| RailId::new(text).ok())
}

fn day(field: &str, date: Option<&v1::Date>) -> Result<Option<Date>, Status> {
    date.map(|date| read::date(field, date)).transpose()
}

/// How a break ends, as it was asked for.
fn resolution(biller: &BillerId, asked: &v1::BreakResolution) -> Result<Resolution, Status> {
    Ok(match read::present("resolution", asked.how.as_ref())? {
        How::Match(name) => {
            let (owner, other) = names::break_("resolution.match", name)?;
            if owner != *biller {
                return Err(malformed("resolution.match", "must be of the same biller"));
            }
            Resolution::Match { other }
        }
        How::WriteOff(v1::WriteOff {}) => Resolution::WriteOff,
        How::Suspense(v1::TakeToSuspense {}) => Resolution::Suspense,
        How::DepartmentClaim(v1::DepartmentClaim {}) => Resolution::DepartmentClaim,
        How::RailClaim(v1::RailClaim {}) => Resolution::RailClaim,
        How::FeeInvoiceRail(name) => {
            let field = "resolution.fee_invoice_rail";
            let rail = rail(field, name)?.ok_or_else(|| malformed(field, "must name a rail"))?;
            Resolution::FeeInvoice { rail }
        }
        How::Remittance(remittance) => {
            check_shape(remittance)?;
            Resolution::Remittance {
                lines: lines("resolution.remittance.lines.amount", &remittance.lines)?,
                clawback: lines(
                    "resolution.remittance.clawback_lines.amount",
                    &remittance.clawback_lines,
                )?,
            }
        }
        How::Accept(v1::AcceptBreak {}) => Resolution::Accept,
    })
}

/// Revenue lines and minor units.
fn lines(field: &'static str, lines: &[v1::RevenueLine]) -> Result<Vec<(String, i64)>, Status> {
    let line = |line: &v1::RevenueLine| {
        let amount = read::money(field, read::present(field, line.amount.as_ref())?)?;
        Ok((line.code.clone(), amount.minor()))
    };
    lines.iter().map(line).collect()
}

impl Reconciliations {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    async fn propose(
        &self,
        caller: &Authorised,
        (name, reason, key): (&str, &str, &str),
        resolution: Resolution,
    ) -> Result<Response<v1::Proposal>, Status> {
        let (biller, id) = names::break_("name", name)?;
        let command = ProposeBreakResolution {
            biller,
            id,
            resolution,
            reason: reason.to_owned(),
            idempotency_key: key.to_owned(),
            caller: person(caller),
        };
        let proposed = self.engine.propose_break_resolution(command).await;
        let proposal =
            proposed.map_err(|error| fault::engine(error, &About::write("Break", name)))?;
        Ok(Response::new(convert::proposal(&proposal)))
    }

    fn filter(
        &self,
        caller: &Authorised,
        asked: &v1::ListBreaksRequest,
    ) -> Result<CaseFilter, Status> {
        let about = About::read("Break", &asked.parent);
        let age = u32::try_from(asked.age_business_days_min)
            .map_err(|_negative| malformed("age_business_days_min", "must not be below zero"))?;
        let opened_until = match age {
            0 => None,
            age => {
                let until = self.engine.opened_until(age.min(AGE_MAX));
                Some(until.map_err(|error| fault::engine(error, &about))?)
            }
        };
        let owner = match asked.owner.as_str() {
            "" => None,
            NOBODY => Some(String::new()),
            owner => Some(owner.to_owned()),
        };
        Ok(CaseFilter {
            biller: scope_of(caller, &asked.parent)?,
            class: word("class", &asked.class, BreakClass::from_word)?,
            state: convert::break_state_filter(asked.state()),
            owner,
            rail: rail("rail", &asked.rail)?,
            opened_until,
        })
    }
}

/// Older breaks are asked for as if they were this old.
const AGE_MAX: u32 = 1_000;

#[tonic::async_trait]
impl ReconciliationService for Reconciliations {
    async fn list_breaks(
        &self,
        request: Request<v1::ListBreaksRequest>,
    ) -> Result<Response<v1::ListBreaksResponse>, Status> {
        let caller = authorise(&request, Method::ListBreaks)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let filter = self.filter(&caller, asked)?;
        let parameters = [
            asked.parent.as_str(),
            &asked.class,
            &asked.state.to_string(),
            &asked.owner,
            &asked.age_business_days_min.to_string(),
            &asked.rail,
        ];
        let list = List::new("ListBreaks", &parameters);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().break_cases(&filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Break", &asked.parent)))?;
        let breaks = found
            .items
            .into_iter()
            .map(|case| convert::break_of(&self.engine.aged(case)));
        Ok(Response::new(v1::ListBreaksResponse {
            breaks: breaks.collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn get_break(
        &self,
        request: Request<v1::GetBreakRequest>,
    ) -> Result<Response<v1::Break>, Status> {
        let caller = authorise(&request, Method::GetBreak)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::break_("name", &asked.name)?;
        caller.over(&biller)?;
        let about = About::read("Break", &asked.name);
        let reader = self.engine.reader();
        let case = reader.break_case(&biller, id).await;
        let case = case.map_err(|error| fault::engine(error, &about))?;
        let events = reader.break_events(&biller, id).await;
        let events = events.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(v1::Break {
            history: events.iter().map(convert::break_event).collect(),
            ..convert::break_of(&self.engine.aged(case))
        }))
    }

    async fn assign_break(
        &self,
        request: Request<v1::AssignBreakRequest>,
    ) -> Result<Response<v1::Break>, Status> {
        let caller = authorise(&request, Method::AssignBreak)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::break_("name", &asked.name)?;
        caller.over(&biller)?;
        let owner = Some(asked.owner.clone()).filter(|owner| !owner.is_empty());
        let by = caller.subject().to_owned();
        let assigned = self.engine.assign_break(&biller, id, owner, by).await;
        let view =
            assigned.map_err(|error| fault::engine(error, &About::write("Break", &asked.name)))?;
        Ok(Response::new(convert::break_of(&view)))
    }

    async fn propose_break_resolution(
        &self,
        request: Request<v1::ProposeBreakResolutionRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ProposeBreakResolution)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, _id) = names::break_("name", &asked.name)?;
        caller.over(&biller)?;
        let how = read::present("resolution", asked.resolution.as_ref())?;
        let how = resolution(&biller, how)?;
        let words = (
            asked.name.as_str(),
            asked.reason.as_str(),
            asked.idempotency_key.as_str(),
        );
        self.propose(&caller, words, how).await
    }

    async fn reopen_break(
        &self,
        request: Request<v1::ReopenBreakRequest>,
    ) -> Result<Response<v1::Proposal>, Status> {
        let caller = authorise(&request, Method::ReopenBreak)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, _id) = names::break_("name", &asked.name)?;
        caller.over(&biller)?;
        let words = (
            asked.name.as_str(),
            asked.reason.as_str(),
            asked.idempotency_key.as_str(),
        );
        self.propose(&caller, words, Resolution::Reopen).await
    }

    async fn list_matches(
        &self,
        request: Request<v1::ListMatchesRequest>,
    ) -> Result<Response<v1::ListMatchesResponse>, Status> {
        let caller = authorise(&request, Method::ListMatches)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let filter = MatchFilter {
            level: word("level", &asked.level, Level::from_word)?,
            rail: rail("rail", &asked.rail)?,
            day: day("day", asked.day.as_ref())?,
            item: None,
        };
        let on = asked.day.as_ref().map_or("", |day| day.iso.as_str());
        let list = List::new(
            "ListMatches",
            &[&asked.parent, &asked.level, &asked.rail, on],
        );
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().matches(&biller, &filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Match", &asked.parent)))?;
        let matches = found
            .items
            .iter()
            .map(|parts| convert::match_of(&biller, parts));
        Ok(Response::new(v1::ListMatchesResponse {
            matches: matches.collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn get_reconciliation_summary(
        &self,
        request: Request<v1::GetReconciliationSummaryRequest>,
    ) -> Result<Response<v1::ReconciliationSummary>, Status> {
        let caller = authorise(&request, Method::GetReconciliationSummary)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::reconciliation("name", &asked.name)?;
        caller.over(&biller)?;
        let until = day("until_day", asked.until_day.as_ref())?;
        let until = until.unwrap_or_else(|| hong_kong_date(self.engine.now()));
        let from = day("from_day", asked.from_day.as_ref())?;
        let from = from.unwrap_or_else(|| until.saturating_sub(SUMMARY_DAYS.days()));
        let found = self
            .engine
            .reader()
            .reconciliation(&biller, (from, until))
            .await;
        let found = found
            .map_err(|error| fault::engine(error, &About::read("Reconciliation", &asked.name)))?;
        Ok(Response::new(convert::summary(&found)))
    }
}
