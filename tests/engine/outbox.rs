//! The outbox as a queue: performed once by whoever takes it, held up by nothing, and deadlines told on time.

use std::collections::BTreeMap;

use epay_domain::CheckDigit;
use epay_domain::payment::PaymentState;
use epay_pg::MigrationSet;
use epay_pg::testing::TestDatabase;
use epay_worker::Performer;
use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, NoTls};
use tokio_util::sync::CancellationToken;

use crate::house::{House, biller};
use crate::webhooks::register;

const WAITING: &str = "SELECT count(*) FROM epay.outbox_batch WHERE performed_at IS NULL";
const EVENTS: &str = "SELECT count(*) FROM webhook.event";

fn performer(house: &House) -> Performer {
    Performer::new(house.database.config(), house.engine.clone(), false).unwrap()
}

async fn execute(house: &House, statement: &str) {
    let client = house.pool().get().await.unwrap();
    client.batch_execute(statement).await.unwrap();
}

/// The number of an account, with its check digit.
fn number(place: usize) -> String {
    let body = format!("{place:014}");
    let digit = CheckDigit::Mod11Radix10.of(&body).unwrap();
    format!("{body}{digit}")
}

/// So many bills, each in a batch of its own.
async fn bills(house: &House, count: usize) {
    for place in 0..count {
        house.bill("rvd-rates", &number(place), 100).await;
    }
}

#[tokio::test]
async fn many_workers_share_the_outbox_and_each_batch_is_performed_once() {
    let house = House::open().await;
    register(&house, "http://127.0.0.1:9/", &[]).await;
    bills(&house, 80).await;
    let rounds = async || {
        let performer = performer(&house);
        let mut taken = 0;
        loop {
            match performer.round().await.unwrap() {
                0 => break taken,
                count => taken += count,
            }
        }
    };
    let (one, two, three) = tokio::join!(rounds(), rounds(), rounds());
    assert_eq!(one + two + three, 80);
    assert_eq!(house.count(WAITING).await, 0);
    assert_eq!(house.count(EVENTS).await, 80);
}

#[tokio::test]
async fn what_dies_before_its_commit_is_performed_again_and_nothing_is_told_twice() {
    let house = House::open().await;
    register(&house, "http://127.0.0.1:9/", &[]).await;
    bills(&house, 3).await;
    let mut client = house.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let taken = epay_store::take_batches_in(&tx, house.engine.now(), 2).await;
    assert_eq!(taken.unwrap().len(), 2);
    let performer = performer(&house);
    assert_eq!(performer.round().await.unwrap(), 1, "the others are taken");
    tx.rollback().await.unwrap();
    assert_eq!(performer.round().await.unwrap(), 2);
    assert_eq!(performer.round().await.unwrap(), 0);
    assert_eq!(house.count(EVENTS).await, 3);
}

#[tokio::test]
async fn a_batch_that_cannot_be_performed_holds_up_no_other_and_is_tried_again_later_each_time() {
    let house = House::open().await;
    register(&house, "http://127.0.0.1:9/", &[]).await;
    bills(&house, 5).await;
    let bad = "SELECT batch_id::text FROM epay.outbox_batch ORDER BY batch_id OFFSET 1 LIMIT 1";
    let client = house.pool().get().await.unwrap();
    let bad: String = client.query_one(bad, &[]).await.unwrap().get(0);
    let hex = bad.replace('-', "");
    execute(
        &house,
        &format!(
            "CREATE FUNCTION webhook.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF replace(NEW.event_id, '-', '') LIKE '%{hex}%' THEN RAISE EXCEPTION 'no room for it'; END IF; RETURN NEW; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON webhook.event FOR EACH ROW EXECUTE FUNCTION webhook.refuse()"
        ),
    )
    .await;
    let performer = performer(&house);
    assert_eq!(performer.round().await.unwrap(), 5, "all were looked at");
    assert_eq!(house.count(WAITING).await, 1);
    assert_eq!(house.count(EVENTS).await, 4);
    // A second, two, four: each pause is twice the one before.
    for (tries, seconds) in [(1, 1), (2, 2), (3, 4)] {
        let row = "SELECT tries, reason FROM epay.outbox_failure";
        let row = client.query_one(row, &[]).await.unwrap();
        assert_eq!(row.get::<_, i32>(0), tries);
        assert!(row.get::<_, String>(1).contains("no room for it"));
        house
            .clock
            .forward(SignedDuration::from_secs(seconds) - SignedDuration::from_millis(1));
        assert_eq!(
            performer.round().await.unwrap(),
            0,
            "not before {seconds} s"
        );
        house.clock.forward(SignedDuration::from_millis(1));
        assert_eq!(performer.round().await.unwrap(), 1);
    }
    execute(&house, "DROP TRIGGER refuse ON webhook.event").await;
    house.clock.forward(SignedDuration::from_mins(11));
    assert_eq!(performer.round().await.unwrap(), 1);
    assert_eq!(house.count(WAITING).await, 0);
    assert_eq!(house.count(EVENTS).await, 5, "nothing is lost");
}

#[tokio::test]
async fn deadlines_are_told_when_they_are_due_once_and_again_where_a_worker_died() {
    let house = House::open().await;
    let mut payments = BTreeMap::new();
    for place in 0..3 {
        let bill = house.bill("rvd-rates", &number(place), 100).await;
        let view = house.payment(&bill, &format!("k{place}")).await;
        payments.insert(view.payment.id, view.payment.state);
        house.clock.forward(SignedDuration::from_mins(1));
    }
    let told = async || house.engine.tell_deadlines().await.unwrap();
    assert_eq!(told().await, 0);
    // The first has its quarter of an hour and its slack.
    house
        .clock
        .forward(SignedDuration::from_mins(12) + SignedDuration::from_millis(99));
    assert_eq!(told().await, 0);
    house.clock.forward(SignedDuration::from_millis(1));
    assert_eq!(told().await, 1);
    assert_eq!(told().await, 0, "once");
    assert_eq!(house.count("SELECT count(*) FROM epay.deadline").await, 2);

    // A worker that took up the others and died: nobody else has them for a while, and then somebody has.
    house.clock.forward(SignedDuration::from_mins(10));
    let now = house.engine.now();
    let client = house.pool().get().await.unwrap();
    let until = now + SignedDuration::from_secs(15);
    let taken = epay_store::take_deadlines(&client, (now, until), 10).await;
    assert_eq!(taken.unwrap().len(), 2);
    assert_eq!(told().await, 0);
    house.clock.forward(SignedDuration::from_secs(15));
    assert_eq!(told().await, 2);
    for id in payments.into_keys() {
        let view = house.engine.reader().payment(&biller("rvd"), id).await;
        assert_eq!(view.unwrap().payment.state, PaymentState::Expired);
    }
    assert_eq!(house.count("SELECT count(*) FROM epay.deadline").await, 0);
}

#[tokio::test]
async fn a_process_without_a_worker_tells_those_with_one_what_it_has_written() {
    let house = House::open().await;
    let (client, mut connection) = house.database.config().connect(NoTls).await.unwrap();
    let (heard, mut notices) = mpsc::unbounded_channel();
    let listening = tokio::spawn(async move {
        while let Some(message) =
            std::future::poll_fn(|context| connection.poll_message(context)).await
        {
            if let AsyncMessage::Notification(notice) = message.unwrap() {
                heard.send(notice.channel().to_owned()).unwrap();
            }
        }
    });
    client.batch_execute("LISTEN epay_outbox").await.unwrap();
    let stop = CancellationToken::new();
    let config = house.database.config().clone();
    let announcing = epay_worker::announce_outbox(config, house.engine.clone(), stop.clone());
    let announcing = tokio::spawn(announcing);
    house.bill("rvd-rates", &number(1), 372_000).await;
    assert_eq!(notices.recv().await.unwrap(), "epay_outbox");
    stop.cancel();
    announcing.await.unwrap();
    drop(client);
    listening.await.unwrap();
}

/// The store as it was while the job queue was another library's.
fn before_its_own_queue() -> refinery::Runner {
    let runner = (epay_store::MIGRATIONS.runner)();
    runner.set_target(refinery::Target::Version(29))
}

#[tokio::test]
async fn timers_of_the_old_queue_go_on_in_the_new_one() {
    let old = MigrationSet {
        runner: before_its_own_queue,
        ..epay_store::MIGRATIONS
    };
    let database = TestDatabase::create(&[epay_ledger_pg::MIGRATIONS, old]).await;
    let client = database.pool().get().await.unwrap();
    // The columns that matter, as that library names them.
    let queue = "CREATE SCHEMA graphile_worker; \
        CREATE TABLE graphile_worker._private_tasks (id integer PRIMARY KEY, identifier text NOT NULL); \
        CREATE TABLE graphile_worker._private_jobs (task_id integer NOT NULL, payload json NOT NULL, run_at timestamptz NOT NULL); \
        INSERT INTO graphile_worker._private_tasks VALUES (1, 'outbox'), (2, 'expire'); \
        INSERT INTO graphile_worker._private_jobs VALUES \
        (1, '{\"batch\": \"00000000-0000-7000-8000-000000000001\"}', '2026-11-23T03:00:00Z'), \
        (2, '{\"batch\": \"00000000-0000-7000-8000-000000000001\"}', '2026-11-23T03:15:00Z'), \
        (2, '{\"batch\": \"00000000-0000-7000-8000-000000000002\"}', '2026-11-23T03:16:00Z')";
    client.batch_execute(queue).await.unwrap();
    let sets = [epay_ledger_pg::MIGRATIONS, epay_store::MIGRATIONS];
    epay_pg::migrate(database.config(), &sets).await.unwrap();
    let kept = "SELECT string_agg(right(batch_id::text, 1) || ' ' || to_char(due_at AT TIME ZONE 'UTC', 'HH24:MI'), ', ' ORDER BY due_at) \
        FROM epay.deadline";
    let kept: String = client.query_one(kept, &[]).await.unwrap().get(0);
    assert_eq!(kept, "1 03:15, 2 03:16");
    let gone = "SELECT to_regnamespace('graphile_worker') IS NULL";
    assert!(client.query_one(gone, &[]).await.unwrap().get::<_, bool>(0));
}
