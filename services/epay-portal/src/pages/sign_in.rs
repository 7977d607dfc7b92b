//! Signing in with iAM Smart: off to it, back from it, and out again.
//!
//! A browser leaves with a state that only its own cookie knows, so that nobody can be signed in by somebody else's link. What comes
//! back is a code, which the server exchanges for the person's id; the browser never sees that id but sealed.

use axum::extract::{Query, RawQuery};
use axum::response::{IntoResponse, Redirect, Response};
use epay_iamsmart::{Code, ReturnFault, Returned, Scope, SignIn};
use epay_iamsmart_client::{CallFault, IamSmart};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde::Deserialize;

use super::Problem;
use super::account::ask_form;
use crate::language::Language;
use crate::seal::new_intent;
use crate::session::{Kept as _, Session, SignInUnderWay};
use crate::web::Visit;

/// Where a browser comes back, below the language.
pub(crate) const BACK_PATH: &str = "/sign-in/back";
/// The page of the person who is signed in, below the language.
pub(crate) const ACCOUNT_PATH: &str = "/account";
/// What shows the page of iAM Smart.
pub(super) const SOURCE: &str = "PC_Browser";

/// Where the person was going.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// Sends the browser to iAM Smart.
pub(crate) async fn begin(visit: Visit, Query(next): Query<Next>) -> Response {
    let begun = leave(&visit, own_path(&next.next), false);
    visit.answer(begun)
}

/// Sends the browser to iAM Smart, to sign in or to be asked for a form as well: no more is asked for than is needed.
pub(super) fn leave(visit: &Visit, next: &str, form: bool) -> Result<Response, Problem> {
    let iam_smart = iam_smart(visit)?;
    let under_way = SignInUnderWay {
        state: new_intent()?,
        next: next.to_owned(),
        form,
    };
    let scopes: &[Scope] = if form {
        &[Scope::Authentication, Scope::FormFilling]
    } else {
        &[Scope::Authentication]
    };
    let redirect = format!("{}{}", visit.portal.public_url, visit.href(BACK_PATH));
    let sign_in = SignIn {
        client_id: iam_smart.client_id(),
        redirect: &redirect,
        scopes,
        state: &under_way.state,
        language: tag(visit.language()),
        source: SOURCE,
    };
    let address = sign_in
        .address(iam_smart.url())
        .map_err(|_never| Problem::SignInDown)?;
    let sealer = &visit.portal.sealer;
    let cookie = under_way.kept(sealer, Timestamp::now(), visit.portal.is_secure())?;
    Ok(with_cookies([cookie], Redirect::to(address.as_str())))
}

/// Takes the browser that comes back.
pub(crate) async fn back(visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    visit.answer(come_back(&visit, &headers, &query).await)
}

async fn come_back(visit: &Visit, headers: &HeaderMap, query: &str) -> Result<Response, Problem> {
    let iam_smart = iam_smart(visit)?;
    let (sealer, now) = (&visit.portal.sealer, Timestamp::now());
    let under_way = SignInUnderWay::of(headers, sealer, now).ok_or(Problem::SignInOver)?;
    let returned = Returned::read(query, &under_way.state).map_err(|fault| match fault {
        ReturnFault::State => Problem::SignInOver,
        ReturnFault::Long | ReturnFault::Form => Problem::SignInDown,
    })?;
    let code = match returned {
        Returned::Code(code) => code,
        Returned::Refused(code) => {
            return Err(match Code::of(&code) {
                Code::Cancelled | Code::Rejected => Problem::SignInRefused,
                _ => Problem::SignInDown,
            });
        }
    };
    let token = iam_smart.token(&code).await.map_err(|fault| {
        tracing::warn!(%fault, "A sign-in could not be ended");
        match fault {
            // The code was used before, or is too old: the person pressed "back", or was away for long.
            CallFault::Refused {
                code: Code::Unclear,
                ..
            } => Problem::SignInOver,
            _ => Problem::SignInDown,
        }
    })?;
    if under_way.form {
        return Box::pin(ask_form(visit, &token)).await;
    }
    let secure = visit.portal.is_secure();
    let session = Session {
        person: token.open_id,
    };
    let cookies = [
        session.kept(sealer, now, secure)?,
        SignInUnderWay::forgotten(secure)?,
    ];
    let next = visit.href(own_path(&under_way.next));
    Ok(with_cookies(cookies, Redirect::to(&next)))
}

/// Forgets who is there.
pub(crate) async fn sign_out(visit: Visit) -> Response {
    let out = || {
        let cookie = Session::forgotten(visit.portal.is_secure())?;
        Ok(with_cookies([cookie], Redirect::to(&visit.href(""))))
    };
    visit.answer(out())
}

pub(super) fn with_cookies<const N: usize>(
    cookies: [HeaderValue; N],
    answer: impl IntoResponse,
) -> Response {
    let mut answer = answer.into_response();
    for cookie in cookies {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

pub(super) fn iam_smart(visit: &Visit) -> Result<&IamSmart, Problem> {
    visit.portal.iam_smart.as_ref().ok_or(Problem::NotFound)
}

/// A page of ours to go on to; the person's own page where it is none. Whatever could lead out of the site is none.
fn own_path(next: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
    let ours = ["/account", "/follow/"]
        .iter()
        .any(|page| next.starts_with(page));
    if ours && next.bytes().all(plain) && !next.contains("//") {
        next
    } else {
        ACCOUNT_PATH
    }
}

/// A language as iAM Smart calls it.
const fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en-US",
        Language::Traditional => "zh-HK",
        Language::Simplified => "zh-CN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_pages_of_ours_alone() {
        let rows = [
            ("/account", "/account"),
            ("/follow/AbC-_1", "/follow/AbC-_1"),
            ("", "/account"),
            ("/find/x", "/account"),
            ("//evil.example/account", "/account"),
            ("/account//evil.example", "/account"),
            ("https://evil.example", "/account"),
            ("/follow/../x", "/account"),
            ("/follow/%2e", "/account"),
        ];
        for (asked, given) in rows {
            assert_eq!(own_path(asked), given, "{asked}");
        }
    }
}
