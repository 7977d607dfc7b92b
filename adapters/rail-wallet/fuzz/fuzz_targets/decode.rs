//! Any bytes are decoded or refused, the same way twice, and every report obeys the contract: as a notice of each
//! wallet, and as the answer to a question. Notices of any proof are believed or refused.
//!
//! Run from `adapters/rail-wallet`: `cargo +nightly fuzz run decode fuzz/corpus/decode tests/golden/wechat`.
#![no_main]

use std::sync::LazyLock;

use epay_rail::{Ask, Door, Header, Inbound, Order, Question, Rail, Unverified, is_reference};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/support.rs"]
#[allow(dead_code)]
mod support;

static RAILS: LazyLock<Vec<(Box<dyn Rail>, Order)>> = LazyLock::new(|| {
    let opened = [support::wechat(), support::alipay(), support::payme(), support::octopus()];
    let orders = support::SAMPLES.map(|(method, payee)| {
        let collect = support::collect(method, payee);
        Order {
            header: Header {
                key: collect.reference.clone(),
                at: collect.asked_at,
                nonce: [0; 16],
                kept: None,
                bearer: None,
            },
            collect,
            ask: Ask::Query(Question::Collection),
        }
    });
    opened.into_iter().zip(orders).collect()
});

fuzz_target!(|body: &[u8]| {
    for (rail, order) in RAILS.iter() {
        let at = Timestamp::UNIX_EPOCH;
        for inbound in [Inbound::notice(body, at), Inbound::reply(order, 200, body, at)] {
            let answer = rail.decode(&inbound);
            assert_eq!(answer, rail.decode(&inbound));
            for report in answer.iter().flat_map(|decoded| &decoded.reports) {
                assert!(report.amount.is_positive());
                assert!(!report.rail_account.is_empty() && !report.rail_reference.is_empty());
                assert!(report.reference.as_deref().is_none_or(is_reference));
            }
        }
        let text = String::from_utf8_lossy(body).into_owned();
        let names = ["signature", "wechatpay-signature", "wechatpay-timestamp", "webhook-signature", "request-time"];
        let headers: Vec<(String, String)> = names.iter().map(|name| ((*name).to_owned(), text.clone())).collect();
        let target = "/rails/wallet/notices";
        let believed = rail.authenticate(&Unverified {
            door: Door::Notice { target },
            headers: &headers,
            body,
            received_at: at,
        });
        assert!(believed.is_err());
    }
});
