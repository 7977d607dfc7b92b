//! Pages as a payer, a scanner and a screen reader get them: read back by programs that did not make them.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use std::sync::LazyLock;

use epay_demand::{
    Bilingual, Demand, Item, Part, PayRule, Place, Press, SHEETS_MAX, Share, Sheet, Slip, SlipCode,
    Typeface, Typefaces, lay_out, svg,
};
use epay_money::Money;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use quick_xml::events::Event;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;

/// Debian's `fonts-noto-cjk`, which the set-up installs.
const FOLDER: &str = "/usr/share/fonts/opentype/noto";

static FACES: LazyLock<Typefaces> = LazyLock::new(|| {
    let face = |name: &str| {
        let data = std::fs::read(format!("{FOLDER}/{name}")).expect("install fonts-noto-cjk");
        Typeface::new(data.into()).expect("a font of Debian can be read")
    };
    Typefaces {
        regular: face("NotoSansCJK-Regular.ttc"),
        bold: face("NotoSansCJK-Bold.ttc"),
    }
});

const PAYLOAD: &str = "00020101021226320012hk.com.hkicl020712345670601152040000530334454073720.005802HK5902NA6002HK6219011500012345678901163044074";

fn slip(amount: Money, due_date: Date) -> Slip {
    Slip {
        amount,
        due_date,
        code: Some(SlipCode {
            payload: PAYLOAD.to_owned(),
            payee: Bilingual::new(
                "測試 差餉物業估價署",
                "TEST Rating and Valuation Department",
            ),
        }),
    }
}

fn rates() -> Demand {
    let share = |chinese, english, minor| Share {
        name: Bilingual::new(chinese, english),
        minor,
    };
    Demand {
        biller: Bilingual::new(
            "測試 差餉物業估價署",
            "TEST Rating and Valuation Department",
        ),
        kind: Bilingual::new("差餉及地租", "Rates and Government rent"),
        number_label: Bilingual::new("帳目編號", "Account number"),
        number: "000123456789011".to_owned(),
        amount: Money::hkd(372_000),
        paid_minor: 0,
        due_date: date(2026, 1, 30),
        description: "January to March 2026 <\"A&B\">".to_owned(),
        shares: vec![
            share("差餉", "Rates", 232_500),
            share("地租", "Government rent", 139_500),
        ],
        reference_label: Bilingual::default(),
        parts: vec![],
        slips: vec![slip(Money::hkd(372_000), date(2026, 1, 30))],
        rule: PayRule::InParts,
        late_rules: vec![Bilingual::new(
            "逾期繳款須付 5% 附加費",
            "5% surcharge after the last day for payment",
        )],
        pages_address: Some("https://pay.example.hk".to_owned()),
        methods: vec!["FPS".to_owned(), "PPS".to_owned()],
        printed_on: date(2026, 1, 2),
    }
}

/// A sheet as pixels, by a renderer that knows nothing of ours; without letters, which scanners do not need.
fn pixels(sheet: &Sheet, dots_a_millimetre: u32) -> image::GrayImage {
    let tree = usvg::Tree::from_str(&svg(sheet, "sheet"), &usvg::Options::default()).unwrap();
    let (width, height) = (210 * dots_a_millimetre, 297 * dots_a_millimetre);
    let mut pixmap = Pixmap::new(width, height).unwrap();
    pixmap.fill(Color::WHITE);
    let [across, down] = [width, height].map(|dots| f32::from(u16::try_from(dots).unwrap()));
    let size = tree.size();
    #[expect(clippy::float_arithmetic, reason = "a picture is scaled")]
    let scale = Transform::from_scale(across / size.width(), down / size.height());
    resvg::render(&tree, scale, &mut pixmap.as_mut());
    let grey: Vec<u8> = pixmap
        .pixels()
        .iter()
        .map(|pixel| pixel.demultiply().green())
        .collect();
    image::GrayImage::from_raw(width, height, grey).unwrap()
}

fn codes_on(sheet: &Sheet) -> Vec<String> {
    // 6 dots a millimetre is about 150 dpi: an office printer's draft.
    let mut prepared = rqrr::PreparedImage::prepare(pixels(sheet, 6));
    let grids = prepared.detect_grids();
    grids.iter().map(|grid| grid.decode().unwrap().1).collect()
}

#[test]
fn the_code_on_the_page_is_read_back_from_the_picture_of_the_page() {
    let sheets = lay_out(&rates(), &FACES).unwrap();
    assert_eq!(sheets.len(), 1, "a plain bill is one sheet");
    assert_eq!(codes_on(&sheets[0]), [PAYLOAD]);
}

#[test]
fn every_instalment_has_its_slip_with_its_own_code() {
    let second = "00020101021226320012hk.com.hkicl020712345670601152040000530334454069300.05802HK5902NA6002HK62150111123456789036304ABCD";
    let mut demand = Demand {
        slips: vec![
            slip(Money::hkd(279_000), date(2026, 1, 5)),
            slip(Money::hkd(93_000), date(2026, 4, 8)),
        ],
        ..rates()
    };
    demand.slips[1].code.as_mut().unwrap().payload = second.to_owned();
    let sheets = lay_out(&demand, &FACES).unwrap();
    let mut read: Vec<String> = sheets.iter().flat_map(codes_on).collect();
    read.sort();
    assert_eq!(read, [second, PAYLOAD]);
    let text = text_of(&sheets);
    for figure in [
        "$2,790.00",
        "$930.00",
        "5 January 2026",
        "2026年4月8日",
        "Last day for the next instalment",
        "1 / 2",
        "2 / 2",
    ] {
        assert!(text.contains(figure), "{figure} in {text}");
    }
}

#[test]
fn the_page_says_what_the_bill_says() {
    let demand = Demand {
        paid_minor: 100_000,
        ..rates()
    };
    let text = text_of(&lay_out(&demand, &FACES).unwrap());
    for words in [
        "測試 差餉物業估價署",
        "繳款通知書",
        "000123456789011",
        "HKD 2,720.00",
        "$3,720.00",
        "-$1,000.00",
        "$2,720.00",
        "30 January 2026",
        "2026年1月30日",
        "Government rent",
        "逾期繳款須付 5% 附加費",
        "January to March 2026 <\"A&B\">",
        "https://pay.example.hk",
        "列印日期 2026年1月2日",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn a_consolidated_bill_lists_its_parts_and_its_code_is_read_all_the_same() {
    let part = |number: i64| Part {
        label: format!("測試街 {number} 號 Shop {number}"),
        reference: format!("101-{number}"),
        line: Bilingual::new("差餉", "Rates"),
        minor: 100 * number,
    };
    let demand = Demand {
        reference_label: Bilingual::new("估價編號", "Assessment number"),
        parts: (1..=100).map(part).collect(),
        ..rates()
    };
    let sheets = lay_out(&demand, &FACES).unwrap();
    let text = text_of(&sheets);
    for number in 1..=100 {
        assert!(text.contains(&format!("測試街 {number} 號")), "{number}");
        assert!(text.contains(&format!("101-{number}")), "{number}");
    }
    let read: Vec<String> = sheets.iter().flat_map(codes_on).collect();
    assert_eq!(read, [PAYLOAD]);
}

#[test]
fn a_bill_with_nothing_to_pay_has_no_slip() {
    let demand = Demand {
        amount: Money::hkd(0),
        slips: vec![],
        ..rates()
    };
    let sheets = lay_out(&demand, &FACES).unwrap();
    assert!(text_of(&sheets).contains("此帳單毋須繳付任何款項。"));
    assert_eq!(codes_on(&sheets[0]), [""; 0]);
}

#[test]
fn what_is_beyond_a_bound_is_refused_by_name() {
    let long = "x".repeat(201);
    let table = [
        (
            Demand {
                number: long,
                ..rates()
            },
            "TEXT_TOO_LONG",
        ),
        (
            Demand {
                methods: vec!["x".repeat(41)],
                ..rates()
            },
            "TEXT_TOO_LONG",
        ),
        (
            Demand {
                methods: vec![String::new(); 17],
                ..rates()
            },
            "TOO_MANY",
        ),
        (
            Demand {
                slips: vec![rates().slips[0].clone(); 25],
                ..rates()
            },
            "TOO_MANY",
        ),
        (payload(&"9".repeat(4_000)), "CODE_NOT_DRAWN"),
        (payload(""), "CODE_NOT_DRAWN"),
    ];
    for (demand, code) in table {
        assert_eq!(lay_out(&demand, &FACES).unwrap_err().code(), code);
    }
}

fn payload(text: &str) -> Demand {
    let mut demand = rates();
    for slip in &mut demand.slips {
        slip.code.as_mut().unwrap().payload = text.to_owned();
    }
    demand
}

#[test]
fn a_document_is_tagged_and_holds_its_own_letters() {
    let demand = rates();
    let sheets = lay_out(&demand, &FACES).unwrap();
    let mut press = Press::new(&FACES);
    let bytes = press
        .pdf(&sheets, "Rates 000123456789011", demand.printed_on)
        .unwrap();
    let again = Press::new(&FACES).pdf(&sheets, "Rates 000123456789011", demand.printed_on);
    assert_eq!(bytes, again.unwrap(), "the same demand is the same bytes");
    assert_eq!(
        bytes,
        press
            .pdf(&sheets, "Rates 000123456789011", demand.printed_on)
            .unwrap()
    );
    assert!(bytes.len() < 150_000, "{} bytes", bytes.len());
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    assert_eq!(document.get_pages().len(), 1);
    let root = document.catalog().unwrap();
    let marked = root
        .get(b"MarkInfo")
        .and_then(lopdf::Object::as_dict)
        .unwrap();
    assert!(
        marked
            .get(b"Marked")
            .and_then(lopdf::Object::as_bool)
            .unwrap()
    );
    let mut names: Vec<String> = vec![];
    let mut roles: Vec<String> = vec![];
    for object in document.objects.values() {
        let Ok(dictionary) = object.as_dict() else {
            continue;
        };
        let name = |key: &[u8]| dictionary.get(key).and_then(lopdf::Object::as_name).ok();
        match name(b"Type") {
            Some(b"FontDescriptor") => names.push(text(name(b"FontName"))),
            Some(b"StructElem") => roles.push(text(name(b"S"))),
            _ => {}
        }
    }
    names.sort();
    let parts: Vec<&str> = names
        .iter()
        .filter_map(|name| name.split_once('+'))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(parts, ["NotoSansCJKhk-Bold", "NotoSansCJKhk-Regular"]);
    let count = |role: &str| roles.iter().filter(|one| *one == role).count();
    assert_eq!((count("H1"), count("Figure")), (1, 1));
    assert!(count("H2") >= 4 && count("P") >= 10, "{roles:?}");
}

fn text(name: Option<&[u8]>) -> String {
    String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
}

/// Everything that is written on the sheets, taken out of their SVG by a reader of XML.
fn text_of(sheets: &[Sheet]) -> String {
    let mut text = String::new();
    for sheet in sheets {
        let written = svg(sheet, "sheet");
        let mut reader = quick_xml::Reader::from_str(&written);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().unwrap() {
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) => {
                    text.push_str(match name.as_ref() {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        other => panic!("an entity that XML does not know: {other}"),
                    });
                }
                Event::Eof => break,
                _ => {}
            }
        }
    }
    text
}

fn bilingual() -> impl Strategy<Value = Bilingual> {
    (any_text(), any_text()).prop_map(|(chinese, english)| Bilingual { chinese, english })
}

/// Anything that a bill may hold: any characters, ideographs, words that never end.
fn any_text() -> impl Strategy<Value = String> {
    let most = 200_usize;
    prop_oneof![
        proptest::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter),
        "[\\PC]{0,200}".prop_map(move |text| text.chars().take(most).collect()),
        "[一-龥]{0,200}",
        "[A-Z]{200}",
        "[a-z ,.&<>\"']{0,80}",
    ]
}

fn demands() -> impl Strategy<Value = Demand> {
    let texts = (
        bilingual(),
        bilingual(),
        bilingual(),
        any_text(),
        any_text(),
    );
    let lists = (
        proptest::collection::vec((bilingual(), any::<i32>()), 0..10),
        proptest::collection::vec((bilingual(), any::<i32>()), 0..5),
        proptest::collection::vec(bilingual(), 0..8),
        proptest::collection::vec("[\\PC]{0,40}", 0..16),
    );
    (texts, lists, any::<i64>(), any::<i64>()).prop_map(|(texts, lists, minor, paid_minor)| {
        let (biller, kind, number_label, number, description) = texts;
        let (shares, slips, late_rules, methods) = lists;
        let day = date(2026, 1, 30);
        let slips = slips.into_iter().map(|(payee, minor)| {
            let code = SlipCode {
                payload: PAYLOAD.to_owned(),
                payee,
            };
            Slip {
                amount: Money::hkd(minor.into()),
                due_date: day,
                code: Some(code),
            }
        });
        let parts = shares.iter().map(|(line, minor)| Part {
            label: line.chinese.clone(),
            reference: line.english.clone(),
            line: line.clone(),
            minor: i64::from(*minor),
        });
        let (parts, reference_label) = (parts.collect(), number_label.clone());
        let shares = shares.into_iter().map(|(name, minor)| Share {
            name,
            minor: minor.into(),
        });
        Demand {
            biller,
            kind,
            number_label,
            number,
            amount: Money::hkd(minor),
            paid_minor,
            due_date: day,
            description: description.clone(),
            shares: shares.collect(),
            reference_label,
            parts,
            slips: slips.collect(),
            rule: PayRule::ExactOnly,
            late_rules,
            pages_address: Some(description),
            methods,
            printed_on: day,
        }
    })
}

#[test]
fn a_bill_at_every_bound_still_fits_its_sheets() {
    let wide = || Bilingual::new(&"繳".repeat(200), &"W".repeat(200));
    let mut demand = rates();
    demand.shares = vec![
        Share {
            name: wide(),
            minor: i64::MAX
        };
        64
    ];
    demand.reference_label = wide();
    demand.parts = vec![
        Part {
            label: "W".repeat(200),
            reference: "W".repeat(200),
            line: wide(),
            minor: i64::MAX
        };
        100
    ];
    demand.late_rules = vec![wide(); 8];
    demand.methods = vec!["W".repeat(40); 16];
    let mut one = slip(Money::hkd(i64::MAX), date(2026, 1, 30));
    one.code.as_mut().unwrap().payee = wide();
    demand.slips = vec![one; 24];
    (demand.biller, demand.kind, demand.number_label) = (wide(), wide(), wide());
    (demand.number, demand.description) = ("9".repeat(200), "W".repeat(200));
    let sheets = lay_out(&demand, &FACES).unwrap();
    assert!(sheets.len() <= SHEETS_MAX, "{} sheets", sheets.len());
    assert_eq!(outside(&sheets), None);
}

/// What reaches beyond the margins, if anything does.
fn outside(sheets: &[Sheet]) -> Option<&Item> {
    let mut items = sheets.iter().flat_map(|sheet| &sheet.items);
    items.find(|item| {
        let Place {
            x,
            y,
            width,
            height,
        } = item.place();
        let across = x >= 1_800 && x + width <= Sheet::WIDTH - 1_800;
        !across || y < 1_000 || y + height > Sheet::HEIGHT - 500
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever a department writes, the page is well-formed and nothing lies outside it.
    #[test]
    fn nothing_escapes_the_page(demand in demands()) {
        let sheets = lay_out(&demand, &FACES).unwrap();
        prop_assert!(sheets.len() <= SHEETS_MAX, "{} sheets", sheets.len());
        prop_assert_eq!(outside(&sheets), None);
        prop_assert!(text_of(&sheets).contains("繳款通知書"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// And it can always be printed.
    #[test]
    fn whatever_is_laid_out_becomes_a_document(demand in demands()) {
        let sheets = lay_out(&demand, &FACES).unwrap();
        let bytes = Press::new(&FACES).pdf(&sheets, &demand.number, demand.printed_on).unwrap();
        let document = lopdf::Document::load_mem(&bytes).unwrap();
        prop_assert_eq!(document.get_pages().len(), sheets.len());
    }
}
