//! What the contact store answers, said to callers. Causes are logged by their kind alone: what the database says of a row may quote it.

use std::collections::HashMap;

use epay_contact::ContactError;
use epay_pg::PgErrorKind;
use tonic::{Code, Status};

use crate::person_file::PersonFileError;

use super::{About, internal, invalid_field, not_found, refused, status, unavailable};

/// The status of an error of the contact store.
pub(crate) fn contacts(error: &ContactError, about: &About) -> Status {
    match error {
        ContactError::NoPerson => not_found(about.kind, &about.name),
        ContactError::PersonIsThere => {
            let words = "This person is there already. Nothing was done; find the person instead.";
            plain(Code::AlreadyExists, "SUBSCRIBER_EXISTS", words)
        }
        ContactError::VersionDiffers => {
            let words = "The person was changed meanwhile. Nothing was done; look again and send the change with the new etag.";
            plain(Code::Aborted, "ETAG_DIFFERS", words)
        }
        ContactError::Ways => {
            let words = "must each be named once, and have a contact point; a channel has one contact point at most";
            invalid_field("channels", "CHANNEL_WITHOUT_CONTACT_POINT", words)
        }
        ContactError::IdentityStays => {
            let words = "the id at iAM Smart is said once, when the person comes";
            invalid_field("contact_points", "IDENTITY_STAYS", words)
        }
        ContactError::TooManyAccounts { .. } => bound("TOO_MANY_SUBSCRIPTIONS", error, about),
        ContactError::TooManySubscribers { .. } => bound("TOO_MANY_SUBSCRIBERS", error, about),
        ContactError::Database(cause) if *cause.kind() == PgErrorKind::Unavailable => unavailable(
            "The contacts do not answer. Send the request again shortly; sent twice, it is done once.",
        ),
        ContactError::Database(cause) => {
            let (kind, sqlstate) = (cause.kind(), cause.sqlstate());
            tracing::error!(
                %kind,
                ?sqlstate,
                "The contact store reported a fault; the caller was told INTERNAL"
            );
            internal()
        }
        ContactError::Unknown { .. } | ContactError::Sealed { .. } | ContactError::NotSealed => {
            tracing::error!(
                %error,
                "The contact store reported a fault; the caller was told INTERNAL"
            );
            internal()
        }
    }
}

/// The status of an error of a person's file.
pub(crate) fn person_file(error: PersonFileError, about: &About) -> Status {
    match error {
        PersonFileError::Contacts(error) => contacts(&error, about),
        PersonFileError::Store(error) => super::engine(error.into(), about),
        PersonFileError::Pool(error) => super::engine(error.into(), about),
    }
}

fn bound(reason: &str, error: &ContactError, about: &About) -> Status {
    refused(reason, &about.name, &error.to_string(), HashMap::new())
}

fn plain(code: Code, reason: &str, words: &str) -> Status {
    status(code, reason, words, HashMap::new(), |_| {})
}
