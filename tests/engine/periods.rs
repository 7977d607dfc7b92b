//! Closed periods: two people close and reopen them, nothing is posted into them, and no fact is refused for it.

use epay_domain::proposal::{Person, Proposal, Verdict};
use epay_engine::{DecideProposal, ProposePeriod};
use epay_ledger::Period;
use jiff::SignedDuration;

use crate::house::{House, RVD, biller, credit, notice};

const NUMBER: &str = "000123456789011";

fn person(name: &str, role: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec![role.to_owned()],
    }
}

fn command(period: &str, close: bool, key: &str) -> ProposePeriod {
    ProposePeriod {
        biller: biller("rvd"),
        period: period.parse().unwrap(),
        close,
        reason: "the books agree".to_owned(),
        idempotency_key: key.to_owned(),
        caller: person("ann", "clerk"),
    }
}

async fn refusal(house: &House, command: ProposePeriod) -> &'static str {
    let refused = house.engine.propose_period(command).await;
    refused.unwrap_err().code()
}

/// Proposed by a clerk, agreed to by a controller, and carried out.
async fn changed(house: &House, command: ProposePeriod) -> Proposal {
    let proposal = house.engine.propose_period(command).await.unwrap();
    let decide = |name: &str, role: &str| DecideProposal {
        proposal: proposal.id,
        verdict: Verdict {
            approve: true,
            reason: "seen".to_owned(),
        },
        caller: person(name, role),
    };
    let own = house
        .engine
        .decide_proposal(decide("ann", "controller"))
        .await;
    assert_eq!(own.unwrap_err().code(), "OWN_PROPOSAL");
    let supervisor = house
        .engine
        .decide_proposal(decide("bob", "supervisor"))
        .await;
    assert_eq!(supervisor.unwrap_err().code(), "MAY_NOT_DECIDE");
    let decided = house
        .engine
        .decide_proposal(decide("eve", "controller"))
        .await;
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    decided.unwrap()
}

/// Day and source of each journal of receipts, in the order of their posting.
async fn receipts(house: &House) -> Vec<(String, String)> {
    let client = house.pool().get().await.unwrap();
    let select =
        "SELECT business_date::text, source FROM ledger.journal WHERE kind = 'receipt' ORDER BY id";
    let rows = client.query(select, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn a_closed_month_takes_nothing_and_its_late_facts_are_posted_after_it() {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 1_000).await;
    assert_eq!(
        refusal(&house, command("2026-11", true, "early")).await,
        "PERIOD_NOT_OVER"
    );
    assert_eq!(
        refusal(&house, command("2026-10", false, "open")).await,
        "PERIOD_NOT_CLOSED"
    );
    let of = |reference: &str, minor| notice(&[credit(RVD, reference, minor).for_number(NUMBER)]);
    house.receive("m1", &of("B1", 100)).await.unwrap();
    house.settle().await;
    // November is over: the clock stands in December, in the middle of the month.
    house.clock.forward(SignedDuration::from_hours(24 * 20));
    // Another node, which knows of nothing yet.
    let other = house.another_engine().await;
    changed(&house, command("2026-11", true, "close")).await;
    assert_eq!(
        refusal(&house, command("2026-11", true, "again")).await,
        "PERIOD_CLOSED"
    );
    let periods = house
        .engine
        .reader()
        .periods(Some(&biller("rvd")))
        .await
        .unwrap();
    let [known] = periods.as_slice() else {
        panic!("{periods:?}");
    };
    assert_eq!(
        (known.period, known.closed),
        ("2026-11".parse::<Period>().unwrap(), true)
    );

    // The bank tells late of money of 23 November: by this node, and by the other one.
    house.receive("m2", &of("B2", 200)).await.unwrap();
    house.settle().await;
    crate::house::receive(&other, "m3", &of("B3", 300))
        .await
        .unwrap();
    other.drain().await;
    let posted = receipts(&house).await;
    let days: Vec<&str> = posted.iter().map(|(day, _source)| day.as_str()).collect();
    assert_eq!(days, ["2026-11-23", "2026-12-01", "2026-12-01"]);
    let named: Vec<bool> = posted
        .iter()
        .map(|(_day, source)| source.ends_with("@2026-11-23"))
        .collect();
    assert_eq!(named, [false, true, true]);
    // The receipt itself stays of its day.
    let days = "SELECT count(*) FROM epay.receipt WHERE receipt_business_date = '2026-11-23'";
    assert_eq!(house.count(days).await, 3);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 6.00, 2010.rvd.main Cr 6.00"
    );

    changed(&house, command("2026-11", false, "reopen")).await;
    house.receive("m4", &of("B4", 400)).await.unwrap();
    house.settle().await;
    let (day, source) = receipts(&house).await.pop().unwrap();
    assert_eq!((day.as_str(), source.contains('@')), ("2026-11-23", false));

    // A node that saw the period closed, and did not carry out its reopening, asks before it moves a fact.
    changed(&house, command("2026-11", true, "close again")).await;
    let third = house.another_engine().await;
    changed(&house, command("2026-11", false, "reopen again")).await;
    crate::house::receive(&third, "m5", &of("B5", 500))
        .await
        .unwrap();
    third.drain().await;
    let (day, source) = receipts(&house).await.pop().unwrap();
    assert_eq!((day.as_str(), source.contains('@')), ("2026-11-23", false));
}

#[tokio::test]
async fn of_two_agreements_the_one_that_was_decided_last_stands_whichever_was_made_first() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 1_000).await;
    house.clock.forward(SignedDuration::from_hours(24 * 20));
    changed(&house, command("2026-11", true, "close")).await;
    let decide = async |house: &House, proposal: &Proposal| {
        let decision = DecideProposal {
            proposal: proposal.id,
            verdict: Verdict {
                approve: true,
                reason: "seen".to_owned(),
            },
            caller: person("eve", "controller"),
        };
        house.engine.decide_proposal(decision).await.unwrap();
    };
    let propose = async |house: &House, key: &str| {
        let reopen = command("2026-11", false, key);
        house.engine.propose_period(reopen).await.unwrap()
    };
    let (first, second) = (propose(&house, "one").await, propose(&house, "two").await);
    decide(&house, &second).await;
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    house.clock.forward(SignedDuration::from_secs(1));
    let close = command("2026-11", true, "three");
    let close = house.engine.propose_period(close).await.unwrap();
    decide(&house, &close).await;
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    // The first one made is the last one decided.
    house.clock.forward(SignedDuration::from_secs(1));
    decide(&house, &first).await;
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    let periods = house.engine.reader().periods(Some(&biller("rvd"))).await;
    let closed: Vec<bool> = periods.unwrap().iter().map(|one| one.closed).collect();
    assert_eq!(closed, [false]);
}

#[tokio::test]
async fn the_database_refuses_a_journal_in_a_closed_period_whoever_writes_it() {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 1_000).await;
    house
        .receive("m1", &notice(&[credit(RVD, "B1", 100)]))
        .await
        .unwrap();
    house.settle().await;
    house.clock.forward(SignedDuration::from_hours(24 * 20));
    changed(&house, command("2026-11", true, "close")).await;
    let client = house.pool().get().await.unwrap();
    let insert = |day: &str| {
        format!(
            "INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source) \
             SELECT posted_at, gen_random_uuid(), '{day}', kind, book, source FROM ledger.journal WHERE kind = 'receipt'"
        )
    };
    let constraint = async |sql: String| {
        let refused = client.batch_execute(&sql).await.unwrap_err();
        let constraint = refused.as_db_error().and_then(|error| error.constraint());
        constraint.map(str::to_owned)
    };
    let closed = Some("journal_in_open_period".to_owned());
    for day in ["2026-11-01", "2026-11-30"] {
        assert_eq!(constraint(insert(day)).await, closed, "{day}");
    }
    // The same journals on the days around it get as far as the next check, that they have entries.
    let open = Some("journal_balances".to_owned());
    for day in ["2026-10-31", "2026-12-01"] {
        assert_eq!(constraint(insert(day)).await, open, "{day}");
    }
}

#[tokio::test]
async fn a_fiscal_year_is_closed_as_a_whole() {
    let house = House::open().await;
    let this_year = command("fy2026-27", true, "early");
    assert_eq!(refusal(&house, this_year).await, "PERIOD_NOT_OVER");
    changed(&house, command("fy2025-26", true, "close")).await;
    let periods = house.engine.reader().periods(None).await.unwrap();
    assert_eq!(periods.len(), 1);
    assert_eq!(periods[0].period.last_day().to_string(), "2026-03-31");
}
