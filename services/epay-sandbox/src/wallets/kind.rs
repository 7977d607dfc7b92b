//! The four wallets, and what differs between them beside their words.

use crate::faults::MenuItem;
use crate::faults::menu::{
    DECLINED, LATE, LATE_SETTLEMENT, NEVER, OUT_OF_ORDER, ROTATED_KEY, SHORT_SETTLEMENT, TWICE,
    UNKNOWN, WRONG_AMOUNT,
};
use crate::frame::Rows;

/// Paid, and the merchant told, before the merchant's own call is answered.
pub(super) const EARLY_NOTICE: MenuItem = MenuItem {
    word: "early-notice",
    value: None,
    help: "it is paid by the first payer and told before the create call is answered",
};
/// Closed by the wallet at once.
pub(super) const CLOSED_EARLY: MenuItem = MenuItem {
    word: "closed-early",
    value: None,
    help: "the wallet closes the order as soon as it is made",
};
/// A refund that is taken in and never ends.
pub(super) const REFUND_STUCK: MenuItem = MenuItem {
    word: "refund-stuck",
    value: None,
    help: "its refunds are taken in and stay under way",
};
/// A refund that is taken in and then refused.
pub(super) const REFUND_REJECTED: MenuItem = MenuItem {
    word: "refund-rejected",
    value: None,
    help: "its refunds are taken in and refused later",
};
/// A refund that the payer never claims.
pub(super) const REFUND_UNCLAIMED: MenuItem = MenuItem {
    word: "refund-unclaimed",
    value: None,
    help: "the payer never claims its refunds, and the money comes back",
};

pub(super) const MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_AMOUNT,
    ROTATED_KEY,
    DECLINED,
    UNKNOWN,
    EARLY_NOTICE,
    CLOSED_EARLY,
    REFUND_STUCK,
    REFUND_REJECTED,
    REFUND_UNCLAIMED,
    SHORT_SETTLEMENT,
    LATE_SETTLEMENT,
];

/// The menu of each rail: the same for all.
pub(super) const MENUS: &[Rows] = &[
    ("wechat", MENU),
    ("alipay", MENU),
    ("payme", MENU),
    ("octopus", MENU),
];

/// A wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wallet {
    WeChat,
    Alipay,
    PayMe,
    Octopus,
}

impl Wallet {
    pub(super) const ALL: [Self; 4] = [Self::WeChat, Self::Alipay, Self::PayMe, Self::Octopus];

    /// The word in paths, rows and the fault menu: the rail's.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::WeChat => "wechat",
            Self::Alipay => "alipay",
            Self::PayMe => "payme",
            Self::Octopus => "octopus",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.word() == word)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::WeChat => "WeChat Pay",
            Self::Alipay => "AlipayHK",
            Self::PayMe => "PayMe",
            Self::Octopus => "Octopus",
        }
    }

    /// The account that holds what payers paid and merchants have not got yet.
    pub(super) fn pool(self) -> String {
        format!("WALLET-{}-POOL", self.word().to_uppercase())
    }

    /// The account of what it keeps.
    pub(super) fn fees(self) -> String {
        format!("WALLET-{}-FEES", self.word().to_uppercase())
    }

    /// How long a refund takes, in seconds. Octopus answers the next day; AlipayHK does it at once.
    pub(super) const fn refund_seconds(self) -> i64 {
        match self {
            Self::WeChat | Self::PayMe => 60,
            Self::Alipay => 0,
            Self::Octopus => 86_400,
        }
    }

    /// Before that many seconds an order is not closed.
    pub(super) const fn close_after_seconds(self) -> i64 {
        match self {
            Self::WeChat => 300,
            Self::Alipay | Self::PayMe | Self::Octopus => 0,
        }
    }

    /// Whether a refund's end is told by a notice. PayMe is only asked.
    pub(super) const fn tells_refunds(self) -> bool {
        !matches!(self, Self::PayMe)
    }
}
