//! The hosted page, where a person types a test card, and the page of the card's bank, where they type its code.
//!
//! The page ends in one of four ways: approved (back to the merchant with the success indicator), declined (another card may be
//! tried until the page closes), not known (back to the merchant, who must ask), cancelled.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::Acquirer;
use super::cards::{Authentication, CARDS, TestCard};
use super::desk::Attempted;
use super::store::{self, Session};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::pages::view::{Refused, money, page};

/// Wrong codes that a challenge bears.
const WRONG_CODES_MAX: i32 = 3;
/// Longest name on a card.
const HOLDER_CHARS_MAX: usize = 100;

pub(super) fn routes() -> Router<Acquirer> {
    Router::new()
        .route("/cards", get(cards))
        .route("/checkout/pay/{session}", get(show).post(pay))
        .route("/acs/{challenge}", get(ask).post(answer))
}

/// A row of the list of cards.
struct Row {
    number: String,
    what: &'static str,
}

#[derive(Template)]
#[template(path = "acquirer/cards.html")]
struct CardsPage {
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "acquirer/pay.html")]
struct PayPage<'a> {
    session: &'a Session,
    amount: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "acquirer/challenge.html")]
struct ChallengePage<'a> {
    session: &'a Session,
    amount: String,
    challenge: &'a Challenge,
    problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "acquirer/end.html")]
struct EndPage<'a> {
    title: &'a str,
    text: &'a str,
    back: Option<&'a str>,
}

async fn cards() -> Response {
    let rows = CARDS
        .iter()
        .map(|card| Row {
            number: card.grouped(),
            what: card.what,
        })
        .collect();
    page(StatusCode::OK, &CardsPage { rows })
}

impl Acquirer {
    async fn session(&self, session_id: &str) -> Result<Session, Refused> {
        let client = self.frame.client().await.map_err(Problem::from)?;
        let session = store::session(&client, session_id)
            .await
            .map_err(Problem::from)?;
        let absent = || Problem::bad_form(404, "There is no such payment page".to_owned());
        Ok(session.ok_or_else(absent)?)
    }

    /// The page's end when its time is over.
    fn closed(&self, session: &Session) -> Option<Response> {
        (session.expires_at <= self.frame.now()).then(|| {
            let end = EndPage {
                title: "This payment page has closed",
                text: "Its time is over. Nothing was paid here since then.",
                back: session.cancel_url.as_deref(),
            };
            page(StatusCode::GONE, &end)
        })
    }

    /// An attempt with a card, and where it leads.
    async fn tried(
        &self,
        session: &Session,
        card: &TestCard,
        holder: &str,
        asked: bool,
    ) -> Result<Response, Refused> {
        let attempted = self
            .attempt(session, card, holder, asked)
            .await
            .map_err(Problem::from)?;
        Ok(match attempted {
            Attempted::Approved => approved(session),
            Attempted::Unknown => page(
                StatusCode::OK,
                &EndPage {
                    title: "Your bank has not answered yet",
                    text: "Do not pay again. The merchant will be told when the answer comes.",
                    back: session.return_url.as_deref(),
                },
            ),
            Attempted::Declined(code) => pay_page(
                session,
                Some(format!(
                    "The card was declined ({code}). You may try another card."
                )),
            ),
        })
    }
}

fn pay_page(session: &Session, problem: Option<String>) -> Response {
    let amount = money(&session.currency, session.amount_cents);
    page(
        StatusCode::OK,
        &PayPage {
            session,
            amount,
            problem,
        },
    )
}

/// Back to the merchant with the sign of a good end.
fn approved(session: &Session) -> Response {
    let Some(url) = &session.return_url else {
        let end = EndPage {
            title: "Paid",
            text: "The card was approved.",
            back: None,
        };
        return page(StatusCode::OK, &end);
    };
    let joint = if url.contains('?') { '&' } else { '?' };
    let indicator = &session.success_indicator;
    Redirect::to(&format!("{url}{joint}resultIndicator={indicator}")).into_response()
}

async fn show(
    State(acquirer): State<Acquirer>,
    Path(session_id): Path<String>,
) -> Result<Response, Refused> {
    let session = acquirer.session(&session_id).await?;
    if let Some(closed) = acquirer.closed(&session) {
        return Ok(closed);
    }
    Ok(pay_page(&session, None))
}

/// The form of the payment page.
#[derive(Deserialize)]
struct Pay {
    #[serde(default)]
    number: String,
    #[serde(default)]
    holder: String,
    /// The button.
    #[serde(rename = "do")]
    button: String,
}

async fn pay(
    State(acquirer): State<Acquirer>,
    Path(session_id): Path<String>,
    form: Result<Form<Pay>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    let session = acquirer.session(&session_id).await?;
    if let Some(closed) = acquirer.closed(&session) {
        return Ok(closed);
    }
    if form.button == "cancel" {
        return Ok(cancelled(&session));
    }
    if form.holder.chars().count() > HOLDER_CHARS_MAX {
        return Ok(pay_page(&session, Some("The name is too long.".to_owned())));
    }
    let typed = if form.button == "fail" {
        // The bank of this one never authenticates.
        "9999000000000143"
    } else {
        form.number.as_str()
    };
    let Some(card) = TestCard::of(typed) else {
        let words = "This page takes the test cards of the sandbox alone.";
        return Ok(pay_page(&session, Some(words.to_owned())));
    };
    if card.authentication == Authentication::Challenge {
        let challenge = acquirer.challenge(&session, card, &form.holder).await;
        let challenge_id = challenge.map_err(Problem::from)?;
        return Ok(Redirect::to(&format!("/acquirer/acs/{challenge_id}")).into_response());
    }
    acquirer.tried(&session, card, &form.holder, false).await
}

fn cancelled(session: &Session) -> Response {
    match &session.cancel_url {
        Some(url) => Redirect::to(url).into_response(),
        None => page(
            StatusCode::OK,
            &EndPage {
                title: "Cancelled",
                text: "Nothing was paid.",
                back: None,
            },
        ),
    }
}

/// A question of the card's bank.
struct Challenge {
    challenge_id: String,
    session_id: String,
    card_number: String,
    holder: String,
    code: String,
    wrong_codes: i32,
    ended: bool,
}

impl Acquirer {
    /// Lets the card's bank ask for a code.
    async fn challenge(
        &self,
        session: &Session,
        card: &TestCard,
        holder: &str,
    ) -> Result<String, BooksError> {
        let challenge_id = Uuid::new_v4().simple().to_string();
        let code = format!("{:06}", rand::random_range(0..1_000_000_u32));
        let sql = "INSERT INTO acquirer_challenges (challenge_id, session_id, card_number, holder, code, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let client = self.frame.client().await?;
        client
            .execute(
                sql,
                &[
                    &challenge_id,
                    &session.session_id,
                    &card.number,
                    &holder,
                    &code,
                    &self.frame.now(),
                ],
            )
            .await?;
        Ok(challenge_id)
    }

    async fn read_challenge(&self, id: &str) -> Result<Option<Challenge>, BooksError> {
        let sql = "SELECT challenge_id, session_id, card_number, holder, code, wrong_codes, ended
                   FROM acquirer_challenges WHERE challenge_id = $1";
        let row = self.frame.client().await?.query_opt(sql, &[&id]).await?;
        row.map(|row| {
            Ok(Challenge {
                challenge_id: row.try_get(0)?,
                session_id: row.try_get(1)?,
                card_number: row.try_get(2)?,
                holder: row.try_get(3)?,
                code: row.try_get(4)?,
                wrong_codes: row.try_get(5)?,
                ended: row.try_get(6)?,
            })
        })
        .transpose()
    }

    /// Ends a challenge, or notes a wrong code. `false` when it had ended: its answer was used.
    async fn note(&self, challenge: &Challenge, right: bool) -> Result<bool, BooksError> {
        let sql = "UPDATE acquirer_challenges SET wrong_codes = wrong_codes + $2, ended = $3
                   WHERE challenge_id = $1 AND NOT ended";
        let wrong = i32::from(!right);
        let ends = right || challenge.wrong_codes.saturating_add(1) >= WRONG_CODES_MAX;
        let client = self.frame.client().await?;
        let noted = client
            .execute(sql, &[&challenge.challenge_id, &wrong, &ends])
            .await?;
        Ok(noted > 0)
    }

    async fn open_challenge(&self, id: &str) -> Result<(Challenge, Session), Refused> {
        let challenge = self.read_challenge(id).await.map_err(Problem::from)?;
        let absent = || Problem::bad_form(404, "There is no such question".to_owned());
        let challenge = challenge.ok_or_else(absent)?;
        let session = self.session(&challenge.session_id).await?;
        Ok((challenge, session))
    }
}

fn challenge_page(
    session: &Session,
    challenge: &Challenge,
    problem: Option<&'static str>,
) -> Response {
    let amount = money(&session.currency, session.amount_cents);
    page(
        StatusCode::OK,
        &ChallengePage {
            session,
            amount,
            challenge,
            problem,
        },
    )
}

async fn ask(
    State(acquirer): State<Acquirer>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let (challenge, session) = acquirer.open_challenge(&id).await?;
    if challenge.ended {
        let path = format!("/acquirer/checkout/pay/{}", session.session_id);
        return Ok(Redirect::to(&path).into_response());
    }
    Ok(challenge_page(&session, &challenge, None))
}

/// The form of the bank's page.
#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
    /// The button.
    #[serde(rename = "do")]
    button: String,
}

async fn answer(
    State(acquirer): State<Acquirer>,
    Path(id): Path<String>,
    form: Result<Form<Code>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    let (mut challenge, session) = acquirer.open_challenge(&id).await?;
    if let Some(closed) = acquirer.closed(&session) {
        return Ok(closed);
    }
    let card = TestCard::of(&challenge.card_number)
        .ok_or_else(|| Problem::bad_form(404, "There is no such card".to_owned()))?;
    let right = form.button != "cancel" && form.code.trim() == challenge.code;
    if form.button == "cancel" {
        // A person who gives up has no further try.
        challenge.wrong_codes = WRONG_CODES_MAX;
    }
    let noted = acquirer
        .note(&challenge, right)
        .await
        .map_err(Problem::from)?;
    if !noted {
        let path = format!("/acquirer/checkout/pay/{}", session.session_id);
        return Ok(Redirect::to(&path).into_response());
    }
    let tries_left = challenge.wrong_codes.saturating_add(1) < WRONG_CODES_MAX;
    if !right && tries_left {
        let words = "That was not the code. Try again.";
        return Ok(challenge_page(&session, &challenge, Some(words)));
    }
    acquirer
        .tried(&session, card, &challenge.holder, right)
        .await
}

fn bad_form(rejection: FormRejection) -> Problem {
    Problem::bad_form(rejection.status().as_u16(), rejection.body_text())
}
