//! `sqlx-ledger`, as its own documentation uses it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::join_all;
use rust_decimal::Decimal;
use sqlx::PgPool;
use sqlx_ledger::account::NewAccount;
use sqlx_ledger::journal::NewJournal;
use sqlx_ledger::tx_template::{
    EntryInput, NewTxTemplate, ParamDataType, ParamDefinition, TxInput, TxParams,
};
use sqlx_ledger::{AccountId, JournalId, SqlxLedger, TransactionId};
use uuid::Uuid;

use crate::ours::Random;
use crate::report::rate;
use crate::{ACCOUNTS, Meeting, pair};

const TEMPLATE: &str = "TRANSFER";

pub(crate) struct Peer {
    ledger: SqlxLedger,
    accounts: Vec<AccountId>,
}

impl Peer {
    /// `tables` is the folder `migrations` of its repository.
    pub(crate) async fn prepare(pool: PgPool, tables: &Path) -> Result<Self> {
        sqlx::migrate::Migrator::new(tables)
            .await?
            .run(&pool)
            .await?;
        let ledger = SqlxLedger::new(&pool);
        let journal = JournalId::new();
        let new_journal = NewJournal::builder().id(journal).name("Bench").build()?;
        ledger.journals().create(new_journal).await?;
        let mut accounts = Vec::with_capacity(ACCOUNTS);
        for place in 0..ACCOUNTS {
            let id = AccountId::new();
            let name = format!("ACCOUNT-{place}");
            let new_account = NewAccount::builder()
                .id(id)
                .name(name.clone())
                .code(name)
                .build()?;
            ledger.accounts().create(new_account).await?;
            accounts.push(id);
        }
        ledger.tx_templates().create(template(journal)?).await?;
        Ok(Self { ledger, accounts })
    }

    /// Postings a second, and how many were refused.
    pub(crate) async fn one_by_one(
        &self,
        callers: usize,
        meeting: Meeting,
        slice: Duration,
    ) -> Result<(u64, u64)> {
        let begun = Instant::now();
        let callers = (1_u64..).take(callers).map(|seed| async move {
            let (mut random, mut posted, mut refused) = (Random::new(seed), 0_u64, 0_u64);
            while begun.elapsed() < slice {
                let (debit, credit) = pair(&mut random, meeting);
                let mut params = TxParams::new();
                params.insert("debit", self.accounts[debit]);
                params.insert("credit", self.accounts[credit]);
                params.insert("units", Decimal::ONE);
                let done =
                    self.ledger
                        .post_transaction(TransactionId::new(), TEMPLATE, Some(params));
                match done.await {
                    Ok(()) => posted += 1,
                    Err(_) => refused += 1,
                }
            }
            (posted, refused)
        });
        let all = join_all(callers).await;
        let (posted, refused) = all
            .iter()
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Ok((rate(posted, begun.elapsed()), refused))
    }
}

fn template(journal: JournalId) -> Result<NewTxTemplate> {
    let param = |name: &str, kind| ParamDefinition::builder().name(name).r#type(kind).build();
    let params = vec![
        param("debit", ParamDataType::UUID)?,
        param("credit", ParamDataType::UUID)?,
        param("units", ParamDataType::DECIMAL)?,
    ];
    let entry = |account: &str, direction: &str| {
        EntryInput::builder()
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
        .tx_input(
            TxInput::builder()
                .effective("date()")
                .journal_id(format!("uuid('{journal}')"))
                .build()?,
        )
        .entries(vec![entry("debit", "DEBIT")?, entry("credit", "CREDIT")?])
        .build()?)
}
