//! Statements: every booking in exactly one of them, and the faults that were ordered.

use serde_json::{Value, json};

use crate::support::{Database, Sandbox, config, with_database};

const ACCOUNT: &str = "999000000201";

async fn sandbox(database: &Database, folder: Option<&std::path::Path>) -> Sandbox {
    let mut config = config(database, "http://127.0.0.1:9");
    if let Some(folder) = folder {
        let table = config.counterparties.get_mut("statements").unwrap();
        let folder = folder.to_str().unwrap().to_owned();
        table
            .as_table_mut()
            .unwrap()
            .insert("folder".to_owned(), folder.into());
    }
    Sandbox::start_with(config).await
}

/// So many payments to the account, of a dollar, two dollars and so on.
async fn pay(sandbox: &Sandbox, count: i64) {
    let instructions: Vec<Value> = (1..=count)
        .map(|dollars| json!({ "fps_id": "999900201", "amount_cents": dollars * 100, "bill_number": "000123456789011" }))
        .collect();
    sandbox
        .done("/api/pay-many", &json!({ "instructions": instructions }))
        .await;
}

async fn make(sandbox: &Sandbox) -> Vec<String> {
    let made = sandbox
        .done("/statements/api/make", &json!({ "account": ACCOUNT }))
        .await;
    let mut bodies = Vec::new();
    for name in made["files"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        bodies.push(sandbox.text(&format!("/statements/api/files/{name}")).await);
    }
    bodies
}

async fn fault(sandbox: &Sandbox, fault: &str) {
    let order = json!({ "rail": "statement", "fault": fault });
    sandbox.done("/api/faults", &order).await;
}

#[test]
fn every_booking_is_in_one_statement_which_opens_where_the_last_one_closed() {
    with_database(async |database| {
        let sandbox = sandbox(&database, None).await;
        pay(&sandbox, 2).await;
        let first = make(&sandbox).await;
        pay(&sandbox, 1).await;
        let second = make(&sandbox).await;
        let nil = make(&sandbox).await;
        let [xml, text] = &first[..] else {
            unreachable!("{first:?}")
        };
        assert_eq!(xml.matches("<Ntry>").count(), 2);
        assert!(xml.contains("<ElctrncSeqNb>1</ElctrncSeqNb>"), "{xml}");
        assert!(text.contains(":28C:00001/001\r\n:60F:C"), "{text}");
        assert!(text.contains("HKD0,00\r\n:61:"), "{text}");
        assert!(text.contains(":86:FPS "), "{text}");
        assert!(text.ends_with("HKD3,00\r\n-\r\n"), "{text}");
        assert_eq!(second[0].matches("<Ntry>").count(), 1);
        assert!(second[1].contains("HKD3,00\r\n:61:") && second[1].ends_with("HKD4,00\r\n-\r\n"));
        assert_eq!(nil[0].matches("<Ntry>").count(), 0);
        assert!(nil[1].contains("HKD4,00\r\n:62F:"), "{nil:?}");
        sandbox.stop().await;
    });
}

#[test]
fn faults_bend_what_is_told_and_never_the_books() {
    with_database(async |database| {
        let sandbox = sandbox(&database, None).await;
        pay(&sandbox, 2).await;
        fault(&sandbox, "gap").await;
        fault(&sandbox, "duplicate-entry").await;
        let gap = make(&sandbox).await;
        assert!(gap[0].contains("<ElctrncSeqNb>2</ElctrncSeqNb>"));
        assert_eq!(gap[0].matches("<Ntry>").count(), 3);
        pay(&sandbox, 2).await;
        fault(&sandbox, "missing-entry").await;
        fault(&sandbox, "wrong-closing").await;
        let short = make(&sandbox).await;
        assert_eq!(short[0].matches("<Ntry>").count(), 1);
        assert!(short[1].ends_with("HKD7,00\r\n-\r\n"), "{}", short[1]);
        pay(&sandbox, 1).await;
        fault(&sandbox, "two-with-one-id").await;
        fault(&sandbox, "garbled-entry").await;
        let two = make(&sandbox).await;
        assert_eq!(two.len(), 4);
        let id = "<Id>999000000201-00003</Id>";
        assert!(two[0].contains(id) && two[2].contains(id) && two[0] != two[2]);
        assert!(two[0].contains(">$1.00</Amt>"), "{}", two[0]);
        // Six dollars in all, as the books have it.
        assert!(two[1].contains("HKD6,00\r\n:61:") && two[1].ends_with("HKD7,00\r\n-\r\n"));
        sandbox.stop().await;
    });
}

#[test]
fn at_the_end_of_the_day_files_are_put_down_whole_and_a_held_one_after_the_next() {
    with_database(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&database, Some(folder.path())).await;
        pay(&sandbox, 1).await;
        let order = json!({ "rail": "statement", "fault": "out-of-order", "match": ACCOUNT });
        sandbox.done("/api/faults", &order).await;
        let names = || {
            let mut names: Vec<String> = std::fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.contains(ACCOUNT))
                .collect();
            names.sort();
            names
        };
        let day = json!({ "advance_seconds": 86_400 });
        sandbox.done("/api/clock", &day).await;
        assert_eq!(names(), [""; 0]);
        sandbox.done("/api/clock", &day).await;
        let second = names();
        assert_eq!(second.len(), 1, "{second:?}");
        assert!(second[0].ends_with("_00002.xml"), "{second:?}");
        sandbox.done("/api/clock", &day).await;
        let all = names();
        assert_eq!(all.len(), 3, "{all:?}");
        assert!(
            all[0].ends_with("_00001.xml") && all[2].ends_with("_00003.xml"),
            "{all:?}"
        );
        sandbox.stop().await;
    });
}
