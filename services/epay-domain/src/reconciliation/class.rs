//! The words of reconciliation: levels, reasons of a match, classes of a break. Stored for ever: add, never rename.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one, for tables and tests.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The one of a stored word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}
pub(super) use words;

words! {
    /// Which two books of record are put together.
    Level {
        /// A rail's report and our payments.
        Rail = "L1",
        /// The bank's statement and what rails pay over.
        Bank = "L2",
        /// A department's acknowledgement and what was passed on to it.
        Department = "L3",
    }
}

words! {
    /// Why items belong together, the strongest first.
    MatchedBy {
        /// Both carry the same reference of the rail or bank, on the same account.
        RailReference = "rail_reference",
        /// Both carry our reference, or the name of the batch.
        Reference = "reference",
        /// Many movements of one batch, and the payment that names the batch.
        Batch = "batch",
        /// The same bill and the same amount, within one business day.
        BillNumber = "bill_number",
        /// A batch and the only payment of its amount within one business day, which names nothing and fits no other batch.
        AmountAndDate = "amount_and_date",
        /// An acknowledgement, and the file whose number it names.
        FileNumber = "file_number",
        /// What was paid over in all is what files passed on in all, up to one of them.
        RunningTotal = "running_total",
        /// Two people said so.
        People = "people",
    }
}

words! {
    /// What is wrong with items that do not agree.
    BreakClass {
        /// The rail or bank has it and the gateway does not.
        MissingInGateway = "MISSING_IN_GATEWAY",
        /// The gateway has it and the rail or bank, whose word covers the day, does not.
        MissingInRail = "MISSING_IN_RAIL",
        /// Both have it, with another amount.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// The rail's reference came a second time.
        DuplicateRailRef = "DUPLICATE_RAIL_REF",
        /// It is not there by its business day, or came after it.
        LateSettlement = "LATE_SETTLEMENT",
        /// A batch was paid in part.
        ShortSettlement = "SHORT_SETTLEMENT",
        /// A batch was paid with more than it has.
        OverSettlement = "OVER_SETTLEMENT",
        /// The amount agrees and the fee does not.
        FeeMismatch = "FEE_MISMATCH",
        /// Money came that names neither a payment nor a bill.
        UnidentifiedCredit = "UNIDENTIFIED_CREDIT",
        /// Something that had been there was taken back.
        ReturnedItem = "RETURNED_ITEM",
    }
}
