//! The requests that peers judge: what the rails write today is what stands in `tests/vectors/requests.json`
//! (`EPAY_BLESS=1` writes it anew).

use epay_rail::{Ask, Order, OrderKind, Outbound, Question};
use serde_json::{Value, json};

use crate::support;

fn requests() -> Value {
    let opened = [support::wechat, support::payme];
    let mut all = Vec::new();
    for (open, (method, payee)) in opened
        .into_iter()
        .zip([support::SAMPLES[0], support::SAMPLES[2]])
    {
        let rail = open();
        let refund = Question::Order {
            key: "EP0AB1CD2EF3GH4JK5MN-R1".to_owned(),
            kind: OrderKind::Refund,
        };
        for ask in [
            Ask::Collect,
            Ask::Query(Question::Collection),
            Ask::Close,
            Ask::Query(refund),
        ] {
            let mut order = Order::collect(support::collect(method, payee));
            order.ask = ask;
            order.header.bearer = Some("test-bearer".to_owned());
            let Ok(Outbound::Call(call)) = rail.encode(&order) else {
                panic!("{method} refuses the sample");
            };
            let target = format!("/{}", call.url.splitn(4, '/').nth(3).unwrap());
            let headers: serde_json::Map<String, Value> = call
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
                .collect();
            all.push(json!({
                "rail": rail.profile().rail.as_str(),
                "method": call.method.as_str(),
                "target": target,
                "headers": headers,
                "body": String::from_utf8(call.body).unwrap(),
            }));
        }
    }
    all.into()
}

#[test]
fn the_requests_that_peers_judge_are_what_the_rails_write() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/requests.json");
    let written = serde_json::to_string_pretty(&requests()).unwrap() + "\n";
    if std::env::var_os("EPAY_BLESS").is_some() {
        std::fs::write(path, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), written);
}
