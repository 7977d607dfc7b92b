//! The chart of accounts, as data.
//!
//! One row a four-digit head; an account's further parts (department, revenue line, rail) hang under it.
//! The numbering and the rules are a convention of this project, modelled on how a collecting agent keeps
//! money that is not its own: every receipt gross, fees apart, no revenue recognised here, only liabilities
//! to departments. Amounts that cannot be applied yet lie in 2110 to 2190 until somebody decides.

use crate::account::{AccountClass, AccountCode, Side};

/// One row of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartRow {
    /// The four digits.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it measures.
    pub class: AccountClass,
    /// The side on which it grows.
    pub natural: Side,
    /// What must be true of its balance, for the people who close a day.
    pub must_be: &'static str,
    /// Whether a balance on the other side than the natural one is a breach at any instant.
    pub never_negative: bool,
}

impl ChartRow {
    /// The account of this row that has no further parts.
    #[must_use]
    pub fn account(&self) -> AccountCode {
        AccountCode::of_chart(self.code)
    }

    /// Whether an account hangs under this row (or is it).
    #[must_use]
    pub fn covers(&self, account: &AccountCode) -> bool {
        account.head() == self.code
    }
}

const fn asset(code: &'static str, name: &'static str, must_be: &'static str) -> ChartRow {
    row(code, name, AccountClass::Asset, Side::Debit, must_be)
}

const fn liability(code: &'static str, name: &'static str, must_be: &'static str) -> ChartRow {
    row(code, name, AccountClass::Liability, Side::Credit, must_be)
}

/// A liability that holds somebody's money: paying out more than it holds is a breach.
const fn held(code: &'static str, name: &'static str, must_be: &'static str) -> ChartRow {
    ChartRow {
        never_negative: true,
        ..liability(code, name, must_be)
    }
}

const fn expense(code: &'static str, name: &'static str) -> ChartRow {
    row(
        code,
        name,
        AccountClass::Expense,
        Side::Debit,
        "gross; never netted from a receipt",
    )
}

const fn row(
    code: &'static str,
    name: &'static str,
    class: AccountClass,
    natural: Side,
    must_be: &'static str,
) -> ChartRow {
    ChartRow {
        code,
        name,
        class,
        natural,
        must_be,
        never_negative: false,
    }
}

/// 1010: the bank account that collects.
pub const BANK: ChartRow = asset(
    "1010",
    "Bank, collection account",
    "the bank's closing balance after each statement",
);
/// 1150: e-cheques accepted and not yet honoured.
pub const CONDITIONAL_CLEARING: ChartRow = asset("1150", "e-Cheques in clearing", "equal to 2160");
/// 1180: what the bank told by a message and no statement shows yet: honoured and returned cheques, refunds that came back.
pub const AWAITING_STATEMENT: ChartRow = asset(
    "1180",
    "Bank movements awaiting the statement",
    "zero once the statements have what the bank told",
);
/// 1230: what departments owe us back, per department.
pub const DUE_FROM_DEPARTMENTS: ChartRow = asset(
    "1230",
    "Due from departments (clawback)",
    "cleared by the next remittance",
);
/// 1210: money that a dispute took back, until the dispute ends.
pub const CHARGEBACKS: ChartRow = asset(
    "1210",
    "Chargebacks in dispute",
    "each item has an open case",
);
/// 1190: what rails paid too little, per rail, and debits of the bank that nobody expected.
pub const SHORTFALLS: ChartRow = asset(
    "1190",
    "Settlement shortfall receivable",
    "each item has an open break",
);
/// 2190: what rails paid too much, per rail, and credits of the bank that nobody expected.
pub const UNIDENTIFIED: ChartRow = liability(
    "2190",
    "Unidentified settlement credits",
    "each item has an open break",
);
/// 5090: differences too small to follow up.
pub const WRITTEN_OFF: ChartRow = expense("5090", "Small differences written off (two approvals)");
/// 5020: what disputes cost.
pub const DISPUTE_FEES: ChartRow = expense("5020", "Chargeback and dispute fees");
/// 2010: owed to a department, per department and revenue line.
pub const DEPARTMENT_PAYABLE: ChartRow = liability(
    "2010",
    "Department payable",
    "receipts applied to bills and not yet remitted",
);
/// 2110: money whose bill is not known yet.
pub const UNAPPLIED: ChartRow = held(
    "2110",
    "Unapplied receipts (suspense)",
    "explained item by item, each with an age and an owner",
);
/// 2120: the part of a receipt above what the bill asked.
pub const OVERPAYMENTS: ChartRow = held("2120", "Overpayments held", "explained bill by bill");
/// 2130: a bill paid again.
pub const DUPLICATES: ChartRow = held(
    "2130",
    "Duplicate payments held",
    "explained payment by payment",
);
/// 2140: refunds that two people agreed on.
pub const REFUNDS_PAYABLE: ChartRow = held(
    "2140",
    "Refunds payable (approved)",
    "approved refunds not yet sent",
);
/// 2150: refunds the bank has been told to pay.
pub const REFUNDS_IN_TRANSIT: ChartRow =
    held("2150", "Refunds in transit", "sent refunds not yet debited");
/// 2160: receipts that count only when an e-cheque is honoured.
pub const CONDITIONAL_RECEIPTS: ChartRow = held(
    "2160",
    "Conditional receipts, e-Cheques awaiting honour",
    "equal to 1150",
);
/// 2310: fees that operators will invoice.
pub const FEES_ACCRUED: ChartRow = liability(
    "2310",
    "Channel fees accrued",
    "the operator's invoice at month end",
);
/// 5010: what channels charge an item.
pub const FEES: ChartRow = expense("5010", "Channel transaction fees");
/// 9010: card amounts authorised and not yet captured.
pub const AUTHORISATIONS: ChartRow = row(
    "9010",
    "Card authorisations outstanding",
    AccountClass::Memorandum,
    Side::Debit,
    "equal to 9020",
);
/// 9020: the mirror of 9010.
pub const AUTHORISATIONS_CONTRA: ChartRow = row(
    "9020",
    "Card authorisations, contra",
    AccountClass::Memorandum,
    Side::Credit,
    "equal to 9010",
);

/// Every account the ledger knows, in order of code.
pub const CHART: &[ChartRow] = &[
    BANK,
    asset(
        "1110",
        "FPS clearing",
        "zero once the day's sweep is matched",
    ),
    asset(
        "1120",
        "Card acquirer receivable",
        "captured and not yet settled",
    ),
    asset(
        "1130",
        "PPS and bill payment receivable",
        "zero one business day after the file",
    ),
    asset(
        "1140",
        "Wallet operator receivable",
        "zero one business day after the payment",
    ),
    CONDITIONAL_CLEARING,
    asset(
        "1160",
        "Collection agents receivable",
        "settled within two business days",
    ),
    AWAITING_STATEMENT,
    SHORTFALLS,
    CHARGEBACKS,
    DUE_FROM_DEPARTMENTS,
    DEPARTMENT_PAYABLE,
    UNAPPLIED,
    OVERPAYMENTS,
    DUPLICATES,
    REFUNDS_PAYABLE,
    REFUNDS_IN_TRANSIT,
    CONDITIONAL_RECEIPTS,
    UNIDENTIFIED,
    FEES_ACCRUED,
    FEES,
    DISPUTE_FEES,
    WRITTEN_OFF,
    AUTHORISATIONS,
    AUTHORISATIONS_CONTRA,
];

/// Pairs that must carry the same balance in every book: e-cheques with their conditional receipts, and
/// card authorisations with their contra.
pub const MIRRORED: [(ChartRow, ChartRow); 2] = [
    (CONDITIONAL_CLEARING, CONDITIONAL_RECEIPTS),
    (AUTHORISATIONS, AUTHORISATIONS_CONTRA),
];

/// The row an account hangs under, by its four digits.
#[must_use]
pub fn chart_row(account: &AccountCode) -> Option<&'static ChartRow> {
    CHART.iter().find(|row| row.covers(account))
}
