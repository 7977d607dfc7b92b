//! The routes of the one port, each with the layers of its door.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{Route, get, post};
use epay_channels::{PUSH_RECEIPTS_PATH, SMS_RECEIPTS_PATH};
use epay_engine::Engine;
use epay_proto::v1::bill_service_server::BillServiceServer;
use epay_proto::v1::event_service_server::EventServiceServer;
use epay_proto::v1::feed_service_server::FeedServiceServer;
use epay_proto::v1::ledger_service_server::LedgerServiceServer;
use epay_proto::v1::log_service_server::LogServiceServer;
use epay_proto::v1::notice_service_server::NoticeServiceServer;
use epay_proto::v1::notification_service_server::NotificationServiceServer;
use epay_proto::v1::operations_service_server::OperationsServiceServer;
use epay_proto::v1::payment_service_server::PaymentServiceServer;
use epay_proto::v1::proposal_service_server::ProposalServiceServer;
use epay_proto::v1::qr_service_server::QrServiceServer;
use epay_proto::v1::rail_file_service_server::RailFileServiceServer;
use epay_proto::v1::reconciliation_service_server::ReconciliationServiceServer;
use epay_proto::v1::refund_service_server::RefundServiceServer;
use epay_proto::v1::statement_service_server::StatementServiceServer;
use epay_proto::v1::webhook_service_server::WebhookServiceServer;
use http::{HeaderMap, HeaderValue, StatusCode};
use rest_over_grpc::serving::RestService;
use rest_over_grpc::transcoding::Transcode;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;
use tonic::service::Routes;
use tonic::{Status, server::NamedService};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use crate::admission::{self, Admission};
use crate::auth::current::CALLER;
use crate::auth::layer::authenticate;
use crate::auth::token::Verifier;
use crate::config::{GatewayConfig, Limits};
use crate::error::GatewayError;
use crate::service::{
    Bills, Events, Feeds, Ledger, Log, Notices, Notifications, Operations, Payments, Proposals, Qr,
    RailFiles, Reconciliations, Refunds, Returns, Statements, Throttle, Watches, Webhooks,
};
use crate::web::bills;
use crate::web::docs::Docs;
use crate::web::forms::{self, FORMS_PATH, FormBox};
use crate::web::health::{Readiness, healthz, readyz};
use crate::web::problem::{Problem, REQUEST_ID};
use crate::web::rails::{self, Doors};
use crate::web::receipts::{self, Letterbox};
use crate::web::rest;
use crate::{fault, layers};

/// What the doors share.
pub(crate) struct Parts {
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) watches: Watches,
    pub(crate) docs: Docs,
    pub(crate) engine: Engine,
    pub(crate) stopping: CancellationToken,
    pub(crate) health: HealthReporter,
}

/// Everything on the port.
pub(crate) async fn router<H: Health>(
    config: &GatewayConfig,
    parts: Parts,
    health: HealthServer<H>,
) -> Result<Router, GatewayError> {
    let cors = cors(&config.allowed_origins)?;
    announce(&parts.health, ServingStatus::Serving).await;
    let services = Services::new(config, &parts);
    let admission = Admission::new(config.limits.requests_max);
    let app = grpc(config, &parts, services.clone(), &admission)
        .merge(open_grpc(config.reflection, health)?)
        .merge(json(config, &parts, services, &admission))
        .merge(notices(config, &parts, &admission))
        .merge(pages(parts))
        .fallback(no_route)
        // One stack instead of four layers: a router boxes what each layer makes, for every request.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(layers::name_request))
                .layer(SetSensitiveRequestHeadersLayer::new([
                    http::header::AUTHORIZATION,
                ]))
                .layer(TraceLayer::new_for_http().make_span_with(layers::span))
                .layer(cors),
        );
    Ok(app)
}

/// Tells gRPC health how every service stands.
pub(crate) async fn announce(health: &HealthReporter, status: ServingStatus) {
    let names = [
        "",
        <BillServiceServer<Bills> as NamedService>::NAME,
        <PaymentServiceServer<Payments> as NamedService>::NAME,
        <QrServiceServer<Qr> as NamedService>::NAME,
        <LedgerServiceServer<Ledger> as NamedService>::NAME,
        <LogServiceServer<Log> as NamedService>::NAME,
        <NoticeServiceServer<Notices> as NamedService>::NAME,
        <OperationsServiceServer<Operations> as NamedService>::NAME,
        <ReconciliationServiceServer<Reconciliations> as NamedService>::NAME,
        <RefundServiceServer<Refunds> as NamedService>::NAME,
        <ProposalServiceServer<Proposals> as NamedService>::NAME,
        <StatementServiceServer<Statements> as NamedService>::NAME,
        <RailFileServiceServer<RailFiles> as NamedService>::NAME,
        <EventServiceServer<Events> as NamedService>::NAME,
        <FeedServiceServer<Feeds> as NamedService>::NAME,
        <WebhookServiceServer<Webhooks> as NamedService>::NAME,
        <NotificationServiceServer<Notifications> as NamedService>::NAME,
    ];
    for name in names {
        health.set_service_status(name, status).await;
    }
}

#[derive(Clone)]
struct Services {
    bills: Bills,
    payments: Payments,
    ledger: Ledger,
    log: Log,
    notices: Notices,
    operations: Operations,
    refunds: Refunds,
    proposals: Proposals,
    reconciliations: Reconciliations,
    statements: Statements,
    rail_files: RailFiles,
    feeds: Feeds,
    events: Events,
    webhooks: Webhooks,
    notifications: Notifications,
}

impl Services {
    fn new(config: &GatewayConfig, parts: &Parts) -> Self {
        // Whoever subscribes looks a bill up, and so owes for it as for a look.
        let throttle = Throttle::new(config.limits.lookups);
        Self {
            bills: Bills::new(parts.engine.clone(), throttle.clone()),
            notifications: Notifications::new(
                parts.engine.clone(),
                (config.contacts.clone(), config.tells_people),
                throttle,
            ),
            payments: Payments::new(
                parts.engine.clone(),
                parts.watches.clone(),
                Arc::new(Returns::new(&config.return_origins)),
            ),
            ledger: Ledger::new(parts.engine.clone()),
            log: Log::new(parts.engine.clone()),
            notices: Notices::new(parts.engine.clone(), config.notice_texts.clone()),
            operations: Operations::new(parts.engine.clone()),
            refunds: Refunds::new(parts.engine.clone()),
            proposals: Proposals::new(parts.engine.clone()),
            reconciliations: Reconciliations::new(parts.engine.clone()),
            statements: Statements::new(parts.engine.clone()),
            rail_files: RailFiles::new(parts.engine.clone(), Arc::new(config.rail_doors.clone())),
            feeds: Feeds::new(parts.engine.clone()),
            events: Events::new(
                parts.engine.clone(),
                config.limits.event_streams_max,
                parts.stopping.clone(),
            ),
            webhooks: Webhooks::new(parts.engine.clone(), config.webhooks.clone()),
        }
    }
}

/// gRPC and gRPC-Web, for callers with a token.
fn grpc(
    config: &GatewayConfig,
    parts: &Parts,
    services: Services,
    admission: &Admission,
) -> Router {
    let most = config.limits.body_bytes_max;
    let most_of_payments = most.saturating_add(config.limits.instrument_bytes_max);
    let routes =
        Routes::new(BillServiceServer::new(services.bills).max_decoding_message_size(most))
            .add_service(
                PaymentServiceServer::new(services.payments)
                    .max_decoding_message_size(most_of_payments),
            )
            .add_service(QrServiceServer::new(Qr).max_decoding_message_size(most))
            .add_service(LedgerServiceServer::new(services.ledger).max_decoding_message_size(most))
            .add_service(LogServiceServer::new(services.log).max_decoding_message_size(most))
            .add_service(NoticeServiceServer::new(services.notices).max_decoding_message_size(most))
            .add_service(
                ReconciliationServiceServer::new(services.reconciliations)
                    .max_decoding_message_size(most),
            )
            .add_service(RefundServiceServer::new(services.refunds).max_decoding_message_size(most))
            .add_service(
                ProposalServiceServer::new(services.proposals).max_decoding_message_size(most),
            )
            .add_service(
                OperationsServiceServer::new(services.operations).max_decoding_message_size(most),
            )
            .add_service(EventServiceServer::new(services.events).max_decoding_message_size(most))
            .add_service(FeedServiceServer::new(services.feeds).max_decoding_message_size(most))
            .add_service(
                StatementServiceServer::new(services.statements)
                    .max_decoding_message_size(most.max(UPLOAD_MESSAGE_BYTES_MAX)),
            )
            .add_service(
                RailFileServiceServer::new(services.rail_files)
                    .max_decoding_message_size(most.max(UPLOAD_MESSAGE_BYTES_MAX)),
            )
            .add_service(
                WebhookServiceServer::new(services.webhooks).max_decoding_message_size(most),
            )
            .add_service(
                NotificationServiceServer::new(services.notifications)
                    .max_decoding_message_size(most),
            )
            .into_axum_router()
            .reset_fallback();
    // One stack, because a router boxes and copies what each layer makes, for every request.
    routes.layer(
        ServiceBuilder::new()
            .layer(GrpcWebLayer::new())
            .map_request(|request: http::Request<tonic::body::Body>| request.map(Body::new))
            .layer(CatchPanicLayer::custom(layers::panicked_grpc))
            .layer(guards(parts, &config.limits, admission)),
    )
}

/// Longest message of an upload in bytes: a chunk as the store keeps it, and its tag.
const UPLOAD_MESSAGE_BYTES_MAX: usize = 1_024 * 1_024 + 1_024;

/// Health, and reflection where it is wanted: open to all, as their clients expect.
fn open_grpc<H: Health>(reflection: bool, health: HealthServer<H>) -> Result<Router, GatewayError> {
    let mut routes = Routes::new(health);
    if reflection {
        let builder = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(epay_proto::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        // Many tools, Google's own Python library among them, still speak the older protocol only.
        routes = routes
            .add_service(builder().build_v1().map_err(GatewayError::Reflection)?)
            .add_service(
                builder()
                    .build_v1alpha()
                    .map_err(GatewayError::Reflection)?,
            );
    }
    Ok(routes
        .into_axum_router()
        .reset_fallback()
        .layer(GrpcWebLayer::new()))
}

/// JSON over HTTP, for callers with a token.
fn json(
    config: &GatewayConfig,
    parts: &Parts,
    services: Services,
    admission: &Admission,
) -> Router {
    // In JSON three bytes are four characters.
    let instrument = config.limits.instrument_bytes_max;
    let most_of_instruments = instrument.saturating_add(instrument.div_ceil(3));
    let most = config.limits.body_bytes_max;
    let small = transcoder(services.clone(), most);
    let large = transcoder(services, most.saturating_add(most_of_instruments));
    let service = tower::service_fn(move |request: Request| {
        let takes_instruments = request.uri().path().ends_with(INSTRUMENT_PATH_END);
        let service = if takes_instruments { &large } else { &small };
        service.clone().oneshot(request)
    });
    let routes = Router::new()
        .route_service("/v1/{*rest}", service)
        .layer(from_fn(rest::problems))
        .route(bills::IMPORT_ROUTE, post(bills::import))
        .with_state(parts.engine.clone());
    routes.layer(
        ServiceBuilder::new()
            .layer(CatchPanicLayer::custom(layers::panicked_http))
            .layer(guards(parts, &config.limits, admission)),
    )
}

/// How the one path ends whose bodies may be as large as what a payer hands over.
const INSTRUMENT_PATH_END: &str = ":submitInstrument";

/// The services by way of REST, for bodies of at most so many bytes.
fn transcoder(
    services: Services,
    most: usize,
) -> RestService<impl Transcode + Clone + Send + 'static> {
    use epay_proto::v1::{
        __rest_over_grpc_bridge_BillService::BillServiceRestBridge,
        __rest_over_grpc_bridge_EventService::EventServiceRestBridge,
        __rest_over_grpc_bridge_FeedService::FeedServiceRestBridge,
        __rest_over_grpc_bridge_LedgerService::LedgerServiceRestBridge,
        __rest_over_grpc_bridge_LogService::LogServiceRestBridge,
        __rest_over_grpc_bridge_NoticeService::NoticeServiceRestBridge,
        __rest_over_grpc_bridge_NotificationService::NotificationServiceRestBridge,
        __rest_over_grpc_bridge_OperationsService::OperationsServiceRestBridge,
        __rest_over_grpc_bridge_PaymentService::PaymentServiceRestBridge,
        __rest_over_grpc_bridge_ProposalService::ProposalServiceRestBridge,
        __rest_over_grpc_bridge_QrService::QrServiceRestBridge,
        __rest_over_grpc_bridge_RailFileService::RailFileServiceRestBridge,
        __rest_over_grpc_bridge_ReconciliationService::ReconciliationServiceRestBridge,
        __rest_over_grpc_bridge_RefundService::RefundServiceRestBridge,
        __rest_over_grpc_bridge_StatementService::StatementServiceRestBridge,
        __rest_over_grpc_bridge_WebhookService::WebhookServiceRestBridge,
    };
    let transcoder = epay_proto::rest::Transcoder::new(
        BillServiceRestBridge::with_guard(services.bills, has_caller),
        PaymentServiceRestBridge::with_guard(services.payments, has_caller),
        ProposalServiceRestBridge::with_guard(services.proposals, has_caller),
        ReconciliationServiceRestBridge::with_guard(services.reconciliations, has_caller),
        RefundServiceRestBridge::with_guard(services.refunds, has_caller),
        OperationsServiceRestBridge::with_guard(services.operations, has_caller),
        QrServiceRestBridge::with_guard(Qr, has_caller),
        LedgerServiceRestBridge::with_guard(services.ledger, has_caller),
        LogServiceRestBridge::with_guard(services.log, has_caller),
        StatementServiceRestBridge::with_guard(services.statements, has_caller),
        FeedServiceRestBridge::with_guard(services.feeds, has_caller),
        WebhookServiceRestBridge::with_guard(services.webhooks, has_caller),
        NotificationServiceRestBridge::with_guard(services.notifications, has_caller),
        NoticeServiceRestBridge::with_guard(services.notices, has_caller),
        RailFileServiceRestBridge::with_guard(services.rail_files, has_caller),
        EventServiceRestBridge::with_guard(services.events, has_caller),
    );
    RestService::new(transcoder).with_max_body_bytes(most)
}

/// The last look before a service is called by way of REST: the layer in front must have set the caller.
fn has_caller(_: &MetadataMap) -> Result<(), Status> {
    CALLER.try_with(|_| ()).map_err(|_no_caller| {
        fault::unauthenticated("TOKEN_MISSING", "Send a bearer token with the request.")
    })
}

/// The guards of a door that asks for a token: overload first, then the deadline, then authentication.
fn guards(
    parts: &Parts,
    limits: &Limits,
    admission: &Admission,
) -> impl Layer<
    Route,
    Service = impl Service<Request, Response = Response, Error = Infallible, Future: Send>
              + Clone
              + Send
              + Sync
              + 'static
              + use<>,
>
+ Clone
+ Send
+ Sync
+ 'static
+ use<> {
    ServiceBuilder::new()
        .layer(from_fn_with_state(admission.clone(), admission::callers))
        .layer(from_fn_with_state(
            layers::Deadlines::of(limits),
            layers::deadline,
        ))
        .layer(from_fn_with_state(
            Arc::clone(&parts.verifier),
            authenticate,
        ))
}

/// Rail notices, and receipts of messages to people: no token, a signature instead.
fn notices(config: &GatewayConfig, parts: &Parts, admission: &Admission) -> Router {
    let doors = Doors {
        engine: parts.engine.clone(),
        doors: Arc::new(config.rail_doors.clone()),
    };
    let letterbox = Letterbox {
        engine: parts.engine.clone(),
        doors: config.receipt_doors.clone(),
    };
    let forms = FormBox {
        engine: parts.engine.clone(),
        contacts: config.contacts.clone(),
        door: config.receipt_doors.forms.clone(),
    };
    Router::new()
        .route("/rails/{rail}/notices", post(rails::take))
        .with_state(doors)
        .route(FORMS_PATH, post(forms::take))
        .with_state(forms)
        .route(SMS_RECEIPTS_PATH, post(receipts::take_sms))
        .route(PUSH_RECEIPTS_PATH, post(receipts::take_push))
        .with_state(letterbox)
        // The door has a bound of its own, which its answer names.
        .layer(
            ServiceBuilder::new()
                .layer(CatchPanicLayer::custom(layers::panicked_http))
                .layer(from_fn_with_state(admission.clone(), admission::rails))
                .layer(from_fn_with_state(
                    layers::Deadlines::of(&config.limits),
                    layers::deadline,
                ))
                .layer(DefaultBodyLimit::disable()),
        )
}

/// What needs neither token nor signature.
fn pages(parts: Parts) -> Router {
    let (openapi, page) = (parts.docs.clone(), parts.docs);
    let readiness = Readiness {
        engine: parts.engine,
        stopping: parts.stopping,
    };
    Router::new()
        .route("/readyz", get(readyz))
        .with_state(readiness)
        .route("/healthz", get(healthz))
        .route(
            "/openapi.json",
            get(move || async move { openapi.openapi() }),
        )
        .route("/docs", get(move || async move { page.page() }))
}

async fn no_route(headers: HeaderMap) -> Response {
    if crate::surface::is_grpc(&headers) {
        return Status::unimplemented("There is no such method.").into_http::<Body>();
    }
    Problem::new(
        StatusCode::NOT_FOUND,
        "NO_ROUTE",
        "There is no such path; /docs lists those there are.",
        &headers,
    )
    .into_response()
}

/// Lets the named web pages call by gRPC-Web and JSON, and read the status of their calls.
fn cors(origins: &[String]) -> Result<CorsLayer, GatewayError> {
    let origins = origins
        .iter()
        .map(|origin| {
            HeaderValue::from_str(origin)
                .map_err(|_unwritable| GatewayError::Origin(origin.clone()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let exposed = ["grpc-status", "grpc-message", "grpc-status-details-bin"]
        .map(http::HeaderName::from_static);
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods(AllowMethods::list([
            http::Method::GET,
            http::Method::POST,
            http::Method::PATCH,
            http::Method::DELETE,
        ]))
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::list(exposed.into_iter().chain([REQUEST_ID]))))
}
