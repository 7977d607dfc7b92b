//! A day of a million entries, from a file to rows: how fast a camt.053 is taken in, on a private cluster with full
//! durability, and that memory stays flat while it is.
//!
//! In this order: the file is written to the disk; it is stored in chunks and acknowledged; it is read twice, checked and
//! written. Then the database is asked whether every entry is there and the sums agree: what was fast must also be right.
//! Memory is the largest resident size of this process (`VmHWM`), the engine and its pool included.
//!
//! `cargo bench -p epay-engine --bench statements`. `EPAY_BENCH_ROWS` changes the number of entries.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark prints its result and stops at the first error"
)]

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use epay_domain::statement::StatementFinding;
use epay_engine::{
    Commits, Engine, EngineOptions, FactorKeys, FileDoor, FileState, SystemClock, V7Ids,
};
use epay_money::BusinessCalendar;
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, migrate};
use epay_rail_kit::transport::Transport;
use epay_rails::Registry;

const ROWS: u64 = 1_000_000;

#[tokio::main]
async fn main() {
    let rows = std::env::var("EPAY_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("statement.xml");
    let total = write(&path, rows).expect("the file can be written");
    let bytes = std::fs::metadata(&path).expect("it is there").len();
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("epay").await.expect("a database");
    let config = cluster.config("epay");
    let sets = [epay_ledger_pg::MIGRATIONS, epay_store::MIGRATIONS];
    migrate(&config, &sets).await.expect("migrates");
    let pool = build_pool(&config, &PoolOptions::named("bench").as_service()).expect("a pool");
    let engine = engine(pool.clone()).await;

    let before = peak_kib();
    let started = Instant::now();
    let stored = engine.store_local_file(FileDoor::Statements, &path).await;
    let (file, _known) = stored.expect("it is stored");
    let storing = started.elapsed();
    let read = engine.ingest_statements(file.id, |_file| {}).await;
    let read = read.expect("it is read");
    let all = started.elapsed();
    assert_eq!(read.file.state, FileState::Booked);
    // Nothing is wrong with it, but that no department here has the account.
    assert_eq!(
        read.statements.first().map(|one| one.findings.clone()),
        Some(vec![StatementFinding::AccountUnknown])
    );
    let client = pool.get().await.expect("a connection");
    let found = client
        .query_one(
            "SELECT count(*), sum(amount_minor)::bigint FROM recon.statement_entry WHERE standing = 'counts'",
            &[],
        )
        .await
        .expect("the entries can be counted");
    let counted: (i64, i64) = (found.get(0), found.get(1));
    assert_eq!(counted, (i64::try_from(rows).expect("fits"), total));
    drop(client);

    let per_second = |amount: u64, micros: u128| u128::from(amount) * 1_000_000 / micros.max(1);
    figure(
        "statement: taken in",
        per_second(rows, all.as_micros()),
        "entries/s",
    );
    let megabytes = bytes / 1_000_000;
    figure(
        "statement: stored raw",
        per_second(megabytes, storing.as_micros()),
        "MB/s",
    );
    figure("statement: size", u128::from(megabytes), "MB");
    figure(
        "statement: peak memory",
        u128::from(peak_kib() / 1_024),
        "MiB",
    );
    figure(
        "statement: peak growth",
        u128::from((peak_kib() - before) / 1_024),
        "MiB",
    );
    engine.drain().await;
    cluster.stop().await.expect("stops");
}

fn figure(name: &str, value: u128, unit: &str) {
    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}"}}"#);
}

async fn engine(pool: deadpool_postgres::Pool) -> Engine {
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Engine::start(EngineOptions {
        pool,
        rails: Registry::with_defaults().expect("the usual rails"),
        transport: Transport::new(BTreeMap::new()).expect("a transport"),
        calendar: BusinessCalendar::vendored().expect("a calendar"),
        factor_keys: FactorKeys::default(),
        commits: Commits::Shared { committers: 1 },
        clock: Arc::new(SystemClock),
        ids: Arc::new(V7Ids::default()),
    })
    .await
    .expect("starts")
}

/// Writes a statement of so many credits as FPS makes them; answers with their sum in cents.
fn write(path: &Path, rows: u64) -> std::io::Result<i64> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let cents = |row: u64| 100 + row % 900_000;
    let total: u64 = (0..rows).map(cents).sum();
    let money = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
    write!(
        file,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm></GrpHdr><Stmt><Id>BENCH</Id>\
         <ElctrncSeqNb>21</ElctrncSeqNb><CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm>\
         <Acct><Id><Othr><Id>999000000201</Id></Othr></Id><Ccy>HKD</Ccy></Acct>"
    )?;
    for (code, amount) in [("OPBD", 0), ("CLBD", total)] {
        write!(
            file,
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
             <Dt><Dt>2026-01-21</Dt></Dt></Bal>",
            money(amount)
        )?;
    }
    for row in 0..rows {
        write!(
            file,
            "<Ntry><Amt Ccy=\"HKD\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-21</Dt></BookgDt>\
             <ValDt><Dt>2026-01-21</Dt></ValDt><AcctSvcrRef>BK20260121{row:010}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>\
             <Cd>RRCT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E{row:010}</EndToEndId>\
             <ClrSysRef>FRN20260121{row:010}</ClrSysRef></Refs><RmtInf><Strd><RfrdDocInf><Nb>{}</Nb></RfrdDocInf><CdtrRefInf>\
             <Ref>EP{row:018}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>",
            money(cents(row)),
            100_000_000_000_000 + row
        )?;
    }
    write!(file, "</Stmt></BkToCstmrStmt></Document>")?;
    file.flush()?;
    Ok(i64::try_from(total).unwrap_or(i64::MAX))
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}
