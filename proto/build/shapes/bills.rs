//! Rules for bills, and for the requests that issue and find them.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    ("Bill", "amount", "custom(crate::shape::present), dive"),
    ("Bill", "bill_type", "custom(crate::shape::code)"),
    (
        "Bill",
        "description",
        "custom(crate::shape::up_to(crate::shape::MAX_DESCRIPTION))",
    ),
    ("Bill", "due_date", "custom(crate::shape::present), dive"),
    (
        "Bill",
        "number",
        "custom(crate::shape::between(1, crate::shape::MAX_BILL_NUMBER))",
    ),
    (
        "Bill",
        "revenue_lines",
        "custom(crate::shape::at_most(crate::shape::MAX_REVENUE_LINES)), dive",
    ),
    (
        "Bill",
        "parts",
        "custom(crate::shape::at_most(crate::shape::MAX_PARTS)), dive",
    ),
    ("BillPart", "amount", "custom(crate::shape::present), dive"),
    ("BillPart", "revenue_line", "custom(crate::shape::code)"),
    (
        "BillPart",
        "reference",
        "custom(crate::shape::between(1, crate::shape::MAX_PART_REFERENCE))",
    ),
    (
        "BillPart",
        "label",
        "custom(crate::shape::between(1, crate::shape::MAX_PART_LABEL))",
    ),
    (
        "Bill",
        "instalments",
        "custom(crate::shape::at_most(crate::shape::MAX_INSTALMENTS)), dive",
    ),
    ("Bill", "vehicle_licence", "dive"),
    (
        "CreateBillRequest",
        "bill",
        "custom(crate::shape::present), dive",
    ),
    (
        "CreateBillRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    ("CreateBillRequest", "parent", "custom(crate::shape::name)"),
    (
        "CreateBillRequest",
        "second_factor",
        "custom(crate::shape::up_to(crate::shape::MAX_SECOND_FACTOR))",
    ),
    (
        "Instalment",
        "amount",
        "custom(crate::shape::present), dive",
    ),
    (
        "Instalment",
        "due_date",
        "custom(crate::shape::present), dive",
    ),
    (
        "LookupBillRequest",
        "bill_type",
        "custom(crate::shape::code)",
    ),
    (
        "LookupBillRequest",
        "number",
        "custom(crate::shape::between(1, crate::shape::MAX_TYPED_NUMBER))",
    ),
    (
        "LookupBillRequest",
        "visitor",
        "custom(crate::shape::up_to(crate::shape::MAX_KEY))",
    ),
    (
        "LookupBillRequest",
        "second_factor",
        "custom(crate::shape::up_to(crate::shape::MAX_SECOND_FACTOR))",
    ),
    (
        "VehicleLicence",
        "registration_mark",
        "custom(crate::shape::between(1, crate::shape::MAX_TYPED_MARK))",
    ),
    (
        "VehicleLicence",
        "expiry_date",
        "custom(crate::shape::present), dive",
    ),
];
