//! The collecting bank: one booked credit a notice, camt.054.001.08, signed as the bank channel asks.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use epay_rail_kit::channel::{Request, sign};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body_util::{BodyExt, Full};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use secrecy::SecretSlice;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service, ServiceExt};

use crate::house::CHANNEL_KEY_ID;

/// The door for notices.
const PATH: &str = "/rails/fps/notices";
/// Hong Kong's hours ahead of UTC.
const HONG_KONG_HOURS: i8 = 8;

/// The bank's sending half.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    channel: Channel,
    secret: SecretSlice<u8>,
}

/// A credit on a department's account.
#[derive(Debug)]
pub(crate) struct Credit<'a> {
    /// Counts the bank's bookings.
    pub(crate) number: u64,
    pub(crate) account: &'a str,
    pub(crate) amount_minor: i64,
    pub(crate) bill_number: &'a str,
    pub(crate) reference: &'a str,
}

/// What the gateway said to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// It has it.
    Acknowledged,
    /// It is too busy; come back, where it says so after this time.
    Later(Option<Duration>),
}

impl Bank {
    pub(crate) const fn new(channel: Channel, secret: SecretSlice<u8>) -> Self {
        Self { channel, secret }
    }

    /// Tells of a credit; done when the gateway has acknowledged it.
    pub(crate) async fn tell(&mut self, credit: &Credit<'_>) -> Result<()> {
        let told = self.try_tell(credit).await?;
        ensure!(
            told == Told::Acknowledged,
            "the gateway was too busy for notice {}",
            credit.number
        );
        Ok(())
    }

    /// Tells of a credit; the gateway may be too busy to hear.
    pub(crate) async fn try_tell(&mut self, credit: &Credit<'_>) -> Result<Told> {
        let now = Timestamp::now();
        let body = notice(credit, now);
        let covered = Request {
            method: "POST",
            path: PATH,
            body: body.as_bytes(),
        };
        let message_id = format!("LOAD-{:012}", credit.number);
        let secrets = std::slice::from_ref(&self.secret);
        let signed = sign(CHANNEL_KEY_ID, secrets, &message_id, &covered, now)?;
        let mut request = http::Request::post(PATH).header(CONTENT_TYPE, "application/xml");
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::new(Full::new(Bytes::from(body))))?;
        let answer = self.channel.ready().await?.call(request).await?;
        let (head, body) = answer.into_parts();
        if matches!(
            head.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            let wait = head.headers.get(RETRY_AFTER);
            let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
            return Ok(Told::Later(wait.map(Duration::from_secs)));
        }
        let body = body.collect().await.context("the answer")?.to_bytes();
        ensure!(
            head.status == StatusCode::ACCEPTED,
            "notice {message_id} was answered with {}: {}",
            head.status,
            String::from_utf8_lossy(&body)
        );
        Ok(Told::Acknowledged)
    }
}

/// The message. Every text in it is made of digits and letters by this program or by the gateway, so nothing
/// needs escaping.
fn notice(credit: &Credit<'_>, now: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(HONG_KONG_HOURS));
    let local = now.to_zoned(zone);
    let moment = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let day = local.date();
    let (whole, cents) = (
        credit.amount_minor.div_euclid(100),
        credit.amount_minor.rem_euclid(100),
    );
    let Credit {
        number,
        account,
        bill_number,
        reference,
        ..
    } = credit;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
 <BkToCstmrDbtCdtNtfctn>
  <GrpHdr><MsgId>LOAD-{number:012}</MsgId><CreDtTm>{moment}</CreDtTm></GrpHdr>
  <Ntfctn>
   <Id>LOAD-{number:012}</Id><CreDtTm>{moment}</CreDtTm>
   <Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>
   <Ntry>
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
  </Ntfctn>
 </BkToCstmrDbtCdtNtfctn>
</Document>
"#
    )
}

#[cfg(test)]
mod tests {
    use epay_rail::{Finding, Inbound};

    use super::*;

    #[test]
    fn the_rail_reads_the_notice_as_one_settled_credit() {
        let reference = "EP0123456789";
        let credit = Credit {
            number: 7,
            account: "999000000101",
            amount_minor: 12_305,
            bill_number: "12345678901",
            reference,
        };
        let text = notice(&credit, Timestamp::from_second(1_764_000_000).unwrap());
        let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
        let decoded = rail
            .decode(&Inbound::notice(text.as_bytes(), Timestamp::UNIX_EPOCH))
            .unwrap();
        assert!(decoded.unreadable.is_empty(), "{:?}", decoded.unreadable);
        let [report] = decoded.reports.as_slice() else {
            panic!("one report, not {:?}", decoded.reports);
        };
        assert_eq!(report.finding, Finding::Settled);
        assert_eq!(report.rail_account, credit.account);
        assert_eq!(report.amount.minor(), 12_305);
        assert_eq!(report.bill_number.as_deref(), Some(credit.bill_number));
        assert_eq!(report.instructed_at.as_second(), 1_764_000_000);
    }
}
