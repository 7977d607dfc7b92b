//! `cala-ledger`, as its own documentation uses it: a template with parameters, posted one by one or as a batch.

use std::time::{Duration, Instant};

use anyhow::Result;
use cala_ledger::account::NewAccount;
use cala_ledger::job::{JobSvcConfig, Jobs};
use cala_ledger::journal::NewJournal;
use cala_ledger::posting::PostingInput;
use cala_ledger::tx_template::{
    NewParamDefinition, NewTxTemplate, NewTxTemplateEntry, NewTxTemplateTransaction, ParamDataType,
    Params,
};
use cala_ledger::{AccountId, CalaLedger, CalaLedgerConfig, JournalId, TransactionId};
use futures_util::future::join_all;
use rust_decimal::Decimal;
use sqlx::PgPool;
use uuid::Uuid;

use crate::ours::Random;
use crate::report::rate;
use crate::{ACCOUNTS, Meeting, pair};

const TEMPLATE: &str = "TRANSFER";

pub(crate) struct Peer {
    ledger: CalaLedger,
    accounts: Vec<AccountId>,
    /// Kept, because the ledger's own work runs in it.
    _jobs: Jobs,
}

impl Peer {
    pub(crate) async fn prepare(pool: PgPool) -> Result<Self> {
        let mut jobs = Jobs::init(
            JobSvcConfig::builder()
                .pool(pool.clone())
                .exec_migrations(false)
                .build()?,
        )
        .await?;
        let config = CalaLedgerConfig::builder()
            .pool(pool)
            .exec_migrations(true)
            .build()?;
        let ledger = CalaLedger::init(config, &mut jobs).await?;
        let journal = JournalId::new();
        let new_journal = NewJournal::builder().id(journal).name("Bench").build();
        ledger.journals().create(new_journal).await?;
        let mut accounts = Vec::with_capacity(ACCOUNTS);
        for place in 0..ACCOUNTS {
            let id = AccountId::new();
            let name = format!("ACCOUNT-{place}");
            let new_account = NewAccount::builder()
                .id(id)
                .name(name.clone())
                .code(name)
                .build();
            ledger.accounts().create(new_account).await?;
            accounts.push(id);
        }
        ledger.tx_templates().create(template(journal)?).await?;
        Ok(Self {
            ledger,
            accounts,
            _jobs: jobs,
        })
    }

    fn posting(&self, (debit, credit): (usize, usize)) -> Params {
        let mut params = Params::new();
        params.insert("debit", self.accounts[debit]);
        params.insert("credit", self.accounts[credit]);
        params.insert("units", Decimal::ONE);
        params
    }

    /// Whether the ledger took one posting.
    pub(crate) async fn post(&self, between: (usize, usize)) -> bool {
        let params = self.posting(between);
        let posted = self
            .ledger
            .post_transaction(TransactionId::new(), TEMPLATE, params);
        posted.await.is_ok()
    }

    /// Postings a second, so many in a transaction.
    pub(crate) async fn batches(
        &self,
        batch: usize,
        callers: usize,
        slice: Duration,
    ) -> Result<u64> {
        let begun = Instant::now();
        let callers = (1_u64..).take(callers).map(|seed| async move {
            let (mut random, mut posted) = (Random::new(seed), 0_u64);
            while begun.elapsed() < slice {
                let inputs = (0..batch).map(|_| {
                    let params = self.posting(pair(&mut random, Meeting::Spread));
                    PostingInput::new(TransactionId::new(), TEMPLATE, params)
                });
                posted += self.ledger.post_transactions(inputs.collect()).await?.len() as u64;
            }
            anyhow::Ok(posted)
        });
        let mut posted = 0;
        for one in join_all(callers).await {
            posted += one?;
        }
        Ok(rate(posted, begun.elapsed()))
    }
}

fn template(journal: JournalId) -> Result<NewTxTemplate> {
    let param = |name: &str, kind| {
        NewParamDefinition::builder()
            .name(name)
            .r#type(kind)
            .build()
    };
    let params = vec![
        param("debit", ParamDataType::Uuid)?,
        param("credit", ParamDataType::Uuid)?,
        param("units", ParamDataType::Decimal)?,
    ];
    let entry = |account: &str, direction: &str| {
        NewTxTemplateEntry::builder()
            .entry_type(format!("'TRANSFER_{direction}'"))
            .account_id(format!("params.{account}"))
            .layer("SETTLED")
            .direction(direction)
            .units("params.units")
            .currency("'HKD'")
            .build()
    };
    Ok(NewTxTemplate::builder()
        .id(Uuid::now_v7())
        .code(TEMPLATE)
        .params(params)
        .transaction(
            NewTxTemplateTransaction::builder()
                .effective("date()")
                .journal_id(format!("uuid('{journal}')"))
                .build()?,
        )
        .entries(vec![entry("debit", "DEBIT")?, entry("credit", "CREDIT")?])
        .build())
}
