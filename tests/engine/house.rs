//! A database with demo kinds of bill, engines on it, a clock that the test moves, and a bank that writes
//! notices.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use deadpool_postgres::Pool;
use epay_domain::bill::RevenueLine;
use epay_domain::{BillType, Payee, Receipt, Terms};
use epay_engine::{
    BillView, Clock, Commits, CreatePayment, Engine, EngineError, EngineOptions, FactorKeys,
    IssueBill, PaymentView, ReceivedMessage, Stored, V7Ids,
};
use epay_money::{BillTypeCode, BillerId, BusinessCalendar, Money, RailId};
use epay_pg::PoolOptions;
use epay_pg::testing::TestDatabase;
use epay_rail::Rail;
use epay_rail_kit::transport::{ChannelKey, Transport};
use epay_rails::Registry;
use epay_store::{PageRequest, ReceiptFilter};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

const BILL_TYPES: &str = include_str!("../../deploy/demo/bill-types.json");

/// What the bank and we sign with.
pub(crate) const CHANNEL_KEY: &str = "epay-test";
pub(crate) const CHANNEL_SECRET: &str = "a-secret-for-tests-of-32-bytes-x";

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct ManualClock(Mutex<Timestamp>);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl ManualClock {
    pub(crate) fn forward(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

pub(crate) struct House {
    pub(crate) database: TestDatabase,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    rails: Registry,
}

pub(crate) fn biller(code: &str) -> BillerId {
    BillerId::new(code).unwrap()
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::of(Registry::with_defaults().unwrap(), vec![]).await
    }

    /// A house with the rails of a configuration.
    pub(crate) async fn open_with(rails: &str) -> Self {
        let rails = Registry::from_tables(&rails.parse().unwrap()).unwrap();
        Self::of(rails, vec![]).await
    }

    /// With rails of the test's own, each with a payee for every kind of bill: its account is `{rail}-{biller}`.
    pub(crate) async fn open_with_own(own: Vec<Arc<dyn Rail>>) -> Self {
        Self::of(Registry::with_defaults().unwrap(), own).await
    }

    async fn of(mut rails: Registry, own: Vec<Arc<dyn Rail>>) -> Self {
        // What the engine logs is shown beside a test that fails.
        let log = tracing_subscriber::fmt()
            .with_env_filter("warn,epay_engine=info")
            .with_test_writer();
        let _kept_from_another_test = log.try_init();
        let sets = [
            epay_ledger_pg::MIGRATIONS,
            epay_store::MIGRATIONS,
            epay_contact::MIGRATIONS,
        ];
        let database = TestDatabase::create(&sets).await;
        let mut client = database.pool().get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        let mut kinds: Vec<BillType> = serde_json::from_str(BILL_TYPES).unwrap();
        for kind in &mut kinds {
            // These books call every line `main`, and bills are due when a test says so.
            kind.terms = Terms::default();
        }
        for rail in own {
            let id = rail.profile().rail.clone();
            for kind in &mut kinds {
                kind.payees.push(Payee {
                    rail: id.clone(),
                    identifier: "merchant-1".to_owned(),
                    account: format!("{id}-{}", kind.biller),
                    name: kind.biller_name.clone(),
                });
            }
            rails.add(rail);
        }
        epay_store::put_bill_types(&tx, &kinds).await.unwrap();
        tx.commit().await.unwrap();
        let now = "2026-11-23T03:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(now)));
        let engine = engine(&database, &clock, &rails).await;
        Self {
            database,
            engine,
            clock,
            rails,
        }
    }

    /// Lets everything that is queued be done, and goes on with a new engine.
    pub(crate) async fn settle(&mut self) {
        self.engine.drain().await;
        self.engine = engine(&self.database, &self.clock, &self.rails).await;
    }

    /// The same house under another configuration of its rails.
    pub(crate) async fn configure(&mut self, rails: &str) {
        self.rails = Registry::from_tables(&rails.parse().unwrap()).unwrap();
        self.settle().await;
    }

    /// Changes what a kind of bill says.
    pub(crate) async fn change_kind(&self, code: &str, change: impl FnOnce(&mut BillType)) {
        let mut client = self.pool().get().await.unwrap();
        let mut kinds = epay_store::bill_types(&client).await.unwrap();
        let kind = kinds.iter_mut().find(|kind| kind.code.as_str() == code);
        change(kind.unwrap());
        let tx = client.transaction().await.unwrap();
        epay_store::put_bill_types(&tx, &kinds).await.unwrap();
        tx.commit().await.unwrap();
        self.engine.reload_catalogue().await.unwrap();
    }

    pub(crate) async fn another_engine(&self) -> Engine {
        engine(&self.database, &self.clock, &self.rails).await
    }

    pub(crate) fn pool(&self) -> Pool {
        self.database.pool()
    }

    pub(crate) async fn bill(&self, kind: &str, number: &str, minor: i64) -> BillView {
        let code = BillTypeCode::new(kind).unwrap();
        let biller = self
            .engine
            .reader()
            .catalogue()
            .kind(&code)
            .unwrap()
            .biller
            .clone();
        let lines = vec![RevenueLine {
            code: "main".to_owned(),
            minor,
        }];
        self.engine
            .issue_bill(IssueBill {
                biller,
                bill_type: code,
                number: number.to_owned(),
                amount: Money::hkd(minor),
                due_date: "2026-12-31".parse().unwrap(),
                description: "a bill".to_owned(),
                lines,
                parts: vec![],
                instalments: vec![],
                second_factor: None,
                licence: None,
                idempotency_key: format!("issue-{number}"),
                caller: "test".to_owned(),
            })
            .await
            .unwrap()
    }

    pub(crate) fn pay(bill: &BillView, key: &str) -> CreatePayment {
        CreatePayment {
            biller: bill.bill.biller.clone(),
            bills: vec![bill.bill.id],
            method: None,
            rail: Some(RailId::new("fps").unwrap()),
            amount: None,
            return_url: None,
            capture_by_hand: false,
            idempotency_key: key.to_owned(),
            caller: "test".to_owned(),
        }
    }

    pub(crate) async fn payment(&self, bill: &BillView, key: &str) -> PaymentView {
        self.engine
            .create_payment(Self::pay(bill, key))
            .await
            .unwrap()
    }

    pub(crate) async fn receive(&self, id: &str, body: &str) -> Result<Stored, EngineError> {
        receive(&self.engine, id, body).await
    }

    /// A message of another rail.
    pub(crate) async fn receive_of(&self, rail: &str, id: &str, body: &str) -> Stored {
        receive_of(&self.engine, rail, id, body).await.unwrap()
    }

    pub(crate) async fn receipts(&self, code: &str) -> Vec<Receipt> {
        let page = PageRequest::default();
        let reader = self.engine.reader();
        reader
            .receipts(&biller(code), ReceiptFilter::default(), page)
            .await
            .unwrap()
            .items
    }

    /// One number from the database.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        let client = self.pool().get().await.unwrap();
        client.query_one(query, &[]).await.unwrap().get(0)
    }

    /// "1110 Dr 3720.00, 2010.rvd.main Cr 3720.00": what the book holds, without fees.
    pub(crate) async fn book(&self, code: &str) -> String {
        let client = self.pool().get().await.unwrap();
        let rows = client
            .query(
                "SELECT account.code, balance.debit - balance.credit FROM ledger.balance AS balance \
                 JOIN ledger.account AS account ON account.id = balance.account \
                 JOIN ledger.book AS book ON book.id = account.book WHERE book.biller_id = $1 \
                 AND account.code NOT LIKE '5010%' AND account.code NOT LIKE '2310%' \
                 AND balance.debit <> balance.credit ORDER BY account.code",
                &[&code],
            )
            .await
            .unwrap();
        let mut text = Vec::new();
        for row in rows {
            let (account, net): (String, i64) = (row.get(0), row.get(1));
            let side = if net > 0 { "Dr" } else { "Cr" };
            text.push(format!(
                "{account} {side} {}",
                Money::hkd(net.abs()).to_decimal()
            ));
        }
        text.join(", ")
    }
}

pub(crate) async fn receive(engine: &Engine, id: &str, body: &str) -> Result<Stored, EngineError> {
    receive_of(engine, "fps", id, body).await
}

async fn receive_of(
    engine: &Engine,
    rail: &str,
    id: &str,
    body: &str,
) -> Result<Stored, EngineError> {
    engine
        .receive(ReceivedMessage {
            rail: RailId::new(rail).unwrap(),
            channel_key: "bank".to_owned(),
            message_id: id.to_owned(),
            digest: Sha256::digest(body.as_bytes()).into(),
            body: body.as_bytes().to_vec(),
        })
        .await
}

async fn engine(database: &TestDatabase, clock: &Arc<ManualClock>, rails: &Registry) -> Engine {
    // Another engine of this process may have installed it.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let key = ChannelKey {
        id: CHANNEL_KEY.to_owned(),
        secrets: vec![CHANNEL_SECRET.as_bytes().to_vec().into()],
    };
    let keys = std::collections::BTreeMap::from([(RailId::new("fps").unwrap(), key)]);
    let options = PoolOptions {
        size: 12,
        ..PoolOptions::named("engine test").as_service()
    };
    Engine::start(EngineOptions {
        pool: database.pool_with(options),
        rails: rails.clone(),
        transport: Transport::new(keys).unwrap(),
        calendar: BusinessCalendar::vendored().unwrap(),
        factor_keys: FactorKeys::new(&[vec![7; 32].into()]).unwrap(),
        commits: Commits::Shared { committers: 3 },
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .unwrap()
}

/// One credit, as the bank knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct BankCredit {
    pub(crate) account: &'static str,
    pub(crate) bank_reference: String,
    pub(crate) minor: i64,
    pub(crate) reference: Option<String>,
    pub(crate) bill_number: Option<String>,
}

pub(crate) const RVD: &str = "999000000201";
pub(crate) const TD: &str = "999000000401";

pub(crate) fn credit(account: &'static str, bank_reference: &str, minor: i64) -> BankCredit {
    BankCredit {
        account,
        bank_reference: bank_reference.to_owned(),
        minor,
        ..BankCredit::default()
    }
}

impl BankCredit {
    pub(crate) fn for_payment(mut self, payment: &PaymentView) -> Self {
        self.reference = Some(payment.payment.reference.to_string());
        self
    }

    pub(crate) fn for_number(mut self, number: &str) -> Self {
        self.bill_number = Some(number.to_owned());
        self
    }
}

/// A camt.054 with these credits, all on one account.
pub(crate) fn notice(credits: &[BankCredit]) -> String {
    let account = credits[0].account;
    let mut xml = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T11:00:00+08:00</CreDtTm></GrpHdr><Ntfctn><Id>N</Id>\
         <Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>"
    );
    for credit in credits {
        let amount = Money::hkd(credit.minor).to_decimal();
        let bank_reference = &credit.bank_reference;
        let mut remittance = String::new();
        if let Some(number) = &credit.bill_number {
            write!(
                remittance,
                "<Strd><RfrdDocInf><Nb>{number}</Nb></RfrdDocInf></Strd>"
            )
            .unwrap();
        }
        if let Some(reference) = &credit.reference {
            write!(
                remittance,
                "<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>"
            )
            .unwrap();
        }
        write!(
            xml,
            "<Ntry><Amt Ccy=\"HKD\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><Dt>2026-11-23</Dt></ValDt>\
             <AcctSvcrRef>{bank_reference}</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs>\
             <AcctSvcrRef>{bank_reference}</AcctSvcrRef></Refs><Amt Ccy=\"HKD\">{amount}</Amt>\
             <RmtInf>{remittance}</RmtInf><RltdDts><TxDtTm>2026-11-23T11:00:00+08:00</TxDtTm></RltdDts>\
             </TxDtls></NtryDtls></Ntry>"
        )
        .unwrap();
    }
    xml.push_str("</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>");
    xml
}
