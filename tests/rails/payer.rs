//! A person who pays by card: opens the hosted page, types a test card, answers their bank.

use epay_money::Money;
use epay_rail::{Ask, Collect, Decoded, Finding, Order, Presentation, Rail, Report};

use crate::house::{Answer, House, order, rail_id, whole};

pub(crate) const APPROVED: &str = "9999 0000 0000 0010";
pub(crate) const CHALLENGE: &str = "9999 0000 0000 0028";
const BACK: &str = "http://127.0.0.1:9/back?a=1";
pub(crate) const PASSWORD: &str = "password-of-all-merchants";
const SECRET: &str = "notification-secret-1";

/// A house with the acquirer's secrets, and the rail that speaks to it.
pub(crate) async fn open(more: &str) -> (House, Box<dyn Rail>) {
    let secrets = [
        ("card-password", PASSWORD),
        ("card-notification", SECRET),
        ("card-notification-next", "notification-secret-2"),
    ];
    let house = House::open(&secrets).await;
    let settings = format!(
        "base_url = '{}/acquirer'\nnotification_url = '{}/rails/card/notices'
         notification_secrets = ['{SECRET}']\n{more}\n[merchants]\nTESTTD = '{PASSWORD}'",
        house.url, house.gateway
    );
    let rail = epay_rails::rails()
        .into_iter()
        .find(|entry| entry.id == "card")
        .unwrap();
    let rail = (rail.open)(&rail_id("card"), &settings).unwrap();
    (house, rail)
}

/// One attempt to pay.
pub(crate) struct Attempt {
    pub(crate) collect: Collect,
    pub(crate) page: String,
    pub(crate) kept: Option<String>,
}

/// Begins a collection of HK$5,074.00, the worked example's vehicle licence.
pub(crate) async fn begin(house: &House, rail: &dyn Rail, reference: &str) -> Attempt {
    let now = house.now().await;
    let collect = Collect {
        method: "card".to_owned(),
        payee: "TESTTD".to_owned(),
        amount: Money::hkd(507_400),
        amount_editable: false,
        reference: reference.to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Vehicle licence".to_owned(),
        return_url: Some(BACK.to_owned()),
        asked_at: now,
        expires_at: now + jiff::SignedDuration::from_mins(15),
    };
    let decoded = house
        .send(rail, &Order::collect(collect.clone()))
        .await
        .read();
    let Some(Presentation::Redirect { url: page }) = decoded.presentation else {
        panic!("no page: {decoded:?}");
    };
    Attempt {
        collect,
        page,
        kept: decoded.keep,
    }
}

/// What the payer's browser came to.
pub(crate) struct Shown {
    pub(crate) status: u16,
    /// Where it is sent to.
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Shown {
    /// Back at the merchant, with the sign of a good end.
    pub(crate) fn is_back(&self) -> bool {
        self.location
            .as_ref()
            .is_some_and(|to| to.starts_with(&format!("{BACK}&resultIndicator=")))
    }
}

/// Posts a form.
pub(crate) async fn submit(house: &House, url: &str, fields: &[(&str, &str)]) -> Shown {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+").replace('=', "%3D")))
        .collect();
    let request = house.http.post(url);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response = request.body(body.join("&")).send().await.unwrap();
    let status = response.status().as_u16();
    let location = response
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    Shown {
        status,
        location,
        text,
    }
}

/// Types a card, with a name on it.
pub(crate) async fn pay(house: &House, attempt: &Attempt, card: &str, holder: &str) -> Shown {
    let fields = [("number", card), ("holder", holder), ("do", "pay")];
    submit(house, &attempt.page, &fields).await
}

/// Asks the acquirer, and keeps what is to be kept.
pub(crate) async fn ask(house: &House, rail: &dyn Rail, attempt: &mut Attempt) -> Decoded {
    let question = order(&attempt.collect, "Q", whole(), attempt.kept.as_deref());
    let decoded = house.send(rail, &question).await.read();
    if let Some(keep) = &decoded.keep {
        attempt.kept = Some(keep.clone());
    }
    decoded
}

/// The findings of an answer, with the keys of their orders.
pub(crate) fn findings(decoded: &Decoded) -> Vec<(&str, Finding)> {
    let told = |report: &Report| report.finding;
    decoded
        .reports
        .iter()
        .map(|report| (report.order_key.as_deref().unwrap_or(""), told(report)))
        .collect()
}

/// Sends a later order about an attempt.
pub(crate) async fn then(
    house: &House,
    rail: &dyn Rail,
    attempt: &Attempt,
    (key, what): (&str, Ask),
) -> Answer {
    let order = order(&attempt.collect, key, what, attempt.kept.as_deref());
    house.send(rail, &order).await
}

/// Captures a sum of cents.
pub(crate) const fn capture(cents: i64) -> Ask {
    Ask::Capture {
        amount: Money::hkd(cents),
    }
}

/// Pays with a card that is approved, and captures all of it.
pub(crate) async fn paid(
    house: &House,
    rail: &dyn Rail,
    reference: &str,
    (card, holder): (&str, &str),
) -> Attempt {
    let mut attempt = begin(house, rail, reference).await;
    assert!(pay(house, &attempt, card, holder).await.is_back());
    ask(house, rail, &mut attempt).await;
    let answer = then(house, rail, &attempt, ("C1", capture(507_400))).await;
    let decoded = answer.read();
    assert_eq!(decoded.reports[0].finding, Finding::Settled, "{decoded:?}");
    attempt
}
