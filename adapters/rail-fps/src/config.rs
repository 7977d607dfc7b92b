//! The rail's own settings: the table `[rails.fps]` of the configuration, every value optional.
//!
//! The defaults are conventions of this project, not of FPS, except where the comment names a source.

use epay_money::{Currency, RailId};
use epay_rail::{Fee, FeePaid, OpenError, OrderKind, Profile, RailAccountCodes, Resend};
use jiff::civil::{Time, time};
use serde::Deserialize;

/// The most that fits an EMV amount of 13 characters with two decimals.
const AMOUNT_CENTS_LIMIT: i64 = 999_999_999_999;
/// A day: a longer-lived code would outlive the bill data that it was made from.
const TTL_SECS_LIMIT: u32 = 24 * 60 * 60;

/// `[rails.fps]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Least amount of one payment, in cents. One cent.
    amount_min_cents: i64,
    /// Greatest amount of one payment, in cents. HK$10,000,000.00; FPS sets none, the payers' banks do.
    amount_max_cents: i64,
    /// Currencies: FPS carries both (HKICL).
    currencies: Vec<String>,
    /// Money sent later in the day counts for the next business day. 17:00 (Inland Revenue, notes on FPS).
    receipt_cutoff: Time,
    /// How long a code is valid, in seconds. 15 minutes.
    presentation_ttl_secs: u32,
    /// What the collecting bank charges for one item, in cents. 80.
    fee_per_item_cents: i64,
    /// Ledger account of money on its way from the bank.
    clearing_account: String,
    /// Ledger account of fees as an expense.
    fee_expense_account: String,
    /// Ledger account of fees owed.
    fee_accrued_account: String,
    /// Where the biller's bank takes payout orders. Without it the rail takes none.
    payout_url: Option<String>,
    /// Where it takes requests to have a payment back, and answers to them. Without it the rail takes neither.
    recall_url: Option<String>,
    /// Who gives the orders, by name.
    payout_initiator: String,
    /// Clearing code of the bank that is told to pay, three digits.
    payout_bank_code: String,
}

/// The bank that is told to pay money back.
#[derive(Debug, Clone)]
pub(crate) struct Payout {
    /// Where it takes orders.
    pub(crate) url: String,
    /// Where it takes requests and answers about recalls.
    pub(crate) recall_url: Option<String>,
    /// Who gives them.
    pub(crate) initiator: String,
    /// Its clearing code.
    pub(crate) bank_code: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            amount_min_cents: 1,
            amount_max_cents: 1_000_000_000,
            currencies: vec!["HKD".to_owned(), "CNY".to_owned()],
            receipt_cutoff: time(17, 0, 0, 0),
            presentation_ttl_secs: 15 * 60,
            fee_per_item_cents: 80,
            clearing_account: "1110".to_owned(),
            fee_expense_account: "5010.fps".to_owned(),
            fee_accrued_account: "2310.fps".to_owned(),
            payout_url: None,
            recall_url: None,
            payout_initiator: "Government e-payment".to_owned(),
            payout_bank_code: "999".to_owned(),
        }
    }
}

/// The profile that a table describes, and the bank that pays out.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, or a value that no payment could be made with.
pub(crate) fn read(rail: &RailId, table: &str) -> Result<(Profile, Option<Payout>), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    if settings.amount_min_cents < 1 {
        return Err(OpenError::bad_setting(
            "amount_min_cents",
            "it must be at least 1",
        ));
    }
    if settings.amount_max_cents < settings.amount_min_cents
        || settings.amount_max_cents > AMOUNT_CENTS_LIMIT
    {
        return Err(OpenError::bad_setting(
            "amount_max_cents",
            format!("it must lie between amount_min_cents and {AMOUNT_CENTS_LIMIT}"),
        ));
    }
    if !(1..=TTL_SECS_LIMIT).contains(&settings.presentation_ttl_secs) {
        return Err(OpenError::bad_setting(
            "presentation_ttl_secs",
            format!("it must lie between 1 and {TTL_SECS_LIMIT}"),
        ));
    }
    if settings.fee_per_item_cents < 0 {
        return Err(OpenError::bad_setting(
            "fee_per_item_cents",
            "it must not be negative",
        ));
    }
    let accounts = accounts(&settings)?;
    let payout = payout(&settings)?;
    let profile = Profile {
        methods: &["fps_qr"],
        orders: match &payout {
            None => &[OrderKind::Collect],
            Some(bank) if bank.recall_url.is_none() => &[OrderKind::Collect, OrderKind::Refund],
            Some(_) => &[OrderKind::Collect, OrderKind::Refund, OrderKind::Recall],
        },
        currencies: currencies(&settings.currencies)?,
        amount_min: settings.amount_min_cents,
        amount_max: settings.amount_max_cents,
        receipt_cutoff: settings.receipt_cutoff,
        presentation_ttl_secs: settings.presentation_ttl_secs,
        fee: Fee {
            per_item_minor: settings.fee_per_item_cents,
            basis_points: 0,
            paid: FeePaid::ByInvoice,
        },
        // The same order makes the same code, and the bank recognises a payout order by its message id.
        resend: Resend::SafeWithKey,
        notice_types: &["application/xml", "text/xml"],
        ..Profile::new(rail.clone(), "FPS", accounts)
    };
    Ok((profile, payout))
}

fn payout(settings: &Settings) -> Result<Option<Payout>, OpenError> {
    let Some(url) = &settings.payout_url else {
        return Ok(None);
    };
    let addresses = [
        ("payout_url", Some(url)),
        ("recall_url", settings.recall_url.as_ref()),
    ];
    for (name, address) in addresses {
        let is_address =
            |text: &String| text.starts_with("https://") || text.starts_with("http://");
        if !address.is_none_or(is_address) {
            return Err(OpenError::bad_setting(
                name,
                "it must be an address that begins with https:// or http://",
            ));
        }
    }
    let name = settings.payout_initiator.trim();
    if name.is_empty() || name.chars().count() > 140 || name.chars().any(char::is_control) {
        return Err(OpenError::bad_setting(
            "payout_initiator",
            "it must be 1 to 140 characters on one line",
        ));
    }
    let code = &settings.payout_bank_code;
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(OpenError::bad_setting(
            "payout_bank_code",
            "it must be a clearing code of three digits",
        ));
    }
    Ok(Some(Payout {
        url: url.clone(),
        recall_url: settings.recall_url.clone(),
        initiator: name.to_owned(),
        bank_code: code.clone(),
    }))
}

fn accounts(settings: &Settings) -> Result<RailAccountCodes, OpenError> {
    let named = [
        ("clearing_account", &settings.clearing_account),
        ("fee_expense_account", &settings.fee_expense_account),
        ("fee_accrued_account", &settings.fee_accrued_account),
    ];
    for (name, code) in named {
        if code.trim().is_empty() {
            return Err(OpenError::bad_setting(name, "an account code is needed"));
        }
    }
    Ok(RailAccountCodes {
        clearing: settings.clearing_account.clone(),
        fee_expense: settings.fee_expense_account.clone(),
        fee_accrued: settings.fee_accrued_account.clone(),
    })
}

fn currencies(codes: &[String]) -> Result<&'static [Currency], OpenError> {
    let has = |wanted: Currency| codes.iter().any(|code| code == wanted.code());
    let all_known = codes.iter().all(|code| code.parse::<Currency>().is_ok());
    match (all_known, has(Currency::Hkd), has(Currency::Cny)) {
        (true, true, true) => Ok(&[Currency::Hkd, Currency::Cny]),
        (true, true, false) => Ok(&[Currency::Hkd]),
        (true, false, true) => Ok(&[Currency::Cny]),
        (true, false, false) | (false, _, _) => Err(OpenError::bad_setting(
            "currencies",
            "it must list HKD, CNY or both, and nothing else",
        )),
    }
}
