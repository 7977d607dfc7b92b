//! Kinds of bill: configuration, kept in the database so that every node reads the same.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::BillType;
use postgres_types::Json;

use crate::StoreError;
use crate::row::Reading;

/// Every kind of bill, in the order in which pages show them.
///
/// # Errors
/// [`StoreError`].
pub async fn bill_types(client: &impl GenericClient) -> Result<Vec<BillType>, StoreError> {
    let rows = client
        .query(
            "SELECT definition FROM epay.bill_type ORDER BY position, code",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "bill_type",
                row,
            };
            Ok(reading.get::<Json<BillType>>("definition")?.0)
        })
        .collect()
}

/// Adds kinds of bill, and changes those that are there. None is ever removed: bills refer to them.
///
/// # Errors
/// [`StoreError`].
pub async fn put_bill_types(tx: &Transaction<'_>, types: &[BillType]) -> Result<(), StoreError> {
    for (kind, position) in types.iter().zip(0_i32..) {
        tx.execute(
            "INSERT INTO epay.bill_type (biller_id, code, position, definition) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (code) DO UPDATE SET position = EXCLUDED.position, definition = EXCLUDED.definition",
            &[&kind.biller.as_str(), &kind.code.as_str(), &position, &Json(kind)],
        )
        .await?;
    }
    Ok(())
}
