//! Payment orders: what is taken, refused, paid once, told and brought back; and what is asked back.

use epay_sandbox::channel::ChannelKey;
use epay_sandbox::server::Server;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{Database, KEY_ID, SECRET, Sandbox, config, with_database};

const ORDER: &str = include_str!("../messages/pain001.xml");
const KEY: &str = "RF0AB1CD2EF3GH4JK5MN-1";
const RATES: &str = "999000000201";
const PAYEE: &str = "998000000001";

/// A sandbox whose notices nobody hears, with a paid bill: the department has HK$3,720.00.
async fn sandbox(database: &Database) -> Sandbox {
    let config = config(database, "http://127.0.0.1:9");
    let server = Server::bind(config, SecretString::from(SECRET))
        .await
        .unwrap();
    let sandbox = Sandbox::serve(server);
    let paid = json!({ "instructions": [{ "fps_id": "999900201", "amount_cents": 372_000, "reference": "EP0AB1CD2EF3GH4JK5MN" }] });
    sandbox.done("/api/pay-many", &paid).await;
    sandbox
}

/// Posts over the channel. Status and body; nothing when the answer breaks off.
async fn post(sandbox: &Sandbox, path: &str, body: &str, id: &str) -> Option<(u16, String)> {
    let key = ChannelKey {
        id: KEY_ID.to_owned(),
        secret: SecretString::from(SECRET),
    };
    let signed = key.sign(Timestamp::now().as_second(), id, path, body.as_bytes());
    let request = sandbox
        .client
        .post(format!("{}{path}", sandbox.url))
        .header("epay-channel-key", signed.key)
        .header("epay-channel-timestamp", signed.timestamp)
        .header("epay-channel-message-id", signed.message_id)
        .header("epay-channel-signature", signed.signature)
        .body(body.to_owned());
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    response.text().await.ok().map(|text| (status, text))
}

async fn order(sandbox: &Sandbox, body: &str) -> Option<(u16, String)> {
    let id = body
        .split(['<', '>'])
        .skip_while(|part| *part != "MsgId")
        .nth(1);
    post(sandbox, "/payouts/orders", body, id.unwrap()).await
}

/// The order of another payment.
fn other(key: &str) -> String {
    ORDER.replace(KEY, key)
}

/// The sample order as this fault bends it.
async fn bent(sandbox: &Sandbox, fault: &str, value: Option<&str>) -> Option<(u16, String)> {
    let wanted = json!({ "rail": "fps-payout", "fault": fault, "value": value });
    sandbox.done("/api/faults", &wanted).await;
    order(sandbox, ORDER).await
}

fn status(answer: Option<(u16, String)>) -> String {
    let (status, body) = answer.unwrap();
    assert_eq!(status, 200, "{body}");
    let said = |name: &str| {
        let text = body.split_once(&format!("<{name}>"))?.1;
        text.split_once('<').map(|(text, _)| text.to_owned())
    };
    let word = said("TxSts").or_else(|| said("GrpSts")).unwrap();
    said("Cd").map_or(word.clone(), |reason| format!("{word} {reason}"))
}

/// What the bank told of orders: status, direction or answer; with the reason and whether it may leave.
async fn told(sandbox: &Sandbox) -> Vec<String> {
    // Due work is done when the clock was moved.
    let moved = json!({ "advance_seconds": 1 });
    sandbox.done("/api/clock", &moved).await;
    let list = sandbox.get("/api/notices?page_size=500").await;
    let mut told = Vec::new();
    for notice in list["notices"].as_array().unwrap() {
        if notice["counterparty"] != "payouts" {
            continue;
        }
        let id = notice["message_id"].as_str().unwrap();
        let body = sandbox.text(&format!("/api/notices/{id}")).await;
        let said = |name: &str| {
            let text = body.split_once(&format!("<{name}>"))?.1;
            text.split_once('<').map(|(text, _)| text.trim().to_owned())
        };
        let word = said("TxSts")
            .or_else(|| said("CdtDbtInd"))
            .or_else(|| said("Conf"));
        let reason = body.split_once("<Rsn>").and_then(|(_, rest)| {
            let text = rest.split_once("<Cd>")?.1;
            text.split_once('<').map(|(text, _)| text.to_owned())
        });
        let held = (notice["status"] == "held").then(|| "held".to_owned());
        let words: Vec<String> = [word, reason, held].into_iter().flatten().collect();
        told.push(words.join(" "));
    }
    told
}

async fn balance(sandbox: &Sandbox, account: &str) -> i64 {
    let accounts = sandbox.get("/api/books/accounts").await;
    let rows = accounts["accounts"].as_array().unwrap().clone();
    let row = rows.into_iter().find(|row| row["account"] == account);
    row.unwrap()["balance_cents"].as_i64().unwrap()
}

async fn balanced(sandbox: &Sandbox) {
    let summary = sandbox.get("/api/books/summary").await;
    assert_eq!(summary["balanced"], true, "{summary}");
}

#[test]
fn an_order_is_paid_once_however_often_it_comes() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let before = balance(&sandbox, PAYEE).await;
        assert_eq!(status(order(&sandbox, ORDER).await), "ACSP");
        assert_eq!(told(&sandbox).await, ["ACSC", "DBIT"]);
        assert_eq!(status(order(&sandbox, ORDER).await), "ACSC");
        assert_eq!(told(&sandbox).await.len(), 2);
        assert_eq!(balance(&sandbox, PAYEE).await - before, 13_997);
        assert_eq!(balance(&sandbox, RATES).await, 372_000 - 13_997);
        let changed = ORDER.replace("139.97", "139.96");
        assert_eq!(order(&sandbox, &changed).await.unwrap().0, 409);
        // Another message for the same payment is refused, whatever else it says.
        let again = ORDER.replace(&format!("<MsgId>{KEY}"), "<MsgId>ANOTHER-1");
        assert_eq!(status(order(&sandbox, &again).await), "RJCT AM05");
        balanced(&sandbox).await;
        for page in ["/payouts/book", "/books"] {
            let text = sandbox.text(page).await;
            assert!(text.contains("139.97"), "{page}: {text}");
        }
        sandbox.stop().await;
    });
}

#[test]
fn what_breaks_a_rule_is_refused_at_once_and_moves_nothing() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let rows = [
            ("K-1", ("998000000001", "998000000009"), "RJCT AC04"),
            ("K-2", ("<MmbId>998", "<MmbId>999"), "RJCT AC01"),
            ("K-3", ("<Id>999900201<", "<Id>999900999<"), "RJCT AC02"),
            ("K-4", ("139.97", "3720.01"), "RJCT AM04"),
            ("K-5", ("<NbOfTxs>1", "<NbOfTxs>2"), "RJCT FF01"),
        ];
        for (key, (from, to), expected) in rows {
            let body = other(key).replace(from, to);
            assert_eq!(status(order(&sandbox, &body).await), expected, "{key}");
        }
        let unsigned = sandbox
            .client
            .post(format!("{}/payouts/orders", sandbox.url));
        let answer = unsigned.body(ORDER).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401);
        let nonsense = post(&sandbox, "/payouts/orders", "<a/>", "K-6").await;
        assert_eq!(nonsense.unwrap().0, 400);
        assert_eq!(told(&sandbox).await, Vec::<String>::new());
        assert_eq!(balance(&sandbox, RATES).await, 372_000);
        sandbox.stop().await;
    });
}

/// A fault with its value, what is answered at once, what is told by the end of the next day, and what the payee and
/// the department then have more than before.
type Row = (
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static [&'static str],
    (i64, i64),
);

const FAULTS: [Row; 8] = [
    ("declined", None, "RJCT AC04", &[], (0, 0)),
    ("declined", Some("AC01"), "RJCT AC01", &[], (0, 0)),
    ("rejected-later", None, "ACSP", &["RJCT AC04"], (0, 0)),
    (
        "returned",
        None,
        "ACSP",
        &["ACSC", "DBIT", "CRDT AC04"],
        (0, 0),
    ),
    (
        "twice",
        None,
        "ACSP",
        &["ACSC", "ACSC", "DBIT", "DBIT"],
        (13_997, -13_997),
    ),
    (
        "late",
        Some("60"),
        "ACSP",
        &["ACSC", "DBIT"],
        (13_997, -13_997),
    ),
    (
        "never",
        None,
        "",
        &["ACSC held", "DBIT held"],
        (13_997, -13_997),
    ),
    ("unknown", None, "503", &["ACSC", "DBIT"], (13_997, -13_997)),
];

#[test]
fn faults_bend_orders() {
    for (fault, value, answered, expected, (payee, department)) in FAULTS {
        with_database(async move |database| {
            let sandbox = sandbox(&database).await;
            let before = (
                balance(&sandbox, PAYEE).await,
                balance(&sandbox, RATES).await,
            );
            match bent(&sandbox, fault, value).await {
                None => assert_eq!(answered, "", "{fault}"),
                Some((503, _)) => assert_eq!(answered, "503", "{fault}"),
                answer => assert_eq!(status(answer), answered, "{fault}"),
            }
            sandbox
                .done("/api/clock", &json!({ "advance_seconds": 86_400 }))
                .await;
            assert_eq!(told(&sandbox).await, expected, "{fault}");
            assert_eq!(balance(&sandbox, PAYEE).await - before.0, payee, "{fault}");
            assert_eq!(
                balance(&sandbox, RATES).await - before.1,
                department,
                "{fault}"
            );
            balanced(&sandbox).await;
            sandbox.stop().await;
        });
    }
}

#[test]
fn a_magic_word_in_the_payees_name_bends_an_order() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let body = ORDER.replace("CHAN Tai Man", "FAULT DECLINED=AC01 CHAN Tai Man");
        assert_eq!(status(order(&sandbox, &body).await), "RJCT AC01");
        sandbox.stop().await;
    });
}

fn request(case: &str, order: &str) -> String {
    let party = "<Pty><Nm>TEST customer</Nm></Pty>";
    format!(
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.056.001.08'><FIToFIPmtCxlReq><Assgnmt><Id>{case}</Id>\
         <Assgnr>{party}</Assgnr><Assgne>{party}</Assgne><CreDtTm>2026-01-21T00:30:00+08:00</CreDtTm></Assgnmt>\
         <Case><Id>{case}</Id><Cretr>{party}</Cretr></Case><Undrlyg><TxInf><OrgnlGrpInf><OrgnlMsgId>{order}</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInf><CxlRsnInf><Rsn><Cd>DUPL</Cd></Rsn></CxlRsnInf>\
         </TxInf></Undrlyg></FIToFIPmtCxlReq></Document>"
    )
}

fn resolution(case: &str, word: &str) -> String {
    let party = "<Pty><Nm>TEST customer</Nm></Pty>";
    format!(
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.029.001.09'><RsltnOfInvstgtn><Assgnmt><Id>A-1</Id>\
         <Assgnr>{party}</Assgnr><Assgne>{party}</Assgne><CreDtTm>2026-01-21T00:30:00+08:00</CreDtTm></Assgnmt>\
         <RslvdCase><Id>{case}</Id><Cretr>{party}</Cretr></RslvdCase><Sts><Conf>{word}</Conf></Sts>\
         </RsltnOfInvstgtn></Document>"
    )
}

#[test]
fn a_customer_gets_a_payment_back_when_the_payee_agrees() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        order(&sandbox, ORDER).await.unwrap();
        told(&sandbox).await;
        let door = "/payouts/investigations";
        let unknown = post(&sandbox, door, &request("C-0", "K-9"), "C-0").await;
        assert_eq!(unknown.unwrap().0, 404);
        for _again in 0..2 {
            let taken = post(&sandbox, door, &request("C-1", KEY), "C-1").await;
            assert_eq!(taken.unwrap().0, 202);
        }
        assert_eq!(told(&sandbox).await[2..], ["CNCL", "CRDT FOCR"]);
        assert_eq!(balance(&sandbox, RATES).await, 372_000);
        // What came back already cannot come back again.
        post(&sandbox, door, &request("C-2", KEY), "C-2")
            .await
            .unwrap();
        assert_eq!(told(&sandbox).await[4..], ["RJCR ARDT"]);
        balanced(&sandbox).await;
        sandbox.stop().await;
    });
}

#[test]
fn a_payee_may_keep_what_is_asked_back() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        bent(&sandbox, "recall-refused", None).await.unwrap();
        told(&sandbox).await;
        let door = "/payouts/investigations";
        post(&sandbox, door, &request("C-1", KEY), "C-1")
            .await
            .unwrap();
        assert_eq!(told(&sandbox).await[2..], ["RJCR CUST"]);
        assert_eq!(balance(&sandbox, RATES).await, 372_000 - 13_997);
        sandbox.stop().await;
    });
}

#[test]
fn a_payers_bank_asks_and_the_customers_answer_is_kept() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let paid = sandbox.get("/api/books/transactions").await;
        let reference = paid["transactions"][0]["bank_reference"].clone();
        let wanted = json!({ "bank_reference": reference, "reason": "FRAD" });
        let opened = sandbox.done("/payouts/recalls", &wanted).await;
        let case = opened["case_id"].as_str().unwrap();
        let asked = sandbox.text(&format!("/api/notices/{case}")).await;
        for part in [
            format!(
                "<OrgnlInstrId>{}</OrgnlInstrId>",
                reference.as_str().unwrap()
            ),
            "<Ref>EP0AB1CD2EF3GH4JK5MN</Ref>".to_owned(),
            "<Cd>FRAD</Cd>".to_owned(),
            format!("<Id>{RATES}</Id>"),
        ] {
            assert!(asked.contains(&part), "{part} is not in {asked}");
        }
        let door = "/payouts/investigations";
        let rows = [("RJCR", 204), ("RJCR", 204), ("CNCL", 409)];
        for (word, expected) in rows {
            let answered = post(&sandbox, door, &resolution(case, word), "A-1").await;
            assert_eq!(answered.unwrap().0, expected, "{word}");
        }
        let strange = post(&sandbox, door, &resolution("C-9", "RJCR"), "A-2").await;
        assert_eq!(strange.unwrap().0, 409);
        assert_eq!(balance(&sandbox, RATES).await, 372_000);
        let missing = json!({ "bank_reference": "SB-none" });
        let (status, _problem): (u16, Value) = sandbox.post("/payouts/recalls", &missing).await;
        assert_eq!(status, 404);
        sandbox.stop().await;
    });
}
