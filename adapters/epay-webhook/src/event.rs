//! The envelope: `CloudEvents` 1.0 in structured JSON, with the `sequence` extension.

use jiff::Timestamp;
use serde::Serialize;

/// The media type of a body.
pub const EVENT_MEDIA_TYPE: &str = "application/cloudevents+json";

/// What happened, for receivers that know `CloudEvents`. `source` and `id` together are told apart from every other event;
/// the same event has the same ones whenever it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CloudEvent<'a, D> {
    specversion: &'static str,
    /// Unique within the source.
    pub id: &'a str,
    /// Who tells: a path.
    pub source: &'a str,
    /// What happened: a stable word.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// What it happened to, where that has a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'a str>,
    /// When it was recorded.
    pub time: Timestamp,
    datacontenttype: &'static str,
    /// Sorts events of one source by the time at which they were decided; letters and digits only.
    pub sequence: &'a str,
    /// The facts.
    pub data: D,
}

impl<'a, D: Serialize> CloudEvent<'a, D> {
    /// An event about nothing in particular yet.
    #[must_use]
    pub const fn new(
        (source, id): (&'a str, &'a str),
        kind: &'a str,
        time: Timestamp,
        sequence: &'a str,
        data: D,
    ) -> Self {
        Self {
            specversion: "1.0",
            id,
            source,
            kind,
            subject: None,
            time,
            datacontenttype: "application/json",
            sequence,
            data,
        }
    }

    /// The body. Made once and kept: a receiver's signature check is over bytes.
    ///
    /// # Errors
    /// When the facts have no form in JSON.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_every_attribute_that_the_specification_requires() {
        let time = "2026-11-23T03:00:00.000001Z".parse().unwrap();
        let mut event = CloudEvent::new(("/billers/rvd", "evt_1"), "bill.paid", time, "01", 7_u8);
        event.subject = Some("bills/1");
        assert_eq!(
            event.to_body().unwrap(),
            r#"{"specversion":"1.0","id":"evt_1","source":"/billers/rvd","type":"bill.paid","subject":"bills/1","time":"2026-11-23T03:00:00.000001Z","datacontenttype":"application/json","sequence":"01","data":7}"#
        );
        event.subject = None;
        assert!(!event.to_body().unwrap().contains("subject"));
    }
}
