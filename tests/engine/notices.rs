//! Notices to people, from the commit that caused them to a telephone behind a real socket.

mod canary;
mod channels;
mod forgotten;
mod gateway;
mod holidays;
mod licences;
mod mailbox;
mod money;
mod post;
mod told_once;

use epay_bill_file::Format;
use epay_domain::notification::{Preferences, QuietHours};
use epay_domain::{AccountDigits, BillType};
use epay_engine::WithdrawBill;
use epay_money::BillTypeCode;
use jiff::SignedDuration;
use jiff::civil::time;
use uuid::Uuid;

use crate::house::{House, RVD, biller, credit, notice};
use crate::notices::post::{Post, telephone};

const NUMBER: &str = "000123456789011";
/// From eleven in the morning of the 23rd of November to the morning before the last day for payment, the 31st of December.
const TO_THE_LAST_REMINDER: SignedDuration = SignedDuration::from_hours(37 * 24);

#[tokio::test]
async fn who_subscribes_is_told_of_a_bill_by_its_last_digits_and_nobody_else_is() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    post.person(&house, 2, ("000222222222224", Post::wants()))
        .await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.tell(&house).await;

    let taken = post.gateway.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].to, telephone(1));
    let expected = "account ending 9011) is ready. $3,720.00 is due by 31 December 2026.";
    assert!(taken[0].text.ends_with(expected), "{}", taken[0].text);
    assert!(!taken[0].text.contains(NUMBER));
    assert_eq!(
        house.notices().await,
        [
            "bill_ready/issued sending",
            "due_soon/2026-12-31/1 created",
            "due_soon/2026-12-31/7 created",
            "overdue/2026-12-31/-1 created",
        ]
    );
    let reads = "SELECT count(*) FROM contact.read WHERE purpose = 'send_notice'";
    assert_eq!(house.count(reads).await, 1, "every opening is written down");
    let texts = "SELECT count(*) FROM epay.notice WHERE notice::text LIKE '%85261230001%' OR notice::text LIKE '%000123456789011%'";
    assert_eq!(
        house.count(texts).await,
        0,
        "no address and no whole number"
    );
}

#[tokio::test]
async fn a_bill_that_is_paid_before_a_reminder_goes_out_is_not_reminded_of() {
    let mut house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    post.tell(&house).await;
    let view = house.payment(&bill, "k1").await;
    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("n1", &body).await.unwrap();
    house.settle().await;
    house.clock.forward(SignedDuration::from_hours(1));
    post.tell(&house).await;
    house.clock.forward(TO_THE_LAST_REMINDER);
    post.send(&house).await;

    let texts: Vec<String> = post
        .gateway
        .taken()
        .into_iter()
        .map(|one| one.text)
        .collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    let received = format!("Reference {}.", view.payment.reference);
    assert!(
        texts[1].starts_with("We received $3,720.00"),
        "{}",
        texts[1]
    );
    assert!(texts[1].ends_with(&received), "{}", texts[1]);
    assert_eq!(
        house.notices().await,
        [
            "bill_ready/issued sending",
            "due_soon/2026-12-31/1 suppressed paid",
            "due_soon/2026-12-31/7 suppressed paid",
            "overdue/2026-12-31/-1 created",
            "payment_received sending",
        ]
    );
}

#[tokio::test]
async fn money_that_comes_without_a_payment_is_told_of_by_the_reference_of_its_bank() {
    let mut house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let body = notice(&[credit(RVD, "BANK-77", 372_000).for_number(NUMBER)]);
    house.receive("n1", &body).await.unwrap();
    house.settle().await;
    post.tell(&house).await;
    let taken = post.gateway.taken();
    let text = taken.iter().find(|one| one.text.starts_with("We received"));
    assert!(
        text.unwrap().text.ends_with("Reference BANK-77."),
        "{taken:?}"
    );
}

#[tokio::test]
async fn wishes_are_looked_at_when_it_is_sent() {
    let quiet = Some(QuietHours {
        from: time(9, 0, 0, 0),
        until: time(14, 0, 0, 0),
    });
    let table: [(Preferences, &str); 3] = [
        (
            Preferences {
                quiet,
                ..Post::wants()
            },
            "bill_ready/issued created",
        ),
        (
            Preferences {
                reminders: false,
                ..Post::wants()
            },
            "bill_ready/issued suppressed opted_out",
        ),
        (
            Preferences {
                channels: vec![],
                ..Post::wants()
            },
            "bill_ready/issued suppressed no_channel",
        ),
    ];
    for (preferences, expected) in table {
        let house = House::open().await;
        let post = Post::open(&house).await;
        post.person(&house, 1, (NUMBER, preferences.clone())).await;
        house.bill("rvd-rates", NUMBER, 372_000).await;
        post.tell(&house).await;
        assert_eq!(house.notices().await[0], expected, "{preferences:?}");
        assert!(post.gateway.taken().is_empty());
        house.clock.forward(SignedDuration::from_hours(3));
        post.send(&house).await;
        let told = usize::from(preferences.quiet.is_some());
        assert_eq!(post.gateway.taken().len(), told, "after the quiet hours");
    }
}

#[tokio::test]
async fn what_came_before_a_person_subscribed_is_not_told_and_what_comes_is() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    // Of another account, and of another kind.
    house.bill("rvd-rates", "000222222222226", 372_000).await;
    house.bill("td-licence", "456789012340", 507_400).await;
    post.plan(&house).await;
    house.clock.forward(SignedDuration::from_hours(1));
    let person = post.person(&house, 1, (NUMBER, Post::wants())).await;
    // Asked for twice, as after an answer that was lost.
    for _ in 0..2 {
        subscribed(&house, person, NUMBER).await;
        post.plan_noted(&house).await;
        post.send(&house).await;
    }
    assert_eq!(
        house.notices().await,
        [
            "due_soon/2026-12-31/1 created",
            "due_soon/2026-12-31/7 created",
            "overdue/2026-12-31/-1 created",
        ]
    );
    let left = "SELECT count(*) FROM epay.notice_news";
    assert_eq!(house.count(left).await, 0);
}

/// What the door says when somebody has subscribed.
async fn subscribed(house: &House, person: Uuid, number: &str) {
    subscribed_to(house, person, ("rvd-rates", number)).await;
}

async fn subscribed_to(house: &House, person: Uuid, (kind, number): (&str, &str)) {
    let catalogue = house.engine.reader().catalogue();
    let kind = catalogue.kind(&BillTypeCode::new(kind).unwrap());
    let (account, now) = ((kind.unwrap().as_ref(), number), house.engine.now());
    let planned = house.engine.plan_notices(person, account, now).await;
    planned.unwrap();
}

#[tokio::test]
async fn a_new_subscriber_hears_of_every_bill_of_the_account_that_is_to_be_paid() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    let change = |kind: &mut BillType| {
        let (skipped, count) = (3, 7);
        kind.terms.account = Some(AccountDigits { skipped, count });
    };
    house.change_kind("rvd-rates", change).await;
    // The first three are of one account, and the last of them is taken back.
    let numbers = [
        NUMBER,
        "000123456700007",
        "000123456781236",
        "000222222222226",
    ];
    let mut bills = vec![];
    for number in numbers {
        bills.push(house.bill("rvd-rates", number, 372_000).await.bill);
    }
    let withdrawn = WithdrawBill {
        biller: biller("rvd"),
        bill: bills[2].id,
        reason: "issued in error".to_owned(),
        idempotency_key: "w1".to_owned(),
        caller: "test".to_owned(),
    };
    house.engine.withdraw_bill(withdrawn).await.unwrap();
    post.plan(&house).await;
    house.clock.forward(SignedDuration::from_hours(1));
    let person = post.person(&house, 1, (NUMBER, Post::wants())).await;
    subscribed(&house, person, NUMBER).await;
    post.plan_noted(&house).await;
    for (place, expected) in [(0, 3), (1, 3), (2, 0), (3, 0)] {
        let query = format!(
            "SELECT count(*) FROM epay.notice WHERE bill_id = '{}'",
            bills[place].id
        );
        assert_eq!(house.count(&query).await, expected, "bill {place}");
    }
}

/// Takes in a file of bills of one row.
async fn import(house: &House, row: &str) {
    let header = "document,revision,action,bill_type,number,amount,due_date,description,lines\n";
    let mut import = house.engine.import_bills(biller("rvd"), Format::Csv);
    import
        .feed(format!("{header}{row}").as_bytes())
        .await
        .unwrap();
    let (done, _end) = import.end().await.unwrap();
    assert_eq!((done.rows, done.refused), (1, 0), "{done:?}");
}

#[tokio::test]
async fn a_date_that_is_moved_has_reminders_of_its_own_and_the_old_ones_are_not_sent() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    import(
        &house,
        &format!("A,,,rvd-rates,{NUMBER},3720.00,2026-12-31,quarter,\n"),
    )
    .await;
    post.tell(&house).await;
    import(
        &house,
        &format!("A,1,,rvd-rates,{NUMBER},3720.00,2027-01-29,quarter,\n"),
    )
    .await;
    post.plan(&house).await;
    house.clock.forward(TO_THE_LAST_REMINDER);
    post.send(&house).await;
    assert_eq!(
        house.notices().await,
        [
            "bill_ready/issued sending",
            "due_soon/2026-12-31/1 suppressed not_true",
            "due_soon/2026-12-31/7 suppressed not_true",
            "due_soon/2027-01-29/1 created",
            "due_soon/2027-01-29/7 created",
            "overdue/2026-12-31/-1 created",
            "overdue/2027-01-29/-1 created",
        ]
    );
    assert_eq!(post.gateway.taken().len(), 1);
}

#[tokio::test]
async fn in_severe_weather_a_new_bill_waits_for_the_next_morning() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let today = "2026-11-23".parse().unwrap();
    for (severe, told) in [(true, 0), (false, 0)] {
        let word = house
            .engine
            .set_severe_weather((today, severe), "ops/chan".to_owned());
        assert_eq!(word.await.unwrap().severe, severe);
        post.tell(&house).await;
        assert_eq!(
            post.gateway.taken().len(),
            told,
            "it was said to wait for the morning"
        );
    }
    house.clock.forward(SignedDuration::from_hours(22));
    post.send(&house).await;
    assert_eq!(post.gateway.taken().len(), 1);
    let words = house.engine.reader().weather(today).await.unwrap();
    assert_eq!(words.len(), 2, "who said what is kept");
}

#[tokio::test]
async fn what_became_old_is_never_sent() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.plan(&house).await;
    // Nobody sent anything until long after the last day.
    house.clock.forward(SignedDuration::from_hours(90 * 24));
    post.send(&house).await;
    for line in house.notices().await {
        assert!(line.ends_with(" expired"), "{line}");
    }
    assert!(post.gateway.taken().is_empty());
}

#[tokio::test]
async fn what_ended_long_ago_is_removed_with_its_facts_and_what_waits_stays() {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.tell(&house).await;
    let year = SignedDuration::from_hours(365 * 24);
    assert_eq!(house.engine.remove_old_notices(year).await.unwrap(), 0);
    // A year after the last day on which it could have been told.
    house.clock.forward(SignedDuration::from_hours(500 * 24));
    assert_eq!(house.engine.remove_old_notices(year).await.unwrap(), 1);
    let left = [
        ("SELECT count(*) FROM epay.notice", 3),
        ("SELECT count(*) FROM epay.notice_event", 0),
    ];
    for (query, expected) in left {
        assert_eq!(house.count(query).await, expected, "{query}");
    }
}
