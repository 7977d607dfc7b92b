//! The paths of JSON over HTTP, as the OpenAPI document has them.

use std::collections::BTreeMap;

use epay_gateway::Method;

use super::{DAY, ID};

/// Every operation of the OpenAPI document: its method, verb and path about `biller`'s things.
pub(super) fn operations(biller: &str) -> Vec<(Method, reqwest::Method, String)> {
    let by_name: BTreeMap<&str, Method> = Method::ALL
        .iter()
        .map(|method| (method.full_name().rsplit('/').next().unwrap(), *method))
        .collect();
    let document: serde_json::Value = serde_json::from_str(epay_proto::OPENAPI_JSON).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let method = by_name[operation["operationId"].as_str().unwrap()];
            // A thing that a department has one of is named by the department alone.
            let mut path = path.replace("{biller}", biller).replace("{name}", biller);
            for id in [
                "{bill}",
                "{payment}",
                "{journal}",
                "{receipt}",
                "{refund}",
                "{proposal}",
                "{recall}",
                "{logHead}",
                "{break}",
                "{statement}",
                "{statementFile}",
                "{railFile}",
                "{webhookEndpoint}",
                "{notice}",
                "{subscriber}",
                "{subscription}",
                "{contactForm}",
            ] {
                path = path.replace(id, ID);
            }
            path = path.replace("{badRow}", &format!("{ID}.1"));
            path = path
                .replace("{businessDay}", DAY)
                .replace("{weatherDay}", DAY)
                .replace("{period}", "2026-01");
            path = path.replace("{feed}", "hkd").replace("{file}", "1");
            operations.push((method, verb.to_uppercase().parse().unwrap(), path));
        }
    }
    operations
}
