//! The rail's own settings: the table `[rails.echeque]` of the configuration, every value optional.
//!
//! The defaults are conventions of this project, except where the comment names a source.

use std::collections::BTreeMap;

use der::asn1::ObjectIdentifier;
use epay_money::{Currency, RailId};
use epay_rail::{Fee, FeePaid, OpenError, OrderKind, Profile, RailAccountCodes, Resend};
use jiff::civil::{Time, time};
use serde::Deserialize;
use x509_cert::Certificate;

use crate::cms::RevocationList;

/// The most that fits an amount of the attachment's schema.
const AMOUNT_CENTS_LIMIT: i64 = 999_999_999_999;
/// A day: whoever fetches a cheque tomorrow begins anew.
const TTL_SECS_LIMIT: u32 = 24 * 60 * 60;
/// Recognised authorities. Each cheque is tried against each.
const ROOTS_MAX: usize = 16;
/// Lists of revoked certificates.
const LISTS_MAX: usize = 32;

/// `[rails.echeque]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Least amount of one cheque, in cents. One cent.
    amount_min_cents: i64,
    /// Greatest amount of one cheque, in cents. HK$10,000,000.00.
    amount_max_cents: i64,
    /// What is received later counts for the next business day. 17:00 (the Treasury, Pay e-Cheque).
    receipt_cutoff: Time,
    /// How long the payer has to hand a cheque over, in seconds. One hour.
    presentation_ttl_secs: u32,
    /// What the collecting bank charges for one item, in cents. None.
    fee_per_item_cents: i64,
    /// Ledger account of cheques in clearing.
    clearing_account: String,
    /// Ledger account of fees as an expense.
    fee_expense_account: String,
    /// Ledger account of fees owed.
    fee_accrued_account: String,
    /// Address of the collecting bank's drop box, without a slash at its end.
    dropbox_url: String,
    /// Certificates of the recognised authorities, as PEM texts. None: then no cheque is taken.
    roots: Vec<String>,
    /// Certificates that the authorities revoked: lists as PEM texts, each of one authority. None: then nothing is looked up.
    revocation_lists: Vec<String>,
    /// The certificate policy by which a payer is known.
    payer_policy: String,
    /// The certificate policy by which a bank is known.
    bank_policy: String,
    /// Paying banks: the clearing code, and the organisation in the bank's certificate.
    banks: BTreeMap<String, String>,
    /// Names that a cheque may be made out to (the Treasury, Pay e-Cheque).
    payee_names: Vec<String>,
    /// Bills that one cheque may pay. 20 (Pay e-Cheque).
    bills_max: u32,
    /// The same for single payees; Inland Revenue says 10.
    bills_max_of: BTreeMap<String, u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            amount_min_cents: 1,
            amount_max_cents: 1_000_000_000,
            receipt_cutoff: time(17, 0, 0, 0),
            presentation_ttl_secs: 60 * 60,
            fee_per_item_cents: 0,
            clearing_account: "1150".to_owned(),
            fee_expense_account: "5010.echeque".to_owned(),
            fee_accrued_account: "2310.echeque".to_owned(),
            dropbox_url: "https://drop-box.bank.example/echeque".to_owned(),
            roots: Vec::new(),
            revocation_lists: Vec::new(),
            payer_policy: String::new(),
            bank_policy: String::new(),
            banks: BTreeMap::new(),
            payee_names: vec![
                "The Government of the Hong Kong Special Administrative Region".to_owned(),
                "The Government of the HKSAR".to_owned(),
            ],
            bills_max: 20,
            bills_max_of: BTreeMap::new(),
        }
    }
}

/// The configuration, checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) profile: Profile,
    pub(crate) dropbox_url: String,
    pub(crate) payee_names: Vec<String>,
    pub(crate) trust: Trust,
    bills_max: u32,
    bills_max_of: BTreeMap<String, u32>,
}

/// Whom to believe.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) roots: Vec<Certificate>,
    pub(crate) revocations: Vec<RevocationList>,
    /// Payers' and banks' certificate policies; nothing where no root is configured either.
    pub(crate) policies: Option<Policies>,
    /// By clearing code: the organisation in the bank's certificate.
    pub(crate) banks: BTreeMap<String, String>,
}

/// What tells payers and banks apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policies {
    pub(crate) payer: ObjectIdentifier,
    pub(crate) bank: ObjectIdentifier,
}

impl Config {
    /// How many bills one cheque to this payee may pay.
    pub(crate) fn bills_max(&self, payee: &str) -> u32 {
        self.bills_max_of
            .get(payee)
            .copied()
            .unwrap_or(self.bills_max)
    }
}

/// The configuration that a table describes.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, or a value that no cheque could be taken with.
pub(crate) fn read(rail: &RailId, table: &str) -> Result<Config, OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    check_numbers(&settings)?;
    check_texts(&settings)?;
    Ok(Config {
        profile: profile(rail, &settings),
        trust: trust(&settings)?,
        dropbox_url: settings.dropbox_url,
        payee_names: settings.payee_names,
        bills_max: settings.bills_max,
        bills_max_of: settings.bills_max_of,
    })
}

fn profile(rail: &RailId, settings: &Settings) -> Profile {
    let accounts = RailAccountCodes {
        clearing: settings.clearing_account.clone(),
        fee_expense: settings.fee_expense_account.clone(),
        fee_accrued: settings.fee_accrued_account.clone(),
    };
    Profile {
        methods: &["echeque"],
        orders: &[OrderKind::Collect, OrderKind::Tender, OrderKind::Query],
        currencies: &[Currency::Hkd],
        amount_min: settings.amount_min_cents,
        amount_max: settings.amount_max_cents,
        receipt_cutoff: settings.receipt_cutoff,
        presentation_ttl_secs: settings.presentation_ttl_secs,
        fee: Fee {
            per_item_minor: settings.fee_per_item_cents,
            basis_points: 0,
            paid: FeePaid::ByInvoice,
        },
        // A cheque is put under our reference, and putting the same file there again changes nothing; but whether the
        // first one arrived is better asked than tried.
        resend: Resend::QueryFirst,
        notice_types: &["application/xml", "text/xml"],
        ..Profile::new(rail.clone(), "e-Cheque", accounts)
    }
}

fn check_numbers(settings: &Settings) -> Result<(), OpenError> {
    let in_range = settings.amount_max_cents >= settings.amount_min_cents
        && settings.amount_max_cents <= AMOUNT_CENTS_LIMIT;
    let ttl = (1..=TTL_SECS_LIMIT).contains(&settings.presentation_ttl_secs);
    let least_one = settings.bills_max_of.values().all(|most| *most >= 1);
    let rules = [
        (
            "amount_min_cents",
            settings.amount_min_cents >= 1,
            "at least 1",
        ),
        (
            "amount_max_cents",
            in_range,
            "not below amount_min_cents, nor above 999999999999",
        ),
        ("presentation_ttl_secs", ttl, "from 1 to 86400"),
        (
            "fee_per_item_cents",
            settings.fee_per_item_cents >= 0,
            "not negative",
        ),
        ("bills_max", settings.bills_max >= 1, "at least 1"),
        ("bills_max_of", least_one, "at least 1 each"),
    ];
    first_broken(&rules)
}

fn check_texts(settings: &Settings) -> Result<(), OpenError> {
    let code = |code: &str| !code.trim().is_empty();
    let url = &settings.dropbox_url;
    let address = ["https://", "http://"].iter().any(|scheme| {
        url.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    }) && url.bytes().all(|byte| byte.is_ascii_graphic())
        && !url.ends_with('/')
        && !url.contains(['?', '#']);
    let bank = |(code, name): (&String, &String)| {
        code.len() == 3 && code.bytes().all(|one| one.is_ascii_digit()) && !name.trim().is_empty()
    };
    let names = &settings.payee_names;
    let named = !names.is_empty() && names.iter().all(|name| !name.trim().is_empty());
    let rules = [
        (
            "clearing_account",
            code(&settings.clearing_account),
            "an account code",
        ),
        (
            "fee_expense_account",
            code(&settings.fee_expense_account),
            "an account code",
        ),
        (
            "fee_accrued_account",
            code(&settings.fee_accrued_account),
            "an account code",
        ),
        (
            "dropbox_url",
            address,
            "an address without query and without a slash at its end",
        ),
        (
            "banks",
            settings.banks.iter().all(bank),
            "codes of three digits, each with a name",
        ),
        ("payee_names", named, "a list of names"),
    ];
    first_broken(&rules)
}

fn first_broken(rules: &[(&'static str, bool, &str)]) -> Result<(), OpenError> {
    match rules.iter().find(|(_, holds, _)| !holds) {
        Some((name, _, must)) => Err(OpenError::bad_setting(name, format!("it must be {must}"))),
        None => Ok(()),
    }
}

fn trust(settings: &Settings) -> Result<Trust, OpenError> {
    let mut roots = Vec::new();
    for pem in &settings.roots {
        let chain = Certificate::load_pem_chain(pem.trim().as_bytes())
            .map_err(|fault| OpenError::bad_setting("roots", fault.to_string()))?;
        roots.extend(chain);
    }
    if roots.len() > ROOTS_MAX {
        return Err(OpenError::bad_setting(
            "roots",
            format!("there may be at most {ROOTS_MAX}"),
        ));
    }
    let policies = if roots.is_empty() {
        None
    } else {
        let payer = policy("payer_policy", &settings.payer_policy)?;
        let bank = policy("bank_policy", &settings.bank_policy)?;
        if payer == bank {
            return Err(OpenError::bad_setting(
                "bank_policy",
                "it must differ from payer_policy",
            ));
        }
        Some(Policies { payer, bank })
    };
    if settings.revocation_lists.len() > LISTS_MAX {
        return Err(OpenError::bad_setting(
            "revocation_lists",
            format!("there may be at most {LISTS_MAX}"),
        ));
    }
    let lists = settings.revocation_lists.iter();
    let revocations = lists
        .map(|text| RevocationList::read(text))
        .collect::<Result<_, _>>()
        .map_err(|words| OpenError::bad_setting("revocation_lists", words))?;
    Ok(Trust {
        roots,
        revocations,
        policies,
        banks: settings.banks.clone(),
    })
}

fn policy(name: &'static str, text: &str) -> Result<ObjectIdentifier, OpenError> {
    ObjectIdentifier::new(text)
        .map_err(|_fault| OpenError::bad_setting(name, "it must be an object identifier, 1.3.6.…"))
}
