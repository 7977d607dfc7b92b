//! A running gateway on a free port, with a database of its own, and callers for it.

mod kinds;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use epay_domain::CheckDigit;
use epay_engine::{Commits, Engine, EngineOptions, FactorKeys, SystemClock, V7Ids};
use epay_gateway::{AuthConfig, GatewayConfig, JwksSource, Limits, RailDoor, Role, WebhookConfig};
use epay_ledger::log::SigningKey;
use epay_ledger_pg::Sealer;
use epay_money::{BusinessCalendar, RailId};
use epay_pg::testing::TestDatabase;
use epay_proto::v1;
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::event_service_client::EventServiceClient;
use epay_proto::v1::feed_service_client::FeedServiceClient;
use epay_proto::v1::ledger_service_client::LedgerServiceClient;
use epay_proto::v1::log_service_client::LogServiceClient;
use epay_proto::v1::operations_service_client::OperationsServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use epay_proto::v1::proposal_service_client::ProposalServiceClient;
use epay_proto::v1::qr_service_client::QrServiceClient;
use epay_proto::v1::rail_file_service_client::RailFileServiceClient;
use epay_proto::v1::refund_service_client::RefundServiceClient;
use epay_proto::v1::statement_service_client::StatementServiceClient;
use epay_proto::v1::webhook_service_client::WebhookServiceClient;
use epay_rail_kit::channel::{self, KeyRing};
use epay_webhook::{Guard, Vault};
use secrecy::SecretSlice;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::tokens::{Claims, Issuer};

pub(crate) const ISSUER: &str = "https://issuer.test";
pub(crate) const AUDIENCE: &str = "epay";
pub(crate) const LOG_ORIGIN: &str = "test.example/ledger";
pub(crate) const RAIL: &str = "fps";
pub(crate) const BILL_TYPE: &str = "rvd-rates";
/// A kind that asks for a registration mark, and may be paid in two instalments.
pub(crate) const PENALTY: &str = "rvd-penalty";
pub(crate) const ACCOUNT: &str = "012888000123456";
pub(crate) const CHANNEL_KEY: &str = "bank-1";
pub(crate) const CHANNEL_SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A running gateway. It stops when dropped; [`House::stop`] waits for it.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) issuer: Issuer,
    pub(crate) engine: Engine,
    pub(crate) shutdown: CancellationToken,
    served: JoinHandle<()>,
    pub(crate) database: TestDatabase,
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let rails = epay_rails::Registry::with_defaults().unwrap();
        Self::start_of(rails, change).await
    }

    /// A gateway of these rails.
    pub(crate) async fn start_of(
        rails: epay_rails::Registry,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        Self::start_keyed(rails, factor_keys(), change).await
    }

    /// One with these keys of second factors.
    pub(crate) async fn start_keyed(
        rails: epay_rails::Registry,
        factor_keys: FactorKeys,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let issuer = Issuer::ed25519("test-1");
        let database = database().await;
        let engine = engine(&database, rails, factor_keys).await;
        let mut config = config(&issuer);
        config.contacts = Some(crate::people::contacts(&database));
        change(&mut config);
        let shutdown = CancellationToken::new();
        let (ready, address) = oneshot::channel();
        let served = tokio::spawn({
            let (engine, shutdown) = (engine.clone(), shutdown.clone());
            async move {
                epay_gateway::serve(config, engine, shutdown, ready)
                    .await
                    .unwrap()
            }
        });
        let address = address.await.unwrap();
        Self {
            address,
            issuer,
            engine,
            shutdown,
            served,
            database,
        }
    }

    pub(crate) const fn database(&self) -> &TestDatabase {
        &self.database
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.served.await.unwrap();
        self.engine.drain().await;
    }

    /// Seals every journal into the log, as the worker does.
    pub(crate) async fn seal(&self) {
        let mut sealer = Sealer::new(log_key(), LOG_ORIGIN).unwrap();
        let mut client = self.database.service_pool().get().await.unwrap();
        while sealer
            .seal(&mut client, jiff::Timestamp::now())
            .await
            .unwrap()
            .is_more()
        {}
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn channel(&self) -> Channel {
        Channel::from_shared(self.url(""))
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    pub(crate) fn token(&self, role: Role) -> String {
        self.issuer.token(&Claims::of(role))
    }

    pub(crate) async fn caller(&self, role: Role) -> Caller {
        self.caller_with(&self.token(role)).await
    }

    pub(crate) async fn caller_with(&self, token: &str) -> Caller {
        Caller {
            channel: self.channel().await,
            bearer: Bearer::new(token),
        }
    }

    /// Issues a bill of the test department, in cents.
    pub(crate) async fn bill(&self, number: &str, minor_units: i64) -> v1::Bill {
        let mut department = self.caller(Role::Department).await.bills();
        let request = new_bill(number, minor_units);
        department.create_bill(request).await.unwrap().into_inner()
    }
}

/// One caller with its token.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) channel: Channel,
    pub(crate) bearer: Bearer,
}

impl Caller {
    pub(crate) fn bills(&self) -> BillServiceClient<InterceptedService<Channel, Bearer>> {
        BillServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn payments(&self) -> PaymentServiceClient<InterceptedService<Channel, Bearer>> {
        PaymentServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn qr(&self) -> QrServiceClient<InterceptedService<Channel, Bearer>> {
        QrServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn operations(
        &self,
    ) -> OperationsServiceClient<InterceptedService<Channel, Bearer>> {
        OperationsServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn refunds(&self) -> RefundServiceClient<InterceptedService<Channel, Bearer>> {
        RefundServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn proposals(&self) -> ProposalServiceClient<InterceptedService<Channel, Bearer>> {
        ProposalServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn log(&self) -> LogServiceClient<InterceptedService<Channel, Bearer>> {
        LogServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn statements(&self) -> StatementServiceClient<InterceptedService<Channel, Bearer>> {
        StatementServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn rail_files(&self) -> RailFileServiceClient<InterceptedService<Channel, Bearer>> {
        RailFileServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn events(&self) -> EventServiceClient<InterceptedService<Channel, Bearer>> {
        EventServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn feeds(&self) -> FeedServiceClient<InterceptedService<Channel, Bearer>> {
        FeedServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn webhooks(&self) -> WebhookServiceClient<InterceptedService<Channel, Bearer>> {
        WebhookServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    pub(crate) fn ledger(&self) -> LedgerServiceClient<InterceptedService<Channel, Bearer>> {
        LedgerServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }
}

/// Puts the token on every call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    pub(crate) fn new(token: &str) -> Self {
        Self(format!("Bearer {token}").parse().unwrap())
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// The key that signs heads: made of one byte, in PKCS#8.
pub(crate) fn log_key() -> SigningKey {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([7; 32]);
    SigningKey::from_pkcs8("log-1", &der).unwrap()
}

pub(crate) fn new_bill(number: &str, minor_units: i64) -> v1::CreateBillRequest {
    v1::CreateBillRequest {
        parent: "billers/rvd".to_owned(),
        bill: Some(v1::Bill {
            bill_type: BILL_TYPE.to_owned(),
            number: number.to_owned(),
            amount: Some(hkd(minor_units)),
            due_date: Some(v1::Date {
                iso: "2027-01-29".to_owned(),
            }),
            description: "January to March 2027".to_owned(),
            ..v1::Bill::default()
        }),
        idempotency_key: format!("bill-{number}"),
        ..v1::CreateBillRequest::default()
    }
}

pub(crate) fn hkd(minor_units: i64) -> v1::Amount {
    v1::Amount {
        minor_units,
        currency_code: "HKD".to_owned(),
    }
}

pub(crate) fn pay(bill: &v1::Bill, key: &str) -> v1::CreatePaymentRequest {
    v1::CreatePaymentRequest {
        bill: bill.name.clone(),
        rail: RAIL.to_owned(),
        idempotency_key: key.to_owned(),
        ..v1::CreatePaymentRequest::default()
    }
}

/// A credit notice of the bank: `dollars` such as `3720.00`, for `reference`.
pub(crate) fn notice(bank_reference: &str, dollars: &str, reference: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>{bank_reference}</MsgId><CreDtTm>2026-01-21T09:00:05+08:00</CreDtTm></GrpHdr>
<Ntfctn><Id>N1</Id><CreDtTm>2026-01-21T09:00:05+08:00</CreDtTm>
<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>
<Ntry><Amt Ccy="HKD">{dollars}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-21</Dt></BookgDt><ValDt><Dt>2026-01-21</Dt></ValDt><AcctSvcrRef>{bank_reference}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RRCT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>E2E</EndToEndId></Refs>
<RmtInf><Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>
<RltdDts><TxDtTm>2026-01-20T23:58:03+08:00</TxDtTm></RltdDts></TxDtls></NtryDtls></Ntry></Ntfctn>
</BkToCstmrDbtCdtNtfctn></Document>"#
    )
}

/// A signed notice, not yet sent.
pub(crate) fn signed(house: &House, message_id: &str, body: &str) -> reqwest::RequestBuilder {
    let path = format!("/rails/{RAIL}/notices");
    let request = channel::Request {
        method: "POST",
        path: &path,
        body: body.as_bytes(),
    };
    let secrets = [SecretSlice::from(CHANNEL_SECRET.to_vec())];
    let signed = channel::sign(
        CHANNEL_KEY,
        &secrets,
        message_id,
        &request,
        jiff::Timestamp::now(),
    )
    .unwrap();
    let mut request = http_client()
        .post(house.url(&path))
        .header("content-type", "application/xml");
    for (name, value) in signed.headers {
        request = request.header(name, value);
    }
    request.body(body.to_owned())
}

pub(crate) fn http_client() -> reqwest::Client {
    crypto();
    reqwest::Client::new()
}

/// Both TLS users of a process must agree on one provider; whoever comes first sets it.
pub(crate) fn crypto() {
    let _already_set = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// The keys of a bank channel.
pub(crate) fn channel_keys() -> Arc<ArcSwap<KeyRing>> {
    let secret = SecretSlice::from(CHANNEL_SECRET.to_vec());
    let ring = KeyRing::new([(CHANNEL_KEY.to_owned(), vec![secret])]).unwrap();
    Arc::new(ArcSwap::from_pointee(ring))
}

fn config(issuer: &Issuer) -> GatewayConfig {
    let registry = epay_rails::Registry::with_defaults().unwrap();
    let rail = registry.get(&RailId::new(RAIL).unwrap()).unwrap();
    let door = RailDoor {
        rail: Arc::clone(rail),
        keys: Some(channel_keys()),
    };
    GatewayConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: None,
        auth: AuthConfig {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks: JwksSource::Inline(issuer.jwks()),
        },
        rail_doors: BTreeMap::from([(RailId::new(RAIL).unwrap(), door)]),
        receipt_doors: epay_gateway::ReceiptDoors::default(),
        notice_texts: Some(Arc::new(epay_notice::Shelf::built_in().unwrap())),
        return_origins: vec!["https://portal.test".to_owned()],
        reflection: true,
        allowed_origins: vec!["https://portal.test".to_owned()],
        webhooks: Some(WebhookConfig {
            vault: vault(),
            guard: Guard {
                loopback: true,
                ..Guard::default()
            },
        }),
        contacts: None,
        tells_people: true,
        limits: Limits::default(),
    }
}

/// What seals keys of webhooks.
pub(crate) fn vault() -> Arc<Vault> {
    Arc::new(Vault::new([("test".to_owned(), [9_u8; 32].as_slice())]).unwrap())
}

async fn database() -> TestDatabase {
    let sets = [
        epay_ledger_pg::MIGRATIONS,
        epay_store::MIGRATIONS,
        epay_contact::MIGRATIONS,
    ];
    TestDatabase::create(&sets).await
}

fn factor_keys() -> FactorKeys {
    FactorKeys::new(&[vec![7; 32].into()]).unwrap()
}

async fn engine(
    database: &TestDatabase,
    rails: epay_rails::Registry,
    factor_keys: FactorKeys,
) -> Engine {
    let mut client = database.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    epay_store::put_bill_types(&tx, &kinds::bill_types())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let _already_set = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Engine::start(EngineOptions {
        pool: database.service_pool(),
        rails,
        transport: epay_rail_kit::transport::Transport::new(BTreeMap::new()).unwrap(),
        calendar: BusinessCalendar::vendored().unwrap(),
        factor_keys,
        commits: Commits::Shared { committers: 1 },
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .unwrap()
}

/// The number that begins with ten digits `body`, with its check digit.
pub(crate) fn number(body: u64) -> String {
    let body = format!("{body:010}");
    let digit = CheckDigit::Mod11Radix10.of(&body).unwrap();
    format!("{body}{digit}")
}
