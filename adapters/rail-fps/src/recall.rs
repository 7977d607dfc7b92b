//! Money asked back: what we say of it (`camt.056.001.08` asks, `camt.029.001.09` answers), and what the bank says.
//!
//! Our name for a request is the order's key, in every id of it; the bank's answer names it again. A request of the bank is
//! answered under its own name. Neither message moves money. The bytes depend on nothing but the order and the settings.

use core::fmt::Write as _;

use epay_camt::{RecallRequest, Resolution};
use epay_money::HONG_KONG;
use epay_rail::{
    Call, Decoded, Header, HttpMethod, Recall, RecallNews, RecallWanted, Refusal, Seal, Unreadable,
    UnreadableEntry, UnreadableKind, is_reference,
};

use crate::codes;
use crate::config::Payout;
use crate::payout::{agent, bad, check_id, escaped, is_text};

/// `Max105Text`: words beside a code.
const WORDS_CHARS_MAX: usize = 105;

/// The call that asks, or answers; nothing when the bank takes neither.
///
/// # Errors
/// A [`Refusal`] for what the message cannot carry.
pub(crate) fn call(
    settings: &Payout,
    header: &Header,
    recall: &Recall,
) -> Result<Option<Call>, Refusal> {
    let Some(url) = &settings.recall_url else {
        return Ok(None);
    };
    check_id("key", &header.key)?;
    let (Recall::Want { why, .. } | Recall::Answer { why, .. }) = recall;
    let length = why.trim().chars().count();
    if length == 0 || length > WORDS_CHARS_MAX || !why.chars().all(is_text) {
        return Err(bad("why", "it is 1 to 105 characters on one line"));
    }
    if let Recall::Answer { case, .. } = recall
        && (case.is_empty() || case.chars().count() > 35 || !case.chars().all(is_text))
    {
        return Err(bad("case", "it is 1 to 35 characters on one line"));
    }
    let body = document(settings, header, recall)
        .ok_or_else(|| bad("at", "the moment cannot be written down"))?;
    Ok(Some(Call {
        method: HttpMethod::Post,
        url: url.clone(),
        headers: vec![("content-type", "application/xml".to_owned())],
        body: body.into_bytes(),
        seal: Seal::Channel,
        uses_once: Vec::new(),
    }))
}

fn document(settings: &Payout, header: &Header, recall: &Recall) -> Option<String> {
    let mut xml = String::with_capacity(2_048);
    let bank = agent(&settings.bank_code);
    let us = format!("<Pty><Nm>{}</Nm></Pty>", escaped(&settings.initiator));
    let local = HONG_KONG.to_datetime(header.at);
    let created = local.strftime("%Y-%m-%dT%H:%M:%S+08:00");
    let key = &header.key;
    let assignment = format!(
        "<Assgnmt><Id>{key}</Id><Assgnr>{us}</Assgnr><Assgne><Agt>{bank}</Agt></Assgne>\
         <CreDtTm>{created}</CreDtTm></Assgnmt>"
    );
    let written = match recall {
        Recall::Want {
            order_key,
            amount,
            why,
        } => write!(
            xml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.056.001.08\"><FIToFIPmtCxlReq>{assignment}\
             <Case><Id>{key}</Id><Cretr>{us}</Cretr></Case><Undrlyg><TxInf><CxlId>{key}</CxlId>\
             <OrgnlGrpInf><OrgnlMsgId>{order_key}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInf>\
             <OrgnlEndToEndId>{order_key}</OrgnlEndToEndId>\
             <OrgnlIntrBkSttlmAmt Ccy=\"{currency}\">{number}</OrgnlIntrBkSttlmAmt>\
             <CxlRsnInf><Rsn><Cd>CUST</Cd></Rsn><AddtlInf>{words}</AddtlInf></CxlRsnInf>\
             </TxInf></Undrlyg></FIToFIPmtCxlReq></Document>\n",
            order_key = escaped(order_key),
            currency = amount.currency().code(),
            number = amount.to_decimal(),
            words = escaped(why.trim()),
        ),
        Recall::Answer { case, agreed, why } => {
            let (answer, status) = if *agreed {
                ("CNCL", "ACCR")
            } else {
                ("RJCR", "RJCR")
            };
            let reason = if *agreed {
                ""
            } else {
                "<Rsn><Cd>CUST</Cd></Rsn>"
            };
            write!(
                xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.09\"><RsltnOfInvstgtn>{assignment}\
                 <RslvdCase><Id>{case}</Id><Cretr><Agt>{bank}</Agt></Cretr></RslvdCase>\
                 <Sts><Conf>{answer}</Conf></Sts><CxlDtls><TxInfAndSts><CxlStsId>{key}</CxlStsId>\
                 <TxCxlSts>{status}</TxCxlSts><CxlStsRsnInf>{reason}<AddtlInf>{words}</AddtlInf></CxlStsRsnInf>\
                 </TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>\n",
                case = escaped(case),
                words = escaped(why.trim()),
            )
        }
    };
    written.ok().map(|()| xml)
}

/// What the bank said to either message: nothing, when it took it.
///
/// # Errors
/// [`Unreadable`] when it did not.
pub(crate) fn taken(status: u16) -> Result<Decoded, Unreadable> {
    if (200..300).contains(&status) {
        return Ok(Decoded::default());
    }
    Err(Unreadable {
        kind: UnreadableKind::WrongMessage,
        path: "/".to_owned(),
        message: format!("the bank answered HTTP {status}"),
    })
}

/// A request of the bank.
pub(crate) fn wanted(request: RecallRequest) -> RecallNews {
    let end_to_end_id = request.end_to_end_id.as_deref();
    RecallNews::Wanted(RecallWanted {
        reference: request.remittance.reference(end_to_end_id, is_reference),
        case: request.case_id,
        rail_account: request.account,
        rail_reference: request.bank_reference,
        amount: request.amount,
        reason: request.reason,
        payer: request.debtor,
    })
}

/// An answer of the bank. What decides nothing yet is no news; what no table lists is set apart.
pub(crate) fn answered(resolution: Resolution) -> Decoded {
    let word = resolution.confirmation.as_deref();
    let row = codes::RECALL_STATUS
        .iter()
        .find(|row| Some(row.code) == word);
    let mut decoded = Decoded::default();
    match row.map(|row| row.agreed) {
        Some(Some(agreed)) => {
            let words = [word, resolution.reason.as_deref()];
            let words: Vec<&str> = words.into_iter().flatten().collect();
            decoded.recalls.push(RecallNews::Answered {
                key: resolution.case_id,
                agreed,
                reason: Some(words.join(" ")),
            });
        }
        Some(None) => {}
        None => decoded.unreadable.push(UnreadableEntry {
            index: 0,
            path: "/Document/RsltnOfInvstgtn/Sts/Conf".to_owned(),
            code: "unlisted_status",
            message: "the answer is not in our table".to_owned(),
        }),
    }
    decoded
}
