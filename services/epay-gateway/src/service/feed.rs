//! `FeedService`.

mod stream;

use std::pin::Pin;

use epay_engine::{AcknowledgeFeed, CloseDay, Engine, RedeliverFeed};
use epay_feed::{Shape, Verdict};
use epay_money::RailId;
use epay_proto::v1;
use epay_proto::v1::acknowledge_feed_file_request::Verdict as Said;
use epay_proto::v1::feed_service_server::FeedService;
use epay_store::feed::FeedDeliveryFilter;
use futures_util::Stream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::refund::scope_of;
use crate::auth::{Method, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// Closes days, hands files out and takes what departments say of them.
#[derive(Debug, Clone)]
pub(crate) struct Feeds {
    engine: Engine,
}

impl Feeds {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FeedService for Feeds {
    type StreamFeedStream = Messages<v1::StreamFeedResponse>;
    type DownloadFeedFileStream = Messages<v1::DownloadFeedFileResponse>;

    async fn close_day(
        &self,
        request: Request<v1::CloseDayRequest>,
    ) -> Result<Response<v1::BusinessDay>, Status> {
        let caller = authorise(&request, Method::CloseDay)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, day) = names::business_day("name", &asked.name)?;
        caller.over(&biller)?;
        let late = asked.late_rails.iter();
        let late: Result<Vec<RailId>, Status> =
            late.map(|word| names::id("late_rails", word)).collect();
        let command = CloseDay {
            biller,
            day,
            late: late?,
            reason: (!asked.reason.trim().is_empty()).then(|| asked.reason.clone()),
            caller: caller.subject().to_owned(),
        };
        let about = About::write("BusinessDay", &asked.name);
        let closed = Box::pin(self.engine.close_day(&command)).await;
        let closed = closed.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::business_day(&closed)))
    }

    async fn get_business_day(
        &self,
        request: Request<v1::GetBusinessDayRequest>,
    ) -> Result<Response<v1::BusinessDay>, Status> {
        let caller = authorise(&request, Method::GetBusinessDay)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, day) = names::business_day("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().closed_day(&biller, day).await;
        let found = found
            .map_err(|error| fault::engine(error, &About::read("BusinessDay", &asked.name)))?;
        Ok(Response::new(convert::business_day(&found)))
    }

    async fn list_feeds(
        &self,
        request: Request<v1::ListFeedsRequest>,
    ) -> Result<Response<v1::ListFeedsResponse>, Status> {
        let caller = authorise(&request, Method::ListFeeds)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let found = self.engine.reader().feeds(biller.as_ref()).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("Feed", &asked.parent)))?;
        Ok(Response::new(v1::ListFeedsResponse {
            feeds: found.iter().map(convert::feed).collect(),
        }))
    }

    async fn get_feed_file(
        &self,
        request: Request<v1::GetFeedFileRequest>,
    ) -> Result<Response<v1::FeedFile>, Status> {
        let caller = authorise(&request, Method::GetFeedFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (key, sequence) = names::feed_file("name", &asked.name)?;
        caller.over(&key.biller)?;
        let found = self.engine.reader().feed_file(&key, sequence).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("FeedFile", &asked.name)))?;
        Ok(Response::new(convert::feed_file(&found)))
    }

    async fn list_feed_files(
        &self,
        request: Request<v1::ListFeedFilesRequest>,
    ) -> Result<Response<v1::ListFeedFilesResponse>, Status> {
        let caller = authorise(&request, Method::ListFeedFiles)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let key = names::feed("parent", &asked.parent)?;
        caller.over(&key.biller)?;
        let list = List::new("ListFeedFiles", &[&asked.parent]);
        let after = list.page(asked.page_size, &asked.page_token)?.after;
        // A file's place in the list is its number.
        let before = after.map(|place| i64::try_from(place.as_u64_pair().1).unwrap_or(i64::MAX));
        let size = i64::from(asked.page_size);
        let found = self.engine.reader().feed_files(&key, before, size).await;
        let (files, next) =
            found.map_err(|error| fault::engine(error, &About::read("Feed", &asked.parent)))?;
        let next = next.and_then(|number| u64::try_from(number).ok());
        Ok(Response::new(v1::ListFeedFilesResponse {
            files: files.iter().map(convert::feed_file).collect(),
            next_page_token: list.token(next.map(|number| Uuid::from_u64_pair(0, number))),
        }))
    }

    async fn list_feed_alerts(
        &self,
        request: Request<v1::ListFeedAlertsRequest>,
    ) -> Result<Response<v1::ListFeedAlertsResponse>, Status> {
        let caller = authorise(&request, Method::ListFeedAlerts)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let found = self.engine.feed_alerts(biller.as_ref()).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("FeedFile", &asked.parent)))?;
        Ok(Response::new(convert::feed_alerts(&found)))
    }

    async fn list_feed_deliveries(
        &self,
        request: Request<v1::ListFeedDeliveriesRequest>,
    ) -> Result<Response<v1::ListFeedDeliveriesResponse>, Status> {
        let caller = authorise(&request, Method::ListFeedDeliveries)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let feed = names::feed("parent", &asked.parent)?;
        caller.over(&feed.biller)?;
        let list = List::new("ListFeedDeliveries", &[&asked.parent]);
        let filter = FeedDeliveryFilter {
            feed,
            sequence: None,
            before: list.word(&asked.page_token)?.as_deref().and_then(place),
        };
        let size = i64::from(asked.page_size);
        let found = self.engine.reader().feed_deliveries(&filter, size).await;
        let (found, next) =
            found.map_err(|error| fault::engine(error, &About::read("Feed", &asked.parent)))?;
        let next = next.map(|(sequence, shape)| format!("{sequence}/{}", shape.as_str()));
        Ok(Response::new(v1::ListFeedDeliveriesResponse {
            deliveries: found.iter().map(convert::feed_delivery).collect(),
            next_page_token: list.word_token(next.as_deref()),
        }))
    }

    async fn redeliver_feed_file(
        &self,
        request: Request<v1::RedeliverFeedFileRequest>,
    ) -> Result<Response<v1::RedeliverFeedFileResponse>, Status> {
        let caller = authorise(&request, Method::RedeliverFeedFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (key, sequence) = names::feed_file("name", &asked.name)?;
        caller.over(&key.biller)?;
        let command = RedeliverFeed {
            key,
            sequence,
            shape: convert::shape_named(asked.shape()),
            caller: caller.subject().to_owned(),
        };
        let about = About::write("FeedDelivery", &asked.name);
        let found = self.engine.redeliver_feed(command).await;
        let found = found.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(v1::RedeliverFeedFileResponse {
            deliveries: found.iter().map(convert::feed_delivery).collect(),
        }))
    }

    async fn stream_feed(
        &self,
        request: Request<v1::StreamFeedRequest>,
    ) -> Result<Response<Self::StreamFeedStream>, Status> {
        let caller = authorise(&request, Method::StreamFeed)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let key = names::feed("parent", &asked.parent)?;
        caller.over(&key.biller)?;
        let rows = stream::rows(self.engine.clone(), key, &asked.cursor)?;
        Ok(Response::new(Box::pin(rows)))
    }

    async fn download_feed_file(
        &self,
        request: Request<v1::DownloadFeedFileRequest>,
    ) -> Result<Response<Self::DownloadFeedFileStream>, Status> {
        let caller = authorise(&request, Method::DownloadFeedFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (key, sequence) = names::feed_file("name", &asked.name)?;
        caller.over(&key.biller)?;
        let about = About::read("FeedFile", &asked.name);
        let file = self.engine.reader().feed_file(&key, sequence).await;
        let file = file.map_err(|error| fault::engine(error, &about))?;
        let shape = convert::shape_of(asked.shape());
        let pieces = stream::pieces(&self.engine, &file, shape, about)?;
        Ok(Response::new(Box::pin(pieces)))
    }

    async fn acknowledge_feed_file(
        &self,
        request: Request<v1::AcknowledgeFeedFileRequest>,
    ) -> Result<Response<v1::FeedFile>, Status> {
        let caller = authorise(&request, Method::AcknowledgeFeedFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (key, sequence) = names::feed_file("name", &asked.name)?;
        caller.over(&key.biller)?;
        let command = AcknowledgeFeed {
            key,
            sequence,
            verdict: verdict(asked.verdict.as_ref())?,
            caller: caller.subject().to_owned(),
        };
        let about = About::write("FeedFile", &asked.name);
        let file = self.engine.acknowledge_feed(command).await;
        let file = file.map_err(|error| fault::engine(error, &about))?;
        Ok(Response::new(convert::feed_file(&file)))
    }
}

/// A place in a list of deliveries: the file's number and the shape's word.
fn place(word: &str) -> Option<(i64, Shape)> {
    let (sequence, shape) = word.split_once('/')?;
    let shape = Shape::ALL.into_iter().find(|one| one.as_str() == shape)?;
    Some((sequence.parse().ok()?, shape))
}

fn verdict(said: Option<&Said>) -> Result<Verdict, Status> {
    let wrong = |field: &str| {
        let words = "must not be below zero";
        fault::invalid_field(field, "FIELD_OUT_OF_RANGE", words)
    };
    match said {
        Some(Said::Accepted(accepted)) => Ok(Verdict::Accepted {
            rows: u64::try_from(accepted.row_count)
                .map_err(|_negative| wrong("accepted.row_count"))?,
            net_minor: accepted.net_minor_units,
        }),
        Some(Said::Refused(refused)) => Ok(Verdict::Refused {
            line: u32::try_from(refused.line).map_err(|_negative| wrong("refused.line"))?,
            reason: refused.reason.clone(),
        }),
        None => {
            let words = "say that the file is accepted or refused";
            Err(fault::invalid_field("verdict", "FIELD_REQUIRED", words))
        }
    }
}
