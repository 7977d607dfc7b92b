//! The shape rules of requests: lengths and sizes, as a table. What a value means is not judged here.
//!
//! Each row becomes a `garde` attribute on a generated field; the functions named are in `src/shape.rs`, and so are
//! the limits.

mod bills;
mod checked;
mod feeds;
mod log;
mod notices;
mod notification;
mod recalls;
mod reconciliation;
mod statements;
mod webhooks;

use tonic_prost_build::Builder;

use self::checked::CHECKED;

/// `(message, field, rule)`.
const RULES: &[(&str, &str, &str)] = &[
    ("Amount", "currency_code", "custom(crate::shape::currency)"),
    (
        "CancelPaymentRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    ("CancelPaymentRequest", "name", "custom(crate::shape::name)"),
    ("CapturePaymentRequest", "amount", "dive"),
    (
        "CapturePaymentRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "CapturePaymentRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    ("CheckPaymentRequest", "name", "custom(crate::shape::name)"),
    ("ListMethodsRequest", "bill", "custom(crate::shape::name)"),
    (
        "ListMethodsRequest",
        "additional_bills",
        "custom(crate::shape::at_most(crate::shape::MAX_ADDITIONAL_BILLS)), inner(custom(crate::shape::name))",
    ),
    (
        "SubmitInstrumentRequest",
        "content",
        "custom(crate::shape::bytes_between(1, crate::shape::MAX_INSTRUMENT_BYTES))",
    ),
    (
        "SubmitInstrumentRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "SubmitInstrumentRequest",
        "kind",
        "custom(crate::shape::code)",
    ),
    (
        "SubmitInstrumentRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    ("CreatePaymentRequest", "amount", "dive"),
    ("CreatePaymentRequest", "bill", "custom(crate::shape::name)"),
    (
        "CreatePaymentRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "CreatePaymentRequest",
        "additional_bills",
        "custom(crate::shape::at_most(crate::shape::MAX_ADDITIONAL_BILLS)), inner(custom(crate::shape::name))",
    ),
    (
        "CreatePaymentRequest",
        "method",
        "custom(crate::shape::optional_code)",
    ),
    (
        "CreatePaymentRequest",
        "rail",
        "custom(crate::shape::optional_code)",
    ),
    (
        "CreatePaymentRequest",
        "return_url",
        "custom(crate::shape::up_to(crate::shape::MAX_URL))",
    ),
    ("Date", "iso", "custom(crate::shape::date)"),
    (
        "DecodeQrRequest",
        "payload",
        "custom(crate::shape::between(1, crate::shape::MAX_QR_TEXT))",
    ),
    ("EncodeQrRequest", "amount", "dive"),
    (
        "EncodeQrRequest",
        "bill_number",
        "custom(crate::shape::up_to(crate::shape::MAX_QR_REFERENCE))",
    ),
    (
        "EncodeQrRequest",
        "fps_id",
        "custom(crate::shape::between(1, crate::shape::MAX_FPS_ID))",
    ),
    (
        "EncodeQrRequest",
        "reference",
        "custom(crate::shape::up_to(crate::shape::MAX_QR_REFERENCE))",
    ),
    ("GetBillRequest", "name", "custom(crate::shape::name)"),
    ("GetJournalRequest", "name", "custom(crate::shape::name)"),
    ("GetPaymentRequest", "name", "custom(crate::shape::name)"),
    (
        "GetPaymentRoutingRequest",
        "payment",
        "custom(crate::shape::name)",
    ),
    (
        "GetTrialBalanceRequest",
        "currency_code",
        "custom(crate::shape::up_to(3))",
    ),
    (
        "GetTrialBalanceRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListAccountsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListBillsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListBillsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    ("ListBillsRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListJournalsRequest",
        "account",
        "custom(crate::shape::up_to(crate::shape::MAX_ACCOUNT))",
    ),
    (
        "ListJournalsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListJournalsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListJournalsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListJournalsRequest",
        "source",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListPaymentEventsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListPaymentsRequest",
        "bill",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListPaymentsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListPaymentsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListPaymentsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListPaymentsRequest",
        "reference",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    (
        "ListReceiptsRequest",
        "bill",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListReceiptsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListReceiptsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListReceiptsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "RevenueLine",
        "amount",
        "custom(crate::shape::present), dive",
    ),
    ("RevenueLine", "code", "custom(crate::shape::code)"),
    ("WatchPaymentRequest", "name", "custom(crate::shape::name)"),
    (
        "WithdrawBillRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    ("WithdrawBillRequest", "name", "custom(crate::shape::name)"),
    (
        "WithdrawBillRequest",
        "reason",
        "custom(crate::shape::up_to(crate::shape::MAX_DESCRIPTION))",
    ),
    (
        "ApproveProposalRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ApproveProposalRequest",
        "reason",
        "custom(crate::shape::up_to(crate::shape::MAX_REASON))",
    ),
    (
        "AssignUnclearPaymentRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "AssignUnclearPaymentRequest",
        "owner",
        "custom(crate::shape::up_to(crate::shape::MAX_PERSON))",
    ),
    (
        "CreateRefundRequest",
        "receipt",
        "custom(crate::shape::name)",
    ),
    ("CreateRefundRequest", "amount", "dive"),
    (
        "CreateRefundRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "CreateRefundRequest",
        "consent",
        "custom(crate::shape::up_to(crate::shape::MAX_REASON))",
    ),
    (
        "CreateRefundRequest",
        "payout_account",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "CreateRefundRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    ("GetProposalRequest", "name", "custom(crate::shape::name)"),
    ("GetRefundRequest", "name", "custom(crate::shape::name)"),
    (
        "ListProposalsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListProposalsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListProposalsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListProposalsRequest",
        "kind",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    ("ListRefundsRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListRefundsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListRefundsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListRefundsRequest",
        "receipt",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListRefundsRequest",
        "payment",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListUnclearPaymentsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListUnclearPaymentsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListUnclearPaymentsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    ("MoneyCame", "amount", "custom(crate::shape::present), dive"),
    (
        "MoneyCame",
        "instructed_time",
        "custom(crate::shape::present)",
    ),
    (
        "MoneyCame",
        "rail_account",
        "custom(crate::shape::between(1, crate::shape::MAX_ACCOUNT))",
    ),
    (
        "MoneyCame",
        "rail_reference",
        "custom(crate::shape::between(1, crate::shape::MAX_ACCOUNT))",
    ),
    (
        "PayoutAccount",
        "bank_code",
        "custom(crate::shape::between(1, 3))",
    ),
    (
        "PayoutAccount",
        "number",
        "custom(crate::shape::between(1, crate::shape::MAX_CODE))",
    ),
    (
        "PayoutAccount",
        "holder_name",
        "custom(crate::shape::between(1, crate::shape::MAX_PERSON))",
    ),
    (
        "ProposePayoutAccountRequest",
        "receipt",
        "custom(crate::shape::name)",
    ),
    (
        "ProposePayoutAccountRequest",
        "account",
        "custom(crate::shape::present), dive",
    ),
    (
        "ProposePayoutAccountRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ProposePayoutAccountRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "ProposeResolutionRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ProposeResolutionRequest",
        "resolution",
        "custom(crate::shape::present)",
    ),
    (
        "ProposeResolutionRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ProposeResolutionRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "RedirectRefundRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "RedirectRefundRequest",
        "payout_account",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "RejectProposalRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "RejectProposalRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
];

/// Adds the rules to the generator.
pub(crate) fn apply(builder: Builder) -> Builder {
    let builder = CHECKED.iter().fold(builder, |builder, message| {
        builder.message_attribute(
            format!(".epay.v1.{message}"),
            "#[derive(::garde::Validate)] #[garde(allow_unvalidated)]",
        )
    });
    RULES
        .iter()
        .chain(bills::RULES)
        .chain(recalls::RULES)
        .chain(log::RULES)
        .chain(notices::RULES)
        .chain(reconciliation::RULES)
        .chain(statements::RULES)
        .chain(feeds::RULES)
        .chain(webhooks::RULES)
        .chain(notification::RULES)
        .fold(builder, |builder, (message, field, rule)| {
            builder.field_attribute(
                format!(".epay.v1.{message}.{field}"),
                format!("#[garde({rule})]"),
            )
        })
}
