//! What every wallet reports, filled in the same way, and the shape of the code tables.

use epay_money::{Money, hong_kong_date};
use epay_rail::{
    Ask, Decoded, Finding, Hint, Order, OrderKind, Question, Refusal, Report, is_reference,
};
use jiff::Timestamp;

/// A row of a code table: what a word of the rail means for us.
///
/// A column is what the word means in the answer to that order; a word that says nothing there is
/// [`Finding::Unclear`], like a word that no table lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The word as the rail writes it.
    pub word: &'static str,
    /// About a collection: its beginning, or its state.
    pub payment: Finding,
    /// About a question: only whether the rail knows what we asked about.
    pub query: Finding,
    /// About a close.
    pub close: Finding,
    /// About a refund.
    pub refund: Finding,
}

/// The words of a table, for its tests.
#[must_use]
pub fn words(table: &[Row]) -> Vec<&'static str> {
    table.iter().map(|row| row.word).collect()
}

/// A state of a payment.
pub(crate) const fn payment(word: &'static str, payment: Finding) -> Row {
    Row {
        word,
        payment,
        query: Finding::Unclear,
        close: Finding::Unclear,
        refund: Finding::Unclear,
    }
}

/// A state of a refund.
pub(crate) const fn refund(word: &'static str, refund: Finding) -> Row {
    Row {
        refund,
        ..payment(word, Finding::Unclear)
    }
}

/// A state that both have.
pub(crate) const fn both(word: &'static str, of_payment: Finding, of_refund: Finding) -> Row {
    Row {
        refund: of_refund,
        ..payment(word, of_payment)
    }
}

/// An error with which an order was certainly not carried out.
pub(crate) const fn refused(word: &'static str) -> Row {
    both(word, Finding::Declined, Finding::RefundRejected)
}

/// An error that says: we do not know it.
pub(crate) const fn unknown(word: &'static str) -> Row {
    Row {
        word,
        payment: Finding::Unclear,
        query: Finding::NotFound,
        close: Finding::NotFound,
        refund: Finding::RefundRejected,
    }
}

/// An error that says: it is closed already.
pub(crate) const fn closed(word: &'static str) -> Row {
    Row {
        close: Finding::Closed,
        ..payment(word, Finding::Closed)
    }
}

/// What a word means, by the table and the column.
pub(crate) fn find(table: &[Row], word: &str, column: fn(&Row) -> Finding) -> Finding {
    table
        .iter()
        .find(|row| row.word == word)
        .map_or(Finding::Unclear, column)
}

/// What an error means as the answer to an order.
pub(crate) fn find_error(table: &[Row], word: &str, order: &Order) -> Finding {
    let column: fn(&Row) -> Finding = match &order.ask {
        Ask::Collect => |row| row.payment,
        Ask::Query(_) => |row| row.query,
        Ask::Close => |row| row.close,
        Ask::Refund(_) => |row| row.refund,
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => {
            |_row| Finding::Unclear
        }
    };
    find(table, word, column)
}

/// What a question is about, for rails whose only other orders are collections, closes and refunds.
pub(crate) enum Subject<'a> {
    /// The collection.
    Collection,
    /// The refund of this key.
    Refund(&'a str),
}

/// What a question is about.
///
/// # Errors
/// [`Refusal::OrderNotTaken`] for a question about an order that no wallet takes.
pub(crate) fn subject(question: &Question) -> Result<Subject<'_>, Refusal> {
    match question {
        Question::Collection => Ok(Subject::Collection),
        Question::Order { key, kind } => match kind {
            OrderKind::Collect | OrderKind::Close => Ok(Subject::Collection),
            OrderKind::Refund => Ok(Subject::Refund(key)),
            OrderKind::Query
            | OrderKind::Tender
            | OrderKind::Capture
            | OrderKind::Void
            | OrderKind::Recall => Err(Refusal::OrderNotTaken { kind: *kind }),
        },
    }
}

/// The key of the order whose outcome an answer tells: a question tells of what it asks about.
pub(crate) fn order_key(order: &Order) -> &str {
    match &order.ask {
        Ask::Query(Question::Collection) => &order.collect.reference,
        Ask::Query(Question::Order { key, .. }) => key,
        Ask::Collect
        | Ask::Tender(_)
        | Ask::Capture { .. }
        | Ask::Void
        | Ask::Close
        | Ask::Refund(_)
        | Ask::Recall(_) => &order.header.key,
    }
}

/// What was found, in the words that all wallets share.
#[derive(Debug)]
pub(crate) struct Fact<'a> {
    /// The payee's account.
    pub(crate) account: &'a str,
    /// The rail's name for the movement; our own reference where nothing moved yet.
    pub(crate) rail_reference: &'a str,
    /// Our reference as the rail gives it back.
    pub(crate) reference: &'a str,
    /// The order's key.
    pub(crate) order_key: &'a str,
    /// How much.
    pub(crate) amount: Money,
    /// What happened.
    pub(crate) finding: Finding,
    /// The rail's own code.
    pub(crate) reason: String,
    /// When.
    pub(crate) at: Timestamp,
    /// The payer as the rail names them.
    pub(crate) payer: Option<String>,
}

impl Fact<'_> {
    /// The report of it. A wallet books at once: the day in Hong Kong is booking and value date.
    pub(crate) fn report(self) -> Report {
        let day = hong_kong_date(self.at);
        Report {
            rail_account: self.account.to_owned(),
            rail_reference: self.rail_reference.to_owned(),
            reference: is_reference(self.reference).then(|| self.reference.to_owned()),
            bill_number: None,
            order_key: Some(self.order_key.to_owned()),
            amount: self.amount,
            fee: None,
            finding: self.finding,
            reason: Some(self.reason),
            instructed_at: self.at,
            booking_date: day,
            value_date: day,
            payer: self.payer,
            end_to_end_id: None,
            clearing_reference: None,
        }
    }

    /// Nothing but this report.
    pub(crate) fn alone(self) -> Decoded {
        Decoded {
            reports: vec![self.report()],
            ..Decoded::default()
        }
    }
}

/// How much a refund gives back; nothing for another order.
pub(crate) fn refund_amount(order: &Order) -> Option<Money> {
    if let Ask::Refund(refund) = &order.ask {
        Some(refund.amount)
    } else {
        None
    }
}

/// The outcome of an order of ours when the answer names no movement.
pub(crate) fn outcome(order: &Order, finding: Finding, reason: String, at: Timestamp) -> Report {
    let amount = refund_amount(order).unwrap_or(order.collect.amount);
    Fact {
        account: &order.collect.payee,
        rail_reference: order_key(order),
        reference: &order.collect.reference,
        order_key: order_key(order),
        amount,
        finding,
        reason,
        at,
        payer: None,
    }
    .report()
}

/// An error as the answer to an order: what the table says. An error that speaks of a payment, or one that nobody
/// understands, is a reason to ask the rail; the caller does so for every unclear outcome, and at once with a hint.
pub(crate) fn error(table: &[Row], word: &str, order: &Order, at: Timestamp) -> Decoded {
    let finding = find_error(table, word, order);
    let asked = matches!(order.ask, Ask::Query(_));
    let hints = if finding == Finding::Unclear && !asked {
        let reference = order.collect.reference.clone();
        vec![Hint { reference }]
    } else {
        vec![]
    };
    Decoded {
        reports: vec![outcome(order, finding, crate::reading::code(word), at)],
        hints,
        ..Decoded::default()
    }
}
