//! `epay qr` as a shell sees it: arguments in, standard output and an exit code out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A published Inland Revenue code: email proxy, static, with an amount.
const TAX: &str = "00020101021126530012hk.com.hkicl0433FPS_Identifier_CRC201D@ird.gov.hk520400005303344540419895\
                   802HK5902NA6002HK63042767";

/// An FPS code with an identifier of six digits, and both a bill number and a mobile number in object 62.
const UNUSUAL: &str = "00020101021126260012hk.com.hkicl02061234565204123453033445802HK5907Example6002HK62240106987654\
                       021012345678906304F2FF";

/// What a run of the program left behind.
struct Ran {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Ran {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap()
    }
}

fn epay(arguments: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_epay"))
        .arg("qr")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stdin)
        .unwrap_or_default();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: output.stdout,
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn decode_prints_the_promised_object() {
    let ran = epay(&["decode", "--json", TAX], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json = ran.json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["errors"], Value::Array(Vec::new()));
    assert_eq!(json["fps"]["email"], "FPS_Identifier_CRC201D@ird.gov.hk");
    assert_eq!(
        (&json["fps"]["amount"], &json["fps"]["amount_minor"]),
        (&"1989".into(), &198_900.into())
    );
    assert_eq!(
        json["objects"][0],
        serde_json::json!({ "id": "00", "value": "01" })
    );
    assert_eq!(
        json["objects"][2]["objects"][0],
        serde_json::json!({ "id": "00", "value": "hk.com.hkicl" })
    );
}

#[test]
fn decode_reads_standard_input_with_and_without_a_line_end() {
    for end in ["", "\n", "\r\n"] {
        let ran = epay(&["decode", "--json", "-"], format!("{TAX}{end}").as_bytes());
        assert_eq!(
            (ran.code, &ran.json()["warnings"]),
            (0, &Value::Array(Vec::new())),
            "{end:?}"
        );
    }
}

#[test]
fn decode_tells_every_error_and_exits_with_one() {
    let broken = TAX.replace("5802HK", "5802hk");
    let ran = epay(&["decode", "--json", &broken], b"");
    assert_eq!(ran.code, 1);
    let json = ran.json();
    let codes: Vec<_> = json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["path"], &e["code"]))
        .collect();
    assert_eq!(
        codes,
        [
            (&"58".into(), &"wrong_format".into()),
            (&"63".into(), &"crc_mismatch".into())
        ]
    );
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("country")
    );
}

#[test]
fn decode_takes_anything_that_is_not_a_payload_without_falling_over() {
    for stdin in [
        &b""[..],
        b"\n",
        b"https://example.hk/pay",
        b"\xFF\xFE",
        b"000201",
        &[b'0'; 10_000],
        b"0002010\xE6\xB0\xB4",
    ] {
        let ran = epay(&["decode", "--json", "-"], stdin);
        assert_eq!(
            (ran.code, &ran.json()["valid"]),
            (1, &false.into()),
            "{stdin:?}"
        );
        assert_eq!(ran.json()["fps"], Value::Null);
    }
}

#[test]
fn the_profile_decides_what_fps_rules_weigh() {
    let count = |ran: &Ran, side: &str| ran.json()[side].as_array().unwrap().len();
    let plain = epay(&["decode", "--json", UNUSUAL], b"");
    assert_eq!(
        (
            plain.code,
            count(&plain, "errors"),
            count(&plain, "warnings")
        ),
        (0, 0, 1)
    );
    let dollars = epay(
        &["decode", "--json", "-", "--profile", "hk"],
        &closed(&TAX.replace("5303344", "5303840")),
    );
    assert_eq!(
        (dollars.code, dollars.json()["errors"][0]["code"].as_str()),
        (1, Some("fps_currency"))
    );
    let dollars = epay(
        &["decode", "--json", "-"],
        &closed(&TAX.replace("5303344", "5303840")),
    );
    assert_eq!(
        (dollars.code, dollars.json()["warnings"][0]["code"].as_str()),
        (0, Some("fps_currency"))
    );
}

/// The payload with a checksum that fits again.
fn closed(payload: &str) -> Vec<u8> {
    let (covered, _) = payload.split_at_checked(payload.len() - 4).unwrap();
    format!("{covered}{}", emvqr::checksum_digits(covered)).into_bytes()
}

#[test]
fn lines_are_judged_one_by_one() {
    let stdin = format!("{TAX}\nnonsense\n{}\n{UNUSUAL}", "0".repeat(9000));
    let ran = epay(&["decode", "--json", "--lines", "-"], stdin.as_bytes());
    let verdicts: Vec<Value> = ran
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["valid"].clone())
        .collect();
    assert_eq!(
        (ran.code, verdicts),
        (
            1,
            vec![true.into(), false.into(), false.into(), true.into()]
        )
    );
}

#[test]
fn what_encode_writes_decode_reads() {
    let ran = epay(
        &[
            "encode",
            "--mobile",
            "+852-91234567",
            "--clearing-code",
            "004",
            "--amount",
            "1234.5",
            "--currency",
            "CNY",
            "--bill-number",
            "W-0001",
            "--editable",
            "--expires",
            "261231235959",
            "--static",
            "--name-in",
            "ZH=水務署",
            "--merchant-name",
            "Water Supplies",
        ],
        b"",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = epay(&["decode", "--json", "--profile", "hk", "-"], &ran.out);
    assert_eq!(ran.code, 0);
    let expected = serde_json::json!({
        "fps_id": null, "mobile": "+852-91234567", "email": null, "clearing_code": "004", "expires": "261231235959",
        "editable": true, "point_of_initiation": "static", "currency": "CNY", "amount": "1234.50", "amount_minor": 123_450,
        "bill_number": "W-0001", "reference": null, "merchant_name": "Water Supplies",
    });
    assert_eq!(ran.json()["fps"], expected);
    let json = epay(&["encode", "--fps-id", "1234567", "--json"], b"").json();
    assert!(
        json["payload"]
            .as_str()
            .unwrap()
            .starts_with("000201010211"),
        "{json}"
    );
}

/// Arguments, apart by spaces, and the exit code. `TAX` stands for the payload above.
const REFUSED: &[(&str, i32)] = &[
    (
        "encode --fps-id 1234567 --bill-number 12345678901234567890123456",
        1,
    ),
    ("encode --fps-id 1234567 --merchant-name 水務署", 1),
    ("encode --mobile +852-91234567 --clearing-code 4", 1),
    ("encode", 2),
    ("encode --fps-id 12345678", 2),
    ("encode --fps-id 1234567 --mobile +852-91234567", 2),
    ("encode --fps-id 1234567 --clearing-code 004", 2),
    ("encode --fps-id 1234567 --amount 0", 2),
    ("encode --fps-id 1234567 --amount 1.234", 2),
    ("encode --fps-id 1234567 --amount -1", 2),
    ("encode --fps-id 1234567 --editable", 2),
    ("encode --fps-id 1234567 --bill-number 1 --reference 2", 2),
    ("encode --fps-id 1234567 --expires 261331000000", 2),
    ("encode --fps-id 1234567 --currency USD", 2),
    ("decode", 2),
    ("decode --lines -", 2),
    ("decode --json --lines TAX", 2),
    ("render TAX --format gif", 2),
    ("render TAX --format png --scale 0", 2),
    ("render TAX --format png --out /nowhere/at/all.png", 2),
    ("render https://example.hk", 1),
];

#[test]
fn refusals_exit_with_one_and_misuse_with_two() {
    for (line, code) in REFUSED {
        let arguments: Vec<&str> = line
            .split(' ')
            .map(|argument| if argument == "TAX" { TAX } else { argument })
            .collect();
        let ran = epay(&arguments, b"");
        assert_eq!(ran.code, *code, "{line}: {}", ran.err);
        assert!(
            !ran.err.is_empty() && ran.out.is_empty(),
            "{line}: the reason goes to standard error"
        );
    }
}

#[test]
fn render_draws_each_format() {
    let png = epay(&["render", TAX, "--format", "png"], b"");
    assert_eq!((png.code, png.out.starts_with(b"\x89PNG\r\n")), (0, true));
    let svg = epay(
        &["render", "-", "--format", "svg", "--title", "Pay <now>"],
        TAX.as_bytes(),
    );
    assert!(
        svg.code == 0
            && svg.text().starts_with("<svg")
            && svg.text().contains("<title>Pay &lt;now&gt;</title>")
    );
    let terminal = epay(&["render", TAX], b"");
    assert!(terminal.code == 0 && terminal.text().contains('█'));
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("qr-cli-code.png");
    let ran = epay(
        &[
            "render",
            TAX,
            "--format",
            "png",
            "--out",
            file.to_str().unwrap(),
        ],
        b"",
    );
    assert_eq!((ran.code, ran.out.len()), (0, 0));
    assert_eq!(std::fs::read(file).unwrap(), png.out);
}
