//! Bills by the file: each row once, whatever else the file holds and however often it comes.

use epay_bill_file::Format;
use epay_domain::bill::BillState;
use epay_engine::{ImportEnd, Imported};

use crate::house::{House, RVD, biller, credit, notice};

const HEADER: &str =
    "document,revision,action,bill_type,number,amount,due_date,description,lines\n";

/// The number of the n-th account, with its check digit.
fn number(n: u64) -> String {
    let body = format!("{n:014}");
    let digit = epay_domain::CheckDigit::Mod11Radix10.of(&body).unwrap();
    format!("{body}{digit}")
}

async fn import(house: &House, rows: &str, piece: usize) -> (Imported, ImportEnd) {
    let file = format!("{HEADER}{rows}");
    let mut import = house.engine.import_bills(biller("rvd"), Format::Csv);
    for piece in file.as_bytes().chunks(piece) {
        import.feed(piece).await.unwrap();
    }
    import.end().await.unwrap()
}

fn counts(done: &Imported) -> [u64; 6] {
    let sum = [
        done.issued,
        done.revised,
        done.withdrawn,
        done.known,
        done.refused,
    ];
    assert_eq!(sum.iter().sum::<u64>(), done.rows, "no row is lost");
    [done.rows, sum[0], sum[1], sum[2], sum[3], sum[4]]
}

fn codes(done: &Imported) -> Vec<(u64, &'static str, &'static str)> {
    let faults = done.faults.iter();
    faults
        .map(|fault| (fault.line, fault.field, fault.code))
        .collect()
}

#[tokio::test]
async fn a_file_issues_every_bill_once_however_it_is_cut_and_however_often_it_comes() {
    let house = House::open().await;
    let rows: String = (1..=3_000)
        .map(|n| {
            format!(
                "D-{n},,,rvd-rates,{},{n}.50,2026-12-31,quarter,\n",
                number(n)
            )
        })
        .collect();
    let (done, end) = import(&house, &rows, 10_007).await;
    assert_eq!(
        (counts(&done), end),
        ([3_000, 3_000, 0, 0, 0, 0], ImportEnd::Whole)
    );
    let (again, _) = import(&house, &rows, 999).await;
    assert_eq!(counts(&again), [3_000, 0, 0, 0, 3_000, 0]);
    let sums = "SELECT count(*) FROM epay.bill WHERE description = 'quarter'";
    assert_eq!(house.count(sums).await, 3_000);
    let cents = "SELECT sum(amount_minor)::bigint FROM epay.bill WHERE description = 'quarter'";
    assert_eq!(
        house.count(cents).await,
        (1..=3_000).map(|n| n * 100 + 50).sum::<i64>()
    );
}

#[tokio::test]
async fn a_demand_is_issued_revised_and_withdrawn_in_one_file() {
    let house = House::open().await;
    let (one, two) = (number(1), number(2));
    let rows = format!(
        "A,,,rvd-rates,{one},10.00,2026-12-31,first,\n\
         B,,,rvd-rates,{two},20.00,2026-12-31,,\n\
         A,1,,rvd-rates,{one},12.00,2027-01-29,second,02-gr=5.00;02-rates=7.00\n\
         A,2,,rvd-rates,{one},11.00,2027-01-29,third,\n\
         B,,withdraw,,,,,,\n"
    );
    let (done, _) = import(&house, &rows, 50).await;
    assert_eq!(counts(&done), [5, 2, 2, 1, 0, 0], "{:?}", done.faults);
    let reader = house.engine.reader();
    let code = "rvd-rates".parse().unwrap();
    let view = reader.find_bill(&code, &one).await.unwrap();
    let bill = view.bill;
    assert_eq!((bill.amount.minor(), bill.revision), (1_100, 2));
    assert_eq!(
        (&*bill.description, bill.due_date.to_string()),
        ("third", "2027-01-29".to_owned())
    );
    let view = reader.find_bill(&code, &two).await.unwrap();
    assert_eq!(view.bill.state, BillState::Withdrawn);
    let (again, _) = import(&house, &rows, 4_000).await;
    assert_eq!(counts(&again), [5, 0, 0, 0, 5, 0], "{:?}", again.faults);
    let told = "SELECT count(*) FROM epay.event WHERE kind = 'revised'";
    assert_eq!(house.count(told).await, 2);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_line_and_field_and_the_rest_is_done() {
    let house = House::open().await;
    let (one, two) = (number(1), number(2));
    let wrong = two.replace('2', "3");
    let rows = format!(
        "A,,,rvd-rates,{one},10.00,2026-12-31,,\n\
         B,,,rvd-rates,{wrong},10.00,2026-12-31,,\n\
         C,,,ird-salaries,{one},10.00,2026-12-31,,\n\
         D,,,rvd-rates,{two},ten,31/12/2026,,\n\
         E,1,,rvd-rates,{two},10.00,2026-12-31,,\n\
         F,,withdraw,,,,,,\n\
         A,,,rvd-rates,{one},11.00,2026-12-31,,\n\
         A,1,,rvd-rates,{two},11.00,2026-12-31,,\n\
         G,,,rvd-rates,{two},30.00,2026-12-31,,\n"
    );
    let (done, end) = import(&house, &rows, 64).await;
    assert_eq!(end, ImportEnd::Whole);
    assert_eq!(counts(&done), [9, 2, 0, 0, 0, 7]);
    assert_eq!(
        codes(&done),
        [
            (3, "number", "NUMBER_CHECK_DIGIT"),
            (4, "bill_type", "NOT_FOUND"),
            (5, "amount", "AMOUNT_MALFORMED"),
            (5, "due_date", "DATE_MALFORMED"),
            (6, "document", "NOT_FOUND"),
            (7, "document", "NOT_FOUND"),
            (8, "document", "DOCUMENT_KNOWN"),
            (9, "row", "OTHER_DEMAND"),
        ]
    );
}

#[tokio::test]
async fn money_on_a_bill_keeps_its_amount() {
    let mut house = House::open().await;
    let number = number(1);
    let row = |revision: &str, amount: &str, words: &str| {
        format!("A,{revision},,rvd-rates,{number},{amount},2026-12-31,{words},\n")
    };
    import(&house, &row("", "10.00", ""), 64).await;
    let paid = credit(RVD, "B1", 400).for_number(&number);
    house.receive("m1", &notice(&[paid])).await.unwrap();
    house.settle().await;
    let (done, _) = import(&house, &row("1", "12.00", ""), 64).await;
    assert_eq!(codes(&done), [(2, "amount", "BILL_HAS_RECEIPTS")]);
    let (done, _) = import(&house, &row("1", "10.00", "new words"), 64).await;
    assert_eq!(counts(&done), [1, 0, 1, 0, 0, 0]);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 4.00, 2010.rvd.02-gr Cr 4.00"
    );
}

#[tokio::test]
async fn a_file_that_is_none_stops_and_what_stands_before_a_stop_stands() {
    let house = House::open().await;
    let mut import = house.engine.import_bills(biller("rvd"), Format::Csv);
    import.feed(b"colour,taste\n1,2\n").await.unwrap();
    let (done, end) = import.end().await.unwrap();
    assert_eq!(done.rows, 0);
    assert!(matches!(
        end,
        ImportEnd::Stopped {
            code: "HEADER_UNKNOWN",
            ..
        }
    ));

    let bad = "x\n".repeat(epay_engine::FAULTS_MAX + 5);
    let rows = format!("A,,,rvd-rates,{},10.00,2026-12-31,,\n{bad}", number(1));
    let (done, end) = self::import(&house, &rows, 4_096).await;
    assert_eq!(
        (done.issued, done.faults.len()),
        (1, epay_engine::FAULTS_MAX)
    );
    assert!(matches!(
        end,
        ImportEnd::Stopped {
            code: "TOO_MANY_FAULTS",
            ..
        }
    ));
}
