//! What iAM Smart tells by itself: proved first, then opened, then read. No IO, no clock.

use core::fmt;

use epay_iamsmart::{
    AnswerFault, BODY_BYTES_MAX, Callback, Code, Credentials, FormResult, SignatureFault, Signed,
};
use jiff::Timestamp;

use crate::key::PrivateKey;
use crate::{IamSmartOptions, OpenFault};

/// How far the time of a callback may lie from ours.
const TOLERANCE_MILLISECONDS: u64 = 300_000;

/// Whose callbacks are believed, and what opens them.
pub struct CallbackDoor {
    credentials: Credentials,
    private_key: PrivateKey,
}

/// What came of a form.
#[derive(Debug, Clone)]
pub struct FormTold {
    /// Whether the person agreed; without it there are no fields.
    pub agreed: bool,
    /// Which request it is of, and the fields.
    pub result: FormResult,
}

/// Why a callback is not taken. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackFault {
    /// It is too long.
    #[error("a callback has {BODY_BYTES_MAX} bytes at most")]
    Long,
    /// Who sent it is not proved.
    #[error("the callback is not signed by iAM Smart")]
    Signature(#[from] SignatureFault),
    /// Its content was not sealed for us.
    #[error("the content of the callback cannot be opened")]
    Sealed,
    /// It is none.
    #[error("this is not a callback: {0} is wrong")]
    Form(&'static str),
}

impl fmt::Debug for CallbackDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackDoor").finish_non_exhaustive()
    }
}

impl CallbackDoor {
    /// A door for a service.
    ///
    /// # Errors
    /// [`OpenFault::PrivateKey`].
    pub fn new(options: &IamSmartOptions) -> Result<Self, OpenFault> {
        Ok(Self {
            credentials: Credentials {
                client_id: options.client_id.clone(),
                secret: options.secret.clone(),
            },
            private_key: PrivateKey::from_pem(&options.private_key)?,
        })
    }

    /// What came of a form: the five signature headers by their lower-case names, and the body as it came.
    ///
    /// # Errors
    /// [`CallbackFault`]. One that is not signed is refused, and not read.
    pub fn form<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<FormTold, CallbackFault> {
        if body.len() > BODY_BYTES_MAX {
            return Err(CallbackFault::Long);
        }
        let text = core::str::from_utf8(body).map_err(|_fault| SignatureFault::Signature)?;
        let within = (now.as_millisecond(), TOLERANCE_MILLISECONDS);
        self.credentials
            .verify(&Signed::read(header)?, text, within)?;
        let callback = Callback::read(body).map_err(|fault| match fault {
            AnswerFault::Long => CallbackFault::Long,
            AnswerFault::Form(_) => CallbackFault::Form("the frame"),
        })?;
        let agreed = match callback.outcome() {
            Code::Success => true,
            Code::Cancelled | Code::Rejected => false,
            Code::SignatureRefused
            | Code::ContentKeyExpired
            | Code::ContentUnreadable
            | Code::Unclear => return Err(CallbackFault::Form("the code")),
        };
        let key = self.private_key.content_key(&callback.secret_key);
        let content = key
            .and_then(|key| key.open(&callback.sealed).ok())
            .ok_or(CallbackFault::Sealed)?;
        let result = serde_json::from_slice(&content)
            .map_err(|_fault| CallbackFault::Form("the content"))?;
        Ok(FormTold { agreed, result })
    }
}
