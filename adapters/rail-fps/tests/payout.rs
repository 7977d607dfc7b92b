//! Payout orders: what goes to the bank, what the bank says of it, and both judged by the schemas.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epay_money::{Currency, Money};
use epay_rail::{
    Ask, Call, Collect, Finding, Header, Inbound, Order, OrderKind, Outbound, PayoutAccount, Rail,
    Recall, Refund, Seal,
};
use epay_rail_kit::conformance::goldens;

const SETTINGS: &str = "payout_url = 'https://bank.test/payments'\npayout_bank_code = '999'\n\
     recall_url = 'https://bank.test/investigations'";

/// A collection of HK$3,720.00 for a fictitious biller.
fn order() -> Collect {
    Collect {
        method: "fps_qr".to_owned(),
        payee: "1234567".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

fn rail() -> Box<dyn Rail> {
    rail_fps::open(&"fps".parse().unwrap(), SETTINGS).unwrap()
}

epay_rail_kit::conformance! {
    open: rail,
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden-payout"),
    codes: rail_fps::PAYOUT_STATUS
        .iter()
        .map(|row| row.code)
        .chain(rail_fps::RECALL_STATUS.iter().map(|row| row.code))
        .collect(),
}

fn refund() -> Order {
    Order {
        header: Header {
            key: "RF0AB1CD2EF3GH4JK5MN-1".to_owned(),
            at: "2026-01-20T16:30:00Z".parse().unwrap(),
            nonce: [7; 16],
            kept: None,
            bearer: None,
        },
        collect: order(),
        ask: Ask::Refund(Refund {
            amount: Money::hkd(13_997),
            original_rail_reference: "FPS20260120-1".to_owned(),
            account: Some(PayoutAccount {
                bank_code: "024".to_owned(),
                number: "123456789001".to_owned(),
                name: "O'BRIEN & 陳大文 <Ltd>".to_owned(),
            }),
            reason: "paid \"twice\" & more".to_owned(),
        }),
    }
}

fn call(order: &Order) -> Call {
    match rail().encode(order).unwrap() {
        Outbound::Call(call) => call,
        Outbound::Present(other) => panic!("{other:?} is no call"),
    }
}

#[test]
fn a_refund_is_a_sealed_payment_order_with_our_key_in_every_id() {
    let call = call(&refund());
    assert_eq!(call.seal, Seal::Channel);
    assert_eq!(call.url, "https://bank.test/payments");
    let text = String::from_utf8(call.body).unwrap();
    for part in [
        "<MsgId>RF0AB1CD2EF3GH4JK5MN-1</MsgId>",
        "<EndToEndId>RF0AB1CD2EF3GH4JK5MN-1</EndToEndId>",
        // Half past midnight in Hong Kong: the day there, not the day in UTC.
        "<CreDtTm>2026-01-21T00:30:00+08:00</CreDtTm>",
        "<ReqdExctnDt><Dt>2026-01-21</Dt></ReqdExctnDt>",
        "<InstdAmt Ccy=\"HKD\">139.97</InstdAmt>",
        "<Nm>O'BRIEN &amp; 陳大文 &lt;Ltd&gt;</Nm>",
        "<Ustrd>paid &quot;twice&quot; &amp; more</Ustrd>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

/// Each row changes the sample refund, and names the refusal.
type Row = (&'static str, fn(&mut Order));

fn of(order: &mut Order) -> &mut Refund {
    match &mut order.ask {
        Ask::Refund(refund) => refund,
        other => panic!("{other:?} is no refund"),
    }
}

#[test]
fn what_a_payment_order_cannot_carry_is_refused_and_certainly_not_sent() {
    let rows: [Row; 8] = [
        ("bad_field", |order| of(order).account = None),
        ("bad_field", |order| {
            of(order).account.as_mut().unwrap().bank_code = "24".to_owned();
        }),
        ("bad_field", |order| {
            of(order).account.as_mut().unwrap().number = "12-34".to_owned();
        }),
        ("bad_field", |order| {
            of(order).account.as_mut().unwrap().name = "A\nB".to_owned();
        }),
        ("bad_field", |order| of(order).reason = "x".repeat(141)),
        ("bad_field", |order| order.header.key = "lower".to_owned()),
        ("amount_too_small", |order| {
            of(order).amount = Money::new(0, Currency::Hkd);
        }),
        ("bad_payee", |order| order.collect.payee = String::new()),
    ];
    for (code, change) in rows {
        let mut order = refund();
        change(&mut order);
        assert_eq!(rail().encode(&order).unwrap_err().code(), code, "{order:?}");
    }
    let plain = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
    assert!(!plain.profile().takes(OrderKind::Refund));
    assert_eq!(
        plain.encode(&refund()).unwrap_err().code(),
        "order_not_taken"
    );
}

#[test]
fn only_the_banks_own_words_say_that_an_order_is_refused() {
    let at = "2026-01-20T16:30:05Z".parse().unwrap();
    let order = refund();
    let rows = [
        (200, Finding::RefundAccepted),
        (202, Finding::RefundAccepted),
        (204, Finding::RefundAccepted),
        (400, Finding::Unclear),
        (401, Finding::Unclear),
        (500, Finding::Unclear),
    ];
    for (status, finding) in rows {
        let decoded = rail().decode(&Inbound::reply(&order, status, b"", at));
        let report = decoded.unwrap().reports.remove(0);
        assert_eq!(report.finding, finding, "{status}");
        assert_eq!(report.order_key.as_deref(), Some(order.header.key.as_str()));
        assert_eq!(report.amount, Money::hkd(13_997));
    }
}

/// An order about a recall.
fn recall(recall: Recall) -> Order {
    let mut order = refund();
    order.header.key = "RC0AB1CD2EF3GH4JK5MN-1".to_owned();
    order.ask = Ask::Recall(recall);
    order
}

fn want() -> Order {
    recall(Recall::Want {
        order_key: "RF0AB1CD2EF3GH4JK5MN-1".to_owned(),
        amount: Money::hkd(13_997),
        why: "paid to \"another\" person & in error".to_owned(),
    })
}

fn answer(agreed: bool) -> Order {
    recall(Recall::Answer {
        case: "C<1>".to_owned(),
        agreed,
        why: "the bill was due".to_owned(),
    })
}

#[test]
fn a_recall_is_asked_under_our_key_and_answered_under_theirs() {
    let rows = [
        (
            want(),
            [
                "<Case><Id>RC0AB1CD2EF3GH4JK5MN-1</Id>",
                "<OrgnlMsgId>RF0AB1CD2EF3GH4JK5MN-1</OrgnlMsgId>",
                "<OrgnlIntrBkSttlmAmt Ccy=\"HKD\">139.97</OrgnlIntrBkSttlmAmt>",
                "<AddtlInf>paid to &quot;another&quot; person &amp; in error</AddtlInf>",
            ],
        ),
        (
            answer(false),
            [
                "<RslvdCase><Id>C&lt;1&gt;</Id>",
                "<Conf>RJCR</Conf>",
                "<TxCxlSts>RJCR</TxCxlSts>",
                "<Rsn><Cd>CUST</Cd></Rsn><AddtlInf>the bill was due</AddtlInf>",
            ],
        ),
        (
            answer(true),
            [
                "<RslvdCase><Id>C&lt;1&gt;</Id>",
                "<Conf>CNCL</Conf>",
                "<TxCxlSts>ACCR</TxCxlSts>",
                "<CxlStsRsnInf><AddtlInf>the bill was due</AddtlInf>",
            ],
        ),
    ];
    for (order, parts) in rows {
        let call = call(&order);
        assert_eq!(call.seal, Seal::Channel);
        assert_eq!(call.url, "https://bank.test/investigations");
        let text = String::from_utf8(call.body).unwrap();
        for part in parts {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}

/// What the rail writes, kept for judges in another language; `EPAY_BLESS=1` writes it.
#[test]
fn the_vectors_are_what_the_rail_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    for (name, order) in [
        ("pain001", refund()),
        ("camt056", want()),
        ("camt029-agreed", answer(true)),
        ("camt029-declined", answer(false)),
    ] {
        let path = folder.join(format!("{name}.xml"));
        let body = call(&order).body;
        if std::env::var_os("EPAY_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &body).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == body, "{name} differs");
    }
}

#[test]
fn what_a_recall_cannot_carry_is_refused() {
    let long = recall(Recall::Answer {
        case: "C-1".to_owned(),
        agreed: false,
        why: "x".repeat(106),
    });
    let no_case = recall(Recall::Answer {
        case: String::new(),
        agreed: true,
        why: "yes".to_owned(),
    });
    for order in [long, no_case] {
        assert_eq!(rail().encode(&order).unwrap_err().code(), "bad_field");
    }
    let without = "payout_url = 'https://bank.test/payments'";
    let without = rail_fps::open(&"fps".parse().unwrap(), without).unwrap();
    assert!(!without.profile().takes(OrderKind::Recall));
    assert_eq!(
        without.encode(&want()).unwrap_err().code(),
        "order_not_taken"
    );
}

fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("EPAY_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}

/// What xmllint says of a body, by the schema of this name.
fn judged(reference: &Path, schema: &str, body: &[u8]) -> Option<(bool, String)> {
    let mut child = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(reference.join("xsd").join(format!("{schema}.xsd")))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(body).unwrap();
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.success(), words))
}

#[test]
fn orders_and_goldens_are_valid_by_their_schemas() {
    let Some(reference) = reference() else {
        println!("skipped: no reference data");
        return;
    };
    let sent = call(&refund()).body;
    let Some((valid, words)) = judged(&reference, "pain.001.001.09", &sent) else {
        println!("skipped: xmllint is not installed");
        return;
    };
    assert!(valid, "{words}");
    let recalls = [
        ("camt.056.001.08", want()),
        ("camt.029.001.09", answer(true)),
        ("camt.029.001.09", answer(false)),
    ];
    for (schema, order) in recalls {
        let (valid, words) = judged(&reference, schema, &call(&order).body).unwrap();
        assert!(valid, "{schema}: {words}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-payout");
    for case in goldens(&folder).unwrap() {
        let text = String::from_utf8_lossy(&case.body);
        let schema = [
            "pain.002.001.10",
            "camt.056.001.08",
            "camt.029.001.09",
            "camt.054.001.08",
        ]
        .into_iter()
        .find(|name| text.contains(&format!("xsd:{name}\"")))
        .unwrap();
        let (valid, words) = judged(&reference, schema, &case.body).unwrap();
        assert!(valid, "{}: {words}", case.name);
    }
}
