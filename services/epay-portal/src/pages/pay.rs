//! A payment's page: what the payer must do, or what has become of the payment. One address for all of it.

use axum::extract::{Path, Query};
use axum::response::Response;
use epay_money::{BillerId, PaymentId};
use jiff::Timestamp;
use serde::Deserialize;

use super::common::{Row, kind_rows, payment_of, payment_path};
use super::{hand, instruct, leave, result, scan, together, waiting};
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::view::{BillKind, Next, Payment, Screen};
use crate::web::Visit;

/// How the visitor came to the page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Came {
    /// Saying that the payment was made.
    checked: Option<String>,
    /// From a page of the rail.
    back: Option<String>,
    /// From the button that started the payment.
    go: Option<String>,
}

impl Came {
    /// Whether to say that nothing has arrived yet.
    pub(super) const fn asks(&self) -> bool {
        self.checked.is_some()
    }

    pub(super) const fn came_back(&self) -> bool {
        self.back.is_some()
    }

    pub(super) const fn goes_on(&self) -> bool {
        self.go.is_some()
    }

    #[cfg(test)]
    pub(super) fn asking() -> Self {
        Self {
            checked: Some(String::new()),
            ..Self::default()
        }
    }
}

/// What the script needs to keep the page up to date.
pub(super) struct LiveMark {
    pub(super) how: &'static str,
    pub(super) screen: &'static str,
    pub(super) version: i64,
    pub(super) address: String,
}

/// A payment, the kind of its bill, and the instant at which it is looked at.
pub(super) struct Seen {
    pub(super) payment: Payment,
    pub(super) kind: BillKind,
    pub(super) now: Timestamp,
}

impl Seen {
    pub(super) async fn look(
        visit: &Visit,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Self, Problem> {
        let gateway = &visit.portal.gateway;
        let payment = gateway
            .payment(biller, id)
            .await
            .map_err(Problem::of_payment)?;
        let kind = gateway
            .bill_kind(&payment.kind)
            .await
            .map_err(Problem::of_payment)?;
        Ok(Self {
            payment,
            kind,
            now: Timestamp::now(),
        })
    }

    pub(super) fn screen(&self) -> Screen {
        self.payment.screen(self.now)
    }

    /// Address of the page in the visit's language.
    pub(super) fn address(&self, visit: &Visit) -> String {
        visit.href(&payment_path(&self.payment.biller, self.payment.id))
    }

    pub(super) fn live(&self, visit: &Visit) -> LiveMark {
        let screen = self.screen();
        LiveMark {
            how: self.payment.live(self.now).word(),
            screen: screen.word(),
            version: self.payment.version,
            address: self.address(visit),
        }
    }

    /// The amount, the lines that say which payment this is, and its reference.
    pub(super) fn all_rows(&self, visit: &Visit) -> Vec<Row> {
        let text = visit.text;
        let amount = crate::format::money(text.language, self.payment.amount);
        let mut rows = vec![Row::new(text.say("review-amount"), amount).strong()];
        rows.extend(self.rows(visit));
        let method = text.method(&self.payment.method, "name");
        rows.push(Row::new(text.say("review-method"), method));
        let reference = self.payment.reference.clone();
        rows.push(Row::new(text.say("pay-reference"), reference));
        rows
    }

    /// The lines that say which payment this is.
    pub(super) fn rows(&self, visit: &Visit) -> Vec<Row> {
        let text = visit.text;
        let mut rows = kind_rows(text, &self.kind);
        match self.payment.bills.as_slice() {
            [] | [_] => rows.push(Row::new(
                text.pick(self.kind.number_label.as_ref()),
                self.payment.bill_number.clone(),
            )),
            several => {
                let each = several
                    .iter()
                    .map(|bill| (bill.number.as_str(), bill.amount));
                rows.extend(together::rows(text, &self.kind, each));
            }
        }
        rows
    }
}

/// Shows the payment. Who says that it was made has the rail asked first; the answer may take a moment more.
pub(crate) async fn pay(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
    Query(came): Query<Came>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        if came.asks() {
            match visit.portal.gateway.check_payment(&biller, id).await {
                // Refused: there is nothing to ask, and the page says how it stands.
                Ok(_) | Err(Failure::Refused { .. }) => {}
                Err(failure) => return Err(Problem::of_payment(failure)),
            }
        }
        let seen = Seen::look(&visit, &biller, id).await?;
        Ok(show(&visit, &seen, &came))
    };
    visit.answer(answer.await)
}

pub(super) fn show(visit: &Visit, seen: &Seen, came: &Came) -> Response {
    let screen = seen.screen();
    if screen.has_receipt() {
        return result::show(visit, seen);
    }
    match (screen, &seen.payment.next) {
        (Screen::Scan, Some(Next::Scan(code))) => scan::show(visit, seen, code, came),
        (Screen::Leave, Some(Next::Redirect { url })) => leave::to_page(visit, seen, url, came),
        (Screen::Leave, Some(Next::Form { action, fields })) => {
            leave::by_form(visit, seen, action, fields, came)
        }
        (Screen::Instruct, Some(Next::Instructions { fields })) => {
            instruct::show(visit, seen, fields, came)
        }
        (Screen::Hand, Some(Next::Hand(handover))) => hand::show(visit, seen, handover, None),
        _ => waiting::show(visit, seen, screen, came),
    }
}
