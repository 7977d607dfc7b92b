//! A rail of the test's own: every order is one call, whose path names it; every message is JSON.

use epay_money::{Money, RailId};
use epay_rail::{
    Ask, Call, Capture, Decoded, Fee, FeePaid, Finding, Hint, HttpMethod, Inbound, Order,
    OrderKind, Outbound, PaidOver, Patience, Payout, Presentation, Profile, Rail, RailAccountCodes,
    Refusal, Report, Resend, Seal, Settlement, Unreadable, UnreadableKind,
};
use serde::Deserialize;

#[derive(Debug)]
pub(crate) struct TestRail {
    profile: Profile,
    url: String,
    /// The payer hands something over instead of going to a page.
    handover: bool,
    /// It has no words for any order.
    wordless: bool,
}

impl TestRail {
    fn new(
        name: &'static str,
        methods: &'static [&'static str],
        clearing: &str,
        url: &str,
    ) -> Self {
        let rail = RailId::new(name).unwrap();
        let accounts = RailAccountCodes {
            clearing: clearing.to_owned(),
            fee_expense: format!("5010.{name}"),
            fee_accrued: format!("2310.{name}"),
        };
        let mut profile = Profile::new(rail, "Test", accounts);
        profile.methods = methods;
        profile.orders = &OrderKind::ALL;
        profile.refund_days = Some(365);
        profile.patience = Patience {
            call_millis: 2_000,
            first_probe_secs: 5,
            longest_pause_secs: 60,
            probes_before_person: 3,
        };
        Self {
            profile,
            url: url.to_owned(),
            handover: false,
            wordless: false,
        }
    }

    /// Money is taken with the collection.
    pub(crate) fn wallet(url: &str) -> Self {
        Self::new("testwallet", &["test_wallet"], "1140.testwallet", url)
    }

    /// One of several rails that carry the same method as [`Self::wallet`]; the first by name is chosen first.
    pub(crate) fn twin(name: &'static str, url: &str) -> Self {
        Self::new(name, &["test_wallet"], &format!("1140.{name}"), url)
    }

    /// Money is authorised, then captured; the fee is kept back from the payout.
    pub(crate) fn card(url: &str) -> Self {
        Self::card_named("testcard", url)
    }

    pub(crate) fn card_named(name: &'static str, url: &str) -> Self {
        let mut rail = Self::new(name, &["test_card"], "1120", url);
        rail.profile.capture = Capture::Apart;
        rail.profile.fee = Fee {
            per_item_minor: 100,
            basis_points: 0,
            paid: FeePaid::FromPayout,
        };
        rail.profile.settlement = Settlement {
            business_days: 2,
            paid: PaidOver::Reported,
        };
        rail
    }

    /// A signed promise is handed over; nobody can be asked.
    pub(crate) fn cheque(url: &str) -> Self {
        let mut rail = Self::new("testcheque", &["test_cheque"], "1150", url);
        rail.profile.orders = &[OrderKind::Collect, OrderKind::Tender];
        rail.handover = true;
        rail
    }

    pub(crate) const fn handing_over(mut self) -> Self {
        self.handover = true;
        self
    }

    pub(crate) const fn without_words(mut self) -> Self {
        self.wordless = true;
        self
    }

    /// Takes so many calls at once, and waits so long for each.
    pub(crate) const fn calls(mut self, at_once: u32, millis: u32) -> Self {
        self.profile.calls_at_once = at_once;
        self.profile.patience.call_millis = millis;
        self
    }

    pub(crate) const fn safe_to_repeat(mut self) -> Self {
        self.profile.resend = Resend::SafeWithKey;
        self
    }
}

/// What the counterparty writes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    show: Option<String>,
    keep: Option<String>,
    reports: Vec<Word>,
    payouts: Vec<Paid>,
    hints: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Word {
    finding: String,
    #[serde(default)]
    rail_reference: String,
    #[serde(default)]
    reference: Option<String>,
    /// The order that it is about, where it is not the one that was answered.
    #[serde(default)]
    order_key: Option<String>,
    #[serde(default)]
    minor: Option<i64>,
    #[serde(default)]
    fee: Option<i64>,
    #[serde(default)]
    account: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Paid {
    account: String,
    rail_reference: String,
    gross: i64,
    fee: i64,
}

impl Rail for TestRail {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        self.profile.check_collect(&order.collect)?;
        if self.wordless {
            return Err(Refusal::BadPayee {
                problem: "it is not known".to_owned(),
            });
        }
        let mut uses_once = vec![];
        match &order.ask {
            Ask::Collect if self.handover => {
                return Ok(Outbound::Present(Presentation::Handover {
                    what: "cheque".to_owned(),
                    media_type: "text/plain".to_owned(),
                    bytes_max: 100,
                    request_json: String::new(),
                }));
            }
            Ask::Tender(instrument) if instrument.bytes.starts_with(b"forged") => {
                return Err(Refusal::BadInstrument {
                    code: "forged",
                    problem: "the signature does not fit".to_owned(),
                });
            }
            Ask::Tender(instrument) => {
                uses_once.push(String::from_utf8_lossy(&instrument.bytes).into_owned());
            }
            _ => {}
        }
        Ok(Outbound::Call(Call {
            method: HttpMethod::Post,
            url: format!(
                "{}/{}/{}",
                self.url,
                order.kind().as_str(),
                order.header.key
            ),
            headers: vec![],
            body: order.header.nonce.to_vec(),
            seal: Seal::None,
            uses_once,
        }))
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        let words: Words = serde_json::from_slice(inbound.body).map_err(|error| Unreadable {
            kind: UnreadableKind::Malformed,
            path: "/".to_owned(),
            message: error.to_string(),
        })?;
        let asked = match inbound.origin {
            epay_rail::Origin::Reply { order, .. } => Some(order.collect.amount.minor()),
            epay_rail::Origin::Notice => None,
        };
        let day = "2026-11-23".parse().unwrap();
        let report = |word: Word| Report {
            rail_account: word
                .account
                .unwrap_or_else(|| format!("{}-rvd", self.profile.rail)),
            rail_reference: word.rail_reference,
            reference: word.reference,
            bill_number: None,
            order_key: word.order_key,
            amount: Money::hkd(word.minor.or(asked).unwrap_or(1)),
            fee: word.fee.map(Money::hkd),
            finding: Finding::from_word(&word.finding).unwrap_or(Finding::Unclear),
            reason: None,
            instructed_at: inbound.received_at,
            booking_date: day,
            value_date: day,
            payer: None,
            end_to_end_id: None,
            clearing_reference: None,
        };
        Ok(Decoded {
            reports: words.reports.into_iter().map(report).collect(),
            presentation: words.show.map(|url| Presentation::Redirect { url }),
            keep: words.keep,
            hints: words
                .hints
                .into_iter()
                .map(|reference| Hint { reference })
                .collect(),
            payouts: words
                .payouts
                .into_iter()
                .map(|paid| Payout {
                    rail_account: paid.account,
                    rail_reference: paid.rail_reference,
                    gross: Money::hkd(paid.gross),
                    fee: Money::hkd(paid.fee),
                    net: Money::hkd(paid.gross - paid.fee),
                    items: 1,
                    value_date: day,
                })
                .collect(),
            ..Decoded::default()
        })
    }
}
