//! Bank statements: read into entries once, checked and never shortened by a check, rows set apart and read again.

mod apart;
mod paper;
mod watch;

use epay_domain::proposal::{Person, Verdict};
use epay_domain::statement::{Standing, Statement, StatementFinding as Finding, StatementState};
use epay_engine::{
    DecideProposal, Engine, EngineError, FILE_CHUNK_BYTES, FileState, IngestedFile, ProposeRedrive,
};
use epay_money::MessageId;
use epay_store::{BadRow, BadRowFilter, BadRowKey, BadRowState};
use futures_util::TryStreamExt as _;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

pub(crate) use self::paper::{Line, statement};
use crate::house::{House, RVD, biller};

async fn stored(engine: &Engine, body: &str) -> MessageId {
    let digest = Sha256::digest(body.as_bytes()).into();
    let size = i64::try_from(body.len()).unwrap();
    let file = engine.begin_statement_file(digest, size).await.unwrap();
    if file.state != FileState::Arriving {
        return file.id;
    }
    for (place, chunk) in (0..).zip(body.as_bytes().chunks(FILE_CHUNK_BYTES)) {
        engine.store_chunk(file.id, place, chunk).await.unwrap();
    }
    engine.file_stored(&file).await.unwrap().id
}

async fn ingest(engine: &Engine, body: &str) -> IngestedFile {
    let file = stored(engine, body).await;
    engine.ingest_statements(file, |_file| {}).await.unwrap()
}

/// The one statement of a file.
pub(crate) async fn one(house: &House, body: &str) -> Statement {
    let file = ingest(&house.engine, body).await;
    assert_eq!(
        file.file.state,
        FileState::Booked,
        "{:?}",
        file.file.refusal
    );
    let [statement] = <[Statement; 1]>::try_from(file.statements).unwrap();
    statement
}

async fn again(house: &House, statement: &Statement) -> Statement {
    let reader = house.engine.reader();
    reader
        .statement(&statement.biller, statement.id)
        .await
        .unwrap()
}

/// Bank reference, cents and standing of each entry.
async fn entries(house: &House, of: &Statement) -> Vec<(String, i64, Standing)> {
    let client = house.pool().get().await.unwrap();
    let stream = epay_store::statement_entries(&client, &of.biller, of.id)
        .await
        .unwrap();
    let entries: Vec<_> = stream.try_collect().await.unwrap();
    entries
        .into_iter()
        .map(|entry| (entry.bank_reference, entry.amount.minor(), entry.standing))
        .collect()
}

fn counts(lines: &[Line<'_>]) -> Vec<(String, i64, Standing)> {
    lines
        .iter()
        .map(|(reference, minor)| ((*reference).to_owned(), minor.abs(), Standing::Counts))
        .collect()
}

const DAY: [Line<'_>; 3] = [("B1", 372_000), ("B2", -1_000), ("B3", 500)];

#[tokio::test]
async fn statements_that_follow_each_other_have_no_finding() {
    let house = House::open().await;
    let first = one(&house, &statement(RVD, 20, -5, &DAY)).await;
    assert_eq!(
        (first.biller.as_str(), first.state),
        ("rvd", StatementState::Complete)
    );
    assert_eq!((first.entries, first.bad_rows), (3, 0));
    assert_eq!(
        (first.opening_minor, first.closing_minor),
        (Some(-5), Some(371_495))
    );
    assert_eq!(first.findings, []);
    assert_eq!(entries(&house, &first).await, counts(&DAY));
    let nil = one(&house, &statement(RVD, 21, 371_495, &[])).await;
    let third = one(&house, &statement(RVD, 22, 371_495, &[("B4", 1)])).await;
    assert_eq!((nil.findings, third.findings), (vec![], vec![]));
}

#[tokio::test]
async fn a_check_that_fails_is_shown_and_loses_no_entry() {
    let house = House::open().await;
    one(&house, &statement(RVD, 20, 0, &[])).await;
    let good = statement(RVD, 21, 0, &DAY);
    let table: [(&str, &str, &str); 5] = [
        ("<ElctrncSeqNb>21", "<ElctrncSeqNb>22", "sequence_gap"),
        ("<ElctrncSeqNb>21", "<ElctrncSeqNb>20", "sequence_repeated"),
        ("<NbOfNtries>3", "<NbOfNtries>4", "rows_differ"),
        ("<Sum>3725.00", "<Sum>3725.01", "credits_differ"),
        (">3715.00<", ">3715.01<", "closing_differs"),
    ];
    for (from, to, code) in table {
        let house = House::open().await;
        one(&house, &statement(RVD, 20, 0, &[])).await;
        assert!(good.contains(from), "{from}");
        let found = one(&house, &good.replacen(from, to, 1)).await;
        let codes: Vec<&str> = found.findings.iter().map(Finding::code).collect();
        assert_eq!(codes, [code]);
        assert_eq!(entries(&house, &found).await, counts(&DAY), "{code}");
    }
    let stranger = one(&house, &statement("999000009999", 20, 0, &DAY)).await;
    assert_eq!(
        (stranger.biller.as_str(), stranger.findings),
        ("treasury", vec![Finding::AccountUnknown])
    );
}

#[tokio::test]
async fn a_gap_closes_when_the_missing_statement_comes() {
    let house = House::open().await;
    one(&house, &statement(RVD, 20, 0, &[("B1", 100)])).await;
    let ahead = one(&house, &statement(RVD, 22, 300, &[("B3", 1)])).await;
    let gap = Finding::SequenceGap {
        expected: 21,
        found: 22,
    };
    let opening = Finding::OpeningDiffers {
        last_closing_minor: 100,
        opening_minor: 300,
    };
    assert_eq!(ahead.findings, [gap, opening]);
    let late = one(&house, &statement(RVD, 21, 100, &[("B2", 200)])).await;
    assert_eq!(late.findings, []);
    assert_eq!(again(&house, &ahead).await.findings, []);
}

#[tokio::test]
async fn what_is_told_again_counts_once() {
    let house = House::open().await;
    let body = statement(RVD, 20, 0, &DAY);
    let first = one(&house, &body).await;
    // The same file is the same file.
    assert_eq!(one(&house, &body).await, first);
    // The same statement in another file is a repeat, and has its entries with the first.
    let resent = one(&house, &body.replace("<MsgId>M", "<MsgId>N")).await;
    assert_eq!(resent.state, StatementState::Repeated);
    assert_eq!(entries(&house, &resent).await, []);
    // Another statement under its id is set apart, and its entries count for nothing.
    let other = one(&house, &statement(RVD, 20, 0, &[("B9", 9)])).await;
    assert_eq!(other.state, StatementState::SetApart);
    assert_eq!(other.findings, [Finding::IdReused { first: first.id }]);
    assert_eq!(
        entries(&house, &other).await,
        [("B9".to_owned(), 9, Standing::SetApart)]
    );
    // An entry told twice in one statement, or again on a later day's, moves money once.
    let twice = [("C1", 5), ("C1", 5), ("C2", 6)];
    let doubled = one(&house, &statement(RVD, 21, 371_500, &twice)).await;
    let standings: Vec<Standing> = entries(&house, &doubled)
        .await
        .into_iter()
        .map(|row| row.2)
        .collect();
    assert_eq!(
        standings,
        [Standing::Counts, Standing::Repeated, Standing::Counts]
    );
    let counted = "SELECT count(*) FROM recon.statement_entry WHERE standing = 'counts'";
    assert_eq!(house.count(counted).await, 5);
    // Another amount under the same reference is another movement, and the balances of the statement say so.
    let two = [("D1", 3_072_000), ("D1", 36_003)];
    let both = one(&house, &statement(RVD, 22, 371_516, &two)).await;
    assert_eq!(entries(&house, &both).await, counts(&two));
}

#[tokio::test]
async fn a_statement_whose_bytes_are_not_the_announced_ones_is_refused_and_may_come_again() {
    let house = House::open().await;
    let good = statement(RVD, 20, 0, &DAY);
    let wrong = good.replace("<AcctSvcrRef>B1", "<AcctSvcrRef>X1");
    let digest = Sha256::digest(good.as_bytes()).into();
    let size = i64::try_from(good.len()).unwrap();
    let file = house.engine.begin_statement_file(digest, size).await;
    let file = file.unwrap();
    let store = house.engine.store_chunk(file.id, 0, wrong.as_bytes());
    store.await.unwrap();
    house.engine.file_stored(&file).await.unwrap();
    let read = house.engine.ingest_statements(file.id, |_file| {}).await;
    let read = read.unwrap();
    assert_eq!(read.file.state, FileState::Refused);
    assert_eq!(read.file.refusal.unwrap().0, "digest_differs");
    assert_eq!(read.statements, []);
    let statement = one(&house, &good).await;
    assert_eq!(entries(&house, &statement).await, counts(&DAY));
}

#[tokio::test]
async fn early_word_counts_for_nothing_and_the_statement_does() {
    let house = House::open().await;
    let body = statement(RVD, 20, 0, &DAY);
    let interim = body
        .replace("camt.053", "camt.052")
        .replace("BkToCstmrStmt", "BkToCstmrAcctRpt")
        .replace("<Stmt>", "<Rpt>")
        .replace("</Stmt>", "</Rpt>");
    let early = one(&house, &interim).await;
    assert!(
        entries(&house, &early)
            .await
            .iter()
            .all(|row| row.2 == Standing::Early)
    );
    let truth = one(&house, &body).await;
    assert_eq!(entries(&house, &truth).await, counts(&DAY));
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec!["controller".to_owned()],
    }
}

async fn rows(house: &House) -> Vec<BadRow> {
    let reader = house.engine.reader();
    let found = reader.bad_rows(&BadRowFilter::default(), None, 0).await;
    found.unwrap().0
}

fn redrive(row: &BadRow, correction: Option<String>) -> ProposeRedrive {
    ProposeRedrive {
        row: row.key,
        correction,
        reason: "the bank's letter".to_owned(),
        idempotency_key: format!("redrive-{}", row.drives),
        caller: person("ann"),
        biller: row.biller.clone().unwrap_or_else(|| biller("treasury")),
    }
}

/// Proposed by one, agreed to by another, and carried out.
async fn driven(house: &House, command: ProposeRedrive) -> BadRow {
    let key = command.row;
    let proposal = house.engine.propose_redrive(command).await.unwrap();
    let decide = |name: &str| DecideProposal {
        proposal: proposal.id,
        verdict: Verdict {
            approve: true,
            reason: "seen".to_owned(),
        },
        caller: person(name),
    };
    let own = house.engine.decide_proposal(decide("ann")).await;
    assert_eq!(own.unwrap_err().code(), "OWN_PROPOSAL");
    house.engine.decide_proposal(decide("bob")).await.unwrap();
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    house.engine.reader().bad_row(key).await.unwrap()
}

#[tokio::test]
async fn a_bad_row_stands_alone_until_two_people_have_it_read_again() {
    let house = House::open().await;
    let body = statement(RVD, 20, 0, &DAY).replacen(">3720.00</Amt>", ">3720.0O</Amt>", 1);
    let file = ingest(&house.engine, &body).await;
    assert_eq!(
        (file.file.state, file.file.reports, file.file.unreadable),
        (FileState::Booked, 2, 1)
    );
    let holds = &file.statements[0];
    let codes: Vec<&str> = holds.findings.iter().map(Finding::code).collect();
    assert_eq!(
        (holds.bad_rows, codes),
        (1, vec!["credits_differ", "closing_differs"])
    );
    let [row] = <[BadRow; 1]>::try_from(rows(&house).await).unwrap();
    assert_eq!(
        (row.key.entry, row.code.as_str(), row.state),
        (1, "bad_amount", BadRowState::Waiting)
    );
    let raw = String::from_utf8(row.raw.clone().unwrap()).unwrap();
    assert!(
        raw.starts_with("<Ntry>") && raw.contains("3720.0O"),
        "{raw}"
    );

    // As it came it is still unreadable: nothing moves.
    let still = driven(&house, redrive(&row, None)).await;
    assert_eq!((still.state, still.drives), (BadRowState::Waiting, 1));
    assert_eq!(again(&house, holds).await.entries, 2);

    let mended = raw.replace("3720.0O", "3720.00");
    let done = driven(&house, redrive(&still, Some(mended))).await;
    assert_eq!((done.state, done.drives), (BadRowState::Redriven, 2));
    let whole = again(&house, holds).await;
    assert_eq!(
        (whole.entries, whole.bad_rows, whole.findings.clone()),
        (3, 0, vec![])
    );
    assert_eq!(entries(&house, &whole).await, counts(&DAY));
    let late = house.engine.propose_redrive(redrive(&done, None)).await;
    assert_eq!(late.unwrap_err().code(), "ROW_NOT_WAITING");
    // A row keeps its bytes: they are evidence.
    assert_eq!(done.raw, row.raw);
}

#[tokio::test]
async fn a_file_that_is_no_statement_is_set_apart_whole_and_may_be_read_again() {
    let house = House::open().await;
    let refused = ingest(&house.engine, "H,EPG-RECON,1.0").await;
    assert_eq!(
        (refused.file.state, refused.statements.len()),
        (FileState::Refused, 0)
    );
    assert_eq!(refused.file.refusal.unwrap().0, "unknown_format");
    let [row] = <[BadRow; 1]>::try_from(rows(&house).await).unwrap();
    assert_eq!(
        row.key,
        BadRowKey {
            message: refused.file.id,
            entry: 0
        }
    );
    let corrected = redrive(&row, Some("x".to_owned()));
    let refusal = house.engine.propose_redrive(corrected).await.unwrap_err();
    assert_eq!(refusal.code(), "CORRECTION_NOT_POSSIBLE");
    // The decoder is the same: so is the answer.
    let still = driven(&house, redrive(&row, None)).await;
    assert_eq!((still.state, still.drives), (BadRowState::Waiting, 1));
    let unknown = BadRowKey {
        message: refused.file.id,
        entry: 9,
    };
    let missing = house
        .engine
        .propose_redrive(ProposeRedrive {
            row: unknown,
            idempotency_key: "another".to_owned(),
            ..redrive(&row, None)
        })
        .await;
    assert!(matches!(
        missing,
        Err(EngineError::NotFound { what: "the row" })
    ));
}

#[tokio::test]
async fn a_message_of_a_rail_is_read_again_and_what_is_booked_stays_booked_once() {
    let mut house = House::open().await;
    let good = crate::house::credit(RVD, "B1", 100);
    let notice = crate::house::notice(&[good.clone(), crate::house::credit(RVD, "B2", 200)]);
    let body = notice.replacen("<AcctSvcrRef>B2</AcctSvcrRef>", "", 2);
    house.receive("m1", &body).await.unwrap();
    house.settle().await;
    assert_eq!(house.receipts("rvd").await.len(), 1);
    let [row] = <[BadRow; 1]>::try_from(rows(&house).await).unwrap();
    let still = driven(&house, redrive(&row, None)).await;
    assert_eq!(
        (still.state, still.drives, still.code.as_str()),
        (BadRowState::Waiting, 1, "missing_reference")
    );
    assert_eq!(house.receipts("rvd").await.len(), 1);
    let pending = house
        .count("SELECT count(*) FROM epay.rail_message_pending")
        .await;
    assert_eq!(pending, 0);
}

#[tokio::test]
async fn a_file_left_behind_is_taken_up_by_another_engine_and_written_once() {
    let house = House::open().await;
    let references: Vec<String> = (0..8_000).map(|row| format!("B{row}")).collect();
    let lines: Vec<Line<'_>> = references.iter().map(|one| (one.as_str(), 5)).collect();
    let body = statement(RVD, 20, 0, &lines);
    assert!(body.len() > FILE_CHUNK_BYTES);
    let file = stored(&house.engine, &body).await;
    // The process ends after the first chunk.
    let engine = house.another_engine().await;
    let ends = tokio::spawn(async move {
        let mut steps = 0;
        let stops = move |_file: &epay_engine::RailFile| {
            steps += 1;
            assert!(steps < 2, "the process ends");
        };
        engine.ingest_statements(file, stops).await
    });
    assert!(ends.await.unwrap_err().is_panic());
    let left = house.engine.file(file).await.unwrap();
    assert_eq!((left.state, left.booked_chunks), (FileState::Whole, 1));
    house.clock.forward(SignedDuration::from_secs(61));
    assert_eq!(house.engine.resume_files().await.unwrap(), 1);
    let done = one(&house, &body).await;
    assert_eq!(
        (done.state, done.entries, done.findings),
        (StatementState::Complete, 8_000, vec![])
    );
    let written = "SELECT count(*) FROM recon.statement_entry WHERE standing = 'counts'";
    assert_eq!(house.count(written).await, 8_000);
}

#[tokio::test]
async fn an_entry_cannot_be_changed_by_the_service() {
    let house = House::open().await;
    one(&house, &statement(RVD, 20, 0, &DAY)).await;
    let client = house.pool().get().await.unwrap();
    client.batch_execute("SET ROLE epay_service").await.unwrap();
    for forbidden in [
        "UPDATE recon.statement_entry SET amount_minor = 1",
        "DELETE FROM recon.statement_entry",
        "UPDATE recon.statement SET closing_minor = 1",
        "DELETE FROM recon.statement",
    ] {
        let refused = client.batch_execute(forbidden).await.unwrap_err();
        let code = refused.code().map(tokio_postgres::error::SqlState::code);
        assert_eq!(code, Some("42501"), "{forbidden}");
    }
}
