//! What stands before the entries of a statement, as written and as judged.

use epay_money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Head, Kind};
use crate::dates;

/// `Max35Text`, and an IBAN's greatest length below it.
const ID_CHARS_MAX: usize = 35;
/// Balances of one statement: opening, closing, and some of each kind beside.
const BALANCES_MAX: usize = 64;

/// `Bal` as written.
#[derive(Debug, Default)]
struct RawBalance {
    code: String,
    amount: Option<Money>,
    debit: bool,
    day: Option<Date>,
}

/// The head as written. The first text of a place counts.
#[derive(Debug, Default)]
pub(super) struct RawHead {
    id: Option<String>,
    electronic_number: Option<i64>,
    legal_number: Option<i64>,
    account: Option<String>,
    account_is_doubtful: bool,
    currency: Option<Currency>,
    created_at: Option<Timestamp>,
    from_date: Option<Date>,
    to_date: Option<Date>,
    balances: Vec<RawBalance>,
    rows: Option<i64>,
    credits: Option<String>,
    debits: Option<String>,
}

impl RawHead {
    pub(super) fn begin_balance(&mut self) {
        self.balances.push(RawBalance::default());
    }

    /// Takes a text; `place` is its path below the statement, with the slash.
    pub(super) fn take(
        &mut self,
        place: &str,
        text: &str,
        currency: Option<&str>,
    ) -> Result<(), &'static str> {
        if self.balances.len() > BALANCES_MAX {
            return Err("the statement has too many balances");
        }
        match place {
            "/Id" => self.id = Some(text.to_owned()),
            "/ElctrncSeqNb" => self.electronic_number = number(text)?,
            "/LglSeqNb" => self.legal_number = number(text)?,
            "/CreDtTm" => self.created_at = dates::moment(text),
            "/FrToDt/FrDtTm" => self.from_date = dates::moment(text).map(dates::day_of),
            "/FrToDt/ToDtTm" => self.to_date = dates::moment(text).map(dates::day_of),
            "/Acct/Id/IBAN" | "/Acct/Id/Othr/Id" if !text.is_empty() => {
                self.account_is_doubtful |= self.account.is_some();
                self.account = Some(text.to_owned());
            }
            "/Acct/Ccy" => {
                let known = text
                    .parse()
                    .map_err(|_unknown| "the account's currency is neither HKD nor CNY")?;
                self.currency = Some(known);
            }
            "/TxsSummry/TtlNtries/NbOfNtries" => self.rows = number(text)?,
            "/TxsSummry/TtlCdtNtries/Sum" => self.credits = Some(text.to_owned()),
            "/TxsSummry/TtlDbtNtries/Sum" => self.debits = Some(text.to_owned()),
            _ => {
                if let Some(place) = place.strip_prefix("/Bal/")
                    && let Some(balance) = self.balances.last_mut()
                {
                    balance.take(place, text, currency)?;
                }
            }
        }
        Ok(())
    }

    /// The head, or why the statement is no evidence. `currency`: of its first entry, where the head names none.
    pub(super) fn judge(
        &self,
        kind: Kind,
        version: String,
        currency: Option<&str>,
        message_created_at: Option<Timestamp>,
    ) -> Result<Head, &'static str> {
        let fits = |text: &&String| !text.is_empty() && text.chars().count() <= ID_CHARS_MAX;
        let id = self
            .id
            .as_ref()
            .filter(fits)
            .ok_or("the statement has no id")?;
        let account = self
            .account
            .as_ref()
            .filter(|_text| !self.account_is_doubtful)
            .filter(fits)
            .ok_or("the statement does not name its one account")?;
        let of_balance = self.balances.iter().find_map(|balance| balance.amount);
        let currency = self
            .currency
            .or(of_balance.map(Money::currency))
            .or_else(|| currency?.parse().ok())
            .ok_or("nothing says what the statement's currency is")?;
        let created_at = self.created_at.or(message_created_at);
        let closing = self.balance(&["CLBD"], currency)?;
        let opening = self.balance(&["OPBD", "PRCD"], currency)?;
        let to_date = self
            .to_date
            .or(closing.and_then(|(_amount, day)| day))
            .or(created_at.map(dates::day_of))
            .ok_or("nothing says which day the statement covers")?;
        let sum = |text: &Option<String>| match text {
            Some(text) => Money::parse(text, currency)
                .map(|sum| Some(sum.minor()))
                .map_err(|_quoting| "a sum of the summary is not an amount"),
            None => Ok(None),
        };
        Ok(Head {
            kind,
            version,
            id: id.clone(),
            sequence_number: self.electronic_number.or(self.legal_number),
            account: account.clone(),
            currency,
            created_at,
            from_date: self.from_date,
            to_date,
            opening: opening.map(|(amount, _day)| amount),
            closing: closing.map(|(amount, _day)| amount),
            declared_rows: self.rows,
            declared_credits_minor: sum(&self.credits)?,
            declared_debits_minor: sum(&self.debits)?,
        })
    }

    /// The first balance of the first of these codes that is there, signed.
    fn balance(
        &self,
        codes: &[&str],
        currency: Currency,
    ) -> Result<Option<(Money, Option<Date>)>, &'static str> {
        for code in codes {
            let Some(balance) = self.balances.iter().find(|one| one.code == *code) else {
                continue;
            };
            let amount = balance
                .amount
                .filter(|amount| amount.currency() == currency)
                .ok_or("a balance has no amount in the account's currency")?;
            let signed = if balance.debit {
                amount
                    .checked_neg()
                    .map_err(|_range| "a balance is too large")?
            } else {
                amount
            };
            return Ok(Some((signed, balance.day)));
        }
        Ok(None)
    }
}

impl RawBalance {
    fn take(
        &mut self,
        place: &str,
        text: &str,
        currency: Option<&str>,
    ) -> Result<(), &'static str> {
        match place {
            "Tp/CdOrPrtry/Cd" => text.clone_into(&mut self.code),
            "Amt" => {
                let currency = currency
                    .unwrap_or_default()
                    .parse()
                    .map_err(|_unknown| "a balance's currency is neither HKD nor CNY")?;
                let amount = Money::parse(text, currency);
                self.amount = Some(amount.map_err(|_quoting| "a balance is not an amount")?);
            }
            "CdtDbtInd" => match text {
                "CRDT" => self.debit = false,
                "DBIT" => self.debit = true,
                _ => return Err("a balance is neither CRDT nor DBIT"),
            },
            "Dt/Dt" => self.day = dates::day(text),
            "Dt/DtTm" => self.day = dates::moment(text).map(dates::day_of),
            _ => {}
        }
        Ok(())
    }
}

fn number(text: &str) -> Result<Option<i64>, &'static str> {
    let is_number =
        (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err("a number of the statement is not a number");
    }
    Ok(text.parse().ok())
}
