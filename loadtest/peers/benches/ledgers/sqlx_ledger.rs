//! `sqlx-ledger`, as its own documentation uses it.

use anyhow::Result;
use rust_decimal::Decimal;
use sqlx::PgPool;
use sqlx_ledger::account::NewAccount;
use sqlx_ledger::journal::NewJournal;
use sqlx_ledger::tx_template::{
    EntryInput, NewTxTemplate, ParamDataType, ParamDefinition, TxInput, TxParams,
};
use sqlx_ledger::{AccountId, JournalId, SqlxLedger, TransactionId};
use uuid::Uuid;

use crate::ACCOUNTS;

const TABLES: &str = include_str!("sqlx_ledger.sql");
const TEMPLATE: &str = "TRANSFER";

pub(crate) struct Peer {
    ledger: SqlxLedger,
    accounts: Vec<AccountId>,
}

impl Peer {
    pub(crate) async fn prepare(pool: PgPool) -> Result<Self> {
        sqlx::raw_sql(TABLES).execute(&pool).await?;
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

    /// Whether the ledger took one posting.
    pub(crate) async fn post(&self, (debit, credit): (usize, usize)) -> bool {
        let mut params = TxParams::new();
        params.insert("debit", self.accounts[debit]);
        params.insert("credit", self.accounts[credit]);
        params.insert("units", Decimal::ONE);
        let posted = self
            .ledger
            .post_transaction(TransactionId::new(), TEMPLATE, Some(params));
        posted.await.is_ok()
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
