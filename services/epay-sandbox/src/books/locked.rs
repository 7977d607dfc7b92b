//! Accounts under lock: the one order in which all who change balances take them, what may be drawn from each, and the change.
//!
//! People's accounts come first, then those of the bank's customers, then all others, each by number, so no two transactions wait
//! for each other. Their keys stay free: whoever only names such an account in a row of its own does not wait.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;

use super::{BooksError, Sql};

/// An account that this transaction has locked, and what it is to be changed by.
#[derive(Debug)]
pub(crate) struct Locked {
    may_overdraw: bool,
    balance_cents: i64,
    change_cents: i64,
    pub(super) notice_sequence: i64,
    pub(super) notices: i64,
}

/// Locks the accounts.
///
/// # Errors
/// [`BooksError::NoAccount`] for the first that is not there.
pub(crate) async fn lock<'a>(
    transaction: &Transaction<'_>,
    accounts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, Locked>, BooksError> {
    let numbers: BTreeSet<&str> = accounts.collect();
    let numbers: Vec<&str> = numbers.into_iter().collect();
    // Rows are locked in the order in which the sort hands them on.
    let sql =
        "SELECT account, kind, balance_cents, notice_sequence FROM accounts WHERE account = ANY($1)
               ORDER BY array_position(ARRAY['payer', 'payee'], kind), account FOR NO KEY UPDATE";
    let mut locked = BTreeMap::new();
    for row in transaction.query(sql, &[&numbers]).await? {
        let one = Locked {
            may_overdraw: row.try_get::<_, &str>(1)? != "payer",
            balance_cents: row.try_get(2)?,
            change_cents: 0,
            notice_sequence: row.try_get(3)?,
            notices: 0,
        };
        locked.insert(row.try_get(0)?, one);
    }
    match numbers.iter().find(|number| !locked.contains_key(**number)) {
        Some(missing) => Err(no_account(missing)),
        None => Ok(locked),
    }
}

/// Notes a change of what an account holds.
///
/// # Errors
/// [`BooksError::TooLittle`] where a person would hold less than nothing.
pub(crate) fn change<'a>(
    accounts: &'a mut BTreeMap<String, Locked>,
    number: &str,
    cents: i64,
) -> Result<&'a mut Locked, BooksError> {
    let account = accounts.get_mut(number).ok_or_else(|| no_account(number))?;
    let change = account.change_cents.checked_add(cents);
    let change = change.ok_or(BooksError::Range)?;
    let balance = account
        .balance_cents
        .checked_add(change)
        .ok_or(BooksError::Range)?;
    if balance < 0 && !account.may_overdraw {
        return Err(BooksError::TooLittle {
            account: number.to_owned(),
        });
    }
    account.change_cents = change;
    Ok(account)
}

/// Writes down what was noted.
pub(crate) async fn update(
    transaction: &Transaction<'_>,
    accounts: &BTreeMap<String, Locked>,
) -> Result<(), BooksError> {
    let numbers: Vec<&str> = accounts.keys().map(String::as_str).collect();
    let changes: Vec<i64> = accounts
        .values()
        .map(|account| account.change_cents)
        .collect();
    let notices: Vec<i64> = accounts.values().map(|account| account.notices).collect();
    let sql = "UPDATE accounts SET balance_cents = balance_cents + change, notice_sequence = notice_sequence + notices
               FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (number, change, notices)
               WHERE account = number";
    transaction
        .execute(sql, &[&numbers, &changes, &notices])
        .await?;
    Ok(())
}

fn no_account(number: &str) -> BooksError {
    BooksError::NoAccount {
        account: number.to_owned(),
    }
}
