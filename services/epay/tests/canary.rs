//! No log line holds a contact: the real binary, told to log everything that our crates and the database's client can say, while addresses of
//! nobody go through every request about people, through refusals and faults, and through a change of keys.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must stop where it is"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use epay_pg::testing::{TestDatabase, holds};
use serde_json::{Value, json};

/// Everything that we write, and what the database's client says of statements and their parameters.
const LOUD: &str = "info,epay=trace,epay_gateway=trace,epay_contact=trace,epay_engine=trace,epay_store=trace,epay_pg=trace,\
    epay_worker=trace,epay_ledger_pg=trace,tower_http=trace,tokio_postgres=debug";
const EMAIL: &str = "canaryqx7@example.org";
const OTHER_EMAIL: &str = "kanarieqx7@example.org";
const TELEPHONE: &str = "61239417";
const IDENTITY: &str = "canaryqx7-tokenised-id";
/// What none may hold.
const SECRETS: [&str; 4] = ["canaryqx7", "kanarieqx7", "61239417", "6123 9417"];

/// A program that is ended with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        drop(ended);
    }
}

struct Shell {
    database: TestDatabase,
    folder: tempfile::TempDir,
    client: reqwest::Client,
}

impl Shell {
    async fn open() -> Self {
        let database = TestDatabase::create(&[]).await;
        let folder = tempfile::tempdir().unwrap();
        for (name, byte) in [("old.key", "a"), ("new.key", "b")] {
            std::fs::write(folder.path().join(name), byte.repeat(64)).unwrap();
        }
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        let _already_set = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let shell = Self {
            database,
            folder,
            client: reqwest::Client::new(),
        };
        shell.configure(&["old.key"]);
        shell.run(&["migrate"]);
        shell
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, keys: &[&str]) {
        let keys: Vec<PathBuf> = keys.iter().map(|name| self.path(name)).collect();
        let settings = json!({
            "database": {"url": self.database.url()},
            "auth": {"jwks_file": self.path("keys/jwks.json")},
            "gateway": {"listen": "127.0.0.1:0"},
            "contacts": {"key_files": keys},
        });
        std::fs::write(self.path("epay.toml"), toml::to_string(&settings).unwrap()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epay"));
        command
            .arg("--config")
            .arg(self.path("epay.toml"))
            .args(arguments)
            .env("RUST_LOG", LOUD)
            .env_remove("EPAY_DATABASE_URL");
        command
    }

    /// Runs a verb to its end; what it printed, and what it logged.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = self.command(arguments).output().unwrap();
        let logged = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {logged}");
        (String::from_utf8(output.stdout).unwrap(), logged)
    }

    /// Serves until it is dropped, and logs into a file; the gateway's address.
    fn serve(&self, log: &Path) -> (Served, String) {
        let mut child = self
            .command(&["serve", "--roles", "gateway,worker"])
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log).unwrap())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let served = Served(child);
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        let gateway = said
            .get("gateway")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let told = || std::fs::read_to_string(log).unwrap_or_default();
        (served, gateway.unwrap_or_else(|| panic!("{}", told())))
    }

    async fn send(&self, url: &str, token: &str, body: String) -> (u16, String) {
        let request = self.client.post(url).bearer_auth(token);
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

fn somebody(email: &str, telephone: &str, identity: &str) -> String {
    json!({
        "subscriber": {
            "channels": ["NOTICE_CHANNEL_EMAIL", "NOTICE_CHANNEL_SMS"],
            "contactPoints": [
                {"channel": "NOTICE_CHANNEL_EMAIL", "address": email},
                {"channel": "NOTICE_CHANNEL_SMS", "address": telephone},
                {"channel": "NOTICE_CHANNEL_IAM_SMART", "address": identity},
            ],
            "consent": {"version": "2026-11", "time": "2026-11-23T02:00:00Z"},
        },
    })
    .to_string()
}

/// Requests of every kind, refused and answered; what was answered is added.
async fn ask(shell: &Shell, url: &impl Fn(&str) -> String, token: &str, answers: &mut String) {
    let whole = somebody(EMAIL, TELEPHONE, IDENTITY);
    let find = json!({"iamSmartId": IDENTITY}).to_string();
    let absent = json!({"iamSmartId": format!("{IDENTITY}-2")}).to_string();
    let rows = [
        ("subscribers", token, whole.clone(), 409),
        (
            "subscribers",
            token,
            somebody("canaryqx7@@example.org", TELEPHONE, IDENTITY),
            400,
        ),
        (
            "subscribers",
            token,
            somebody(EMAIL, "61239417 x", IDENTITY),
            400,
        ),
        (
            "subscribers",
            token,
            somebody(EMAIL, TELEPHONE, "canaryqx7 id"),
            400,
        ),
        (
            "subscribers",
            token,
            format!("{{\"subscriber\": {{\"{EMAIL}\": \"{TELEPHONE}\""),
            400,
        ),
        ("subscribers", "nobody", whole, 401),
        ("subscribers:find", token, find, 200),
        ("subscribers:find", token, absent, 404),
    ];
    for (path, token, body, expected) in rows {
        let (status, answer) = shell.send(&url(path), token, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        // What is no request may be said back to whoever sent it, so that the fault is found; it is in no log.
        if !answer.contains("MALFORMED_REQUEST") {
            answers.push_str(&answer);
        }
    }
}

/// Who answers a request of access has everything in one file, which nobody else may read, and nothing of it in what is printed.
fn exported(shell: &Shell, name: &str) {
    let out = shell.path("held.json");
    let person = name.strip_prefix("subscribers/").unwrap();
    let path = out.to_str().unwrap();
    let case = ["--case-reference", "DAR 2026/17", "--officer", "ann"];
    let export = [
        &["contacts", "export", person, "--out", path],
        case.as_slice(),
    ]
    .concat();
    let (said, logged) = shell.run(&export);
    for secret in SECRETS {
        assert!(!holds(&said, secret) && !holds(&logged, secret), "{secret}");
    }
    let held: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let of = |place: &str| held.pointer(place).and_then(Value::as_str);
    let newest = of("/subscriber/contactPoints/2/address");
    assert_eq!(newest, Some(OTHER_EMAIL), "whole, and the newest");
    let case = of("/contactReads/0/caseReference");
    assert_eq!(case, Some("DAR 2026/17"), "{held}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&out.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // A file that is there is not written over, and then nothing is looked at.
    let again = shell.command(&export).output().unwrap();
    assert!(!again.status.success());
}

#[tokio::test]
async fn no_log_line_and_no_answer_holds_a_contact() {
    let shell = Shell::open().await;
    let data = shell.folder.path().to_str().unwrap();
    let issue = [
        "token",
        "issue",
        "--data-dir",
        data,
        "--role",
        "citizen_portal",
    ];
    let (token, _logged) = shell.run(&issue);
    let token = token.trim();
    let log = shell.path("gateway.log");
    let (served, gateway) = shell.serve(&log);
    let url = |path: &str| format!("{gateway}/v1/{path}");

    let whole = somebody(EMAIL, TELEPHONE, IDENTITY);
    let (status, made) = shell.send(&url("subscribers"), token, whole.clone()).await;
    assert_eq!(status, 200, "{made}");
    let name = serde_json::from_str::<Value>(&made).unwrap()["name"].clone();
    let name = name.as_str().unwrap();
    let mut answers = made;
    ask(&shell, &url, token, &mut answers).await;
    let change = json!({
        "contactPoints": [{"channel": "NOTICE_CHANNEL_EMAIL", "address": OTHER_EMAIL}],
    });
    let request = shell
        .client
        .patch(url(name))
        .bearer_auth(token)
        .json(&change);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answers.push_str(&answer.text().await.unwrap());

    exported(&shell, name);

    // A key is changed while everything runs.
    shell.configure(&["new.key", "old.key"]);
    let (said, rotated) = shell.run(&["contacts", "rotate-keys"]);
    assert!(said.starts_with("1 people were taken over"), "{said}");
    // The gateway knows the old key only: that it cannot open a row is a fault of ours, and is logged.
    let answer = shell
        .client
        .get(url(name))
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 500);
    answers.push_str(&answer.text().await.unwrap());
    let erase = url(&format!("{name}:erase"));
    let (status, answer) = shell.send(&erase, token, "{}".to_owned()).await;
    assert_eq!(status, 200, "{answer}");
    // A table that is gone is the worst that a statement can meet.
    let client = shell.database.pool().get().await.unwrap();
    client
        .batch_execute("DROP TABLE contact.point")
        .await
        .unwrap();
    let (status, answer) = shell.send(&url("subscribers"), token, whole).await;
    assert_eq!(status, 500, "{answer}");
    answers.push_str(&answer);
    drop(served);

    let logged = std::fs::read_to_string(&log).unwrap();
    // The log is as loud as it was told to be, and the fault is in it.
    assert!(logged.contains("contact.person") && logged.contains("the caller was told INTERNAL"));
    for secret in SECRETS {
        assert!(
            !holds(&answers, secret),
            "an answer holds {secret}: {answers}"
        );
        let lines = logged.lines().chain(rotated.lines());
        let found: Vec<&str> = lines.filter(|line| holds(line, secret)).collect();
        assert!(found.is_empty(), "{secret}: {found:#?}");
    }
}
