//! How fast a large statement is read, and that memory stays flat while it is.
//!
//! `cargo bench -p epay-camt --bench statement` prints its figures. The statement is made piece by piece while it is
//! read, so no more than a piece of it is ever in memory; the figure of bytes is the growth of the process's largest
//! resident size (`VmHWM`) over the whole reading.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use epay_camt::statement::{Part, StatementReader};

const ROWS: u64 = 1_000_000;
const ROWS_A_PIECE: u64 = 500;

fn main() {
    let mut reader = StatementReader::new();
    let mut out: Vec<Part> = Vec::new();
    let (mut bytes, mut rows, mut reading) = (0, 0, Duration::ZERO);
    let mut feed = |piece: &str, out: &mut Vec<Part>| {
        let started = Instant::now();
        reader.feed(piece.as_bytes(), out).unwrap();
        rows += out
            .iter()
            .filter(|part| matches!(part, Part::Row(_)))
            .count();
        out.clear();
        reading += started.elapsed();
        bytes += piece.len();
    };
    feed(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>\
         <CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm></GrpHdr><Stmt><Id>S</Id><ElctrncSeqNb>21</ElctrncSeqNb>\
         <CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm><Acct><Id><Othr><Id>999000000201</Id></Othr></Id><Ccy>HKD</Ccy></Acct>",
        &mut out,
    );
    let before = peak_kib();
    let mut piece = String::new();
    for row in 0..ROWS {
        let (bill, cents) = (100_000_000_000_000 + row, 100 + row % 900_000);
        write!(
            piece,
            "<Ntry><Amt Ccy=\"HKD\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-21</Dt>\
             </BookgDt><ValDt><Dt>2026-01-21</Dt></ValDt><AcctSvcrRef>BK20260121{row:010}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd>\
             <Fmly><Cd>RRCT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>\
             <EndToEndId>E2E{row:010}</EndToEndId><ClrSysRef>FRN20260121{row:010}</ClrSysRef></Refs><RmtInf><Strd><RfrdDocInf>\
             <Nb>{bill}</Nb></RfrdDocInf><CdtrRefInf><Ref>EP{row:018}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>",
            cents / 100,
            cents % 100
        )
        .unwrap();
        if row % ROWS_A_PIECE == ROWS_A_PIECE - 1 {
            feed(&piece, &mut out);
            piece.clear();
        }
    }
    feed("</Stmt></BkToCstmrStmt></Document>", &mut out);
    reader.end(&mut out).unwrap();
    let micros = reading.as_micros().max(1);
    let rows_per_second = u128::from(ROWS) * 1_000_000 / micros;
    let kilobytes_per_second = u128::try_from(bytes).unwrap() * 1_000 / micros;
    let megabytes_per_second = kilobytes_per_second / 1_000;
    assert_eq!(u64::try_from(rows).unwrap(), ROWS);
    for (name, value, unit) in [
        ("camt.053: parsed", rows_per_second, "entries/s"),
        ("camt.053: parsed, bytes", megabytes_per_second, "MB/s"),
        (
            "camt.053: peak growth",
            u128::from(peak_kib() - before),
            "KiB",
        ),
    ] {
        println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}"}}"#);
    }
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}
