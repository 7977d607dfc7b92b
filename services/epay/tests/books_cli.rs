//! Days, feeds, periods and reconciliation from the shell: the real binary against a database of its own.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop where it is"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use epay_pg::testing::TestDatabase;
use serde_json::{Value, json};

/// A Wednesday long ago: the program has a clock of its own.
const DAY: &str = "2026-01-21";

struct Shell {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

/// What a command came to.
struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    /// Each line of what it printed, as JSON.
    fn json(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Shell {
    /// A database that the program has brought up to date itself, with the kinds of bill of the demonstration.
    async fn open() -> Self {
        let database = TestDatabase::create(&[]).await;
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!(
            "[database]\nurl = \"{}\"\n[rails.fps]\n[rails.pps]\n",
            database.url()
        );
        std::fs::write(folder.path().join("epay.toml"), configuration).unwrap();
        let shell = Self { database, folder };
        assert_eq!(shell.run(&["migrate"]).code, Some(0));
        let kinds = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../deploy/demo/bill-types.json"
        );
        assert_eq!(shell.run(&["load", "bill-types", kinds]).code, Some(0));
        shell
    }

    fn run(&self, arguments: &[&str]) -> Told {
        let output = Command::new(env!("CARGO_BIN_EXE_epay"))
            .arg("--config")
            .arg(self.path("epay.toml"))
            .args(arguments)
            .env("RUST_LOG", "warn")
            .env_remove("EPAY_DATABASE_URL")
            .output()
            .unwrap();
        Told {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Closes the day without the rail whose file has not come.
    fn close(&self) -> Told {
        let reason = "its file comes in the morning";
        let late = ["--late", "pps", "--reason", reason];
        let day = [
            "day", "close", "--biller", "rvd", "--day", DAY, "--as", "ann", "--json",
        ];
        self.run(&[&day[..], &late].concat())
    }

    /// Takes in a file of acknowledgements.
    fn says(&self, text: &str) -> Told {
        let path = self.path("said.ack");
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        self.run(&["feed", "acknowledge", "--biller", "rvd", path])
    }
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_day_is_closed_once_and_a_refusal_is_an_exit_code() {
    let shell = Shell::open().await;
    let early = shell.run(&[
        "day", "close", "--biller", "rvd", "--day", DAY, "--as", "ann",
    ]);
    assert_eq!((early.code, early.out.as_str()), (Some(1), ""));
    assert!(early.err.contains("DAY_NOT_REPORTED"), "{}", early.err);
    let first = shell.close();
    assert_eq!(first.code, Some(0), "{}", first.err);
    let told = &first.json()[0];
    assert_eq!(
        (&told["day"], &told["closed_by"], &told["late"]),
        (&json!(DAY), &json!("ann"), &json!(["pps"]))
    );
    assert_eq!(
        (&told["files"][0]["sequence"], &told["files"][0]["rows"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(shell.close().out, first.out, "it is closed once");
    let usage = shell.run(&["day", "close", "--biller", "rvd", "--day", "tomorrow"]);
    assert_eq!(usage.code, Some(2));
}

#[tokio::test]
async fn files_are_exported_the_same_each_time_and_acknowledged_whole_or_not_at_all() {
    let shell = Shell::open().await;
    assert_eq!(shell.close().code, Some(0));
    let folder = shell.path("out");
    std::fs::create_dir(&folder).unwrap();
    let export = || {
        let to = folder.to_str().unwrap();
        shell.run(&[
            "feed",
            "export",
            "--biller",
            "rvd",
            "--shape",
            "csv,mt940",
            "--to",
            to,
        ])
    };
    let first = export();
    assert_eq!(first.code, Some(0), "{}", first.err);
    let files = contents(&folder);
    let names: Vec<&str> = files.iter().map(|(name, _bytes)| name.as_str()).collect();
    let stem = "EPG_RVD_RECON_20260121_000001";
    let wanted = [
        format!("{stem}.csv"),
        format!("{stem}.csv.sha256"),
        format!("{stem}.sta"),
        format!("{stem}.sta.sha256"),
    ];
    assert_eq!(names, wanted);
    assert_eq!(export().out, first.out);
    assert_eq!(contents(&folder), files);

    let alerts = || shell.run(&["feed", "alerts", "--json"]);
    let word = |told: &Told| told.json()[0]["file"]["acknowledged"].clone();
    let spoilt = shell.says("ACK 000001 0 0.00\nnonsense\n");
    assert_eq!(spoilt.code, Some(1), "a file is read whole or not at all");
    assert!(spoilt.err.contains("line 2"), "{}", spoilt.err);
    let silence = alerts();
    assert_eq!((silence.code, silence.out.as_str()), (Some(0), ""));
    for (text, code, stands) in [
        ("NAK 000001 0 digest differs\n", 1, json!("refused")),
        ("ACK 000001 1 0.00\n", 1, json!("differs")),
    ] {
        assert_eq!(shell.says(text).code, Some(code), "{text}");
        let told = alerts();
        assert_eq!((told.code, word(&told)), (Some(1), stands), "{text}");
    }
    let taken = shell.says("ACK 000001 0 0.00\r\n");
    assert_eq!(
        (taken.code, taken.out.as_str()),
        (Some(0), "file 000001: accepted\n")
    );
    let quiet = alerts();
    assert_eq!((quiet.code, quiet.out.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn reconciliation_shows_what_departments_said_of_files() {
    let shell = Shell::open().await;
    assert_eq!(shell.close().code, Some(0));
    let third = || {
        let told = shell.run(&[
            "reconcile",
            "--book",
            "rvd",
            "--from",
            "2026-01-01",
            "--until",
            "2099-12-31",
            "--json",
        ]);
        let all = told.json();
        let rows = all[0]["rows"].as_array().unwrap().clone();
        let rows = rows.into_iter().filter(|row| row["level"] == json!("L3"));
        let counts = rows
            .map(|row| ["matched", "expected", "broken"].map(|name| row[name].as_i64().unwrap()));
        let counts = counts.fold([0; 3], |sum, row| {
            [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]]
        });
        (told.code, counts)
    };
    assert_eq!(third(), (Some(0), [0, 1, 0]), "it may still be taken");
    assert_eq!(shell.says("NAK 000001 0 digest differs\n").code, Some(1));
    assert_eq!(third(), (Some(1), [0, 1, 1]));
    assert_eq!(shell.says("ACK 000001 0 0.00\n").code, Some(0));
    assert_eq!(third(), (Some(0), [1, 0, 0]));
}

#[tokio::test]
async fn periods_that_two_people_closed_are_listed_and_nobody_closes_one_by_typing_a_name() {
    let shell = Shell::open().await;
    let list = || shell.run(&["period", "list", "--biller", "rvd", "--json"]);
    let none = list();
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""));
    let mut client = shell.database.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let proposal = uuid::Uuid::from_u128(7);
    let period = epay_ledger_pg::BookPeriod {
        biller: epay_money::BillerId::new("rvd").unwrap(),
        period: "2026-01".parse().unwrap(),
        closed: true,
        proposal: epay_money::ProposalId::new(proposal),
        changed_at: "2026-02-03T01:00:00Z".parse().unwrap(),
    };
    epay_ledger_pg::put_period_in(&tx, &period).await.unwrap();
    tx.commit().await.unwrap();
    let closed = json!({
        "biller": "rvd", "period": "2026-01", "state": "closed", "proposal_id": proposal.to_string(),
        "changed_at": "2026-02-03T01:00:00Z",
    });
    assert_eq!(list().json(), [closed]);
    let close = ["period", "close", "--biller", "rvd", "--period", "2026-02"];
    assert_eq!(shell.run(&close).code, Some(2), "there is no such verb");
}

#[tokio::test]
async fn holidays_are_loaded_by_somebody_and_shown_and_a_file_that_is_none_changes_nothing() {
    let shell = Shell::open().await;
    let table = shell.path("holidays.json");
    let load = |content: &str| {
        std::fs::write(&table, content).unwrap();
        let path = table.to_str().unwrap();
        shell.run(&["calendar", "load", path, "--as", "ops/chan"])
    };
    let before = shell.run(&["calendar", "show", "--json"]).json();
    assert_eq!(before[0]["tables"], json!([]));
    let refused = load(r#"{"vcalendar":[]}"#);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("names no holiday"), "{}", refused.err);
    assert_eq!(shell.run(&["calendar", "show", "--json"]).json(), before);

    let days = r#"{"vcalendar":[{"vevent":[{"dtstart":["20280103",{"value":"DATE"}]}]}]}"#;
    let loaded = load(days);
    assert_eq!(loaded.code, Some(0), "{}", loaded.err);
    assert!(loaded.out.contains("2027, 2028"), "{}", loaded.out);
    let shown = shell.run(&["calendar", "show", "--json"]).json();
    let years = shown[0]["years"].as_array().unwrap();
    assert_eq!(
        years.last(),
        Some(&json!({"year": 2028, "holidays": 1})),
        "{shown:?}"
    );
    assert_eq!(shown[0]["tables"][0]["by"], "ops/chan");
}
