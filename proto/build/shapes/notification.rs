//! The shape rules of requests about people who are told of bills.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    (
        "CreateSubscriberRequest",
        "subscriber",
        "custom(crate::shape::present), dive",
    ),
    (
        "CreateSubscriberRequest",
        "subscriber_id",
        "custom(crate::shape::optional_code)",
    ),
    (
        "Subscriber",
        "channels",
        "custom(crate::shape::at_most(crate::shape::MAX_CHANNELS))",
    ),
    ("Subscriber", "quiet_hours", "dive"),
    (
        "Subscriber",
        "contact_points",
        "custom(crate::shape::at_most(crate::shape::MAX_CHANNELS)), dive",
    ),
    (
        "Subscriber",
        "consent",
        "custom(crate::shape::present), dive",
    ),
    (
        "ContactPoint",
        "address",
        "custom(crate::shape::between(1, crate::shape::MAX_ADDRESS))",
    ),
    ("QuietHours", "start", "custom(crate::shape::up_to(5))"),
    ("QuietHours", "end", "custom(crate::shape::up_to(5))"),
    ("NoticeConsent", "version", "custom(crate::shape::code)"),
    ("NoticeConsent", "time", "custom(crate::shape::present)"),
    (
        "FindSubscriberRequest",
        "iam_smart_id",
        "custom(crate::shape::between(1, crate::shape::MAX_ADDRESS))",
    ),
    ("GetSubscriberRequest", "name", "custom(crate::shape::name)"),
    (
        "UpdateSubscriberRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "UpdateSubscriberRequest",
        "etag",
        "custom(crate::shape::optional_code)",
    ),
    ("UpdateSubscriberRequest", "channels", "dive"),
    ("UpdateSubscriberRequest", "quiet_hours", "dive"),
    (
        "UpdateSubscriberRequest",
        "contact_points",
        "custom(crate::shape::at_most(crate::shape::MAX_CHANNELS)), dive",
    ),
    (
        "UpdateSubscriberRequest",
        "removed_channels",
        "custom(crate::shape::at_most(crate::shape::MAX_CHANNELS))",
    ),
    ("UpdateSubscriberRequest", "consent", "dive"),
    (
        "NoticeChannels",
        "channels",
        "custom(crate::shape::at_most(crate::shape::MAX_CHANNELS))",
    ),
    (
        "EraseSubscriberRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "CreateSubscriptionRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "CreateSubscriptionRequest",
        "bill_type",
        "custom(crate::shape::code)",
    ),
    (
        "CreateSubscriptionRequest",
        "number",
        "custom(crate::shape::between(1, crate::shape::MAX_TYPED_NUMBER))",
    ),
    (
        "CreateSubscriptionRequest",
        "second_factor",
        "custom(crate::shape::up_to(crate::shape::MAX_SECOND_FACTOR))",
    ),
    (
        "CreateSubscriptionRequest",
        "visitor",
        "custom(crate::shape::up_to(crate::shape::MAX_KEY))",
    ),
    (
        "ListSubscriptionsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "DeleteSubscriptionRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ExportSubscriberRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ExportSubscriberRequest",
        "case_reference",
        "custom(crate::shape::up_to(crate::shape::MAX_KEY))",
    ),
    (
        "ExportSubscriberRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ExportSubscriberRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListContactReadsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListContactReadsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListContactReadsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "CreateContactFormRequest",
        "iam_smart_id",
        "custom(crate::shape::between(1, crate::shape::MAX_ADDRESS))",
    ),
    (
        "CreateContactFormRequest",
        "state",
        "custom(crate::shape::between(1, crate::shape::MAX_KEY))",
    ),
    (
        "FetchContactFormRequest",
        "iam_smart_id",
        "custom(crate::shape::between(1, crate::shape::MAX_ADDRESS))",
    ),
    (
        "FetchContactFormRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "DiscardContactFormRequest",
        "iam_smart_id",
        "custom(crate::shape::between(1, crate::shape::MAX_ADDRESS))",
    ),
    (
        "DiscardContactFormRequest",
        "name",
        "custom(crate::shape::name)",
    ),
];
