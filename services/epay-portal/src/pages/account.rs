//! The page of a person: how they are told of bills, of which accounts, and the way to be forgotten.
//!
//! Who is not signed in is asked to, and is told first what is kept, why and for how long. Nothing is kept before the person agreed on the
//! form. Addresses are shown masked, whoever looks.

mod fill;
mod form;

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

pub(crate) use self::fill::{ask_form, fill_in, filled};
use self::form::{AccountForm, Filled, refused};
use super::common::{fields, file_of_json};
use super::sign_in::{ACCOUNT_PATH, with_cookies};
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::seal::BillLink;
use crate::session::{FormUnderWay, Kept as _, Session};
use crate::view::{BillKind, Person};
use crate::web::{Fault, Frame, Visit, page};

/// Where more is said of iAM Smart.
const MORE: [(&str, &str); 3] = [
    ("en", "https://www.iamsmart.gov.hk/en/"),
    ("zh-hant", "https://www.iamsmart.gov.hk/tc/"),
    ("zh-hans", "https://www.iamsmart.gov.hk/sc/"),
];

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Frame,
    begin: String,
    more: &'static str,
}

struct AccountRow {
    name: String,
    tail: String,
    action: String,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Frame,
    joined: bool,
    form: Filled,
    accounts: Vec<AccountRow>,
    action: String,
    held: String,
    erase: String,
    sign_out: String,
    saved: bool,
    /// Where iAM Smart is asked to fill in the form.
    fill: String,
    /// What came of that.
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "erase.html")]
struct ErasePage {
    page: Frame,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(path = "follow.html")]
struct FollowPage {
    page: Frame,
    kind: String,
    department: String,
    number: String,
    joined: bool,
    action: String,
    account: String,
    back: String,
}

/// Shows the page, or asks to sign in.
pub(crate) async fn account(visit: Visit) -> Response {
    let answer = async {
        let Some(session) = &visit.session else {
            return ask_to_sign_in(&visit, ACCOUNT_PATH);
        };
        let person = visit.portal.gateway.person(&session.person).await?;
        let filled = Filled::of(&visit, person.as_ref());
        show(&visit, person.as_ref(), filled, None).await
    };
    visit.answer(answer.await)
}

/// Takes the form.
pub(crate) async fn save(
    visit: Visit,
    headers: HeaderMap,
    form: Result<Form<AccountForm>, FormRejection>,
) -> Response {
    visit.answer(Box::pin(take(&visit, &headers, form)).await)
}

async fn take(
    visit: &Visit,
    headers: &HeaderMap,
    form: Result<Form<AccountForm>, FormRejection>,
) -> Result<Response, Problem> {
    let form = fields(form)?;
    let Some(session) = &visit.session else {
        return ask_to_sign_in(visit, ACCOUNT_PATH);
    };
    let gateway = &visit.portal.gateway;
    let person = gateway.person(&session.person).await?;
    let again = |fault: Fault| {
        let filled = Filled::typed(visit, person.as_ref(), &form);
        show(visit, person.as_ref(), filled, Some(fault))
    };
    let change = match form.read(visit, person.as_ref(), Timestamp::now()) {
        Ok(change) => change,
        Err(fault) => return again(fault).await,
    };
    let saved = match &person {
        Some(person) => gateway.change(person, &change).await,
        None => gateway.join(&session.person, &change).await,
    };
    match saved {
        Ok(_person) => {
            let done = Redirect::to(&visit.href(&format!("{ACCOUNT_PATH}?saved=1")));
            match FormUnderWay::of(headers, &visit.portal.sealer, Timestamp::now()) {
                Some(under_way) => {
                    fill::forget(visit, &under_way).await;
                    let cookie = FormUnderWay::forgotten(visit.portal.is_secure())?;
                    Ok(with_cookies([cookie], done))
                }
                None => Ok(done.into_response()),
            }
        }
        Err(failure) => match refused(visit, &failure) {
            Some(fault) => again(fault).await,
            None => Err(failure.into()),
        },
    }
}

async fn show(
    visit: &Visit,
    person: Option<&Person>,
    form: Filled,
    fault: Option<Fault>,
) -> Result<Response, Problem> {
    show_noted(visit, person, (form, fault), None).await
}

/// Shows the page with a word on what happened before.
async fn show_noted(
    visit: &Visit,
    person: Option<&Person>,
    (form, fault): (Filled, Option<Fault>),
    note: Option<String>,
) -> Result<Response, Problem> {
    let gateway = &visit.portal.gateway;
    let accounts = match person {
        Some(person) => gateway.accounts(person).await?,
        None => Vec::new(),
    };
    let kinds = gateway.bill_kinds().await?;
    let named = |code: &str| {
        let kind = kinds.iter().find(|kind| kind.code == code);
        kind.map_or_else(|| code.to_owned(), |kind| name(visit, kind))
    };
    let accounts = accounts
        .into_iter()
        .map(|account| AccountRow {
            name: named(&account.bill_type),
            action: visit.href(&format!("{ACCOUNT_PATH}/stop/{}", account.id)),
            tail: account.tail,
        })
        .collect();
    Ok(render(
        visit,
        person.is_some(),
        (form, accounts),
        (fault, note),
    ))
}

fn render(
    visit: &Visit,
    joined: bool,
    (form, accounts): (Filled, Vec<AccountRow>),
    (fault, note): (Option<Fault>, Option<String>),
) -> Response {
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let saved = visit.place.ends_with("?saved=1") && fault.is_none();
    let frame = visit.frame(visit.text.say("account-title"));
    page(
        status,
        &AccountPage {
            page: frame.with_fault(fault),
            joined,
            form,
            accounts,
            action: visit.href(ACCOUNT_PATH),
            held: visit.href(&format!("{ACCOUNT_PATH}/data.json")),
            erase: visit.href(&format!("{ACCOUNT_PATH}/erase")),
            sign_out: visit.href("/sign-out"),
            saved,
            fill: visit.href(&format!("{ACCOUNT_PATH}/fill")),
            note,
        },
    )
}

/// The page as a table test wants it: of somebody who has not joined, with this fault.
#[cfg(test)]
pub(super) fn shown_for_test(visit: &Visit, fault: Fault) -> Response {
    let form = Filled::of(visit, None);
    render(visit, false, (form, vec![]), (Some(fault), None))
}

fn name(visit: &Visit, kind: &BillKind) -> String {
    let department = visit.text.pick(kind.biller_name.as_ref());
    let name = visit.text.pick(kind.name.as_ref());
    visit.text.fill(
        "account-bills-of",
        [("department", department), ("kind", name)],
    )
}

/// Asks to sign in, and then goes on to a page.
fn ask_to_sign_in(visit: &Visit, next: &str) -> Result<Response, Problem> {
    if visit.portal.iam_smart.is_none() {
        return Err(Problem::NotFound);
    }
    let segment = visit.language().segment();
    let more = MORE.iter().find(|(language, _)| *language == segment);
    Ok(page(
        StatusCode::OK,
        &SignInPage {
            page: visit.frame(visit.text.say("sign-in-title")),
            begin: visit.href(&format!("/sign-in?next={next}")),
            more: more.map_or("https://www.iamsmart.gov.hk/", |(_, address)| address),
        },
    ))
}

/// The person who is signed in, and has agreed before.
async fn known(visit: &Visit) -> Result<Option<Person>, Problem> {
    let Some(session) = &visit.session else {
        return Ok(None);
    };
    Ok(visit.portal.gateway.person(&session.person).await?)
}

/// Stops news of an account.
pub(crate) async fn stop(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        if let Some(person) = known(&visit).await? {
            visit.portal.gateway.unfollow(&person, &id).await?;
        }
        Ok(to_account(&visit))
    };
    visit.answer(answer.await)
}

/// Gives a person everything that is held of them, as a file. Who never agreed to anything has nothing here.
pub(crate) async fn held_of_me(visit: Visit) -> Response {
    let answer = async {
        if visit.session.is_none() {
            return ask_to_sign_in(&visit, ACCOUNT_PATH);
        }
        let Some(person) = known(&visit).await? else {
            return Ok(to_account(&visit));
        };
        let json = visit.portal.gateway.held_of(&person).await?;
        file_of_json("bill-notices-data", json)
    };
    visit.answer(answer.await)
}

/// Asks whether everything is to be forgotten.
pub(crate) async fn ask_erase(visit: Visit) -> Response {
    let answer = || {
        if visit.session.is_none() {
            return ask_to_sign_in(&visit, ACCOUNT_PATH);
        }
        Ok(page(
            StatusCode::OK,
            &ErasePage {
                page: visit.frame(visit.text.say("erase-title")),
                action: visit.href(&format!("{ACCOUNT_PATH}/erase")),
                back: visit.href(ACCOUNT_PATH),
            },
        ))
    };
    visit.answer(answer())
}

/// Forgets everything, and signs out.
pub(crate) async fn erase(visit: Visit) -> Response {
    let answer = async {
        if let Some(person) = known(&visit).await? {
            visit.portal.gateway.forget(&person).await?;
        }
        let cookie = Session::forgotten(visit.portal.is_secure())?;
        Ok(with_cookies([cookie], Redirect::to(&visit.href(""))))
    };
    visit.answer(answer.await)
}

/// Shows the account of a bill that could be followed.
pub(crate) async fn ask_follow(visit: Visit, Path(sealed): Path<String>) -> Response {
    let answer = async {
        if visit.session.is_none() {
            return ask_to_sign_in(&visit, &format!("/follow/{sealed}"));
        }
        let link = opened(&visit, &sealed)?;
        let gateway = &visit.portal.gateway;
        let kind = gateway.bill_kind(&link.bill_type).await?;
        let bill = gateway.find_bill(&link, &visit.visitor).await?;
        let person = known(&visit).await?;
        Ok(page(
            StatusCode::OK,
            &FollowPage {
                page: visit.frame(visit.text.say("follow-title")),
                kind: visit.text.pick(kind.name.as_ref()),
                department: visit.text.pick(kind.biller_name.as_ref()),
                number: bill.number,
                joined: person.is_some(),
                action: visit.href(&format!("/follow/{sealed}")),
                account: visit.href(ACCOUNT_PATH),
                back: visit.href(&format!("/bill/{sealed}")),
            },
        ))
    };
    visit.answer(answer.await)
}

/// Follows it.
pub(crate) async fn follow(visit: Visit, Path(sealed): Path<String>) -> Response {
    let answer = async {
        let Some(person) = known(&visit).await? else {
            return Ok(to_account(&visit));
        };
        let link = opened(&visit, &sealed)?;
        let followed = visit.portal.gateway.follow(&person, &link, &visit.visitor);
        match followed.await {
            Ok(()) => Ok(to_account(&visit)),
            Err(Failure::Refused { .. }) => Err(Problem::TooManyAccounts),
            Err(failure) => Err(failure.into()),
        }
    };
    visit.answer(answer.await)
}

fn to_account(visit: &Visit) -> Response {
    Redirect::to(&visit.href(ACCOUNT_PATH)).into_response()
}

fn opened(visit: &Visit, sealed: &str) -> Result<BillLink, Problem> {
    let link = visit.portal.sealer.open(sealed, Timestamp::now());
    link.ok_or(Problem::LinkOver)
}
