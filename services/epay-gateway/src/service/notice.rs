//! `NoticeService`.

use std::sync::Arc;

use epay_domain::notification::NoticeState;
use epay_engine::Engine;
use epay_money::Language;
use epay_notice::{Channel, Details, Kind, Shelf, Sms, Tongue};
use epay_proto::v1;
use epay_proto::v1::notice_service_server::NoticeService;
use epay_store::notice::NoticeFilter;
use jiff::civil::Date;
use tonic::{Request, Response, Status};

use super::read;
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

const KIND: &str = "Notice";
const WEATHER: &str = "SevereWeather";

/// Shows notices, and holds them back.
#[derive(Debug, Clone)]
pub(crate) struct Notices {
    engine: Engine,
    shelf: Option<Arc<Shelf>>,
}

impl Notices {
    pub(crate) const fn new(engine: Engine, shelf: Option<Arc<Shelf>>) -> Self {
        Self { engine, shelf }
    }

    async fn weather(&self, name: &str, day: Date) -> Result<Response<v1::SevereWeather>, Status> {
        let words = self.engine.reader().weather(day).await;
        let words = words.map_err(|error| fault::engine(error, &About::read(WEATHER, name)))?;
        Ok(Response::new(convert::severe_weather(day, &words)))
    }
}

fn kind(wanted: i32) -> Result<Option<Kind>, Status> {
    let wanted = v1::NoticeKind::try_from(wanted).map_err(|_unknown| {
        fault::invalid_field("kind", "FIELD_MALFORMED", "must be a kind of notice")
    })?;
    Ok(convert::notice_kind_filter(wanted))
}

fn state(wanted: i32) -> Result<Option<NoticeState>, Status> {
    let wanted = v1::NoticeState::try_from(wanted).map_err(|_unknown| {
        fault::invalid_field("state", "FIELD_MALFORMED", "must be a state of a notice")
    })?;
    Ok(convert::notice_state_filter(wanted))
}

fn channel(wanted: i32) -> Result<Channel, Status> {
    let wanted = v1::NoticeChannel::try_from(wanted).ok();
    wanted
        .and_then(convert::channel_of)
        .ok_or_else(|| fault::invalid_field("channel", "FIELD_REQUIRED", "must be a channel"))
}

fn tongue(locale: &str) -> Result<Tongue, Status> {
    if locale.is_empty() {
        return Ok(Tongue::Both);
    }
    let known = Language::ALL.into_iter().find(|one| one.locale() == locale);
    known.map(Tongue::One).ok_or_else(|| {
        let words = "must be \"en-HK\", \"zh-HK\" or \"zh-CN\", or empty for two languages";
        fault::invalid_field("language", "FIELD_MALFORMED", words)
    })
}

fn day(field: &str, given: Option<&v1::Date>) -> Result<Date, Status> {
    let given =
        given.ok_or_else(|| fault::invalid_field(field, "FIELD_REQUIRED", "must be set"))?;
    read::date(field, given)
}

#[tonic::async_trait]
impl NoticeService for Notices {
    async fn list_notices(
        &self,
        request: Request<v1::ListNoticesRequest>,
    ) -> Result<Response<v1::ListNoticesResponse>, Status> {
        let caller = authorise(&request, Method::ListNotices)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let bill = match asked.bill.as_str() {
            "" => None,
            name => {
                let (owner, bill) = names::bill("bill", name)?;
                if owner != biller {
                    let words = "must be a bill of the parent";
                    return Err(fault::invalid_field("bill", "FIELD_MALFORMED", words));
                }
                Some(bill)
            }
        };
        let filter = NoticeFilter {
            bill,
            person: None,
            state: state(asked.state)?,
            kind: kind(asked.kind)?,
        };
        let (wanted, kinds) = (asked.state.to_string(), asked.kind.to_string());
        let list = List::new(
            "ListNotices",
            &[&asked.parent, &asked.bill, &wanted, &kinds],
        );
        let page = list.page(asked.page_size, &asked.page_token)?;
        let found = self.engine.reader().notices(&biller, &filter, page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read(KIND, &asked.parent)))?;
        Ok(Response::new(v1::ListNoticesResponse {
            notices: found.items.iter().map(convert::notice).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn get_notice(
        &self,
        request: Request<v1::GetNoticeRequest>,
    ) -> Result<Response<v1::Notice>, Status> {
        let caller = authorise(&request, Method::GetNotice)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::notice("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().notice(&biller, id).await;
        let found = found.map_err(|error| fault::engine(error, &About::read(KIND, &asked.name)))?;
        Ok(Response::new(convert::notice_view(&found)))
    }

    async fn count_notices(
        &self,
        request: Request<v1::CountNoticesRequest>,
    ) -> Result<Response<v1::CountNoticesResponse>, Status> {
        let caller = authorise(&request, Method::CountNotices)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let first = day("first_day", asked.first_day.as_ref())?;
        let last = day("last_day", asked.last_day.as_ref())?;
        let counts = self.engine.reader().notice_counts(&biller, (first, last));
        let counts = counts
            .await
            .map_err(|error| fault::engine(error, &About::read(KIND, &asked.parent)))?;
        Ok(Response::new(v1::CountNoticesResponse {
            counts: counts.iter().map(convert::notice_count).collect(),
        }))
    }

    async fn preview_notice(
        &self,
        request: Request<v1::PreviewNoticeRequest>,
    ) -> Result<Response<v1::PreviewNoticeResponse>, Status> {
        authorise(&request, Method::PreviewNotice)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let kind = kind(asked.kind)?
            .ok_or_else(|| fault::invalid_field("kind", "FIELD_REQUIRED", "must be set"))?;
        let channel = channel(asked.channel)?;
        let tongue = tongue(&asked.language)?;
        let (Some(shelf), Some(details)) = (&self.shelf, Details::example().ok()) else {
            let words = "people are not told of anything here: notices are not configured";
            return Err(fault::refused(
                "NOTICES_NOT_CONFIGURED",
                KIND,
                words,
                [].into(),
            ));
        };
        let templates = shelf.latest();
        let text = templates.render((kind, channel), tongue, &details);
        let text = text
            .map_err(|fault| fault::refused("NOTICE_TEXT", KIND, &fault.to_string(), [].into()))?;
        let parts = match channel {
            Channel::Sms => Sms::of(&text.body).parts.len(),
            Channel::IamSmartPush | Channel::Email => 0,
        };
        Ok(Response::new(v1::PreviewNoticeResponse {
            title: text.title.unwrap_or_default(),
            sms_parts: i32::try_from(parts).unwrap_or(i32::MAX),
            body: text.body,
            template_version: i32::try_from(templates.version()).unwrap_or(i32::MAX),
        }))
    }

    async fn get_severe_weather(
        &self,
        request: Request<v1::GetSevereWeatherRequest>,
    ) -> Result<Response<v1::SevereWeather>, Status> {
        authorise(&request, Method::GetSevereWeather)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let day = names::severe_weather("name", &asked.name)?;
        self.weather(&asked.name, day).await
    }

    async fn set_severe_weather(
        &self,
        request: Request<v1::SetSevereWeatherRequest>,
    ) -> Result<Response<v1::SevereWeather>, Status> {
        let caller = authorise(&request, Method::SetSevereWeather)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let day = names::severe_weather("name", &asked.name)?;
        let said = self
            .engine
            .set_severe_weather((day, asked.severe), caller.subject().to_owned());
        said.await
            .map_err(|error| fault::engine(error, &About::write(WEATHER, &asked.name)))?;
        self.weather(&asked.name, day).await
    }
}
