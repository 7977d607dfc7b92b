//! What the engine knows by heart: kinds of bill, who owns which account, and the rails with their accounts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use epay_domain::BillType;
use epay_ledger::AccountCode;
use epay_ledger::recipes::RailAccounts;
use epay_money::{BillTypeCode, BillerId, RailId};
use epay_rail::Rail;
use epay_rails::Registry;

/// The book for money on an account that no department owns.
pub const TREASURY: &str = "treasury";

/// Kinds of bill, by code and by account.
#[derive(Debug, Default)]
pub struct Catalogue {
    kinds: Vec<Arc<BillType>>,
    by_code: HashMap<BillTypeCode, Arc<BillType>>,
    owners: HashMap<(RailId, String), BillerId>,
    /// By the account alone, whatever the rail; nobody where two departments have one of the same number.
    account_owners: HashMap<String, Option<BillerId>>,
}

impl Catalogue {
    /// Indexes kinds of bill.
    #[must_use]
    pub fn new(kinds: Vec<BillType>) -> Self {
        let kinds: Vec<Arc<BillType>> = kinds.into_iter().map(Arc::new).collect();
        let by_code = kinds
            .iter()
            .map(|kind| (kind.code.clone(), Arc::clone(kind)))
            .collect();
        let mut owners = HashMap::new();
        let mut account_owners: HashMap<String, Option<BillerId>> = HashMap::new();
        for kind in &kinds {
            for payee in &kind.payees {
                account_owners
                    .entry(payee.account.clone())
                    .and_modify(|owner| {
                        if owner.as_ref() != Some(&kind.biller) {
                            *owner = None;
                        }
                    })
                    .or_insert_with(|| Some(kind.biller.clone()));
                owners.insert(
                    (payee.rail.clone(), payee.account.clone()),
                    kind.biller.clone(),
                );
            }
        }
        Self {
            kinds,
            by_code,
            owners,
            account_owners,
        }
    }

    /// Every kind, in the order of the pages.
    #[must_use]
    pub fn kinds(&self) -> &[Arc<BillType>] {
        &self.kinds
    }

    /// A kind by its code.
    #[must_use]
    pub fn kind(&self, code: &BillTypeCode) -> Option<&Arc<BillType>> {
        self.by_code.get(code)
    }

    /// The department that owns an account.
    #[must_use]
    pub fn owner(&self, rail: &RailId, account: &str) -> Option<&BillerId> {
        self.owners.get(&(rail.clone(), account.to_owned()))
    }

    /// The department that owns an account at a bank, as the bank's statements name it.
    #[must_use]
    pub fn bank_account_owner(&self, account: &str) -> Option<&BillerId> {
        self.account_owners.get(account)?.as_ref()
    }
}

/// A rail with what booking its money needs.
#[derive(Debug, Clone)]
pub(crate) struct OpenRail {
    pub(crate) rail: Arc<dyn Rail>,
    pub(crate) accounts: RailAccounts,
}

/// Every configured rail. Shared, because whoever holds it is cloned with every request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rails {
    open: Arc<BTreeMap<RailId, OpenRail>>,
}

impl Rails {
    /// Reads the rails' accounts once, so that a wrong code stops the start and not a payment.
    pub(crate) fn open(registry: &Registry) -> Result<Self, epay_ledger::AccountCodeError> {
        let mut open = BTreeMap::new();
        for (id, rail) in registry.iter() {
            let profile = rail.profile();
            let accounts = RailAccounts {
                clearing: AccountCode::new(&profile.accounts.clearing)?,
                fee_expense: AccountCode::new(&profile.accounts.fee_expense)?,
                fee_accrued: AccountCode::new(&profile.accounts.fee_accrued)?,
            };
            open.insert(
                id.clone(),
                OpenRail {
                    rail: Arc::clone(rail),
                    accounts,
                },
            );
        }
        Ok(Self {
            open: Arc::new(open),
        })
    }

    pub(crate) fn get(&self, rail: &RailId) -> Option<&OpenRail> {
        self.open.get(rail)
    }

    /// Every rail, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&RailId, &OpenRail)> {
        self.open.iter()
    }
}
