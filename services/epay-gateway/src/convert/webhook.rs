//! Receivers of webhooks, their keys and their deliveries.

use epay_domain::webhook::{Endpoint, EndpointState};
use epay_engine::{WebhookEndpointView, WebhookKeyView};
use epay_proto::v1;
use epay_store::webhook::{Delivery, DeliveryAttempt, DeliveryState};
use secrecy::ExposeSecret as _;

use super::timestamp;
use crate::names;

const fn state(endpoint: &Endpoint) -> v1::WebhookEndpointState {
    match endpoint.state {
        EndpointState::Enabled if endpoint.lane.suspended_at.is_some() => {
            v1::WebhookEndpointState::Suspended
        }
        EndpointState::Enabled => v1::WebhookEndpointState::Enabled,
        EndpointState::Disabled => v1::WebhookEndpointState::Disabled,
        EndpointState::Deleted => v1::WebhookEndpointState::Deleted,
    }
}

/// A receiver without its keys.
pub(crate) fn webhook_endpoint(endpoint: &Endpoint) -> v1::WebhookEndpoint {
    let types = endpoint.event_types.iter();
    v1::WebhookEndpoint {
        name: names::of_webhook_endpoint(&endpoint.biller, endpoint.id),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        event_types: types.map(|one| one.as_str().to_owned()).collect(),
        state: state(endpoint).into(),
        keys: vec![],
        failure_count: i32::try_from(endpoint.lane.failures).unwrap_or(i32::MAX),
        failing_since_time: endpoint.lane.failing_since.map(timestamp),
        pause_end_time: endpoint.lane.paused_until.map(timestamp),
        create_time: Some(timestamp(endpoint.created_at)),
        update_time: Some(timestamp(endpoint.changed_at)),
    }
}

fn key(key: &WebhookKeyView) -> v1::WebhookKey {
    let secret = key.secret.as_ref();
    v1::WebhookKey {
        id: key.id.to_string(),
        public_key: key.public_key.clone(),
        secret: secret.map_or_else(String::new, |secret| secret.expose_secret().to_owned()),
        create_time: Some(timestamp(key.created_at)),
        expire_time: key.expires_at.map(timestamp),
    }
}

/// A receiver with its keys.
pub(crate) fn webhook_view(view: &WebhookEndpointView) -> v1::WebhookEndpoint {
    v1::WebhookEndpoint {
        keys: view.keys.iter().map(key).collect(),
        ..webhook_endpoint(&view.endpoint)
    }
}

const fn delivery_state(state: DeliveryState) -> v1::WebhookDeliveryState {
    match state {
        DeliveryState::Waiting => v1::WebhookDeliveryState::Waiting,
        DeliveryState::Delivered => v1::WebhookDeliveryState::Delivered,
        DeliveryState::GivenUp => v1::WebhookDeliveryState::GivenUp,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn webhook_delivery_state_filter(
    wanted: v1::WebhookDeliveryState,
) -> Option<DeliveryState> {
    DeliveryState::ALL
        .into_iter()
        .find(|known| delivery_state(*known) == wanted)
}

/// A delivery with the last lines of its log.
pub(crate) fn webhook_delivery(
    (delivery, log): &(Delivery, Vec<DeliveryAttempt>),
) -> v1::WebhookDelivery {
    v1::WebhookDelivery {
        event: delivery.event.clone(),
        event_type: delivery.event_type.clone(),
        event_time: Some(timestamp(delivery.event_at)),
        state: delivery_state(delivery.state).into(),
        attempt_count: delivery.attempts,
        next_attempt_time: delivery.next_at.map(timestamp),
        end_time: delivery.ended_at.map(timestamp),
        attempts: log.iter().map(attempt).collect(),
    }
}

fn attempt(line: &DeliveryAttempt) -> v1::WebhookAttempt {
    v1::WebhookAttempt {
        attempt: line.attempt,
        time: Some(timestamp(line.at)),
        status: line.status.unwrap_or(0),
        problem: line.problem.clone().unwrap_or_default(),
        latency_millis: line.latency_ms,
        response: line.response.clone(),
    }
}
