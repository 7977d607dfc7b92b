//! What was passed on to a department, beside what it says of it and what was paid over.

use epay_domain::Refusal;
use epay_domain::reconciliation::case::{Case, CaseState, Ended, Resolution};
use epay_domain::reconciliation::{Level, Why};
use epay_engine::{AcknowledgeFeed, EngineError, Reconciled};
use epay_feed::Verdict;
use epay_store::reconciliation::SummaryRow;

use super::{agreed, all_breaks, assert_sound, ends, history, reconcile};
use crate::days::{MONDAY, NUMBERS, TUESDAY, closed, feed, hours, paid};
use crate::house::{House, RVD, biller};
use crate::statements::{Line, one, statement};

const WEDNESDAY: &str = "2026-11-25";

/// 3,720.00 of Monday in a file that is sealed on Monday at 21:00.
async fn sealed() -> House {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    house.clock.forward(hours(10));
    closed(&house, MONDAY).await;
    house
}

async fn say(house: &House, sequence: i64, verdict: Verdict) {
    let command = AcknowledgeFeed {
        key: feed(),
        sequence,
        verdict,
        caller: "rvd".to_owned(),
    };
    house.engine.acknowledge_feed(command).await.unwrap();
}

const fn took(rows: u64, net_minor: i64) -> Verdict {
    Verdict::Accepted { rows, net_minor }
}

/// Every break of this level, the oldest first.
async fn third(house: &House) -> Vec<Case> {
    let mut all = all_breaks(house).await;
    all.retain(|case| case.level == Level::Department);
    all
}

/// What is open, sorted.
async fn open(house: &House) -> Vec<String> {
    let all = third(house).await.into_iter();
    let open = all.filter(|case| case.state == CaseState::Open);
    let mut open: Vec<String> = open
        .map(|case| format!("{} {}", case.class.as_str(), case.difference_minor))
        .collect();
    open.sort();
    open
}

/// Looks, and looks again: the second look writes nothing. Answers what is open.
async fn looked(house: &House) -> Vec<String> {
    reconcile(house).await;
    let found = open(house).await;
    assert_eq!(reconcile(house).await, Reconciled::default());
    assert_eq!(open(house).await, found);
    found
}

/// How each break ended, the oldest first.
async fn endings(house: &House) -> Vec<String> {
    let all = third(house).await.into_iter();
    all.map(|case| match case.ended {
        Some(Ended::Fact { what, .. }) => what,
        Some(Ended::People { resolution, .. }) => resolution.as_str().to_owned(),
        None => "open".to_owned(),
    })
    .collect()
}

async fn matches(house: &House) -> i64 {
    let third = "SELECT count(*) FROM recon.match WHERE level = 'L3'";
    house.count(third).await
}

/// `matched 1 372000, expected 0 0, broken 0 0`: the rows of this level, added up.
async fn summary(house: &House) -> String {
    let days = ("2026-11-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let reader = house.engine.reader();
    let rows = reader
        .reconciliation(&biller("rvd"), days)
        .await
        .unwrap()
        .rows;
    let sum = |part: fn(&SummaryRow) -> (i64, i64)| {
        let rows = rows.iter().filter(|row| row.level == Level::Department);
        let (count, minor) = rows
            .map(part)
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        format!("{count} {minor}")
    };
    format!(
        "matched {}, expected {}, broken {}",
        sum(|row| row.matched),
        sum(|row| row.expected),
        sum(|row| row.broken)
    )
}

#[tokio::test]
async fn a_file_that_is_taken_in_time_is_matched_once() {
    let house = sealed().await;
    assert!(looked(&house).await.is_empty());
    assert_eq!(
        summary(&house).await,
        "matched 0 0, expected 1 372000, broken 0 0"
    );
    say(&house, 1, took(1, 372_000)).await;
    let first = reconcile(&house).await;
    assert_eq!((first.matched, first.opened, first.journals), (1, 0, 0));
    house.clock.forward(hours(24 * 7));
    assert!(looked(&house).await.is_empty());
    assert_eq!(matches(&house).await, 1);
    assert_eq!(
        summary(&house).await,
        "matched 1 372000, expected 0 0, broken 0 0"
    );
}

#[tokio::test]
async fn another_count_or_net_and_a_refusal_are_breaks_until_a_better_word() {
    let house = sealed().await;
    say(&house, 1, took(1, 371_900)).await;
    assert_eq!(looked(&house).await, ["AMOUNT_MISMATCH -100"]);
    say(&house, 1, took(2, 372_000)).await;
    assert_eq!(looked(&house).await, ["AMOUNT_MISMATCH 0"]);
    let reason = "bill unknown".to_owned();
    say(&house, 1, Verdict::Refused { line: 1, reason }).await;
    assert_eq!(looked(&house).await, ["MISSING_IN_RAIL -372000"]);
    let refused = third(&house).await.pop().unwrap();
    let thing = refused.expected[0].reference.as_deref();
    assert_eq!(thing, Some("EPG_RVD_RECON_20261123_000001"));
    let word = &refused.observed[0];
    assert_eq!(
        (word.line, word.reference.as_deref()),
        (1, Some("bill unknown"))
    );
    assert_eq!(refused.hints[0].why, Why::DepartmentSays);
    assert_eq!(
        summary(&house).await,
        "matched 0 0, expected 1 372000, broken 1 372000"
    );
    say(&house, 1, took(1, 372_000)).await;
    assert!(looked(&house).await.is_empty());
    let endings = endings(&house).await;
    assert!(
        endings[0].contains("AMOUNT_MISMATCH") && endings[1].contains("MISSING_IN_RAIL"),
        "{endings:?}"
    );
    assert!(endings[2].starts_with("the department took"), "{endings:?}");
    assert_eq!(
        history(&house, &refused).await,
        ["break_opened", "break_ended"]
    );
    // It thinks better of it once more, and then takes the file again: that is one match.
    let reason = "on second thoughts".to_owned();
    say(&house, 1, Verdict::Refused { line: 0, reason }).await;
    assert_eq!(looked(&house).await, ["MISSING_IN_RAIL -372000"]);
    say(&house, 1, took(1, 372_000)).await;
    assert!(looked(&house).await.is_empty());
    assert_eq!(matches(&house).await, 1);
    assert_sound(&house).await;
}

#[tokio::test]
async fn silence_is_late_and_a_late_word_ends_it() {
    let house = sealed().await;
    house.clock.forward(hours(24));
    assert!(looked(&house).await.is_empty(), "Tuesday is in time");
    closed(&house, TUESDAY).await;
    house.clock.forward(hours(24));
    assert_eq!(looked(&house).await, ["LATE_SETTLEMENT -372000"]);
    say(&house, 1, took(1, 372_000)).await;
    assert!(looked(&house).await.is_empty());
    // The file of Tuesday is taken late as well, and nobody looked in between.
    house.clock.forward(hours(24));
    say(&house, 2, took(0, 0)).await;
    assert!(looked(&house).await.is_empty());
    let endings = endings(&house).await;
    assert!(endings[0].starts_with("the department took"), "{endings:?}");
    assert_eq!(endings[1], "it came late, on 2026-11-26");
    assert_eq!(matches(&house).await, 2);
}

#[tokio::test]
async fn nil_days_and_days_below_zero_are_judged_like_any_other() {
    let house = sealed().await;
    say(&house, 1, took(1, 372_000)).await;
    // The department bears a debit of the bank that nobody can explain, so it is owed less.
    one(&house, &statement(RVD, 23, 0, &[("X-1", -70)])).await;
    reconcile(&house).await;
    let debit = all_breaks(&house).await.pop().unwrap();
    agreed(&house, &debit, Resolution::DepartmentClaim, "claim").await;
    house.clock.forward(hours(24));
    let view = closed(&house, TUESDAY).await;
    assert_eq!(view.files[0].totals.net_minor(), -70);
    house.clock.forward(hours(24));
    let view = closed(&house, WEDNESDAY).await;
    assert_eq!(view.files[0].totals.rows, 0);
    say(&house, 2, took(1, -70)).await;
    say(&house, 3, took(0, 0)).await;
    assert!(looked(&house).await.is_empty());
    assert_eq!(
        summary(&house).await,
        "matched 3 371930, expected 0 0, broken 0 0"
    );
    // Neither is taken for the other, whatever its net.
    say(&house, 2, took(1, 70)).await;
    say(&house, 3, took(1, 0)).await;
    assert_eq!(
        looked(&house).await,
        ["AMOUNT_MISMATCH 0", "AMOUNT_MISMATCH 140"]
    );
}

#[tokio::test]
async fn people_may_accept_what_no_word_ends_and_nothing_is_booked() {
    let house = sealed().await;
    house.clock.forward(hours(48));
    reconcile(&house).await;
    let late = third(&house).await.pop().unwrap();
    let command = ends(&late, Resolution::WriteOff, "one");
    let refused = house
        .engine
        .propose_break_resolution(command)
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            EngineError::Refused(Refusal::ResolutionDoesNotFit { .. })
        ),
        "{refused:?}"
    );
    let before = house.book("rvd").await;
    agreed(&house, &late, Resolution::Accept, "two").await;
    assert!(looked(&house).await.is_empty());
    assert_eq!(
        summary(&house).await,
        "matched 0 0, expected 0 0, broken 0 0"
    );
    assert_eq!(house.book("rvd").await, before);
    say(&house, 1, took(1, 371_900)).await;
    assert_eq!(
        looked(&house).await,
        ["AMOUNT_MISMATCH -100"],
        "that is another matter"
    );
}

#[tokio::test]
async fn what_no_file_will_take_is_found_the_next_day() {
    let house = sealed().await;
    say(&house, 1, took(1, 372_000)).await;
    let client = house.pool().get().await.unwrap();
    // By hand, under an id from long before the last look.
    client
        .batch_execute(
            "BEGIN; INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source) \
             SELECT now(), '00000000-0000-7000-8000-000000000001', '2026-11-24', 'suspense_match', id, 'by hand' \
             FROM ledger.book WHERE biller_id = 'rvd'; \
             INSERT INTO ledger.entry (amount, journal_id, account, book, line) \
             SELECT CASE code WHEN '1110' THEN 7 ELSE -7 END, '00000000-0000-7000-8000-000000000001', account.id, book.id, \
             CASE code WHEN '1110' THEN 1 ELSE 2 END FROM ledger.account JOIN ledger.book ON book.id = account.book \
             WHERE biller_id = 'rvd' AND code IN ('1110', '2010.rvd.main'); COMMIT",
        )
        .await
        .unwrap();
    house.clock.forward(hours(24));
    assert_eq!(
        closed(&house, TUESDAY).await.files[0].totals.rows,
        0,
        "no file will have it"
    );
    assert_eq!(looked(&house).await, ["MISSING_IN_RAIL -7"]);
}

#[tokio::test]
async fn files_that_say_something_else_than_the_books_are_a_break_until_they_do_not() {
    let house = sealed().await;
    say(&house, 1, took(1, 372_000)).await;
    assert!(looked(&house).await.is_empty());
    let client = house.pool().get().await.unwrap();
    let moved = |by: i64| format!("UPDATE feed.sequence SET closing_minor = closing_minor + {by}");
    client.batch_execute(&moved(5)).await.unwrap();
    house.clock.forward(hours(24));
    assert_eq!(looked(&house).await, ["AMOUNT_MISMATCH -5"]);
    client.batch_execute(&moved(-5)).await.unwrap();
    assert!(looked(&house).await.is_empty());
    assert_eq!(endings(&house).await, ["both sides agree again"]);
}

/// The bank's statement of a day, with debits that two people say were remittances.
async fn remitted(house: &House, (day, opening): (i8, i64), lines: &[Line<'_>]) {
    one(house, &statement(RVD, day, opening, lines)).await;
    reconcile(house).await;
    let mut debits = all_breaks(house).await;
    debits.retain(|case| {
        case.state == CaseState::Open && case.level == Level::Bank && case.difference_minor < 0
    });
    for debit in debits {
        let lines = vec![("main".to_owned(), debit.difference_minor.abs())];
        let key = debit.id.to_string();
        agreed(
            house,
            &debit,
            Resolution::Remittance {
                lines,
                clawback: vec![],
            },
            &key,
        )
        .await;
    }
}

#[tokio::test]
async fn a_remittance_of_what_a_file_passed_on_is_matched() {
    let house = sealed().await;
    say(&house, 1, took(1, 372_000)).await;
    let lines = [("B1", 372_000), ("R1", -372_000)];
    remitted(&house, (23, 0), &lines).await;
    assert!(looked(&house).await.is_empty());
    house.clock.forward(hours(24));
    assert!(looked(&house).await.is_empty());
    assert_eq!(matches(&house).await, 2, "the file, and the remittance");
    assert_eq!(house.book("rvd").await, "");
    assert_sound(&house).await;
}

#[tokio::test]
async fn a_remittance_that_is_too_high_is_a_break_until_a_file_explains_it() {
    let mut house = sealed().await;
    say(&house, 1, took(1, 372_000)).await;
    let lines = [("B1", 372_000), ("R1", -372_100)];
    remitted(&house, (23, 0), &lines).await;
    assert_eq!(looked(&house).await, ["OVER_SETTLEMENT 100"]);
    paid(&mut house, NUMBERS[1], "B2", 100).await;
    house.clock.forward(hours(24));
    closed(&house, TUESDAY).await;
    say(&house, 2, took(1, 100)).await;
    assert!(looked(&house).await.is_empty());
    assert_eq!(
        endings(&house).await,
        ["what was paid over in all is what files passed on in all"]
    );
}

#[tokio::test]
async fn a_remittance_in_part_is_short_until_the_rest_follows_or_it_is_taken_back() {
    for rest in [true, false] {
        let house = sealed().await;
        say(&house, 1, took(1, 372_000)).await;
        remitted(&house, (23, 0), &[("B1", 372_000), ("R1", -300_000)]).await;
        assert_eq!(looked(&house).await, ["SHORT_SETTLEMENT -72000"]);
        house.clock.forward(hours(24));
        let ended = if rest {
            remitted(&house, (24, 72_000), &[("R2", -72_000)]).await;
            "what was paid over in all is what files passed on in all"
        } else {
            let mut debits = all_breaks(&house).await;
            debits.retain(|case| case.level == Level::Bank && case.ended.is_some());
            let debit = debits.pop().unwrap();
            agreed(&house, &debit, Resolution::Reopen, "again").await;
            "it is not said to be a remittance any more"
        };
        assert!(looked(&house).await.is_empty());
        assert_eq!(endings(&house).await, [ended]);
    }
}
