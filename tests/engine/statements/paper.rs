//! Statements as a bank writes them.

use std::fmt::Write as _;

use epay_money::Money;

/// One entry as the bank writes it: its reference, and cents, below zero for a debit.
pub(crate) type Line<'a> = (&'a str, i64);

/// A camt.053 of this account and day of November, with the number of the day.
pub(crate) fn statement(account: &str, day: i8, opening: i64, lines: &[Line<'_>]) -> String {
    let balance = |code: &str, minor: i64| {
        let way = if minor < 0 { "DBIT" } else { "CRDT" };
        let amount = Money::hkd(minor.abs()).to_decimal();
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">{amount}</Amt>\
             <CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>2026-11-{day}</Dt></Dt></Bal>"
        )
    };
    let sum = |credit: bool| -> i64 {
        let of = lines.iter().map(|(_, minor)| *minor);
        of.filter(|minor| (*minor > 0) == credit)
            .map(i64::abs)
            .sum()
    };
    let closing = opening + sum(true) - sum(false);
    let mut xml = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>\
         <CreDtTm>2026-11-{day}T23:30:00+08:00</CreDtTm></GrpHdr><Stmt><Id>{account}-{day}</Id>\
         <ElctrncSeqNb>{day}</ElctrncSeqNb><CreDtTm>2026-11-{day}T23:30:00+08:00</CreDtTm>\
         <Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>{}{}\
         <TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries></TtlNtries>\
         <TtlCdtNtries><Sum>{}</Sum></TtlCdtNtries><TtlDbtNtries><Sum>{}</Sum></TtlDbtNtries></TxsSummry>",
        balance("OPBD", opening),
        balance("CLBD", closing),
        lines.len(),
        Money::hkd(sum(true)).to_decimal(),
        Money::hkd(sum(false)).to_decimal(),
    );
    for (reference, minor) in lines {
        let way = if *minor < 0 { "DBIT" } else { "CRDT" };
        write!(
            xml,
            "<Ntry><Amt Ccy=\"HKD\">{}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-11-{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef></Ntry>",
            Money::hkd(minor.abs()).to_decimal()
        )
        .unwrap();
    }
    xml.push_str("</Stmt></BkToCstmrStmt></Document>");
    xml
}
