//! The orders that the suite makes of a rail's sample collection: one of every kind, always the same.

use epay_money::Money;
use epay_rail::{
    Ask, Header, Instrument, Order, OrderKind, PayoutAccount, Question, Recall, Refund,
};
use jiff::{SignedDuration, Timestamp};

use super::Suite;

/// From the asking to the later orders, and to every golden message.
const LATER: SignedDuration = SignedDuration::from_secs(60);

impl Suite {
    /// When golden messages come in: a minute after the sample collection was asked for.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        let asked_at = (self.order)().asked_at;
        asked_at.saturating_add(LATER).unwrap_or(asked_at)
    }

    /// The sample order of a kind. Its key is the reference with a letter behind it, the first letter of the kind;
    /// that of [`OrderKind::Collect`] is the reference alone.
    #[must_use]
    pub fn sample(&self, kind: OrderKind) -> Order {
        let collect = (self.order)();
        let amount = collect.amount;
        let ask = match kind {
            OrderKind::Collect => return Order::collect(collect),
            OrderKind::Tender => Ask::Tender(Instrument {
                kind: String::new(),
                bytes: Vec::new(),
            }),
            OrderKind::Query => Ask::Query(Question::Collection),
            OrderKind::Capture => Ask::Capture { amount },
            OrderKind::Void => Ask::Void,
            OrderKind::Close => Ask::Close,
            OrderKind::Recall => Ask::Recall(Recall::Answer {
                case: "CASE-1".to_owned(),
                agreed: false,
                why: "it was owed".to_owned(),
            }),
            OrderKind::Refund => Ask::Refund(Refund {
                amount,
                original_rail_reference: "R-ORIGINAL-1".to_owned(),
                account: Some(PayoutAccount {
                    bank_code: "024".to_owned(),
                    number: "123456789001".to_owned(),
                    name: "CHAN TAI MAN".to_owned(),
                }),
                reason: "paid twice".to_owned(),
            }),
        };
        let letter = kind.as_str().chars().next().unwrap_or('x');
        let header = Header {
            key: format!("{}-{}1", collect.reference, letter.to_ascii_uppercase()),
            at: self.received_at(),
            nonce: [7; 16],
            kept: self.kept.map(str::to_owned),
            bearer: Some("test-bearer".to_owned()),
        };
        Order {
            header,
            collect,
            ask,
        }
    }

    /// A refund of a part of the sample collection; everything else as [`Suite::sample`].
    #[must_use]
    pub fn part_refund(&self, amount: Money) -> Order {
        let mut order = self.sample(OrderKind::Refund);
        if let Ask::Refund(refund) = &mut order.ask {
            refund.amount = amount;
        }
        order
    }
}
