//! The shape rules of requests about notices.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    ("ListNoticesRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListNoticesRequest",
        "bill",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListNoticesRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListNoticesRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    ("GetNoticeRequest", "name", "custom(crate::shape::name)"),
    (
        "CountNoticesRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    ("CountNoticesRequest", "first_day", "dive"),
    ("CountNoticesRequest", "last_day", "dive"),
    (
        "PreviewNoticeRequest",
        "language",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    (
        "GetSevereWeatherRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "SetSevereWeatherRequest",
        "name",
        "custom(crate::shape::name)",
    ),
];
