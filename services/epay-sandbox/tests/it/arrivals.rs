//! What reaches people: SMS with their receipts, and mails, each once whatever is sent again.

use epay_sandbox::channel::ChannelKey;
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::{Database, SECRET, Sandbox, config, with_database};

const SMS_SECRET: &str = "an-sms-secret-of-at-least-32-bytes";
const PATH: &str = "/arrivals/sms/v1/messages";

async fn sandbox(database: &Database) -> Sandbox {
    let config = config(database, "http://127.0.0.1:9");
    let secrets = Secrets::from(SecretString::from(SECRET)).with("sms-gateway", SMS_SECRET);
    Sandbox::serve(Server::bind(config, secrets).await.unwrap())
}

fn name(number: u128) -> String {
    uuid::Uuid::from_u128(number).to_string()
}

fn order(number: u128, to: &str, text: &str) -> String {
    json!({
        "clientReference": name(number), "sender": "#HKGovPay", "to": to, "language": "zh-HK", "text": text,
    })
    .to_string()
}

/// Posts an order, signed with a secret. Status, and the provider's name or the code; nothing when the answer breaks off.
async fn post(sandbox: &Sandbox, body: String, secret: &str) -> Option<(u16, String)> {
    let key = ChannelKey {
        id: "sms-1".to_owned(),
        secret: SecretString::from(secret),
    };
    let signed = key.sign(Timestamp::now().as_second(), "m-1", PATH, body.as_bytes());
    let request = sandbox
        .client
        .post(format!("{}{PATH}", sandbox.url))
        .header("epay-channel-key", signed.key)
        .header("epay-channel-timestamp", signed.timestamp)
        .header("epay-channel-message-id", signed.message_id)
        .header("epay-channel-signature", signed.signature)
        .body(body);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let answer: Value = response.json().await.ok()?;
    let word = answer["providerReference"].as_str();
    Some((status, word.or(answer["code"].as_str()).unwrap().to_owned()))
}

/// What arrived, newest first: recipient, fate and how often it was handed over.
async fn arrived(sandbox: &Sandbox) -> Vec<(String, String, i64)> {
    let list = sandbox.get("/arrivals/list").await;
    let rows = list["arrived"].as_array().unwrap().iter();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    rows.map(|row| {
        let copies = row["copies"].as_i64().unwrap();
        (text(row, "recipient"), text(row, "fate"), copies)
    })
    .collect()
}

/// The receipts that are to be told: whose, and what they say.
async fn receipts(sandbox: &Sandbox) -> Vec<(String, String)> {
    let list = sandbox.get("/api/notices?page_size=500").await;
    let mut told = Vec::new();
    for notice in list["notices"].as_array().unwrap() {
        if notice["counterparty"] == "arrivals" {
            let id = notice["message_id"].as_str().unwrap();
            let body = sandbox.get(&format!("/api/notices/{id}")).await;
            let text = |field: &str| body[field].as_str().unwrap().to_owned();
            told.push((text("clientReference"), text("status")));
        }
    }
    told.sort();
    told
}

#[test]
fn a_message_under_one_name_is_one_message() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let first = order(1, "+85291234567", "差餉");
        let taken = |status| Some((status, "S-000000001".to_owned()));
        assert_eq!(post(&sandbox, first.clone(), SMS_SECRET).await, taken(202));
        assert_eq!(post(&sandbox, first, SMS_SECRET).await, taken(200));
        let other = post(&sandbox, order(1, "+85291234567", "水費"), SMS_SECRET).await;
        assert_eq!(other, Some((409, "reference_reused".to_owned())));
        let once = ("+85291234567".to_owned(), "delivered".to_owned(), 2);
        assert_eq!(arrived(&sandbox).await, [once]);
        assert_eq!(
            receipts(&sandbox).await,
            [(name(1), "delivered".to_owned())]
        );
        sandbox.stop().await;
    });
}

#[test]
fn what_is_not_taken_says_why_and_leaves_nothing_behind() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let number = "+85291234567";
        let bad_sender = order(1, number, "x").replace("#HKGovPay", "HKGovPay");
        let table = [
            (
                order(1, number, "x"),
                "another-secret-of-at-least-32-bytes",
                401,
                "not_signed",
            ),
            ("{}".to_owned(), SMS_SECRET, 400, "malformed"),
            (bad_sender, SMS_SECRET, 400, "sender_not_registered"),
            (order(1, number, ""), SMS_SECRET, 400, "malformed"),
            (order(1, "91234567", "x"), SMS_SECRET, 422, "number_refused"),
            (
                order(1, "+85250000001", "x"),
                SMS_SECRET,
                422,
                "number_refused",
            ),
            (order(1, "+85250000005", "x"), SMS_SECRET, 503, "busy"),
        ];
        for (body, secret, status, code) in table {
            let answer = post(&sandbox, body.clone(), secret).await;
            assert_eq!(answer, Some((status, code.to_owned())), "{body}");
        }
        let wanted = json!({ "rail": "sms", "fault": "rate-limited" });
        sandbox.done("/api/faults", &wanted).await;
        let answer = post(&sandbox, order(1, number, "x"), SMS_SECRET).await;
        assert_eq!(answer, Some((429, "rate_limited".to_owned())));
        assert_eq!(arrived(&sandbox).await, []);
        // The fault was for one: the same message is taken now.
        let answer = post(&sandbox, order(1, number, "x"), SMS_SECRET).await;
        assert_eq!(answer.unwrap().0, 202);
        sandbox.stop().await;
    });
}

#[test]
fn a_receipt_says_what_became_of_a_message_even_when_its_answer_was_lost() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let table = [
            ("+85250000002", "temporary-failure"),
            ("+85250000003", "permanent-failure"),
            ("+85250000004", "technical-failure"),
        ];
        for (number, (to, _)) in (1..).zip(table) {
            let answer = post(&sandbox, order(number, to, "x"), SMS_SECRET).await;
            assert_eq!(answer.unwrap().0, 202, "{to}");
        }
        let lost = order(4, "+85250000006", "x");
        assert_eq!(post(&sandbox, lost.clone(), SMS_SECRET).await, None);
        let again = post(&sandbox, lost, SMS_SECRET).await;
        assert_eq!(again, Some((200, "S-000000004".to_owned())));
        let wanted = json!({ "rail": "sms", "fault": "twice" });
        sandbox.done("/api/faults", &wanted).await;
        post(&sandbox, order(5, "+85291234567", "x"), SMS_SECRET)
            .await
            .unwrap();
        let told = |number, word: &str| (name(number), word.to_owned());
        let expected = [
            told(1, table[0].1),
            told(2, table[1].1),
            told(3, table[2].1),
            told(4, "delivered"),
            told(5, "delivered"),
            told(5, "delivered"),
        ];
        assert_eq!(receipts(&sandbox).await, expected);
        sandbox.stop().await;
    });
}

/// A conversation with the mail server: what is said, line by line, and the first word of each answer.
async fn converse(sandbox: &Sandbox, lines: &[&str]) -> Vec<String> {
    let list = sandbox.get("/arrivals/list").await;
    let stream = TcpStream::connect(list["smtp"].as_str().unwrap())
        .await
        .unwrap();
    let mut stream = BufReader::new(stream);
    let mut answers = Vec::new();
    let mut said = lines.iter();
    loop {
        let mut answer = String::new();
        if stream.read_line(&mut answer).await.unwrap() == 0 {
            return answers;
        }
        if answer.get(3..4) == Some("-") {
            continue;
        }
        answers.push(answer.get(..3).unwrap().to_owned());
        match said.next() {
            Some(line) => stream.write_all(line.as_bytes()).await.unwrap(),
            None => return answers,
        }
    }
}

const LETTER: &str = "Message-ID: <7@pay.example>\r\nSubject: =?utf-8?b?5beu6aSJ?=\r\nContent-Language: zh-HK\r\n\r\n..\r\nready\r\n.\r\n";

#[test]
fn a_mail_is_kept_once_and_counted() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let whole = [
            "EHLO test\r\n",
            "MAIL FROM:<bills@pay.example> BODY=8BITMIME\r\n",
            "RCPT TO:<chan@mail.example>\r\n",
            "DATA\r\n",
            LETTER,
            "QUIT\r\n",
        ];
        for _again in 0..2 {
            let answers = converse(&sandbox, &whole).await;
            assert_eq!(answers, ["220", "250", "250", "250", "354", "250", "221"]);
        }
        let lost = [
            whole[0],
            whole[1],
            "RCPT TO:<lost@mail.example>\r\n",
            whole[3],
        ];
        let letter = LETTER.replace("<7@", "<8@");
        let lost: Vec<&str> = lost.into_iter().chain([letter.as_str()]).collect();
        let answers = converse(&sandbox, &lost).await;
        assert_eq!(answers, ["220", "250", "250", "250", "354"]);
        let delivered = |to: &str, copies| (to.to_owned(), "delivered".to_owned(), copies);
        let expected = [
            delivered("lost@mail.example", 1),
            delivered("chan@mail.example", 2),
        ];
        assert_eq!(arrived(&sandbox).await, expected);
        let list = sandbox.get("/arrivals/list").await;
        let first = &list["arrived"][1];
        assert_eq!(
            (&first["title"], &first["body"]),
            (&json!("差餉"), &json!(".\nready"))
        );
        let page = sandbox
            .client
            .get(format!("{}/arrivals/all", sandbox.url))
            .send();
        let page = page.await.unwrap().text().await.unwrap();
        assert!(page.contains("handed over 2 times") && page.contains("lang=\"zh-HK\""));
        sandbox.stop().await;
    });
}

#[test]
fn a_mail_server_refuses_in_the_words_of_its_protocol() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let from = "MAIL FROM:<bills@pay.example>\r\n";
        let table: [(&[&str], &str); 9] = [
            (&["RCPT TO:<a@b>\r\n"], "503"),
            (&["DATA\r\n"], "503"),
            (&["VRFY chan\r\n"], "502"),
            (&["MAIL FROM:chan\r\n"], "501"),
            (&[from, "RCPT TO:<>\r\n"], "501"),
            (&[from, "RCPT TO:<nobody@b>\r\n"], "550"),
            (&[from, "RCPT TO:<full@b>\r\n"], "552"),
            (&[from, "RCPT TO:<busy@b>\r\n"], "451"),
            (
                &[
                    from,
                    "RCPT TO:<a@b>\r\n",
                    "DATA\r\n",
                    "Subject: x\r\n\r\n.\r\n",
                ],
                "554",
            ),
        ];
        for (lines, expected) in table {
            let answers = converse(&sandbox, lines).await;
            assert_eq!(answers.last().unwrap(), expected, "{lines:?}");
        }
        assert_eq!(arrived(&sandbox).await, []);
        sandbox.stop().await;
    });
}
