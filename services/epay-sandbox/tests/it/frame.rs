//! The frame: clock, due work, ordered faults, and a counterparty that stands in it.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use epay_sandbox::books::BooksError;
use epay_sandbox::faults::menu::{LATE, TWICE};
use epay_sandbox::frame::{
    Alarm, Attempt, Counterparty, Doing, Door, DueWork, Frame, Header, Movement, NewNotice,
    OpenError, Opening, Rows, Secrets, Start, WorkFailed, Writing,
};
use epay_sandbox::server::Server;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::code::Code;
use crate::support::receiver::Receiver;
use crate::support::{Database, SECRET, Sandbox, config, with_database};

/// A counterparty for tests: at midnight UTC it moves a dollar and says so.
struct Clerk {
    frame: Frame,
}

const CLERK: Opening = |frame| {
    let settings: Option<Settings> = frame.settings("clerk")?;
    Ok(settings.map(|Settings { works }| -> Arc<dyn Counterparty> {
        assert!(works);
        Arc::new(Clerk {
            frame: frame.clone(),
        })
    }))
};

#[derive(serde::Deserialize)]
struct Settings {
    works: bool,
}

const TABLE: &str = "DAY";

fn next_day(now: Timestamp) -> Timestamp {
    let day = 86_400;
    Timestamp::from_second(now.as_second() / day * day + day).unwrap()
}

impl Clerk {
    async fn day(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        if work.body["fails"] == true {
            return Err("as it was told".into());
        }
        let mut client = alarm.frame.client().await?;
        let writing = Writing::begin(&mut client, "clerk", alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let reference = format!("CLERK-{}", work.due_at.as_second());
        let movement = Movement {
            bank_reference: &reference,
            from: "CLERK-PURSE",
            to: "999000000201",
            amount_cents: 100,
            currency: "HKD",
            payer_name: "The clerk",
            reference: None,
            bill_number: None,
        };
        writing.move_money(&[movement.clone(), movement])?;
        let notice = NewNotice {
            message_id: &reference,
            path: "/rails/fps/notices",
            content_type: "application/xml",
            body: "<Day/>",
            subject: Some(&reference),
            extra: json!({ "at": alarm.now.to_string() }),
            start: Start::At(alarm.now),
        };
        writing.notice(&notice).await?;
        writing
            .timer("day", TABLE, next_day(alarm.now), &Value::Null)
            .await?;
        writing.commit().await?;
        alarm.frame.wake();
        Ok(())
    }
}

impl Counterparty for Clerk {
    fn name(&self) -> &'static str {
        "clerk"
    }

    fn routes(&self) -> Router {
        let frame = self.frame.clone();
        Router::new().route("/now", get(async move || frame.now().to_string()))
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "Clerk",
            href: "/clerk/now",
            text: "What time it is.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[("errands", &[LATE, TWICE])]
    }

    fn start<'a>(&'a self, writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async move {
            writing
                .open_account("CLERK-PURSE", "The clerk's purse", "HKD")
                .await?;
            writing
                .timer("day", TABLE, next_day(writing.now()), &Value::Null)
                .await
        })
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(self.day(work, alarm))
    }

    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        // What was given with the notice comes back; the channel signs, and the receiver checks it.
        assert!(attempt.extra["at"].is_string());
        None
    }
}

async fn sandbox(database: &Database, receiver: &Receiver) -> Sandbox {
    let mut config = config(database, &receiver.url);
    let table = toml::toml! { works = true };
    config
        .counterparties
        .insert("clerk".to_owned(), toml::Value::Table(table));
    let secrets = Secrets::from(SecretString::from(SECRET)).with("clerk", "a secret");
    let server = Server::bind_with(config, secrets, &[CLERK]).await.unwrap();
    Sandbox::serve(server)
}

async fn start(database: &Database) -> (Sandbox, Receiver) {
    let receiver = Receiver::start(&[], 202).await;
    (sandbox(database, &receiver).await, receiver)
}

#[test]
fn tomorrow_comes_without_waiting_and_work_is_done_on_its_own_day() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let first = next_day(
            sandbox.get("/api/clock").await["now"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
        );
        let moved = sandbox
            .done("/api/clock", &json!({ "advance_seconds": 3 * 86_400 }))
            .await;
        assert_eq!(moved["timers_run"], 3);
        // Each day has its own notice; in which order they leave is not promised.
        let mut told = Vec::new();
        let mut expected = Vec::new();
        for day in 0..3 {
            let at = first + SignedDuration::from_hours(24 * day);
            expected.push(format!("CLERK-{}", at.as_second()));
            told.push(receiver.next().await.message_id);
        }
        told.sort();
        assert_eq!(told, expected);
        let summary = sandbox.get("/api/books/summary").await;
        assert_eq!(
            (&summary["sum_cents"], &summary["balanced"]),
            (&json!(300), &json!(true))
        );
        let timers = sandbox.get("/api/timers").await;
        let due: Timestamp = timers["timers"][0]["due_at"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(due, first + SignedDuration::from_hours(72));
        sandbox.stop().await;
    });
}

#[test]
fn the_clock_survives_a_restart_and_never_goes_back() {
    with_database(async |database| {
        let (sandbox, receiver) = start(&database).await;
        let moved = sandbox
            .done("/api/clock", &json!({ "next_hong_kong_time": "19:00" }))
            .await;
        assert!(
            moved["hong_kong"].as_str().unwrap().contains("T19:00:"),
            "{moved}"
        );
        let back = json!({ "set": "2026-01-01T00:00:00Z" });
        let (status, problem) = sandbox.post("/api/clock", &back).await;
        assert_eq!((status, &problem["code"]), (422, &json!("clock-backwards")));
        let (status, _) = sandbox.post("/api/clock", &json!({})).await;
        assert_eq!(status, 400);
        sandbox.stop().await;
        let again = self::sandbox(&database, &receiver).await;
        let state = again.get("/api/clock").await;
        let time = |state: &Value| state["now"].as_str().unwrap().parse::<Timestamp>().unwrap();
        assert!(time(&state) >= time(&moved));
        let told: Timestamp = again.text("/clerk/now").await.parse().unwrap();
        assert!(told >= state["now"].as_str().unwrap().parse().unwrap());
        assert!(
            again
                .text("/")
                .await
                .contains(r#"<a href="/clerk/now">Clerk</a>"#)
        );
        again.stop().await;
    });
}

#[test]
fn a_delayed_notice_leaves_when_the_clock_is_moved_past_its_time() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let request =
            json!({ "image_base64": Code::bill().base64(), "faults": { "delay_seconds": 3600 } });
        let paid = sandbox.done("/api/pay", &request).await;
        sandbox
            .done("/api/clock", &json!({ "advance_seconds": 3601 }))
            .await;
        let reference = paid["transactions"][0]["bank_reference"].as_str().unwrap();
        loop {
            let attempt = receiver.next().await;
            if attempt.element("AcctSvcrRef") == Some(reference) {
                break;
            }
        }
        sandbox.stop().await;
    });
}

#[test]
fn work_that_fails_is_put_off_and_holds_nobody_up() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        database
            .execute(
                "INSERT INTO timers (counterparty, kind, subject, body, due_at)
                 VALUES ('clerk', 'day', 'bad', '{\"fails\": true}', now() + interval '1 minute'),
                        ('nobody', 'day', 'lost', 'null', now() + interval '1 minute')",
            )
            .await;
        let moved = sandbox
            .done("/api/clock", &json!({ "advance_seconds": 86_400 }))
            .await;
        assert_eq!(moved["timers_run"], 1);
        assert!(receiver.next().await.message_id.starts_with("CLERK-"));
        let timers = sandbox.get("/api/timers").await;
        let problems: Vec<&str> = timers["timers"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|timer| timer["last_problem"].as_str())
            .collect();
        assert_eq!(
            problems,
            ["as it was told", "there is no such counterparty"]
        );
        sandbox.stop().await;
    });
}

#[test]
fn ordered_faults_bend_as_many_payments_as_were_ordered() {
    with_database(async |database| {
        let (sandbox, _receiver) = start(&database).await;
        let order =
            json!({ "rail": "fps", "fault": "short", "count": 2, "match": "000123456789011" });
        let ordered = sandbox.done("/api/faults", &order).await;
        let listed = sandbox.get("/api/faults").await;
        assert_eq!(listed["faults"][0]["fault_id"], ordered["fault_id"]);
        assert_eq!(listed["menu"]["errands"][1]["word"], "twice");
        let pay = async || {
            let request = json!({ "image_base64": Code::bill().base64() });
            sandbox.done("/api/pay", &request).await["transactions"][0]["amount_cents"].clone()
        };
        let expected = [371_900, 371_900, 372_000];
        for amount in expected {
            assert_eq!(pay().await, json!(amount));
        }
        let rows = [
            (json!({ "rail": "post", "fault": "late" }), "rail"),
            (json!({ "rail": "errands", "fault": "short" }), "fault"),
            (
                json!({ "rail": "errands", "fault": "late", "value": "soon" }),
                "value",
            ),
        ];
        for (order, code) in rows {
            let (status, problem) = sandbox.post("/api/faults", &order).await;
            assert_eq!((status, &problem["code"]), (400, &json!(code)));
        }
        let forever = json!({ "rail": "errands", "fault": "late", "count": 0 });
        sandbox.done("/api/faults", &forever).await;
        let answer = sandbox
            .client
            .delete(format!("{}/api/faults", sandbox.url))
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.json::<Value>().await.unwrap(),
            json!({ "taken_back": 1 })
        );
        sandbox.stop().await;
    });
}

#[test]
fn a_configured_fault_that_is_on_no_menu_is_refused_at_the_start() {
    with_database(async |database| {
        let mut config = config(&database, "http://127.0.0.1:9");
        config.faults.push(epay_sandbox::faults::FaultDefault {
            rail: "fps".to_owned(),
            fault: "chargeback".to_owned(),
            value: None,
        });
        let refused = Server::bind(config, SecretString::from(SECRET)).await;
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("chargeback is not on the menu"), "{error}");
    });
}

#[test]
fn a_counterparty_whose_table_will_not_do_does_not_open() {
    with_database(async |database| {
        let mut config = config(&database, "http://127.0.0.1:9");
        let table = toml::toml! { works = "sometimes" };
        config
            .counterparties
            .insert("clerk".to_owned(), toml::Value::Table(table));
        let secrets = Secrets::from(SecretString::from(SECRET));
        let refused = Server::bind_with(config, secrets, &[CLERK]).await;
        let epay_sandbox::server::ServerError::Counterparty(OpenError::Settings { name, .. }) =
            refused.err().unwrap()
        else {
            panic!("another error");
        };
        assert_eq!(name, "clerk");
    });
}
