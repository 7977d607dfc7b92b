//! Texts as people read them, and everything that can be wrong with a file of them.
#![expect(
    clippy::unwrap_used,
    reason = "clippy's own exception covers test functions, not the helpers that they call"
)]

use epay_money::{Language, Money};
use epay_notice::{
    BILINGUAL_SMS_PARTS_MAX, Channel, Details, Field, Kind, Part, RenderFault, Rule, SMS_PARTS_MAX,
    Shelf, Sms, Tail, Templates, Tongue, Value, Words,
};
use jiff::civil::date;
use proptest::prelude::*;

/// A file of texts as it is shipped.
fn shipped(language: Language) -> String {
    let path = format!(
        "{}/templates/1/{}.ftl",
        env!("CARGO_MANIFEST_DIR"),
        language.locale()
    );
    std::fs::read_to_string(path).unwrap()
}

fn words(en: &str, zh_hant: &str, zh_hans: &str) -> Words {
    Words::new(en, zh_hant, zh_hans).unwrap()
}

fn details() -> Details {
    Details::default()
        .with(Value::Department(words(
            "Rating and Valuation Department",
            "差餉物業估價署",
            "差饷物业估价署",
        )))
        .with(Value::BillType(words(
            "demand for rates",
            "徵收差餉通知書",
            "征收差饷通知书",
        )))
        .with(Value::AccountTail(Tail::of("000123456789011").unwrap()))
        .with(Value::Amount(Money::hkd(372_000)))
        .with(Value::DueDate(date(2026, 1, 30)))
}

fn everything() -> Details {
    details()
        .with(Value::Reference("P-0194A1".to_owned().try_into().unwrap()))
        .with(Value::PaidAt("2026-01-20T08:20:05Z".parse().unwrap()))
        .with(Value::Mark("***234".to_owned().try_into().unwrap()))
        .with(Value::Expiry(date(2026, 5, 31)))
        .with(Value::OpenDate(date(2026, 1, 31)))
}

#[test]
fn a_bill_is_told_in_the_language_that_a_person_chose() {
    let shelf = Shelf::built_in().unwrap();
    let cases = [
        (
            Tongue::One(Language::English),
            "Rating and Valuation Department: your demand for rates (account ending 9011) is ready. $3,720.00 is due by 30 January 2026.",
            1,
        ),
        (
            Tongue::One(Language::Traditional),
            "差餉物業估價署：你的徵收差餉通知書（帳目末四位 9011）已發出，應繳款額 3,720.00 元，請於 2026年1月30日或之前繳付。",
            1,
        ),
        (
            Tongue::One(Language::Simplified),
            "差饷物业估价署：你的征收差饷通知书（帐目末四位 9011）已发出，应缴款额 3,720.00 元，请于 2026年1月30日或之前缴付。",
            1,
        ),
        (
            Tongue::Both,
            "差餉物業估價署：你的徵收差餉通知書（帳目末四位 9011）已發出，應繳款額 3,720.00 元，請於 2026年1月30日或之前繳付。\n\
             Rating and Valuation Department: your demand for rates (account ending 9011) is ready. $3,720.00 is due by 30 January 2026.",
            3,
        ),
    ];
    for (tongue, expected, parts) in cases {
        let told = shelf
            .latest()
            .render((Kind::BillReady, Channel::Sms), tongue, &details())
            .unwrap();
        assert_eq!(told.title, None);
        assert_eq!(told.body, expected);
        assert_eq!(Sms::of(&told.body).parts.len(), parts, "{expected}");
    }
}

#[test]
fn every_kind_goes_every_way_in_every_language() {
    let shelf = Shelf::built_in().unwrap();
    let tongues = Language::ALL
        .map(Tongue::One)
        .into_iter()
        .chain([Tongue::Both]);
    for tongue in tongues {
        for (kind, channel) in Kind::ALL
            .into_iter()
            .flat_map(|kind| Channel::ALL.map(|channel| (kind, channel)))
        {
            let told = shelf
                .latest()
                .render((kind, channel), tongue, &everything())
                .unwrap();
            assert_eq!(told.title.is_some(), channel != Channel::Sms);
            assert!(
                !told.body.contains(['{', '}']) && !told.body.starts_with(' '),
                "{told:?}"
            );
            let most = match tongue {
                Tongue::One(_) => SMS_PARTS_MAX,
                Tongue::Both => BILINGUAL_SMS_PARTS_MAX,
            };
            assert!(channel != Channel::Sms || Sms::of(&told.body).parts.len() <= most);
        }
    }
}

#[test]
fn a_notice_without_an_essential_fact_is_not_written() {
    let shelf = Shelf::built_in().unwrap();
    for kind in Kind::ALL {
        for channel in Channel::ALL {
            let told = shelf.latest().render(
                (kind, channel),
                Tongue::One(Language::English),
                &Details::default(),
            );
            let Err(RenderFault::Missing(field)) = told else {
                panic!("{kind:?} {channel:?}: {told:?}");
            };
            assert!(kind.carries(field));
        }
    }
}

/// What is wrong when the first `old` of the English file is `new`.
fn faults(old: &str, new: &str) -> Vec<Rule> {
    let english = shipped(Language::English);
    assert!(english.contains(old), "{old}");
    let changed = english.replacen(old, new, 1);
    let faults = Templates::load(2, |language| match language {
        Language::English => changed.clone(),
        Language::Traditional | Language::Simplified => shipped(language),
    })
    .unwrap_err();
    let said = faults.iter().map(ToString::to_string);
    assert!(
        said.into_iter().all(|said| said.contains("-HK")),
        "{faults:?}"
    );
    faults.into_iter().map(|fault| fault.rule).collect()
}

#[test]
fn a_file_with_other_messages_and_parts_than_there_are_kinds_is_refused() {
    let late = shipped(Language::English);
    let late = late
        .lines()
        .find(|line| line.contains("was due on"))
        .unwrap();
    let huge = format!("#{}\noverdue =", "x".repeat(70_000));
    let cases = [
        ("overdue =", "overdue-ish =", Rule::UnknownMessage),
        ("overdue =", "overdue-ish =", Rule::NoMessage),
        ("due-soon =", "bill-ready =", Rule::Twice),
        ("overdue =", "overdue = Pay!", Rule::OwnText),
        (late, "", Rule::NoPart),
        (
            "    .title = Payment received",
            "    .head = Money",
            Rule::UnknownPart("head".to_owned()),
        ),
        ("overdue =", huge.as_str(), Rule::Size),
    ];
    for (old, new, rule) in cases {
        let found = faults(old, new);
        assert!(found.contains(&rule), "{rule:?}: {found:?}");
    }
}

#[test]
fn a_text_that_is_more_than_text_and_fields_or_too_long_is_refused() {
    const END: &str = "A surcharge may apply.\n    .push";
    let long = "Please. ".repeat(30);
    let cases = [
        ("{ NUMBER($amount) }", Rule::NotPlain),
        ("{ overdue }", Rule::NotPlain),
        ("{ -brand }", Rule::NotPlain),
        ("{ $name }", Rule::UnknownField("name".to_owned())),
        ("{ $mark }", Rule::Foreign(Field::Mark)),
        ("See https://example.org", Rule::Link),
        ("See gov.hk", Rule::Link),
        (
            long.as_str(),
            Rule::Long {
                parts: 3,
                most: SMS_PARTS_MAX,
            },
        ),
        ("{{{ $amount }}}", Rule::Nested),
        ("{ $amount", Rule::Nested),
    ];
    for (new, rule) in cases {
        let found = faults(END, &format!("{new}\n    .push"));
        assert!(found.contains(&rule), "{new}: {found:?}");
    }
    let found = faults(END, "{ $amount -> *[other] x }\n    .push");
    assert!(matches!(found.as_slice(), [Rule::Syntax(_)]), "{found:?}");
    let found = faults(
        "{ $amount } for { $bill_type } (account ending { $account_tail }) was",
        "It was",
    );
    for field in [Field::Amount, Field::BillType, Field::AccountTail] {
        assert!(found.contains(&Rule::Unsaid(field)), "{found:?}");
    }
}

#[test]
fn a_fault_says_where_it_is() {
    let changed = shipped(Language::Simplified).replacen("。\n    .push", "。gov.hk\n    .push", 1);
    let faults = Templates::load(2, |language| match language {
        Language::Simplified => changed.clone(),
        Language::English | Language::Traditional => shipped(language),
    })
    .unwrap_err();
    let [fault] = faults.as_slice() else {
        panic!("{faults:?}");
    };
    assert_eq!(
        (fault.language, fault.part),
        (Language::Simplified, Some(Part::Sms))
    );
    let said = fault.to_string();
    assert!(
        said.starts_with("zh-CN, bill-ready .sms: it has a link"),
        "{said}"
    );
}

#[test]
fn later_versions_are_used_and_earlier_ones_stay() {
    let mut shelf = Shelf::built_in().unwrap();
    let second = Templates::load(2, |language| {
        shipped(language).replace("Payment received", "Money received")
    });
    shelf.add(second.unwrap()).unwrap();
    let title = |templates: &Templates| {
        let way = (Kind::PaymentReceived, Channel::Email);
        let told = templates.render(way, Tongue::One(Language::English), &everything());
        told.unwrap().title.unwrap()
    };
    assert_eq!(title(shelf.latest()), "Money received");
    assert_eq!(title(shelf.get(2).unwrap()), "Money received");
    assert_eq!(title(shelf.get(1).unwrap()), "Payment received");
    assert!(shelf.get(3).is_none());
    for version in [0, 1, 2] {
        let again = Templates::load(version, shipped).unwrap();
        assert_eq!(shelf.add(again).unwrap_err().latest, 2);
    }
}

proptest! {
    #[test]
    fn no_file_of_texts_makes_the_reader_panic(text in "(bill-ready =\n|    \\.sms = |\\{ \\$amount \\}|\\{|\\}|->|\\*\\[a\\]|[a-z\"\n =.-]){0,60}") {
        let _ends = Templates::load(2, |_language| text.clone());
    }
}
