//! Accounts that refunds are paid to. Personal data: read only to make an order, shown by no `Debug`.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{BillerId, PayoutAccountId, ProposalId, ReceiptId};
use epay_rail::PayoutAccount;
use jiff::Timestamp;

use crate::StoreError;
use crate::row::{Reading, columns};

/// An account, for the refunds of one receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// Its id.
    pub id: PayoutAccountId,
    /// The department.
    pub biller: BillerId,
    /// Money of this receipt may go there.
    pub receipt: ReceiptId,
    /// The account.
    pub account: PayoutAccount,
    /// The proposal that stands for it.
    pub proposal: ProposalId,
    /// Two people agreed.
    pub verified: bool,
}

/// Writes new accounts, not verified yet.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_payout_accounts_in(
    tx: &Transaction<'_>,
    rows: &[&PayoutRow],
    at: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        rows,
        billers = |row| row.biller.as_str(),
        ids = |row| row.id.uuid(),
        receipts = |row| row.receipt.uuid(),
        banks = |row| row.account.bank_code.as_str(),
        numbers = |row| row.account.number.as_str(),
        holders = |row| row.account.name.as_str(),
        proposals = |row| row.proposal.uuid(),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.payout_account (biller_id, account_id, receipt_id, bank_code, number, holder, \
             proposal_id, verified, created_at) \
             SELECT *, false, $8::timestamptz FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], \
             $5::text[], $6::text[], $7::uuid[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers, &ids, &receipts, &banks, &numbers, &holders, &proposals, &at,
        ],
    )
    .await?;
    Ok(())
}

/// Notes that two people agreed to accounts.
///
/// # Errors
/// [`StoreError`].
pub async fn verify_payout_accounts_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, PayoutAccountId)],
) -> Result<(), StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.payout_account AS account SET verified = true \
             FROM unnest($1::text[], $2::uuid[]) AS wanted (biller_id, account_id) \
             WHERE account.biller_id = wanted.biller_id AND account.account_id = wanted.account_id",
        )
        .await?;
    tx.execute(&statement, &[&billers, &ids]).await?;
    Ok(())
}

/// Reads accounts.
///
/// # Errors
/// [`StoreError`].
pub async fn payout_accounts_in(
    client: &impl GenericClient,
    keys: &[(BillerId, PayoutAccountId)],
) -> Result<Vec<PayoutRow>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT account.* FROM epay.payout_account AS account \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, account_id) USING (biller_id, account_id)",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "payout_account",
                row,
            };
            Ok(PayoutRow {
                id: PayoutAccountId::new(reading.get("account_id")?),
                biller: reading.biller()?,
                receipt: ReceiptId::new(reading.get("receipt_id")?),
                account: PayoutAccount {
                    bank_code: reading.get("bank_code")?,
                    number: reading.get("number")?,
                    name: reading.get("holder")?,
                },
                proposal: ProposalId::new(reading.get("proposal_id")?),
                verified: reading.get("verified")?,
            })
        })
        .collect()
}
