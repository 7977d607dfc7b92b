//! Statements that are set apart, until two people accept them; and rows of rails that are read again alone.

use epay_domain::statement::{Standing, Statement, StatementFinding as Finding, StatementState};
use epay_engine::{DecideProposal, ProposeAcceptance};

use super::{DAY, again, driven, entries, one, person, redrive, rows, statement};
use crate::house::{House, RVD};

/// Two engines of one department, one of the same day as MT940, under references of its own.
fn mt940(closing: &str) -> String {
    format!(
        ":20:STMT\r\n:25:{RVD}\r\n:28C:20\r\n:60F:C261119HKD0,00\r\n:61:2611201120C3720,00NTRFNONREF//M1\r\n\
         :61:2611201120D10,00NTRFNONREF//M2\r\n:61:2611201120C5,00NTRFNONREF//M3\r\n:62F:C261120HKD{closing}\r\n-\r\n"
    )
}

async fn standings(house: &House, of: &Statement) -> Vec<Standing> {
    let rows = entries(house, of).await.into_iter();
    rows.map(|row| row.2).collect()
}

/// Proposed by one, agreed to by another, and carried out.
async fn accepted(house: &House, of: &Statement) -> Statement {
    let proposal = house.engine.propose_acceptance(asks(of)).await.unwrap();
    let decide = |name: &str| DecideProposal {
        proposal: proposal.id,
        verdict: epay_domain::proposal::Verdict {
            approve: true,
            reason: "the bank's letter".to_owned(),
        },
        caller: person(name),
    };
    let own = house.engine.decide_proposal(decide("ann")).await;
    assert_eq!(own.unwrap_err().code(), "OWN_PROPOSAL");
    house.engine.decide_proposal(decide("bob")).await.unwrap();
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    again(house, of).await
}

fn asks(of: &Statement) -> ProposeAcceptance {
    ProposeAcceptance {
        biller: of.biller.clone(),
        statement: of.id,
        reason: "the bank's letter".to_owned(),
        idempotency_key: format!("accept-{}", of.id),
        caller: person("ann"),
    }
}

#[tokio::test]
async fn a_day_that_is_told_again_in_another_form_is_set_apart() {
    let house = House::open().await;
    let first = one(&house, &statement(RVD, 20, 0, &DAY)).await;
    let other_form = one(&house, &mt940("3715,00")).await;
    assert_eq!(other_form.state, StatementState::SetApart);
    assert_eq!(
        other_form.findings,
        [Finding::ToldBefore { first: first.id }]
    );
    assert_eq!(
        standings(&house, &other_form).await,
        [Standing::SetApart; 3]
    );
    // Another balance is another statement: it is shown, with what is wrong with it.
    let unlike = mt940("3714,00").replace(":20:STMT", ":20:STMT2");
    let unlike = one(&house, &unlike).await;
    assert_eq!(unlike.state, StatementState::Complete);
    let codes: Vec<&str> = unlike.findings.iter().map(Finding::code).collect();
    assert!(codes.contains(&"closing_differs"), "{codes:?}");
}

#[tokio::test]
async fn a_quiet_day_in_two_forms_is_one_and_two_quiet_statements_are_two() {
    let house = House::open().await;
    one(&house, &statement(RVD, 20, 0, &[])).await;
    let quiet = |number: u8| {
        format!(
            ":20:S{number}\r\n:25:{RVD}\r\n:28C:{number}\r\n:60F:C261119HKD0,00\r\n:62F:C261120HKD0,00\r\n-\r\n"
        )
    };
    let states = [
        one(&house, &quiet(20)).await.state,
        one(&house, &quiet(21)).await.state,
    ];
    assert_eq!(states, [StatementState::SetApart, StatementState::Complete]);
}

#[tokio::test]
async fn two_people_accept_what_was_set_apart_and_what_was_told_before_counts_once() {
    let house = House::open().await;
    let first = one(&house, &statement(RVD, 20, 0, &DAY)).await;
    let refused = house.engine.propose_acceptance(asks(&first)).await;
    assert_eq!(refused.unwrap_err().code(), "STATEMENT_NOT_SET_APART");
    // The bank writes the day anew under its id: one entry more, and one twice.
    let more = [DAY[0], DAY[1], DAY[2], ("B9", 9), ("B9", 9)];
    let anew = one(&house, &statement(RVD, 20, 0, &more)).await;
    assert_eq!(anew.state, StatementState::SetApart);
    let counts = accepted(&house, &anew).await;
    assert_eq!(counts.state, StatementState::Accepted);
    let repeated = Standing::Repeated;
    assert_eq!(
        standings(&house, &counts).await,
        [repeated, repeated, repeated, Standing::Counts, repeated]
    );
    // It counts for whoever reconciles, and once.
    let found = house.engine.reconcile(&counts.biller).await.unwrap();
    assert_eq!(found.sources, 2);
    let in_bank = crate::reconcile::in_bank(&house).await;
    assert_eq!(in_bank, 371_500 + 9);
    let again = house.engine.propose_acceptance(ProposeAcceptance {
        idempotency_key: "again".to_owned(),
        ..asks(&anew)
    });
    assert_eq!(again.await.unwrap_err().code(), "STATEMENT_NOT_SET_APART");
}

#[tokio::test]
async fn a_row_of_a_message_is_read_again_without_its_neighbours() {
    let mut house = House::open().await;
    // Of four entries one can be read; the decoder is mended for none of them.
    let credits: Vec<_> = (1..=4)
        .map(|number| crate::house::credit(RVD, &format!("B{number}"), 100))
        .collect();
    let mut body = crate::house::notice(&credits);
    for number in [1, 2, 4] {
        body = body.replace(&format!("<AcctSvcrRef>B{number}</AcctSvcrRef>"), "");
    }
    house.receive("m1", &body).await.unwrap();
    house.settle().await;
    assert_eq!(house.receipts("rvd").await.len(), 1);
    let before = rows(&house).await;
    let entries: Vec<i32> = before.iter().map(|row| row.key.entry).collect();
    assert_eq!(entries.len(), 3, "{entries:?}");
    // As if a decoder of an earlier version had not been able to read what this one can.
    let client = house.pool().get().await.unwrap();
    let store = "UPDATE epay.rail_message SET body = $1";
    let mended = crate::house::notice(&credits);
    client.execute(store, &[&mended.as_bytes()]).await.unwrap();
    house.clock.forward(jiff::SignedDuration::from_hours(1));
    let one = before.iter().find(|row| row.key.entry == -2).unwrap();
    let done = driven(&house, redrive(one, None)).await;
    assert_eq!(done.state, epay_store::BadRowState::Redriven);
    let mut booked: Vec<String> = house
        .receipts("rvd")
        .await
        .into_iter()
        .map(|receipt| receipt.rail_reference)
        .collect();
    booked.sort();
    assert_eq!(
        booked,
        ["B2", "B3"],
        "its neighbours wait for people of their own"
    );
    for row in rows(&house).await {
        let was = before.iter().find(|one| one.key == row.key).unwrap();
        if row.key != one.key {
            assert_eq!(row, *was, "a neighbour is as it was");
        }
    }
    // Driven once more after a crash, it books nothing again.
    let replay =
        "UPDATE epay.quarantine SET state = 'waiting', proposal_id = NULL WHERE entry = -2";
    client.execute(replay, &[]).await.unwrap();
    driven(&house, redrive(&done, None)).await;
    assert_eq!(house.receipts("rvd").await.len(), 2);
}
