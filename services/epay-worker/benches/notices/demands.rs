//! Demands: taken in from a file, each with the code that is printed on it, and planned.

use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use epay_bill_file::Format;
use epay_contact::Contacts;
use epay_domain::{BillType, CheckDigit};
use epay_engine::{Engine, V7Ids};
use epay_money::BillerId;
use epay_rail::{PrintedCode, Rail};
use epay_store::PageRequest;
use epay_worker::Planner;
use tokio_postgres::Config;
use uuid::Uuid;

/// Bytes of the file that are given at once.
const PIECE_BYTES: usize = 65_536;
/// Demands that are read at once to be given their codes.
const PAGE_DEMANDS: i64 = 1_000;
const LAST_DAY: &str = "2027-01-29";
const HEADER: &str =
    "document,revision,action,bill_type,number,amount,due_date,description,lines\n";

/// The number of the n-th account, with its check digit.
pub(crate) fn number(n: u64) -> String {
    let body = format!("{n:014}");
    let digit = CheckDigit::Mod11Radix10.of(&body).expect("digits");
    format!("{body}{digit}")
}

/// Takes in one demand an account, from `first` to `last`.
pub(crate) async fn import(engine: &Engine, last: u64, first: u64) -> Duration {
    let started = Instant::now();
    let biller = BillerId::new("rvd").expect("a word");
    let mut import = engine.import_bills(biller, Format::Csv);
    let mut piece = HEADER.to_owned();
    for account in first..=last {
        let number = number(account);
        piece.push_str(&format!(
            "D-{account},,,rvd-rates,{number},3720.00,{LAST_DAY},quarter,\n"
        ));
        if piece.len() >= PIECE_BYTES {
            import.feed(piece.as_bytes()).await.expect("takes it");
            piece.clear();
        }
    }
    import.feed(piece.as_bytes()).await.expect("takes it");
    let (done, _end) = import.end().await.expect("ends");
    assert_eq!(done.issued, last + 1 - first, "{:?}", done.faults.first());
    started.elapsed()
}

/// Notes all news that nobody has noted, as performing the outbox does, and plans them.
pub(crate) async fn plan(
    config: &Config,
    pool: &Pool,
    contacts: &Contacts,
    engine: &Engine,
) -> Duration {
    let client = pool.get().await.expect("a connection");
    let started = Instant::now();
    client
        .execute(
            "WITH new AS (UPDATE epay.outbox_batch SET performed_at = now() WHERE performed_at IS NULL RETURNING batch_id) \
             INSERT INTO epay.notice_news (batch_id) SELECT batch_id FROM new ORDER BY batch_id",
            &[],
        )
        .await
        .expect("notes");
    let ids = Box::new(V7Ids::default());
    let planner = Planner::new(config, contacts.clone(), engine.clone(), ids).expect("a planner");
    while planner.round().await.expect("plans") > 0 {}
    let took = started.elapsed();
    client
        .batch_execute("VACUUM ANALYZE epay.notice")
        .await
        .expect("analyses");
    took
}

/// The codes of all demands, as they are printed: read back page by page, so that no more than a page is ever in memory. Answers how long
/// reading took, and how long the codes.
pub(crate) async fn codes(
    engine: &Engine,
    (kind, rail): (&BillType, &dyn Rail),
    demands: u64,
) -> (Duration, Duration) {
    let payee = kind.payee(&rail.profile().rail).expect("a payee");
    let (mut reading, mut writing) = (Duration::ZERO, Duration::ZERO);
    let (mut after, mut written): (Option<Uuid>, u64) = (None, 0);
    loop {
        let started = Instant::now();
        let page = PageRequest {
            size: PAGE_DEMANDS,
            after,
        };
        let found = engine.reader().bills(&kind.biller, None, page).await;
        let found = found.expect("a page of bills");
        reading += started.elapsed();
        let started = Instant::now();
        for view in &found.items {
            let printed = rail.printed(&PrintedCode {
                payee: payee.identifier.clone(),
                amount: view.bill.amount,
                amount_editable: kind.amount_editable(),
                bill_number: view.bill.number.clone(),
            });
            let code = printed.expect("a code").expect("a rail that is scanned");
            assert!(code.contains(&view.bill.number), "a code names its bill");
            written += 1;
        }
        writing += started.elapsed();
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(written, demands, "each demand has a code");
    (reading, writing)
}
