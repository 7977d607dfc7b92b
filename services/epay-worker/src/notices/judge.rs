//! Deciding on notices that are due: what was read, and what follows for each.

use std::collections::HashMap;
use std::sync::Arc;

use epay_domain::bill::Bill;
use epay_domain::notification::{
    Decision, Notice, Preferences, Situation, Step, Suppression, Try, bill_now, decide,
    details_now, with_names,
};
use epay_domain::{BillType, Terms};
use epay_engine::Catalogue;
use epay_money::BillId;
use epay_notice::{Rendered, Templates};
use epay_store::notice::NoticeEvent;
use jiff::Timestamp;
use uuid::Uuid;

/// What decisions rest on.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) bills: HashMap<BillId, Bill>,
    pub(super) preferences: HashMap<Uuid, Preferences>,
    pub(super) severe_weather: bool,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) templates: &'a Templates,
    pub(super) now: Timestamp,
    pub(super) lost_at: Timestamp,
}

/// A message that is to be sent now.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) begun: Try,
    pub(super) person: Uuid,
    pub(super) tongue: epay_notice::Tongue,
    /// What it says; why it says nothing, where our texts are at fault.
    pub(super) text: Result<Rendered, String>,
}

/// What decisions made.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) notices: Vec<Notice>,
    pub(super) events: Vec<NoticeEvent>,
    pub(super) letters: Vec<Letter>,
}

impl World<'_> {
    /// Decides on each.
    pub(super) fn judge(&self, due: Vec<Notice>) -> Judged {
        let mut judged = Judged::default();
        for mut notice in due {
            let bill = self.bills.get(&notice.bill);
            let preferences = self.preferences.get(&notice.person);
            let decision = match bill {
                Some(bill) => self.decide(&notice, bill, preferences),
                // Bills are never removed: who finds none here was told something that is not so.
                None => Decision::Suppress(Suppression::NotTrue),
            };
            let (step, fact) = notice.judged(decision, self.now, self.lost_at);
            judged.events.extend(fact.map(|fact| NoticeEvent {
                notice: notice.id,
                version: notice.version,
                fact,
                channel: None,
                detail: None,
                at: self.now,
            }));
            if let (Step::Send(begun), Some(bill), Some(wants)) = (step, bill, preferences) {
                let letter = self.write(&mut notice, begun, (bill, wants));
                judged.letters.push(letter);
            }
            judged.notices.push(notice);
        }
        judged
    }

    fn decide(&self, notice: &Notice, bill: &Bill, preferences: Option<&Preferences>) -> Decision {
        let kind = self.catalogue.kind(&bill.bill_type);
        let nothing = Terms::default();
        let terms = kind.map_or(&nothing, |kind| &kind.terms);
        let situation = Situation {
            kind: notice.kind,
            expires_at: notice.expires_at,
            bill: bill_now(notice.kind, bill, terms),
            about: notice.about,
            preferences,
            failed: &notice.closed(),
            severe_weather: self.severe_weather,
        };
        decide(&situation, self.now)
    }

    fn write(
        &self,
        notice: &mut Notice,
        begun: Try,
        (bill, wants): (&Bill, &Preferences),
    ) -> Letter {
        let kind = self.catalogue.kind(&bill.bill_type);
        let text = kind
            .ok_or_else(|| "the kind of bill is not known".to_owned())
            .and_then(|kind| self.text(notice, begun, (bill, kind), wants));
        Letter {
            begun,
            person: notice.person,
            tongue: wants.tongue,
            text,
        }
    }

    fn text(
        &self,
        notice: &mut Notice,
        begun: Try,
        (bill, kind): (&Bill, &BillType),
        wants: &Preferences,
    ) -> Result<Rendered, String> {
        let said = details_now(notice.kind, &notice.details, (bill, kind), self.now)
            .map_err(|fault| fault.to_string())?;
        let named = with_names(&said, kind).map_err(|fault| fault.to_string())?;
        let way = (notice.kind, begun.message.channel);
        let text = self.templates.render(way, wants.tongue, &named);
        notice.details = said;
        notice.tongue = Some(wants.tongue);
        notice.template_version = Some(self.templates.version());
        text.map_err(|fault| fault.to_string())
    }
}
