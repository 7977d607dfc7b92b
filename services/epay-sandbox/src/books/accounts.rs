//! Opening of accounts: the configured payees and payers, one interbank account a currency, and the vault.
//!
//! An account is opened once; a later start renames it when the configuration does, and never touches its money. Opening
//! balances are transactions like any other: the vault is debited, the payer credited.

use jiff::Timestamp;

use super::{Books, BooksError, Sql};
use crate::config::Config;

/// Where opening balances come from.
const VAULT: &str = "VAULT-HKD";

/// The account that stands for the customers of all other banks.
pub(crate) fn interbank_account(currency: &str) -> String {
    format!("FPS-INTERBANK-{currency}")
}

struct Opening<'a> {
    account: &'a str,
    kind: &'static str,
    fps_id: Option<&'a str>,
    name: &'a str,
    bank_code: &'a str,
    currency: &'a str,
    balance_cents: i64,
}

impl Books {
    pub(super) async fn open_accounts(
        &self,
        config: &Config,
        now: Timestamp,
    ) -> Result<(), BooksError> {
        let house = |account, kind, name, currency| Opening {
            account,
            kind,
            fps_id: None,
            name,
            bank_code: crate::bank::BANK_CODE,
            currency,
            balance_cents: 0,
        };
        let (interbank_hkd, interbank_cny) = (interbank_account("HKD"), interbank_account("CNY"));
        let mut openings = vec![
            house(VAULT, "vault", "Opening balances", "HKD"),
            house(
                &interbank_hkd,
                "interbank",
                "Customers of other banks",
                "HKD",
            ),
            house(
                &interbank_cny,
                "interbank",
                "Customers of other banks",
                "CNY",
            ),
        ];
        openings.extend(config.payees.iter().map(|payee| Opening {
            fps_id: Some(&payee.fps_id),
            ..house(
                &payee.account,
                "payee",
                &payee.registered_name,
                &payee.currency,
            )
        }));
        openings.extend(config.payers.iter().map(|payer| Opening {
            bank_code: &payer.bank_code,
            balance_cents: payer.opening_balance_cents,
            ..house(&payer.account, "payer", &payer.name, "HKD")
        }));
        let mut client = self.client().await?;
        let transaction = client.transaction().await?;
        for opening in &openings {
            open(&transaction, opening, now).await?;
        }
        transaction
            .commit()
            .await
            .map_err(BooksError::CommitUnknown)
    }
}

async fn open(
    transaction: &deadpool_postgres::Transaction<'_>,
    opening: &Opening<'_>,
    now: Timestamp,
) -> Result<(), BooksError> {
    let inserted = transaction
        .execute(
            "INSERT INTO accounts (account, kind, fps_id, name, bank_code, currency) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (account) DO NOTHING",
            &[&opening.account, &opening.kind, &opening.fps_id, &opening.name, &opening.bank_code, &opening.currency],
        )
        .await?;
    if inserted == 0 {
        let rename = "UPDATE accounts SET name = $2 WHERE account = $1 AND name <> $2";
        transaction
            .execute(rename, &[&opening.account, &opening.name])
            .await?;
        return Ok(());
    }
    if opening.balance_cents == 0 {
        return Ok(());
    }
    let reference = format!("OPENING-{}", opening.account);
    transaction
        .execute(
            "INSERT INTO transactions (bank_reference, kind, status, payer_account, payer_name, payee_account, amount_cents,
                                       currency, faults, instructed_at, booked_at)
             VALUES ($1, 'opening', 'booked', $2, 'Opening balances', $3, $4, $5, '{}', $6, $6)",
            &[&reference, &VAULT, &opening.account, &opening.balance_cents, &opening.currency, &now],
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO entries (bank_reference, line, account, side, amount_cents)
             VALUES ($1, 1, $2, 'D', $4), ($1, 2, $3, 'C', $4)",
            &[&reference, &VAULT, &opening.account, &opening.balance_cents],
        )
        .await?;
    // The vault is locked by this update until the commit; every start takes the accounts in the same order.
    transaction
        .execute(
            "UPDATE accounts SET balance_cents = balance_cents + CASE WHEN account = $1 THEN -$3::bigint ELSE $3::bigint END
             WHERE account IN ($1, $2)",
            &[&VAULT, &opening.account, &opening.balance_cents],
        )
        .await?;
    Ok(())
}
