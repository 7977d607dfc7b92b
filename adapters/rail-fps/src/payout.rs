//! Money back by a transfer of its own: FPS has no refunds, so the biller's bank is told to pay (`pain.001.001.09`).
//!
//! One message carries one payment. Message id, payment id and end-to-end id are the order's key, so that the bank
//! recognises a repeat, and what it says later finds the order. The account that is debited is the one behind the
//! biller's FPS identifier, which is how the bank itself named it; the payee is a clearing code and an account number.
//! The bytes depend on nothing but the order and the settings.

use core::fmt::Write as _;

use epay_rail::{Call, Collect, Header, HttpMethod, Profile, Refund, Refusal, Seal};

use epay_money::HONG_KONG;

use crate::config::Payout;

/// `Max35Text`: message, payment and end-to-end ids.
const ID_CHARS_MAX: usize = 35;
/// `Max140Text`: names and remittance.
const TEXT_CHARS_MAX: usize = 140;
/// The bank's clearing codes are those of Hong Kong (ISO 20022 external code list of clearing systems).
const CLEARING_SYSTEM: &str = "HKNCC";

/// The call that tells the bank to pay.
///
/// # Errors
/// A [`Refusal`] for what the message cannot carry.
pub(crate) fn call(
    profile: &Profile,
    settings: &Payout,
    header: &Header,
    collect: &Collect,
    refund: &Refund,
) -> Result<Call, Refusal> {
    let account = refund.account.as_ref().ok_or_else(|| {
        bad(
            "account",
            "FPS pays money back to an account; none was given",
        )
    })?;
    let currency = refund.amount.currency();
    if !profile.currencies.contains(&currency) {
        return Err(Refusal::CurrencyNotTaken { currency });
    }
    let least = epay_money::Money::new(1, currency);
    let most = epay_money::Money::new(profile.amount_max, currency);
    if refund.amount.minor() < least.minor() {
        let amount = refund.amount;
        return Err(Refusal::AmountTooSmall { amount, least });
    }
    if refund.amount.minor() > most.minor() {
        let amount = refund.amount;
        return Err(Refusal::AmountTooLarge { amount, most });
    }
    check_id("key", &header.key)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if account.bank_code.len() != 3 || !digits(&account.bank_code) {
        return Err(bad(
            "account.bank_code",
            "it is a clearing code of three digits",
        ));
    }
    if account.number.is_empty() || account.number.len() > 34 || !digits(&account.number) {
        return Err(bad("account.number", "it is at most 34 digits"));
    }
    check_text("account.name", &account.name)?;
    check_text("reason", &refund.reason)?;
    if collect.payee.is_empty() || collect.payee.chars().count() > 34 {
        return Err(Refusal::BadPayee {
            problem: "the biller's FPS identifier has at most 34 characters".to_owned(),
        });
    }
    let body = document(settings, header, collect, refund)
        .ok_or_else(|| bad("at", "the moment cannot be written down"))?;
    Ok(Call {
        method: HttpMethod::Post,
        url: settings.url.clone(),
        headers: vec![
            ("content-type", "application/xml".to_owned()),
            ("accept", "application/xml".to_owned()),
        ],
        body: body.into_bytes(),
        seal: Seal::Channel,
        uses_once: Vec::new(),
    })
}

pub(crate) fn bad(field: &'static str, problem: &str) -> Refusal {
    Refusal::BadField {
        field,
        problem: problem.to_owned(),
    }
}

pub(crate) fn check_id(field: &'static str, text: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || text.len() > ID_CHARS_MAX || !text.bytes().all(plain) {
        return Err(bad(field, "it is at most 35 characters A-Z, 0-9 and '-'"));
    }
    Ok(())
}

fn check_text(field: &'static str, text: &str) -> Result<(), Refusal> {
    let length = text.trim().chars().count();
    if length == 0 || length > TEXT_CHARS_MAX || text.chars().any(|one| !is_text(one)) {
        return Err(bad(field, "it is 1 to 140 characters on one line"));
    }
    Ok(())
}

/// Characters that an XML text of one line can hold.
pub(crate) fn is_text(one: char) -> bool {
    !one.is_control() && !matches!(one, '\u{fffe}' | '\u{ffff}')
}

fn document(
    settings: &Payout,
    header: &Header,
    collect: &Collect,
    refund: &Refund,
) -> Option<String> {
    let account = refund.account.as_ref()?;
    let local = HONG_KONG.to_datetime(header.at);
    let created = local.strftime("%Y-%m-%dT%H:%M:%S+08:00");
    let day = local.date();
    let (key, amount) = (&header.key, refund.amount.to_decimal());
    let scheme = if collect.payee.contains('@') {
        "EMAL"
    } else {
        "FPSID"
    };
    let mut xml = String::with_capacity(2_048);
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
         <GrpHdr><MsgId>{key}</MsgId><CreDtTm>{created}</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>{amount}</CtrlSum>\
         <InitgPty><Nm>{name}</Nm></InitgPty></GrpHdr>\
         <PmtInf><PmtInfId>{key}</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>\
         <Dbtr><Nm>{name}</Nm></Dbtr>\
         <DbtrAcct><Id><Othr><Id>{payee}</Id><SchmeNm><Prtry>{scheme}</Prtry></SchmeNm></Othr></Id></DbtrAcct>\
         <DbtrAgt>{own_bank}</DbtrAgt>\
         <CdtTrfTxInf><PmtId><EndToEndId>{key}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"{currency}\">{amount}</InstdAmt></Amt>\
         <CdtrAgt>{bank}</CdtrAgt><Cdtr><Nm>{holder}</Nm></Cdtr>\
         <CdtrAcct><Id><Othr><Id>{number}</Id></Othr></Id></CdtrAcct>\
         <RmtInf><Ustrd>{reason}</Ustrd></RmtInf></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>\n",
        name = escaped(&settings.initiator),
        payee = escaped(&collect.payee),
        own_bank = agent(&settings.bank_code),
        currency = refund.amount.currency().code(),
        bank = agent(&account.bank_code),
        holder = escaped(account.name.trim()),
        number = account.number,
        reason = escaped(refund.reason.trim()),
    )
    .ok()?;
    Some(xml)
}

pub(crate) fn agent(bank_code: &str) -> String {
    format!(
        "<FinInstnId><ClrSysMmbId><ClrSysId><Cd>{CLEARING_SYSTEM}</Cd></ClrSysId>\
         <MmbId>{bank_code}</MmbId></ClrSysMmbId></FinInstnId>"
    )
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// Whether a text is the name of an order: a reference's twenty characters (`EP` or `RF` first), `-`, and a few more.
pub(crate) fn is_order_key(text: &str) -> bool {
    let Some((head, tail)) = text.split_once('-') else {
        return false;
    };
    let as_ours = head
        .strip_prefix("RF")
        .or_else(|| head.strip_prefix("EP"))
        .map(|body| format!("EP{body}"));
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    as_ours.is_some_and(|reference| epay_rail::is_reference(&reference))
        && (1..=11).contains(&tail.len())
        && tail.bytes().all(plain)
}
