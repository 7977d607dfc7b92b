//! What a bank writes of our payment orders.

use epay_money::Money;

use crate::house::RVD;

/// A report on the order of a refund, as `pain.002`.
pub(super) fn status(key: &str, status: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>S</MsgId>\
         <CreDtTm>2026-11-23T11:00:00+08:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{key}</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>\
         <OrgnlPmtInfId>{key}</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId>\
         <TxSts>{status}</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
}

/// A booked debit or credit that names an order, as `camt.054`.
pub(crate) fn entry(key: &str, way: &str, bank_reference: &str, minor: i64) -> String {
    let amount = Money::hkd(minor).to_decimal();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T11:00:00+08:00</CreDtTm></GrpHdr><Ntfctn><Id>N</Id>\
         <Acct><Id><Othr><Id>{RVD}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>\
         <Ntry><Amt Ccy=\"HKD\">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><Dt>2026-11-23</Dt></ValDt>\
         <AcctSvcrRef>{bank_reference}</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs>\
         <AcctSvcrRef>{bank_reference}</AcctSvcrRef><EndToEndId>{key}</EndToEndId></Refs>\
         <Amt Ccy=\"HKD\">{amount}</Amt></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
}
