//! The bank's notice, camt.054.001.08: a notification an account, an entry a credit.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::Credit;

/// Hong Kong's hours ahead of UTC.
const HONG_KONG_HOURS: i8 = 8;

/// The message. Every text in it is made of digits and letters by this program or by the gateway, so nothing needs escaping.
pub(super) fn of(number: u64, credits: &[Credit], now: Timestamp) -> String {
    let local = now.to_zoned(TimeZone::fixed(Offset::constant(HONG_KONG_HOURS)));
    let moment = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let day = local.date().to_string();
    let mut accounts: BTreeMap<&str, Vec<&Credit>> = BTreeMap::new();
    for credit in credits {
        accounts.entry(&credit.account).or_default().push(credit);
    }
    let mut text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
 <BkToCstmrDbtCdtNtfctn>
  <GrpHdr><MsgId>LOAD-{number:012}</MsgId><CreDtTm>{moment}</CreDtTm></GrpHdr>
"#
    );
    for (place, (account, credits)) in accounts.into_iter().enumerate() {
        // Writing into a string cannot fail.
        let _cannot_fail = write!(
            text,
            r#"  <Ntfctn>
   <Id>LOAD-{number:012}-{place}</Id><CreDtTm>{moment}</CreDtTm>
   <Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>
"#
        );
        for credit in credits {
            entry(&mut text, credit, &moment, &day);
        }
        text.push_str("  </Ntfctn>\n");
    }
    text.push_str(" </BkToCstmrDbtCdtNtfctn>\n</Document>\n");
    text
}

fn entry(text: &mut String, credit: &Credit, moment: &str, day: &str) {
    let (whole, cents) = (
        credit.amount_minor.div_euclid(100),
        credit.amount_minor.rem_euclid(100),
    );
    let Credit {
        number,
        bill_number,
        reference,
        ..
    } = credit;
    let _cannot_fail = write!(
        text,
        r#"   <Ntry>
    <NtryRef>LB{number:012}</NtryRef><Amt Ccy="HKD">{whole}.{cents:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
    <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>
    <AcctSvcrRef>LB{number:012}</AcctSvcrRef>
    <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RRCT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>
    <NtryDtls><TxDtls>
     <Refs><AcctSvcrRef>LB{number:012}</AcctSvcrRef><EndToEndId>E{number:012}</EndToEndId>
      <TxId>T{number:012}</TxId><ClrSysRef>FRN{number:012}</ClrSysRef></Refs>
     <Amt Ccy="HKD">{whole}.{cents:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
     <RltdPties><Dbtr><Pty><Nm>TEST CH*N T** M*N</Nm></Pty></Dbtr></RltdPties>
     <RmtInf><Ustrd>FPS BILL {bill_number} REF {reference}</Ustrd><Strd>
      <RfrdDocInf><Nb>{bill_number}</Nb></RfrdDocInf><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>
     <RltdDts><TxDtTm>{moment}</TxDtTm></RltdDts>
    </TxDtls></NtryDtls>
   </Ntry>
"#
    );
}

#[cfg(test)]
mod tests {
    use epay_rail::{Finding, Inbound};

    use super::*;

    #[test]
    fn the_rail_reads_each_credit_as_settled_on_its_account() {
        let credit = |number, account: &str, amount_minor| Credit {
            number,
            account: account.into(),
            amount_minor,
            bill_number: "12345678901".to_owned(),
            reference: format!("EP012345678{number}"),
        };
        let credits = [
            credit(7, "999000000101", 12_305),
            credit(8, "999000000202", 100),
            credit(9, "999000000101", 99),
        ];
        let text = of(7, &credits, Timestamp::from_second(1_764_000_000).unwrap());
        let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
        let decoded = rail
            .decode(&Inbound::notice(text.as_bytes(), Timestamp::UNIX_EPOCH))
            .unwrap();
        assert!(decoded.unreadable.is_empty(), "{:?}", decoded.unreadable);
        let read: Vec<_> = decoded
            .reports
            .iter()
            .map(|report| (report.rail_account.as_str(), report.amount.minor()))
            .collect();
        let told = [
            ("999000000101", 12_305),
            ("999000000101", 99),
            ("999000000202", 100),
        ];
        assert_eq!(read, told);
        for report in &decoded.reports {
            assert_eq!(report.finding, Finding::Settled);
            assert_eq!(report.bill_number.as_deref(), Some("12345678901"));
            assert_eq!(report.instructed_at.as_second(), 1_764_000_000);
        }
    }
}
