//! Resource names: `billers/{biller}/bills/{bill}` and its kin, read into typed ids and written from them.

use std::str::FromStr;

use epay_ledger::Period;
use epay_money::{
    BillId, BillerId, BreakId, Currency, JournalId, MessageId, PaymentId, PayoutAccountId,
    PersonId, ProposalId, RecallId, ReceiptId, RefundId, StatementId, WebhookEndpointId,
};
use epay_store::BadRowKey;
use epay_store::feed::FeedKey;
use jiff::civil::Date;
use tonic::Status;
use uuid::Uuid;

use crate::fault;

/// Stands for every biller where a list allows it.
pub(crate) const EVERY_BILLER: &str = "-";

/// Stands for every person where a list allows it.
const EVERYBODY: &str = "-";

/// The head of the log that is the newest when it is asked for.
pub(crate) const LATEST_LOG_HEAD: &str = "logHeads/latest";

/// Which head of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadName {
    /// The newest.
    Latest,
    /// The one of so many leaves.
    Size(u64),
}

/// Whose things a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One biller's.
    One(BillerId),
    /// Everybody's: `billers/-`.
    All,
}

/// `billers/{biller}` in field `field`.
pub(crate) fn biller(field: &str, name: &str) -> Result<BillerId, Status> {
    let [biller] = read(name, ["billers"]).ok_or_else(|| malformed(field, "billers/{biller}"))?;
    id(field, biller)
}

/// `billers/{biller}` or `billers/-` in field `field`.
pub(crate) fn scope(field: &str, name: &str) -> Result<Scope, Status> {
    match read(name, ["billers"]) {
        Some([EVERY_BILLER]) => Ok(Scope::All),
        _ => biller(field, name).map(Scope::One),
    }
}

/// `billers/{biller}/bills/{bill}` in field `field`.
pub(crate) fn bill(field: &str, name: &str) -> Result<(BillerId, BillId), Status> {
    pair(field, name, "bills", "billers/{biller}/bills/{bill}")
}

/// `billers/{biller}/payments/{payment}` in field `field`.
pub(crate) fn payment(field: &str, name: &str) -> Result<(BillerId, PaymentId), Status> {
    pair(
        field,
        name,
        "payments",
        "billers/{biller}/payments/{payment}",
    )
}

/// `billers/{biller}/journals/{journal}` in field `field`.
pub(crate) fn journal(field: &str, name: &str) -> Result<(BillerId, JournalId), Status> {
    pair(
        field,
        name,
        "journals",
        "billers/{biller}/journals/{journal}",
    )
}

/// `billers/{biller}/breaks/{break}` in field `field`.
pub(crate) fn break_(field: &str, name: &str) -> Result<(BillerId, BreakId), Status> {
    pair(field, name, "breaks", "billers/{biller}/breaks/{break}")
}

/// `billers/{biller}/reconciliation` in field `field`.
pub(crate) fn reconciliation(field: &str, name: &str) -> Result<BillerId, Status> {
    let whose = name.strip_suffix("/reconciliation");
    let whose = whose.ok_or_else(|| malformed(field, "billers/{biller}/reconciliation"))?;
    biller(field, whose)
}

/// `billers/{biller}/receipts/{receipt}` in field `field`.
pub(crate) fn receipt(field: &str, name: &str) -> Result<(BillerId, ReceiptId), Status> {
    pair(
        field,
        name,
        "receipts",
        "billers/{biller}/receipts/{receipt}",
    )
}

/// `billers/{biller}/refunds/{refund}` in field `field`.
pub(crate) fn refund(field: &str, name: &str) -> Result<(BillerId, RefundId), Status> {
    pair(field, name, "refunds", "billers/{biller}/refunds/{refund}")
}

/// `billers/{biller}/recalls/{recall}` in field `field`.
pub(crate) fn recall(field: &str, name: &str) -> Result<(BillerId, RecallId), Status> {
    pair(field, name, "recalls", "billers/{biller}/recalls/{recall}")
}

/// `billers/{biller}/proposals/{proposal}` in field `field`.
pub(crate) fn proposal(field: &str, name: &str) -> Result<(BillerId, ProposalId), Status> {
    pair(
        field,
        name,
        "proposals",
        "billers/{biller}/proposals/{proposal}",
    )
}

/// `billers/{biller}/payoutAccounts/{account}` in field `field`.
pub(crate) fn payout_account(
    field: &str,
    name: &str,
) -> Result<(BillerId, PayoutAccountId), Status> {
    pair(
        field,
        name,
        "payoutAccounts",
        "billers/{biller}/payoutAccounts/{account}",
    )
}

/// `logHeads/{tree_size}` or `logHeads/latest` in field `field`.
pub(crate) fn log_head(field: &str, name: &str) -> Result<HeadName, Status> {
    if name == LATEST_LOG_HEAD {
        return Ok(HeadName::Latest);
    }
    let size = read(name, ["logHeads"]).and_then(|[size]| size.parse().ok());
    size.map(HeadName::Size)
        .ok_or_else(|| malformed(field, "logHeads/{tree_size} or logHeads/latest"))
}

/// `billers/{biller}/statements/{statement}` in field `field`.
pub(crate) fn statement(field: &str, name: &str) -> Result<(BillerId, StatementId), Status> {
    pair(
        field,
        name,
        "statements",
        "billers/{biller}/statements/{statement}",
    )
}

/// `billers/{biller}/webhookEndpoints/{endpoint}` in field `field`.
pub(crate) fn webhook_endpoint(
    field: &str,
    name: &str,
) -> Result<(BillerId, WebhookEndpointId), Status> {
    pair(
        field,
        name,
        "webhookEndpoints",
        "billers/{biller}/webhookEndpoints/{endpoint}",
    )
}

/// `billers/{biller}/notices/{notice}` in field `field`.
pub(crate) fn notice(field: &str, name: &str) -> Result<(BillerId, Uuid), Status> {
    pair(field, name, "notices", "billers/{biller}/notices/{notice}")
}

/// `weatherDays/{day}` in field `field`; a day is written 2026-01-21.
pub(crate) fn severe_weather(field: &str, name: &str) -> Result<Date, Status> {
    let shape = "weatherDays/{day}";
    let [day] = read(name, ["weatherDays"]).ok_or_else(|| malformed(field, shape))?;
    let plain = day.len() == "2026-01-21".len();
    let day = day.parse().ok().filter(|_day| plain);
    day.ok_or_else(|| malformed(field, shape))
}

/// `statementFiles/{file}` in field `field`.
pub(crate) fn statement_file(field: &str, name: &str) -> Result<MessageId, Status> {
    let shape = "statementFiles/{file}";
    let [file] = read(name, ["statementFiles"]).ok_or_else(|| malformed(field, shape))?;
    id(field, file)
}

/// `railFiles/{file}` in field `field`.
pub(crate) fn rail_file(field: &str, name: &str) -> Result<MessageId, Status> {
    let [file] = read(name, ["railFiles"]).ok_or_else(|| malformed(field, "railFiles/{file}"))?;
    id(field, file)
}

/// `billers/{biller}/badRows/{row}` in field `field`; a row is the id of what it is of, a point, and its place there.
pub(crate) fn bad_row(field: &str, name: &str) -> Result<(BillerId, BadRowKey), Status> {
    let shape = "billers/{biller}/badRows/{row}";
    let wrong = || malformed(field, shape);
    let [biller, row] = read(name, ["billers", "badRows"]).ok_or_else(wrong)?;
    let (message, entry) = row.split_once('.').ok_or_else(wrong)?;
    let key = BadRowKey {
        message: id(field, message)?,
        entry: entry.parse().map_err(|_not_a_number| wrong())?,
    };
    Ok((id(field, biller)?, key))
}

/// `billers/{biller}/businessDays/{day}` in field `field`; a day is written 2026-01-21.
pub(crate) fn business_day(field: &str, name: &str) -> Result<(BillerId, Date), Status> {
    let shape = "billers/{biller}/businessDays/{day}";
    let [biller, day] =
        read(name, ["billers", "businessDays"]).ok_or_else(|| malformed(field, shape))?;
    let plain = day.len() == "2026-01-21".len();
    let day = day.parse().ok().filter(|_day| plain);
    Ok((
        id(field, biller)?,
        day.ok_or_else(|| malformed(field, shape))?,
    ))
}

/// `billers/{biller}/feeds/{currency}` in field `field`.
pub(crate) fn feed(field: &str, name: &str) -> Result<FeedKey, Status> {
    let shape = "billers/{biller}/feeds/{currency}";
    let [biller, currency] =
        read(name, ["billers", "feeds"]).ok_or_else(|| malformed(field, shape))?;
    feed_key(field, biller, currency, shape)
}

/// `billers/{biller}/feeds/{currency}/files/{sequence}` in field `field`.
pub(crate) fn feed_file(field: &str, name: &str) -> Result<(FeedKey, i64), Status> {
    let shape = "billers/{biller}/feeds/{currency}/files/{sequence}";
    let [biller, currency, sequence] =
        read(name, ["billers", "feeds", "files"]).ok_or_else(|| malformed(field, shape))?;
    let sequence = sequence.parse().ok().filter(|number: &i64| *number > 0);
    let sequence = sequence.ok_or_else(|| malformed(field, shape))?;
    Ok((feed_key(field, biller, currency, shape)?, sequence))
}

/// A currency is written small in names: `hkd`.
fn feed_key(field: &str, biller: &str, currency: &str, shape: &str) -> Result<FeedKey, Status> {
    let known = Currency::ALL
        .into_iter()
        .find(|known| known.code().to_ascii_lowercase() == currency);
    Ok(FeedKey {
        biller: id(field, biller)?,
        currency: known.ok_or_else(|| malformed(field, shape))?,
    })
}

/// `subscribers/{subscriber}` in field `field`.
pub(crate) fn subscriber(field: &str, name: &str) -> Result<PersonId, Status> {
    let shape = "subscribers/{subscriber}";
    let [person] = read(name, ["subscribers"]).ok_or_else(|| malformed(field, shape))?;
    id(field, person)
}

/// `subscribers/{subscriber}` or `subscribers/-` in field `field`.
pub(crate) fn any_subscriber(field: &str, name: &str) -> Result<Option<PersonId>, Status> {
    match read(name, ["subscribers"]) {
        Some([EVERYBODY]) => Ok(None),
        _ => subscriber(field, name).map(Some),
    }
}

/// `contactForms/{contact_form}` in field `field`.
pub(crate) fn contact_form(field: &str, name: &str) -> Result<Uuid, Status> {
    let shape = "contactForms/{contact_form}";
    let [form] = read(name, ["contactForms"]).ok_or_else(|| malformed(field, shape))?;
    id(field, form)
}

/// `subscribers/{subscriber}/subscriptions/{subscription}` in field `field`.
pub(crate) fn subscription(field: &str, name: &str) -> Result<(PersonId, Uuid), Status> {
    let shape = "subscribers/{subscriber}/subscriptions/{subscription}";
    let [person, subscription] =
        read(name, ["subscribers", "subscriptions"]).ok_or_else(|| malformed(field, shape))?;
    Ok((id(field, person)?, id(field, subscription)?))
}

/// `billers/{biller}/periods/{period}` in field `field`; a period is written 2026-03 or fy2025-26.
pub(crate) fn period(field: &str, name: &str) -> Result<(BillerId, Period), Status> {
    pair(field, name, "periods", "billers/{biller}/periods/{period}")
}

fn pair<T: FromStr>(
    field: &str,
    name: &str,
    collection: &str,
    shape: &str,
) -> Result<(BillerId, T), Status>
where
    T::Err: std::fmt::Display,
{
    let [biller, item] =
        read(name, ["billers", collection]).ok_or_else(|| malformed(field, shape))?;
    Ok((id(field, biller)?, id(field, item)?))
}

/// A typed id, or the violation of its field.
pub(crate) fn id<T: FromStr>(field: &str, text: &str) -> Result<T, Status>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| fault::invalid_field(field, "FIELD_MALFORMED", &error.to_string()))
}

fn malformed(field: &str, shape: &str) -> Status {
    fault::invalid_field(field, "FIELD_MALFORMED", &format!("must be \"{shape}\""))
}

/// The ids of a name whose collections are these, in this order, and nothing more.
fn read<'a, const N: usize>(name: &'a str, collections: [&str; N]) -> Option<[&'a str; N]> {
    let mut segments = name.split('/');
    let mut ids = [""; N];
    for (slot, collection) in ids.iter_mut().zip(collections) {
        if segments.next()? != collection {
            return None;
        }
        *slot = segments.next().filter(|id| !id.is_empty())?;
    }
    segments.next().is_none().then_some(ids)
}

pub(crate) fn of_bill(biller: &BillerId, bill: BillId) -> String {
    format!("billers/{biller}/bills/{bill}")
}

pub(crate) fn of_notice(biller: &BillerId, notice: Uuid) -> String {
    format!("billers/{biller}/notices/{notice}")
}

pub(crate) fn of_severe_weather(day: Date) -> String {
    format!("weatherDays/{day}")
}

pub(crate) fn of_payment(biller: &BillerId, payment: PaymentId) -> String {
    format!("billers/{biller}/payments/{payment}")
}

pub(crate) fn of_routing(biller: &BillerId, payment: PaymentId) -> String {
    format!("{}/routing", of_payment(biller, payment))
}

pub(crate) fn of_receipt(biller: &BillerId, receipt: ReceiptId) -> String {
    format!("billers/{biller}/receipts/{receipt}")
}

pub(crate) fn of_journal(biller: &BillerId, journal: JournalId) -> String {
    format!("billers/{biller}/journals/{journal}")
}

pub(crate) fn of_log_head(size: u64) -> String {
    format!("logHeads/{size}")
}

pub(crate) fn of_refund(biller: &BillerId, refund: RefundId) -> String {
    format!("billers/{biller}/refunds/{refund}")
}

pub(crate) fn of_recall(biller: &BillerId, recall: RecallId) -> String {
    format!("billers/{biller}/recalls/{recall}")
}

pub(crate) fn of_proposal(biller: &BillerId, proposal: ProposalId) -> String {
    format!("billers/{biller}/proposals/{proposal}")
}

pub(crate) fn of_payout_account(biller: &BillerId, account: PayoutAccountId) -> String {
    format!("billers/{biller}/payoutAccounts/{account}")
}

pub(crate) fn of_statement(biller: &BillerId, statement: StatementId) -> String {
    format!("billers/{biller}/statements/{statement}")
}

pub(crate) fn of_webhook_endpoint(biller: &BillerId, endpoint: WebhookEndpointId) -> String {
    format!("billers/{biller}/webhookEndpoints/{endpoint}")
}

pub(crate) fn of_statement_file(file: MessageId) -> String {
    format!("statementFiles/{file}")
}

pub(crate) fn of_rail_file(file: MessageId) -> String {
    format!("railFiles/{file}")
}

pub(crate) fn of_break(biller: &BillerId, id: BreakId) -> String {
    format!("billers/{biller}/breaks/{id}")
}

pub(crate) fn of_bad_row(biller: &BillerId, row: BadRowKey) -> String {
    format!("billers/{biller}/badRows/{}.{}", row.message, row.entry)
}

pub(crate) fn of_business_day(biller: &BillerId, day: Date) -> String {
    format!("billers/{biller}/businessDays/{day}")
}

pub(crate) fn of_feed(key: &FeedKey) -> String {
    let currency = key.currency.code().to_ascii_lowercase();
    format!("billers/{}/feeds/{currency}", key.biller)
}

pub(crate) fn of_feed_file(key: &FeedKey, sequence: i64) -> String {
    format!("{}/files/{sequence}", of_feed(key))
}

pub(crate) fn of_subscriber(person: PersonId) -> String {
    format!("subscribers/{person}")
}

pub(crate) fn of_contact_form(form: Uuid) -> String {
    format!("contactForms/{form}")
}

pub(crate) fn of_subscription(person: PersonId, subscription: Uuid) -> String {
    format!("subscribers/{person}/subscriptions/{subscription}")
}

pub(crate) fn of_period(biller: &BillerId, period: Period) -> String {
    format!("billers/{biller}/periods/{period}")
}

pub(crate) fn of_account(biller: &str, code: &str) -> String {
    format!("billers/{biller}/accounts/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01940000-0000-7000-8000-000000000001";

    #[test]
    fn names_are_read_whole_or_not_at_all() {
        let table = [
            (format!("billers/rvd/bills/{ID}"), true),
            (format!("billers/rvd/bills/{ID}/"), false),
            (format!("billers/rvd/bills/{ID}/payments"), false),
            (format!("/billers/rvd/bills/{ID}"), false),
            (format!("billers/RVD/bills/{ID}"), false),
            (format!("billers/-/bills/{ID}"), false),
            (format!("billers//bills/{ID}"), false),
            ("billers/rvd/bills/7".to_owned(), false),
            ("billers/rvd/bills/".to_owned(), false),
            (format!("billers/rvd/payments/{ID}"), false),
            (String::new(), false),
        ];
        for (name, readable) in table {
            assert_eq!(bill("name", &name).is_ok(), readable, "{name:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (biller, bill_id) = bill("name", &format!("billers/rvd/bills/{ID}")).unwrap();
        assert_eq!(
            bill("name", &of_bill(&biller, bill_id)).unwrap(),
            (biller, bill_id)
        );
    }

    #[test]
    fn a_dash_means_everybody_only_where_a_list_allows_it() {
        assert_eq!(scope("parent", "billers/-").unwrap(), Scope::All);
        assert!(biller("parent", "billers/-").is_err());
    }
}
