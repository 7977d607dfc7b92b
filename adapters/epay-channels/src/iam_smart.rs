//! iAM Smart's push, as `docs/iam-smart-push.md` has it: a signed and sealed request a message, and a signed receipt when its fate is known.

use std::sync::Arc;

use epay_domain::notification::Failure;
use epay_iamsmart::{
    Code, PUSH_BODY_CHARACTERS_MAX, PUSH_TITLE_CHARACTERS_MAX, PushMessage, PushRefusal,
};
use epay_iamsmart_client::{CallFault, IamSmart, IamSmartOptions, OpenFault};
use secrecy::{ExposeSecret as _, SecretString};

use crate::sms::is_reference;
use crate::{Message, Sent};

/// Where iAM Smart's receipts come in, on our side.
pub const PUSH_RECEIPTS_PATH: &str = "/channels/iam-smart/receipts";
/// Too busy to look at a message.
const BUSY: u16 = 503;

/// iAM Smart, as messages go by it.
#[derive(Debug, Clone)]
pub(crate) struct PushService(Arc<IamSmart>);

impl PushService {
    pub(crate) fn open(options: &IamSmartOptions) -> Result<Self, OpenFault> {
        Ok(Self(Arc::new(IamSmart::new(options)?)))
    }

    pub(crate) async fn send(&self, message: &Message, person: &SecretString) -> Sent {
        let title = message.title.as_deref().unwrap_or_default();
        let fits = title.chars().count() <= PUSH_TITLE_CHARACTERS_MAX
            && message.body.chars().count() <= PUSH_BODY_CHARACTERS_MAX;
        if !fits {
            return Sent::failed(
                Failure::Technical,
                "the text is too long for a push message",
            );
        }
        let name = message.id.to_string();
        let push = PushMessage {
            name: &name,
            person: person.expose_secret(),
            title,
            body: &message.body,
            lang: message.language_tags(),
        };
        match self.0.push(&push).await {
            Ok(answer) if is_reference(&answer.message) => Sent::Taken {
                provider_reference: answer.message,
            },
            Ok(_nameless) => Sent::unknown("the answer names no message"),
            Err(fault) => judge(&fault),
        }
    }
}

/// What a call that failed says of the message. What iAM Smart's documentation of push does not have leaves it open.
fn judge(fault: &CallFault) -> Sent {
    // A fault quotes nothing of a person.
    let detail = fault.to_string();
    match fault {
        CallFault::Refused { word, code } => match (PushRefusal::of(word), code) {
            (Some(PushRefusal::NoSuchPerson | PushRefusal::SwitchedOff), _) => {
                Sent::failed(Failure::Permanent, detail)
            }
            (Some(PushRefusal::NameReused), _)
            | (None, Code::SignatureRefused | Code::ContentKeyExpired | Code::ContentUnreadable) => {
                Sent::failed(Failure::Technical, detail)
            }
            (None, Code::Success | Code::Cancelled | Code::Rejected | Code::Unclear) => {
                Sent::unknown(detail)
            }
        },
        CallFault::NotSent(_) | CallFault::Status(BUSY | 400..=499) => {
            Sent::failed(Failure::Technical, detail)
        }
        CallFault::Unknown(_) | CallFault::Status(_) | CallFault::Unreadable(_) => {
            Sent::unknown(detail)
        }
    }
}
