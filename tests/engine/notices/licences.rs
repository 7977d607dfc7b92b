//! Vehicle licences: from a file of bills to what their holders are told, and when.

use epay_bill_file::Format;
use epay_domain::{BillType, PayWindow};
use epay_engine::BillView;
use epay_money::BillTypeCode;
use jiff::SignedDuration;

use super::post::Post;
use super::subscribed_to;
use crate::house::{House, TD, biller, credit, notice};

const KIND: &str = "td-licence";
const NUMBER: &str = "456789012340";

/// A house whose kind renews licences from four months before their last day.
async fn open() -> (House, Post) {
    let house = House::open().await;
    let change = |kind: &mut BillType| {
        kind.terms.vehicle_licence = true;
        kind.terms.window = Some(PayWindow {
            months_before: 4,
            months_after: 24,
        });
    };
    house.change_kind(KIND, change).await;
    let post = Post::open(&house).await;
    (house, post)
}

/// A row of a file: the demand of a licence that ends on a day, at its so-many-eth revision.
async fn demanded(house: &House, revision: &str, expiry: &str) {
    let file = format!(
        "document,revision,bill_type,number,amount,due_date,licence_mark,licence_expiry\n\
         TD-1,{revision},{KIND},{NUMBER},5074.00,{expiry},AB 1234,{expiry}\n"
    );
    let mut import = house.engine.import_bills(biller("td"), Format::Csv);
    import.feed(file.as_bytes()).await.unwrap();
    let (done, _end) = import.end().await.unwrap();
    assert_eq!((done.rows, done.refused), (1, 0), "{done:?}");
}

async fn bill(house: &House) -> BillView {
    let kind = BillTypeCode::new(KIND).unwrap();
    house
        .engine
        .reader()
        .find_bill(&kind, NUMBER)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_licence_is_told_of_when_its_window_opens_and_no_more_once_it_is_renewed() {
    let (mut house, post) = open().await;
    let account = (KIND, NUMBER);
    post.person_of(&house, 1, (account, Post::wants())).await;
    demanded(&house, "", "2027-05-31").await;
    post.plan(&house).await;
    assert_eq!(
        house.moments().await,
        [
            "licence_expiring/2027-05-31/-1 06-01 09:00",
            // The first of May is a holiday.
            "licence_expiring/2027-05-31/30 04-30 09:00",
            "licence_expiring/2027-05-31/7 05-24 09:00",
            // The last day of January is a Sunday.
            "licence_renewal_open/2027-01-31/0 02-01 09:00",
        ]
    );
    post.send(&house).await;
    assert!(post.gateway.taken().is_empty());
    // To eleven in the morning of the first of February.
    house.clock.forward(SignedDuration::from_hours(70 * 24));
    post.send(&house).await;
    let taken = post.gateway.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        taken[0].text,
        "The licence of vehicle ***234 expires on 31 May 2027. You can renew it from 31 January 2027."
    );

    let view = house.payment(&bill(&house).await, "k1").await;
    let body = notice(&[credit(TD, "B1", 507_400).for_payment(&view)]);
    house.receive("n1", &body).await.unwrap();
    house.settle().await;
    house.clock.forward(SignedDuration::from_hours(130 * 24));
    post.send(&house).await;
    assert_eq!(
        house.notices().await,
        [
            "licence_expiring/2027-05-31/-1 suppressed paid",
            "licence_expiring/2027-05-31/30 expired",
            "licence_expiring/2027-05-31/7 expired",
            "licence_renewal_open/2027-01-31/0 sending",
        ]
    );
    let whole = "SELECT (SELECT count(*) FROM epay.bill AS b WHERE b::text LIKE '%AB%1234%') + \
                 (SELECT count(*) FROM epay.event AS e WHERE e::text LIKE '%AB%1234%') + \
                 (SELECT count(*) FROM epay.notice AS n WHERE n::text LIKE '%AB%1234%')";
    assert_eq!(house.count(whole).await, 0, "nobody keeps a whole mark");
}

#[tokio::test]
async fn who_subscribes_late_hears_the_last_word_at_once_and_a_licence_that_is_moved_has_new_ones()
{
    let (house, post) = open().await;
    demanded(&house, "", "2026-12-10").await;
    post.plan(&house).await;
    house.clock.forward(SignedDuration::from_hours(1));
    let account = (KIND, NUMBER);
    let person = post.person_of(&house, 1, (account, Post::wants())).await;
    subscribed_to(&house, person, account).await;
    post.plan_noted(&house).await;
    post.send(&house).await;
    let taken = post.gateway.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(
        taken[0].text,
        "The licence of vehicle ***234 has 10 December 2026 as its last day. Renew it if you have not done so."
    );

    demanded(&house, "1", "2027-04-10").await;
    post.plan(&house).await;
    house.clock.forward(SignedDuration::from_hours(19 * 24));
    post.send(&house).await;
    assert_eq!(
        house.notices().await,
        [
            "licence_expiring/2026-12-10/-1 suppressed not_true",
            "licence_expiring/2026-12-10/30 sending",
            "licence_expiring/2026-12-10/7 expired",
            "licence_expiring/2027-04-10/-1 created",
            "licence_expiring/2027-04-10/30 created",
            "licence_expiring/2027-04-10/7 created",
            "licence_renewal_open/2026-12-10/0 sending",
        ]
    );
}

#[tokio::test]
async fn a_licence_on_a_bill_whose_kind_renews_none_is_a_fault_of_its_row() {
    let house = House::open().await;
    let file = format!(
        "document,bill_type,number,amount,due_date,licence_mark,licence_expiry\n\
         TD-1,{KIND},{NUMBER},5074.00,2026-12-10,AB 1234,2026-12-10\n"
    );
    let mut import = house.engine.import_bills(biller("td"), Format::Csv);
    import.feed(file.as_bytes()).await.unwrap();
    let (done, _end) = import.end().await.unwrap();
    let faults: Vec<_> = done
        .faults
        .iter()
        .map(|fault| (fault.field, fault.code))
        .collect();
    assert_eq!(faults, [("licence_mark", "LICENCE_NOT_RENEWED")]);
}
