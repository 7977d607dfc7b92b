//! The ways to pay a bill, as the gateway offers them.

use epay_money::Money;
use epay_proto::v1;

use super::{Unreadable, amount};

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Method {
    /// Stable word, such as `fps_qr`.
    pub(crate) word: String,
    pub(crate) open: bool,
    /// Why it is closed, as stable words.
    pub(crate) closed_reasons: Vec<String>,
    /// Hong Kong time of day, `17:00`.
    pub(crate) cutoff: Option<String>,
    pub(crate) limit: Option<Money>,
}

/// The reason that a smaller amount takes away.
const TOO_LARGE: &str = "amount_too_large";

impl Method {
    pub(crate) fn read(method: v1::PaymentMethod) -> Result<Self, Unreadable> {
        Ok(Self {
            word: method.method,
            open: method.open,
            closed_reasons: method.closed_reasons,
            cutoff: Some(method.cutoff).filter(|cutoff| !cutoff.is_empty()),
            limit: method
                .limit
                .map(|limit| amount("method.limit", Some(limit)))
                .transpose()?,
        })
    }

    /// The same, judged for what the payer pays: the gateway judged it for all that is due, and a payer of a part may
    /// stay within a limit that the whole exceeds.
    pub(crate) fn for_amount(mut self, paid: Money) -> Self {
        let within = self.limit.is_some_and(|limit| {
            limit.currency() == paid.currency() && paid.minor() <= limit.minor()
        });
        if within && self.closed_reasons == [TOO_LARGE] {
            self.closed_reasons.clear();
            self.open = true;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_within_the_limit_opens_a_method_that_only_the_whole_closed() {
        let closed = |reasons: &[&str]| Method {
            word: "card".into(),
            open: false,
            closed_reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
            cutoff: None,
            limit: Some(Money::hkd(10_000)),
        };
        let table = [
            (closed(&[TOO_LARGE]), 10_000, true),
            (closed(&[TOO_LARGE]), 10_001, false),
            (closed(&[TOO_LARGE, "closed_now"]), 1, false),
            (closed(&["closed_now"]), 1, false),
        ];
        for (method, paid, open) in table {
            assert_eq!(
                method.clone().for_amount(Money::hkd(paid)).open,
                open,
                "{method:?} {paid}"
            );
        }
    }
}
