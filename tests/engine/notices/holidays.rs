//! Holidays that are loaded while everything runs, and the reminders that wait for their day.

use epay_engine::HolidaysError;
use jiff::SignedDuration;

use super::NUMBER;
use super::post::Post;
use crate::house::House;

/// A table of one year: these days and no others.
fn table(days: &[&str]) -> String {
    let events: Vec<String> = days
        .iter()
        .map(|day| format!(r#"{{"dtstart":["{day}",{{"value":"DATE"}}]}}"#))
        .collect();
    format!(r#"{{"vcalendar":[{{"vevent":[{}]}}]}}"#, events.join(","))
}

impl House {
    async fn load(&self, content: &str) {
        let loaded = self.engine.load_holidays(content, "ops/chan", true);
        loaded.await.unwrap();
    }
}

#[tokio::test]
async fn reminders_move_with_the_holidays_and_what_was_sent_stays() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.tell(&house).await;
    let before = [
        "bill_ready/issued sending",
        "due_soon/2026-12-31/1 12-30 09:00",
        "due_soon/2026-12-31/7 12-24 09:00",
        "overdue/2026-12-31/-1 01-04 09:00",
    ];
    assert_eq!(house.moments().await, before);

    // Two more holidays are gazetted. The 24th is a Thursday: the day before it is the last business day.
    house
        .load(&table(&["20261224", "20261225", "20261226", "20261230"]))
        .await;
    assert_eq!(house.moments().await, before, "until somebody plans anew");
    post.plan_noted(&house).await;
    let after = [
        "bill_ready/issued sending",
        "due_soon/2026-12-31/1 12-29 09:00",
        "due_soon/2026-12-31/7 12-23 09:00",
        "overdue/2026-12-31/-1 01-04 09:00",
    ];
    assert_eq!(house.moments().await, after);
    assert_eq!(post.gateway.taken().len(), 1, "nothing is told again");

    // One of them has been sent when the next table comes.
    house.clock.forward(SignedDuration::from_hours(30 * 24));
    post.send(&house).await;
    house.load(&table(&["20261225", "20261226"])).await;
    house.load(&table(&["20270101", "20270104"])).await;
    post.plan_noted(&house).await;
    let last = [
        "bill_ready/issued sending",
        "due_soon/2026-12-31/1 12-30 09:00",
        "due_soon/2026-12-31/7 sending",
        "overdue/2026-12-31/-1 01-05 09:00",
    ];
    assert_eq!(house.moments().await, last);
    post.send(&house).await;
    assert_eq!(post.gateway.taken().len(), 2);
    let left = "SELECT count(*) FROM epay.notice_news";
    assert_eq!(house.count(left).await, 0);
}

#[tokio::test]
async fn bills_of_a_year_that_nobody_knew_have_reminders_once_it_is_known() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    // More bills than one look of the planner takes, all of years that are not known.
    let header = "document,revision,action,bill_type,number,amount,due_date,description,lines\n";
    let rows =
        (0..600).map(|n| format!("D-{n},,,rvd-rates,{NUMBER},3720.00,2029-01-31,quarter,\n"));
    let file: String = std::iter::once(header.to_owned()).chain(rows).collect();
    let mut import = house
        .engine
        .import_bills(crate::house::biller("rvd"), epay_bill_file::Format::Csv);
    import.feed(file.as_bytes()).await.unwrap();
    let (done, _end) = import.end().await.unwrap();
    assert_eq!((done.issued, done.refused), (600, 0), "{done:?}");
    post.plan(&house).await;
    let reminders = "SELECT count(*) FROM epay.notice WHERE name <> 'bill_ready/issued'";
    assert_eq!(house.count(reminders).await, 0, "no day is guessed");
    assert_eq!(house.count("SELECT count(*) FROM epay.notice").await, 600);

    house.load(&table(&["20290101"])).await;
    post.plan_noted(&house).await;
    assert_eq!(house.count(reminders).await, 3 * 600);
    let left = "SELECT count(*) FROM epay.notice_news";
    assert_eq!(house.count(left).await, 0);
}

#[tokio::test]
async fn every_process_follows_and_a_table_that_is_none_changes_nothing() {
    let house = House::open().await;
    let other = house.another_engine().await;
    let day = "2026-12-24".parse().unwrap();
    assert_eq!(other.calendar().is_business_day(day), Ok(true));
    for wrong in ["", "{}", r#"{"vcalendar":[{"vevent":[]}]}"#] {
        let refused = house.engine.load_holidays(wrong, "ops/chan", true).await;
        assert!(matches!(refused, Err(HolidaysError::Table(_))), "{wrong:?}");
    }
    let nothing = "SELECT (SELECT count(*) FROM epay.holiday_table) + (SELECT count(*) FROM epay.notice_news)";
    assert_eq!(house.count(nothing).await, 0);

    house.load(&table(&["20261224"])).await;
    let known = house.engine.calendar();
    assert_eq!(known.is_business_day(day), Ok(false));
    assert!(other.reload_holidays().await.unwrap());
    assert!(
        !other.reload_holidays().await.unwrap(),
        "there is nothing new"
    );
    assert_eq!(other.calendar(), known);
    // Who starts later knows it too, and years that no table has are what they were.
    let third = house.another_engine().await;
    assert_eq!(third.calendar(), known);
    let new_year = "2027-01-01".parse().unwrap();
    assert_eq!(known.is_business_day(new_year), Ok(false));
    let tables = house.engine.reader().holiday_tables().await.unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].person, "ops/chan");
    other.drain().await;
    third.drain().await;
}
