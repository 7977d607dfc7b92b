//! Sign-in: a browser goes to iAM Smart and comes back with a code, for which the service gets a token and the person's ID.
//!
//! The ID is a tokenised one: the same person has another at every other service.

use core::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// Most characters of an address with which a browser comes back.
pub const ADDRESS_CHARACTERS_MAX: usize = 4_096;
/// Where a browser is sent, below the address of iAM Smart.
const SIGN_IN_PATH: &str = "api/v1/auth/getQR";

/// What a service asks to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To know who it is.
    Authentication,
    /// To read the profile.
    Profiles,
    /// To have forms filled in.
    FormFilling,
    /// To have documents signed.
    Signing,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "eidapi_auth",
            Self::Profiles => "eidapi_profiles",
            Self::FormFilling => "eidapi_formFilling",
            Self::Signing => "eidapi_sign",
        }
    }
}

/// A sign-in that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn<'a> {
    /// The service.
    pub client_id: &'a str,
    /// Where the browser comes back.
    pub redirect: &'a str,
    /// What is asked for.
    pub scopes: &'a [Scope],
    /// Ties the return to the browser that left. The service keeps it in the browser's own session.
    pub state: &'a str,
    /// The language of the pages there: `en-US`, `zh-HK`, `zh-CN`.
    pub language: &'a str,
    /// What shows the page, for instance `PC_Browser`.
    pub source: &'a str,
}

impl SignIn<'_> {
    /// The address to which the browser is sent, below `base`.
    ///
    /// # Errors
    /// When `base` has no path that can be added to.
    pub fn address(&self, base: &Url) -> Result<Url, url::ParseError> {
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        let mut address = base.join(SIGN_IN_PATH)?;
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        address
            .query_pairs_mut()
            .append_pair("clientID", self.client_id)
            .append_pair("responseType", "code")
            .append_pair("source", self.source)
            .append_pair("redirectURI", self.redirect)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", self.state)
            .append_pair("lang", self.language);
        Ok(address)
    }
}

/// With what a browser came back.
#[derive(PartialEq, Eq)]
pub enum Returned {
    /// The person signed in.
    Code(String),
    /// The person did not, or it could not be done; the code says why.
    Refused(String),
}

/// Why a return is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReturnFault {
    /// It is too long.
    #[error("the address is longer than {ADDRESS_CHARACTERS_MAX} characters")]
    Long,
    /// Its state is not the one with which this browser left: somebody else's sign-in, or an old one.
    #[error("this sign-in was not begun in this browser, or it was begun again since")]
    State,
    /// It has neither a code nor a reason, or one of them twice.
    #[error("iAM Smart sent neither a code nor a reason")]
    Form,
}

/// A code is as good as a key for a minute; it is not shown.
impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(_) => f.write_str("Code(…)"),
            Self::Refused(code) => f.debug_tuple("Refused").field(code).finish(),
        }
    }
}

impl Returned {
    /// Reads the query of the address with which a browser came back.
    ///
    /// # Errors
    /// [`ReturnFault`].
    pub fn read(query: &str, state: &str) -> Result<Self, ReturnFault> {
        if query.len() > ADDRESS_CHARACTERS_MAX {
            return Err(ReturnFault::Long);
        }
        let [mut code, mut refusal, mut found] = [const { None::<String> }; 3];
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "code" => &mut code,
                "error_code" => &mut refusal,
                "state" => &mut found,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(ReturnFault::Form);
            }
        }
        let same = found.is_some_and(|found| is_same(&found, state));
        if state.is_empty() || !same {
            return Err(ReturnFault::State);
        }
        match (code, refusal) {
            // A plus that was not encoded arrives as a space; no code has one.
            (Some(code), None) if !code.is_empty() => Ok(Self::Code(code.replace(' ', "+"))),
            (None, Some(refusal)) => Ok(Self::Refused(refusal)),
            _ => Err(ReturnFault::Form),
        }
    }
}

/// Whether two texts are the same, in a time that does not say where they differ.
fn is_same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Asks for a token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequest<'a> {
    /// The code of the return.
    pub code: &'a str,
    grant_type: &'static str,
}

impl<'a> TokenRequest<'a> {
    /// For the code of a return.
    #[must_use]
    pub const fn new(code: &'a str) -> Self {
        Self {
            code,
            grant_type: "authorization_code",
        }
    }
}

/// A token, and whose it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenAnswer {
    /// What later calls for this person carry.
    pub access_token: SecretString,
    /// When it was given, in milliseconds since 1970.
    pub issue_at: i64,
    /// For how many milliseconds it is good.
    pub expires_in: i64,
    /// The person's tokenised ID.
    #[serde(rename = "openID")]
    pub open_id: String,
    /// What was allowed.
    #[serde(default)]
    pub scope: String,
}
