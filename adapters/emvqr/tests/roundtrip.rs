//! What is written is read back the same; what is read is written back the same; nothing panics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use emvqr::fps::{Currency, FpsError, FpsRequest, FpsView, Proxy, TimeOut};
use emvqr::{
    AmountError, BuildError, Builder, Code, PointOfInitiation, Profile, Template,
    format_minor_units, parse,
};
use proptest::prelude::*;

/// An object of any kind, valid or not, with correct length.
fn object() -> impl Strategy<Value = String> {
    (0u8..=99, "\\PC{0,40}")
        .prop_map(|(id, value)| format!("{id:02}{:02}{value}", value.chars().count()))
}

fn proxy() -> impl Strategy<Value = Proxy> {
    prop_oneof![
        "[0-9]{7}".prop_map(|digits| Proxy::fps_id(&digits).unwrap()),
        "[0-9]{9}".prop_map(|digits| Proxy::fps_id(&digits).unwrap()),
        "\\+852-[0-9]{8}".prop_map(|number| Proxy::mobile(&number).unwrap()),
        "\\+(1|44|86)-[0-9]{6,12}".prop_map(|number| Proxy::mobile(&number).unwrap()),
        "[A-Za-z0-9_.]{1,20}@[a-z0-9]{1,12}\\.hk"
            .prop_map(|address| Proxy::email(&address).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_text_is_kept_and_never_panics(text in "\\PC{0,300}", strict: bool) {
        let profile = if strict { Profile::Strict } else { Profile::Lenient };
        let parsed = parse(&text, profile);
        prop_assert_eq!(parsed.document().encode() + parsed.document().line_ends(), text.as_str());
        let view = FpsView::read(parsed.document());
        prop_assert!(view.is_none_or(|view| view.findings().len() <= 100));
        prop_assert!(parsed.findings().iter().all(|finding| finding.offset <= text.chars().count()));
    }

    #[test]
    fn arbitrary_digits_are_kept_and_never_panic(tail in "[0-9]{0,200}", ends in "[\r\n]{0,3}") {
        let text = format!("000201{tail}{ends}");
        let parsed = parse(&text, Profile::Strict);
        prop_assert_eq!(parsed.document().encode() + parsed.document().line_ends(), text.as_str());
    }

    #[test]
    fn objects_of_any_kind_and_order_are_kept(objects in prop::collection::vec(object(), 0..12)) {
        let text = format!("000201{}", objects.concat());
        let parsed = parse(&text, Profile::Strict);
        prop_assert_eq!(parsed.document().encode(), text.as_str());
        prop_assert_eq!(parsed.document().objects().len(), objects.len() + 1);
        prop_assert_eq!(parsed.document().rest(), "");
    }

    #[test]
    fn what_the_builder_writes_the_reader_accepts(
        category in "[0-9]{4}", name in "[ -~]{1,25}", city in "[ -~]{1,15}", minor in 1i64..=999_999_999_999,
        bill in prop::option::of("[ -~]{1,25}"), chinese in prop::option::of("[\u{4e00}-\u{9fff}]{1,25}"),
        card in prop::option::of("[0-9]{16,31}"), owner in "[a-z.]{1,32}", private in "\\PC{1,50}",
    ) {
        let amount = format_minor_units(minor, 2).unwrap();
        let mut builder = Builder::new()
            .point_of_initiation(PointOfInitiation::Static)
            .merchant(&category, "HK", &name, &city)
            .set(53, "344").set(54, &amount)
            .template(30, Template::of(&owner).set(1, "x"))
            .template(80, Template::of(&owner).set(7, &private));
        if let Some(card) = &card { builder = builder.set(15, card); }
        if let Some(bill) = &bill { builder = builder.template(62, Template::new().set(1, bill)); }
        if let Some(chinese) = &chinese { builder = builder.template(64, Template::new().set(0, "ZH").set(1, chinese)); }
        let payload = builder.build().unwrap();
        let document = parse(&payload, Profile::Strict).into_document().unwrap();
        prop_assert_eq!(document.merchant_name(), Some(name.as_str()));
        prop_assert_eq!(document.merchant_city(), Some(city.as_str()));
        prop_assert_eq!(document.merchant_category_code(), Some(category.as_str()));
        prop_assert_eq!(document.amount_minor_units(), Some(minor));
        prop_assert_eq!(document.get(15).map(|o| o.value().to_owned()), card);
        prop_assert_eq!(document.find(&[62, 1]).map(|o| o.value().to_owned()), bill);
        prop_assert_eq!(document.find(&[64, 1]).map(|o| o.value().to_owned()), chinese);
        prop_assert_eq!(document.find(&[80, 7]).map(|o| o.value().to_owned()), Some(private));
        prop_assert_eq!(Builder::from_document(&document).build().unwrap(), payload);
    }

    #[test]
    fn what_fps_asks_is_what_fps_reads(
        proxy in proxy(), minor in prop::option::of(1i64..=999_999_999_999), cny: bool, editable: bool,
        bill in "[ -~]{1,25}", is_bill: bool, clearing in prop::option::of("[0-9]{3}"), hour in prop::option::of(0u8..=23),
    ) {
        let currency = if cny { Currency::Cny } else { Currency::Hkd };
        let end = hour.and_then(|hour| TimeOut::new(26, 12, 31, hour, 59, 59));
        let clearing = clearing.filter(|_| proxy.object_id() != 2);
        let mut request = FpsRequest::new(proxy.clone()).currency(currency).editable(editable && minor.is_some());
        request = if is_bill { request.bill_number(&bill) } else { request.reference(&bill) };
        if let Some(minor) = minor { request = request.amount(currency, minor); }
        if let Some(code) = &clearing { request = request.clearing_code(code); }
        if let Some(end) = end { request = request.time_out(end); }
        let payload = request.build().unwrap();
        let document = parse(&payload, Profile::Strict).into_document().unwrap();
        let view = FpsView::read(&document).unwrap();
        prop_assert_eq!(view.findings(), []);
        let proxies = [view.fps_id, view.mobile, view.email];
        prop_assert_eq!(proxies.into_iter().flatten().collect::<Vec<_>>(), vec![proxy.as_str()]);
        prop_assert_eq!(view.amount_minor_units(), minor);
        prop_assert_eq!(view.currency, Some(currency));
        prop_assert_eq!(view.is_editable, editable && minor.is_some());
        prop_assert_eq!((view.bill_number, view.reference), if is_bill { (Some(bill.as_str()), None) } else { (None, Some(bill.as_str())) });
        prop_assert_eq!(view.clearing_code, clearing.as_deref());
        prop_assert_eq!(view.time_out, end);
        let expected = if minor.is_some() { PointOfInitiation::Dynamic } else { PointOfInitiation::Static };
        prop_assert_eq!(view.point_of_initiation, Some(expected));
    }

    #[test]
    fn a_changed_character_is_noticed(position in 8usize..100, digit in "[0-9A-Za-z]") {
        let payload = FpsRequest::new(Proxy::fps_id("1234567").unwrap()).amount(Currency::Hkd, 12_500).bill_number("11234567890").build().unwrap();
        let mut changed: Vec<char> = payload.chars().collect();
        changed[position] = digit.chars().next().unwrap();
        let changed: String = changed.into_iter().collect();
        prop_assert_eq!(parse(&changed, Profile::Strict).is_valid(), changed == payload);
    }
}

#[test]
fn the_builder_refuses_instead_of_cutting() {
    let complete = || {
        Builder::new()
            .merchant("0000", "HK", "NA", "HK")
            .set(53, "344")
            .set(2, "4")
    };
    assert!(complete().build().is_ok());
    for (builder, wanted) in [
        (complete().set(59, "a".repeat(26)), "wrong_length"),
        (complete().set(59, "水務署"), "bad_character"),
        (complete().set(54, "0.00"), "amount_zero"),
        (complete().set(65, "x"), "reserved_object"),
        (complete().set(100, "x"), "100 is not an object identifier"),
        (complete().template(62, Template::new()), "zero_length"),
        (
            complete().template(62, Template::new().set(1, "a".repeat(100))),
            "object 62/01 has 100 characters",
        ),
        (
            complete().template(
                62,
                (1..=4).fold(Template::new(), |t, id| t.set(id, "a".repeat(25))),
            ),
            "object 62 has 116",
        ),
        (
            complete().template(64, Template::new().set(0, "ZH").set(1, "a\tb")),
            "control_character",
        ),
        (
            complete().template(80, Template::new().set(1, "x")),
            "missing_guid",
        ),
        (complete().remove(2), "missing_account"),
        (Builder::new(), "missing_mandatory"),
    ] {
        let refused = builder.build().unwrap_err();
        assert!(refused.to_string().contains(wanted), "{refused}");
    }
    let many = (80..=99).fold(complete(), |b, id| {
        b.template(id, Template::of("x").set(1, "水".repeat(89)))
    });
    assert!(
        matches!(many.build(), Err(BuildError::PayloadTooLong { .. })),
        "{:?}",
        many.build()
    );
}

#[test]
fn a_request_refuses_what_fps_does_not_allow() {
    let id = || FpsRequest::new(Proxy::fps_id("1234567").unwrap());
    let mobile = || FpsRequest::new(Proxy::mobile("+852-91234567").unwrap());
    for (request, wanted) in [
        (id().clearing_code("004"), FpsError::ClearingCodeWithFpsId),
        (mobile().clearing_code("04"), FpsError::ClearingCode),
        (id().editable(true), FpsError::EditableWithoutAmount),
        (
            id().bill_number("1").reference("2"),
            FpsError::BillAndReference,
        ),
        (
            id().amount(Currency::Hkd, 0),
            FpsError::Amount(AmountError::Zero),
        ),
        (
            id().amount(Currency::Hkd, -5),
            FpsError::Amount(AmountError::Malformed),
        ),
        (
            id().amount(Currency::Hkd, 1_000_000_000_000),
            FpsError::Amount(AmountError::TooLarge),
        ),
    ] {
        assert_eq!(request.build(), Err(wanted));
    }
    let FpsError::Build(BuildError::Invalid(invalid)) =
        id().bill_number("1".repeat(26)).build().unwrap_err()
    else {
        panic!("a bill number of 26 characters is refused by the specification");
    };
    assert_eq!(invalid.errors()[0].code, Code::WrongLength);
    assert_eq!(invalid.errors()[0].path.to_string(), "62/01");
}
