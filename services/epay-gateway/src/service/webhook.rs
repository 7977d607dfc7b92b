//! `WebhookService`.

use epay_domain::webhook::{EndpointChange, EventType};
use epay_engine::{
    CreateWebhookEndpoint, Engine, ReplayWebhooks, RotateWebhookKey, TestWebhook,
    WebhookEndpointView,
};
use epay_proto::v1;
use epay_proto::v1::webhook_service_server::WebhookService;
use epay_store::webhook::{DeliveryFilter, ReplayRange};
use jiff::SignedDuration;
use tonic::{Request, Response, Status};

use super::read;
use super::refund::scope_of;
use crate::auth::{Method, authorise};
use crate::config::WebhookConfig;
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;

/// How long old keys sign beside a new one unless the request says otherwise.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
const KIND: &str = "WebhookEndpoint";

/// Registers receivers and shows what was delivered.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks {
    engine: Engine,
    config: Option<WebhookConfig>,
}

impl Webhooks {
    pub(crate) const fn new(engine: Engine, config: Option<WebhookConfig>) -> Self {
        Self { engine, config }
    }

    fn config(&self) -> Result<&WebhookConfig, Status> {
        self.config.as_ref().ok_or_else(|| {
            let words = "webhooks are not set up here: no vault is configured";
            fault::refused("WEBHOOKS_NOT_CONFIGURED", KIND, words, [].into())
        })
    }

    /// A URL as it will be called, or its violation.
    fn url(&self, text: &str) -> Result<String, Status> {
        let url = self.config()?.guard.read_url(text);
        url.map(String::from)
            .map_err(|fault| fault::invalid_field("url", "URL_REFUSED", &fault.to_string()))
    }
}

fn event_types(field: &str, words: &[String]) -> Result<Vec<EventType>, Status> {
    let read = |word: &String| {
        EventType::read(word)
            .filter(|known| known.is_chosen())
            .ok_or_else(|| {
                let words = format!("there is no event \"{word}\" to choose");
                fault::invalid_field(field, "EVENT_TYPE_UNKNOWN", &words)
            })
    };
    let mut types: Vec<EventType> = words.iter().map(read).collect::<Result<_, _>>()?;
    types.sort_unstable();
    types.dedup();
    Ok(types)
}

fn answered(
    view: Result<WebhookEndpointView, epay_engine::EngineError>,
    about: &About,
) -> Result<Response<v1::WebhookEndpoint>, Status> {
    let view = view.map_err(|error| fault::engine(error, about))?;
    Ok(Response::new(convert::webhook_view(&view)))
}

#[tonic::async_trait]
impl WebhookService for Webhooks {
    async fn create_webhook_endpoint(
        &self,
        request: Request<v1::CreateWebhookEndpointRequest>,
    ) -> Result<Response<v1::WebhookEndpoint>, Status> {
        let caller = authorise(&request, Method::CreateWebhookEndpoint)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let command = CreateWebhookEndpoint {
            biller,
            url: self.url(&asked.url)?,
            description: asked.description.clone(),
            event_types: event_types("event_types", &asked.event_types)?,
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let vault = &self.config()?.vault;
        let created = self.engine.create_webhook_endpoint(command, vault).await;
        answered(created, &About::write(KIND, &asked.parent))
    }

    async fn get_webhook_endpoint(
        &self,
        request: Request<v1::GetWebhookEndpointRequest>,
    ) -> Result<Response<v1::WebhookEndpoint>, Status> {
        let caller = authorise(&request, Method::GetWebhookEndpoint)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::webhook_endpoint("name", &asked.name)?;
        caller.over(&biller)?;
        let found = self.engine.reader().webhook_endpoint(&biller, id).await;
        answered(found, &About::read(KIND, &asked.name))
    }

    async fn list_webhook_endpoints(
        &self,
        request: Request<v1::ListWebhookEndpointsRequest>,
    ) -> Result<Response<v1::ListWebhookEndpointsResponse>, Status> {
        let caller = authorise(&request, Method::ListWebhookEndpoints)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = scope_of(&caller, &asked.parent)?;
        let list = List::new("ListWebhookEndpoints", &[&asked.parent]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let reader = self.engine.reader();
        let found = reader.webhook_endpoints(biller.as_ref(), page).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read(KIND, &asked.parent)))?;
        Ok(Response::new(v1::ListWebhookEndpointsResponse {
            webhook_endpoints: found.items.iter().map(convert::webhook_endpoint).collect(),
            next_page_token: list.token(found.next),
        }))
    }

    async fn update_webhook_endpoint(
        &self,
        request: Request<v1::UpdateWebhookEndpointRequest>,
    ) -> Result<Response<v1::WebhookEndpoint>, Status> {
        let caller = authorise(&request, Method::UpdateWebhookEndpoint)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::webhook_endpoint("name", &asked.name)?;
        caller.over(&biller)?;
        let types = asked.event_types.as_ref();
        let change = EndpointChange {
            url: asked.url.as_ref().map(|url| self.url(url)).transpose()?,
            description: asked.description.clone(),
            event_types: types
                .map(|wanted| event_types("event_types.types", &wanted.types))
                .transpose()?,
            disabled: asked.disabled,
        };
        let changed = self
            .engine
            .update_webhook_endpoint(&biller, id, change)
            .await;
        answered(changed, &About::write(KIND, &asked.name))
    }

    async fn delete_webhook_endpoint(
        &self,
        request: Request<v1::DeleteWebhookEndpointRequest>,
    ) -> Result<Response<v1::WebhookEndpoint>, Status> {
        let caller = authorise(&request, Method::DeleteWebhookEndpoint)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, id) = names::webhook_endpoint("name", &asked.name)?;
        caller.over(&biller)?;
        let deleted = self.engine.delete_webhook_endpoint(&biller, id).await;
        answered(deleted, &About::write(KIND, &asked.name))
    }

    async fn rotate_webhook_key(
        &self,
        request: Request<v1::RotateWebhookKeyRequest>,
    ) -> Result<Response<v1::WebhookEndpoint>, Status> {
        let caller = authorise(&request, Method::RotateWebhookKey)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, endpoint) = names::webhook_endpoint("name", &asked.name)?;
        caller.over(&biller)?;
        let overlap = asked.overlap.as_ref();
        let command = RotateWebhookKey {
            biller,
            endpoint,
            overlap: overlap.map_or(OVERLAP, |it| SignedDuration::from_secs(it.seconds)),
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let vault = &self.config()?.vault;
        let rotated = self.engine.rotate_webhook_key(command, vault).await;
        answered(rotated, &About::write(KIND, &asked.name))
    }

    async fn test_webhook_endpoint(
        &self,
        request: Request<v1::TestWebhookEndpointRequest>,
    ) -> Result<Response<v1::TestWebhookEndpointResponse>, Status> {
        let caller = authorise(&request, Method::TestWebhookEndpoint)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, endpoint) = names::webhook_endpoint("name", &asked.name)?;
        caller.over(&biller)?;
        let command = TestWebhook { biller, endpoint };
        let event = self.engine.test_webhook(command).await;
        let event =
            event.map_err(|error| fault::engine(error, &About::write(KIND, &asked.name)))?;
        Ok(Response::new(v1::TestWebhookEndpointResponse {
            event: event.id,
        }))
    }

    async fn list_webhook_deliveries(
        &self,
        request: Request<v1::ListWebhookDeliveriesRequest>,
    ) -> Result<Response<v1::ListWebhookDeliveriesResponse>, Status> {
        let caller = authorise(&request, Method::ListWebhookDeliveries)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, endpoint) = names::webhook_endpoint("parent", &asked.parent)?;
        caller.over(&biller)?;
        let state = asked.state.to_string();
        let list = List::new("ListWebhookDeliveries", &[&asked.parent, &state]);
        let filter = DeliveryFilter {
            biller,
            endpoint,
            state: convert::webhook_delivery_state_filter(asked.state()),
            before: list.word(&asked.page_token)?,
        };
        let size = i64::from(asked.page_size);
        let found = self.engine.reader().webhook_deliveries(&filter, size).await;
        let (found, next) =
            found.map_err(|error| fault::engine(error, &About::read(KIND, &asked.parent)))?;
        Ok(Response::new(v1::ListWebhookDeliveriesResponse {
            deliveries: found.iter().map(convert::webhook_delivery).collect(),
            next_page_token: list.word_token(next.as_deref()),
        }))
    }

    async fn replay_webhook_deliveries(
        &self,
        request: Request<v1::ReplayWebhookDeliveriesRequest>,
    ) -> Result<Response<v1::ReplayWebhookDeliveriesResponse>, Status> {
        let caller = authorise(&request, Method::ReplayWebhookDeliveries)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (biller, endpoint) = names::webhook_endpoint("parent", &asked.parent)?;
        caller.over(&biller)?;
        let time = |field, at| read::time(field, read::present(field, at)?);
        let range = ReplayRange {
            from: time("start_time", asked.start_time.as_ref())?,
            to: time("end_time", asked.end_time.as_ref())?,
            delivered: asked.include_delivered,
        };
        if range.from >= range.to {
            let words = "must be after start_time";
            return Err(fault::invalid_field(
                "end_time",
                "FIELD_OUT_OF_RANGE",
                words,
            ));
        }
        let command = ReplayWebhooks {
            biller,
            endpoint,
            range,
            idempotency_key: asked.idempotency_key.clone(),
            caller: caller.subject().to_owned(),
        };
        let replay = self.engine.replay_webhooks(command).await;
        let replay =
            replay.map_err(|error| fault::engine(error, &About::write(KIND, &asked.parent)))?;
        Ok(Response::new(v1::ReplayWebhookDeliveriesResponse {
            event_count: replay.events,
            next_start_time: replay.next_at.map(convert::timestamp),
        }))
    }
}
