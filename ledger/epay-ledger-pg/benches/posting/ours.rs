//! This crate: recipe, journal, batch, commit.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use epay_ledger::recipes::{Line, RailAccounts, ReceiptParts, receipt};
use epay_ledger::{AccountCode, Journal};
use epay_ledger_pg::{AccountDirectory, post};
use epay_money::{BillerId, Currency, JournalId};
use epay_pg::{Session, connect};
use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tokio_postgres::Config;
use uuid::Uuid;

use crate::report::rate;

/// Clearing accounts and department lines that exist, of each as many.
const ACCOUNTS: i32 = 10_000;
const DAY: Date = date(2026, 11, 23);

/// Which accounts the journals meet: always one clearing account and one department line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Evenly over a chart of a real size: five rails for each of ten departments, 1,000 lines.
    Uniform,
    /// One clearing account receives everything; the lines are as in `Uniform`.
    Hot,
    /// Evenly over 20,000 accounts, so that hardly two journals of a batch meet: nothing folds.
    Scattered,
}

impl Shape {
    /// Among how many clearing accounts and lines a journal chooses.
    const fn spread(self) -> (i32, i32) {
        match self {
            Self::Uniform => (50, 1_000),
            Self::Hot => (1, 1_000),
            Self::Scattered => (ACCOUNTS, ACCOUNTS),
        }
    }
}

/// One measured load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) shape: Shape,
    /// Journals a transaction.
    pub(crate) batch: usize,
    /// Connections that post at the same time.
    pub(crate) posters: usize,
}

/// A small generator of its own (xorshift64*): the benchmark is the same every time.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: i32) -> i32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        i32::try_from(high % u64::from(bound.unsigned_abs())).expect("below an i32")
    }
}

/// The accounts and the directory that every load shares.
pub(crate) struct Bench {
    config: Config,
    pub(crate) directory: AccountDirectory,
    book: BillerId,
    clearing: Vec<AccountCode>,
    lines: Vec<AccountCode>,
    posted: RefCell<u64>,
}

fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect("an account code")
}

impl Bench {
    pub(crate) async fn prepare(config: &Config) -> Self {
        let bench = Self {
            config: config.clone(),
            directory: AccountDirectory::new(),
            book: BillerId::new("rvd").expect("a biller"),
            clearing: (0..ACCOUNTS).map(|n| code(&format!("1110.n{n}"))).collect(),
            lines: (0..ACCOUNTS)
                .map(|n| code(&format!("2010.rvd.n{n}")))
                .collect(),
            posted: RefCell::new(0),
        };
        let every: Vec<Journal> = bench
            .clearing
            .iter()
            .zip(&bench.lines)
            .map(|(clearing, line)| bench.journal(clearing, line))
            .collect();
        let session = connect(config).await.expect("connects");
        bench
            .directory
            .ensure(session.client(), &every)
            .await
            .expect("accounts");
        session
            .client()
            .batch_execute("ANALYZE")
            .await
            .expect("statistics");
        session.close().await;
        bench
    }

    fn journal(&self, clearing: &AccountCode, line: &AccountCode) -> Journal {
        let rail = RailAccounts {
            clearing: clearing.clone(),
            fee_expense: code("5010"),
            fee_accrued: code("2310"),
        };
        let parts = ReceiptParts {
            applied: vec![Line {
                account: line.clone(),
                minor: 100,
            }],
            ..ReceiptParts::default()
        };
        let id = Uuid::now_v7();
        receipt(&rail, Currency::Hkd, &parts)
            .and_then(|draft| {
                draft.journal(
                    JournalId::new(id),
                    self.book.clone(),
                    Timestamp::now(),
                    DAY,
                    id.to_string(),
                )
            })
            .expect("a journal")
    }

    pub(crate) fn batch(&self, load: Load, random: &mut Random) -> Vec<Journal> {
        let (clearing, lines) = load.shape.spread();
        let mut one_of = |accounts: &[AccountCode], spread: i32| {
            let place = usize::try_from(random.below(spread)).expect("a place");
            accounts.get(place).expect("an account").clone()
        };
        (0..load.batch)
            .map(|_| {
                let clearing = one_of(&self.clearing, clearing);
                self.journal(&clearing, &one_of(&self.lines, lines))
            })
            .collect()
    }

    async fn poster(&self, session: &mut Session, load: Load, seed: u64, until: Instant) {
        let mut random = Random::new(seed);
        while Instant::now() < until {
            self.post_batch(session, load, &mut random).await;
        }
    }

    /// Posts one batch; how many journals that were.
    pub(crate) async fn post_batch(
        &self,
        session: &mut Session,
        load: Load,
        random: &mut Random,
    ) -> u64 {
        let journals = self.batch(load, random);
        post(session.client_mut(), &self.directory, &journals)
            .await
            .expect("posts");
        let count = journals.len() as u64;
        self.count(count);
        count
    }

    /// Takes note of journals that were posted, for the sums in the end.
    pub(crate) fn count(&self, journals: u64) {
        *self.posted.borrow_mut() += journals;
    }

    /// Journals a second.
    pub(crate) async fn run(&self, load: Load, slice: Duration) -> u64 {
        let sessions = join_all((0..load.posters).map(|_| connect(&self.config))).await;
        let mut sessions: Vec<_> = sessions
            .into_iter()
            .map(|session| session.expect("connects"))
            .collect();
        let before = *self.posted.borrow();
        let begun = Instant::now();
        let until = begun + slice;
        join_all(
            sessions
                .iter_mut()
                .zip(1_u64..)
                .map(|(session, seed)| self.poster(session, load, seed, until)),
        )
        .await;
        let taken = begun.elapsed();
        for session in sessions {
            session.close().await;
        }
        rate(*self.posted.borrow() - before, taken)
    }

    /// Everything that was posted is there, and debits equal credits in the entries and in the balances.
    pub(crate) async fn assert_sound(&self) {
        let session = connect(&self.config).await.expect("connects");
        let sums = "SELECT (SELECT count(*) FROM ledger.journal), (SELECT sum(amount)::bigint FROM ledger.entry),
            (SELECT sum(debit)::bigint FROM ledger.balance), (SELECT sum(credit)::bigint FROM ledger.balance)";
        let row = session
            .client()
            .query_one(sums, &[])
            .await
            .expect("adds up");
        let posted = i64::try_from(*self.posted.borrow()).expect("fits");
        let (journals, entries, debit, credit): (i64, i64, i64, i64) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        assert_eq!(
            (journals, entries),
            (posted, 0),
            "journals, sum of the entries"
        );
        assert_eq!(
            (debit, credit),
            (posted * 100, posted * 100),
            "sums of the balances"
        );
        session.close().await;
    }
}
