//! Form filling: the person is asked in the app, agrees, and what was agreed to comes to the service's callback.

use core::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Most characters of a service's name for a request.
const REQUEST_CHARACTERS_MAX: usize = 36;

/// A field of the profile that the Government keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProfileField {
    /// The number of the identity card.
    IdNo,
    /// The name in English.
    EnName,
    /// The name in Chinese.
    ChName,
    /// The gender.
    Gender,
    /// The date of birth.
    BirthDate,
}

/// A field that the person keeps ("e-ME").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FormField {
    /// How the person is addressed.
    Prefix,
    /// A telephone number at home.
    HomeTelNumber,
    /// A telephone number at work.
    OfficeTelNumber,
    /// A mobile number.
    MobileNumber,
    /// An e-mail address.
    EmailAddress,
    /// Where the person lives.
    ResidentialAddress,
}

/// Why nobody can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// The name of the request.
    #[error("a request is named with 1 to {REQUEST_CHARACTERS_MAX} ASCII characters")]
    Name,
    /// No field is asked for.
    #[error("a form asks for one field at least")]
    Empty,
}

/// Asks a person for what a form needs.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormRequest {
    /// The service's name for the request. The same again is the same request.
    #[serde(rename = "businessID")]
    pub request: String,
    /// The token of the sign-in.
    pub access_token: String,
    /// The person.
    #[serde(rename = "openID")]
    pub open_id: String,
    /// What shows the page.
    pub source: String,
    /// Where the browser comes back.
    #[serde(rename = "redirectURI")]
    pub redirect: String,
    /// Ties the return to the browser.
    pub state: String,
    /// The form's name, as the person sees it.
    pub form_name: String,
    /// The form's number.
    pub form_num: String,
    /// What it is for, as the person sees it.
    pub form_desc: String,
    /// What is asked of the profile.
    pub profile_fields: Vec<ProfileField>,
    /// What is asked of the person's own fields.
    #[serde(rename = "eMEFields")]
    pub own_fields: Vec<FormField>,
}

/// Its name: token and ID are a person's.
impl fmt::Debug for FormRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormRequest")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl FormRequest {
    /// Checks what the interface asks for.
    ///
    /// # Errors
    /// [`FormFault`].
    pub fn check(&self) -> Result<(), FormFault> {
        let named = (1..=REQUEST_CHARACTERS_MAX).contains(&self.request.len())
            && self.request.bytes().all(|byte| byte.is_ascii_graphic());
        if !named {
            return Err(FormFault::Name);
        }
        if self.profile_fields.is_empty() && self.own_fields.is_empty() {
            return Err(FormFault::Empty);
        }
        Ok(())
    }
}

/// The request was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormAnswer {
    /// iAM Smart's name for the request.
    #[serde(rename = "ticketID")]
    pub ticket: String,
    /// The person must scan a code; else the app opens on the same telephone.
    #[serde(rename = "authByQR", default)]
    pub by_code: bool,
}

/// What the person agreed to give, as it comes to the callback.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormResult {
    /// The service's name for the request.
    #[serde(rename = "businessID")]
    pub request: String,
    /// Ties it to the browser.
    #[serde(default)]
    pub state: String,
    /// A mobile number.
    #[serde(default)]
    pub mobile_number: Option<SecretString>,
    /// An e-mail address.
    #[serde(default)]
    pub email_address: Option<SecretString>,
}
