//! Our orders in WeChat Pay's words.

use epay_money::hong_kong_zone;
use epay_rail::{Ask, Call, Collect, HttpMethod, Order, Profile, Refund, Refusal, Seal};
use jiff::Timestamp;
use serde::Serialize;

use super::config::Account;
use super::sign;
use crate::facts::{Subject, subject};

/// `description` holds 128 characters.
const DESCRIPTION_CHARS_MAX: usize = 128;
/// `reason` holds 80 bytes.
const REASON_BYTES_MAX: usize = 80;

#[derive(Serialize)]
struct Native<'a> {
    sp_appid: &'a str,
    sp_mchid: &'a str,
    sub_mchid: &'a str,
    out_trade_no: &'a str,
    trade_type: &'a str,
    merchant_category_code: &'a str,
    description: String,
    time_start: String,
    time_expire: String,
    notify_url: &'a str,
    amount: Total<'a>,
}

#[derive(Serialize)]
struct Total<'a> {
    total: i64,
    currency: &'a str,
}

#[derive(Serialize)]
struct Merchants<'a> {
    sp_mchid: &'a str,
    sub_mchid: &'a str,
}

#[derive(Serialize)]
struct Return<'a> {
    sp_appid: &'a str,
    sp_mchid: &'a str,
    sub_mchid: &'a str,
    transaction_id: &'a str,
    out_refund_no: &'a str,
    reason: String,
    notify_url: &'a str,
    amount: ReturnAmount<'a>,
}

#[derive(Serialize)]
struct ReturnAmount<'a> {
    refund: i64,
    total: i64,
    currency: &'a str,
}

/// The request that an order becomes.
pub(super) fn call(profile: &Profile, account: &Account, order: &Order) -> Result<Call, Refusal> {
    let collect = &order.collect;
    let (reference, key) = (&collect.reference, &order.header.key);
    let query = format!("?sp_mchid={}&sub_mchid={}", account.sp_mchid, collect.payee);
    let transactions = "/v3/global/transactions";
    let (method, target, body) = match &order.ask {
        Ask::Collect => {
            profile.check_collect(collect)?;
            let body = json(&native(account, collect))?;
            (HttpMethod::Post, format!("{transactions}/native"), body)
        }
        Ask::Query(question) => {
            let path = match subject(question)? {
                Subject::Collection => format!("{transactions}/out-trade-no/{reference}"),
                Subject::Refund(key) => format!("/v3/global/refunds/out-refund-no/{key}"),
            };
            (HttpMethod::Get, path + &query, String::new())
        }
        Ask::Close => {
            let body = json(&Merchants {
                sp_mchid: &account.sp_mchid,
                sub_mchid: &collect.payee,
            })?;
            let path = format!("{transactions}/out-trade-no/{reference}/close");
            (HttpMethod::Post, path, body)
        }
        Ask::Refund(refund) => {
            let body = json(&give_back(account, collect, refund, key))?;
            (HttpMethod::Post, "/v3/global/refunds".to_owned(), body)
        }
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => {
            return Err(Refusal::OrderNotTaken { kind: order.kind() });
        }
    };
    check_payee(&collect.payee)?;
    let authorization = sign::authorization(account, method, &target, &order.header, &body)?;
    Ok(Call {
        method,
        url: format!("{}{target}", account.url),
        headers: vec![
            ("authorization", authorization),
            ("accept", "application/json".to_owned()),
            ("content-type", "application/json".to_owned()),
        ],
        body: body.into_bytes(),
        seal: Seal::None,
        uses_once: vec![],
    })
}

fn native<'a>(account: &'a Account, collect: &'a Collect) -> Native<'a> {
    Native {
        sp_appid: &account.sp_appid,
        sp_mchid: &account.sp_mchid,
        sub_mchid: &collect.payee,
        out_trade_no: &collect.reference,
        trade_type: "NATIVE",
        merchant_category_code: &account.merchant_category_code,
        description: collect
            .description
            .chars()
            .take(DESCRIPTION_CHARS_MAX)
            .collect(),
        time_start: hong_kong(collect.asked_at),
        time_expire: hong_kong(collect.expires_at),
        notify_url: &account.notify_url,
        amount: Total {
            total: collect.amount.minor(),
            currency: collect.amount.currency().code(),
        },
    }
}

fn give_back<'a>(
    account: &'a Account,
    collect: &'a Collect,
    refund: &'a Refund,
    key: &'a str,
) -> Return<'a> {
    let mut reason = String::new();
    for letter in refund.reason.chars() {
        if reason.len().saturating_add(letter.len_utf8()) > REASON_BYTES_MAX {
            break;
        }
        reason.push(letter);
    }
    Return {
        sp_appid: &account.sp_appid,
        sp_mchid: &account.sp_mchid,
        sub_mchid: &collect.payee,
        transaction_id: &refund.original_rail_reference,
        out_refund_no: key,
        reason,
        notify_url: &account.notify_url,
        amount: ReturnAmount {
            refund: refund.amount.minor(),
            total: collect.amount.minor(),
            currency: refund.amount.currency().code(),
        },
    }
}

/// Merchant ids stand in addresses, so nothing in them may have a meaning there.
fn check_payee(payee: &str) -> Result<(), Refusal> {
    let good =
        (1..=32).contains(&payee.len()) && payee.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if good {
        return Ok(());
    }
    Err(Refusal::BadPayee {
        problem: "it is a sub-merchant id: 1 to 32 letters and digits".to_owned(),
    })
}

fn json(body: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(body).map_err(|_fault| Refusal::BadField {
        field: "body",
        problem: "it cannot be written as JSON".to_owned(),
    })
}

/// A moment to the second, with Hong Kong's offset.
fn hong_kong(at: Timestamp) -> String {
    at.to_zoned(hong_kong_zone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}
