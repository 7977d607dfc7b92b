//! Who is signed in: the person's id at iAM Smart, sealed into a cookie of the browser. Nothing is kept on the server.
//!
//! The pages for paying need nobody signed in and set no cookie. The cookie is sent to our own pages alone (`HttpOnly`, `SameSite=Lax`, and
//! `Secure` where the pages are served so), and is good for [`SESSION_SECONDS`] after the sign-in, however much is done in between:
//! a browser that is left open on a counter is no key to somebody's contacts for long.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::seal::{SealError, Sealed, Sealer};

/// How long a person stays signed in.
pub(crate) const SESSION_SECONDS: i64 = 30 * 60;
/// How long a person may be away at iAM Smart.
pub(crate) const SIGN_IN_SECONDS: i64 = 10 * 60;
/// Longest `Cookie` header that is read, in bytes.
const COOKIES_BYTES_MAX: usize = 8 * 1_024;
const SESSION_NAME: &str = "epay-session";
const SIGN_IN_NAME: &str = "epay-sign-in";
/// How long iAM Smart may take to fill in a form, and its person to read it: as long as the gateway keeps it.
pub(crate) const FORM_SECONDS: i64 = 15 * 60;
const FORM_NAME: &str = "epay-form";

/// Somebody who is signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The id by which iAM Smart knows the person at this service alone.
    #[serde(rename = "p")]
    pub(crate) person: String,
}

/// The id is as good as a name; it is not shown.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

/// A sign-in that a browser is away for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignInUnderWay {
    /// What comes back with the browser.
    #[serde(rename = "s")]
    pub(crate) state: String,
    /// The page to go on to, below the language.
    #[serde(rename = "n")]
    pub(crate) next: String,
    /// It is to have a form filled in: who is signed in stays signed in.
    #[serde(rename = "f", default)]
    pub(crate) form: bool,
}

/// A form that iAM Smart is filling in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormUnderWay {
    /// The form's name at the gateway.
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// What comes back with the browser.
    #[serde(rename = "s")]
    pub(crate) state: String,
    /// Whom it was asked of.
    #[serde(rename = "p")]
    pub(crate) person: String,
}

/// Its name: the id is as good as one of a person.
impl std::fmt::Debug for FormUnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormUnderWay")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Sealed for FormUnderWay {
    const PURPOSE: &'static str = "epay-portal form v1";
}

impl Sealed for Session {
    const PURPOSE: &'static str = "epay-portal session v1";
}

impl Sealed for SignInUnderWay {
    const PURPOSE: &'static str = "epay-portal sign-in v1";
}

/// What lives in a cookie.
pub(crate) trait Kept: Sealed {
    const NAME: &'static str;
    const SECONDS: i64;

    /// Reads it from a request; nothing where it is not ours, or over.
    fn of(headers: &HeaderMap, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        let sealed = cookie(headers, Self::NAME)?;
        sealer.open_within(sealed, now, Self::SECONDS)
    }

    /// The header that has the browser keep it.
    fn kept(
        &self,
        sealer: &Sealer,
        now: Timestamp,
        secure: bool,
    ) -> Result<HeaderValue, SealError> {
        let sealed = sealer.seal(self, now)?;
        header(Self::NAME, &sealed, Self::SECONDS, secure)
    }

    /// The header that has the browser forget it.
    fn forgotten(secure: bool) -> Result<HeaderValue, SealError> {
        header(Self::NAME, "", 0, secure)
    }
}

impl Kept for Session {
    const NAME: &'static str = SESSION_NAME;
    const SECONDS: i64 = SESSION_SECONDS;
}

impl Kept for SignInUnderWay {
    const NAME: &'static str = SIGN_IN_NAME;
    const SECONDS: i64 = SIGN_IN_SECONDS;
}

impl Kept for FormUnderWay {
    const NAME: &'static str = FORM_NAME;
    const SECONDS: i64 = FORM_SECONDS;
}

fn header(name: &str, value: &str, seconds: i64, secure: bool) -> Result<HeaderValue, SealError> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(|_never| SealError::Library)
}

/// The value of a cookie; of one that comes twice, nothing: somebody else may have set the other.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = None;
    for header in headers.get_all(COOKIE) {
        let header = header.to_str().ok()?;
        if header.len() > COOKIES_BYTES_MAX {
            return None;
        }
        for pair in header.split(';') {
            if let Some((key, value)) = pair.trim().split_once('=')
                && key == name
                && found.replace(value).is_some()
            {
                return None;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn session() -> Session {
        Session {
            person: "0123456789abcdef".to_owned(),
        }
    }

    fn sent(cookies: &[&str]) -> HeaderMap {
        let pairs = cookies
            .iter()
            .map(|cookie| (COOKIE, HeaderValue::from_str(cookie).unwrap()));
        pairs.collect()
    }

    #[test]
    fn a_session_is_read_back_for_half_an_hour_and_shows_nothing() {
        let sealer = Sealer::new(None).unwrap();
        let now: Timestamp = "2026-01-20T08:00:00Z".parse().unwrap();
        let header = session().kept(&sealer, now, true).unwrap();
        let header = header.to_str().unwrap();
        assert!(header.ends_with("; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure"));
        assert!(!header.contains("0123456789abcdef"));
        let pair = header.split(';').next().unwrap();
        for (seconds, there) in [
            (0, true),
            (SESSION_SECONDS, true),
            (SESSION_SECONDS + 1, false),
        ] {
            let later = now + SignedDuration::from_secs(seconds);
            let read = Session::of(&sent(&[&format!("a=b; {pair}; c=d")]), &sealer, later);
            assert_eq!(read, there.then(session), "{seconds}");
        }
        let other = Sealer::new(None).unwrap();
        assert_eq!(Session::of(&sent(&[pair]), &other, now), None);
    }

    #[test]
    fn what_is_there_twice_or_of_another_purpose_is_nothing() {
        let sealer = Sealer::new(None).unwrap();
        let now: Timestamp = "2026-01-20T08:00:00Z".parse().unwrap();
        let away = SignInUnderWay {
            state: "s".to_owned(),
            next: "/account".to_owned(),
            form: false,
        };
        let sealed = sealer.seal(&away, now).unwrap();
        let (one, wrong) = (
            format!("{SIGN_IN_NAME}={sealed}"),
            format!("{SESSION_NAME}={sealed}"),
        );
        assert_eq!(SignInUnderWay::of(&sent(&[&one]), &sealer, now), Some(away));
        assert_eq!(SignInUnderWay::of(&sent(&[&one, &one]), &sealer, now), None);
        assert_eq!(Session::of(&sent(&[&wrong]), &sealer, now), None);
        assert_eq!(Session::of(&sent(&[]), &sealer, now), None);
        let long = format!("{one}; x={}", "y".repeat(COOKIES_BYTES_MAX));
        assert_eq!(SignInUnderWay::of(&sent(&[&long]), &sealer, now), None);
    }
}
