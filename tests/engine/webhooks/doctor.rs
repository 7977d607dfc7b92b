//! What people see of a receiver, read as they would.

use epay_domain::webhook::Endpoint;
use epay_engine::WebhookEndpointView;
use epay_store::webhook::{Delivery, DeliveryAttempt, DeliveryFilter};

use crate::house::House;

/// Deliveries of a receiver with their log, newest event first.
pub(super) async fn deliveries(
    house: &House,
    made: &WebhookEndpointView,
) -> Vec<(Delivery, Vec<DeliveryAttempt>)> {
    let filter = DeliveryFilter {
        biller: made.endpoint.biller.clone(),
        endpoint: made.endpoint.id,
        state: None,
        before: None,
    };
    let reader = house.engine.reader();
    reader.webhook_deliveries(&filter, 1_000).await.unwrap().0
}

/// A receiver as it stands.
pub(super) async fn endpoint(house: &House, made: &WebhookEndpointView) -> Endpoint {
    let (biller, id) = (&made.endpoint.biller, made.endpoint.id);
    let found = house.engine.reader().webhook_endpoint(biller, id).await;
    found.unwrap().endpoint
}
