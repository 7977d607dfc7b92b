//! Why a cheque is not taken: a stable code and words for the payer, as one table.

use epay_rail::Refusal;

/// A reason for which a cheque is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRow {
    /// The stable code.
    pub code: &'static str,
    /// What the payer is told.
    pub words: &'static str,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $code:literal $words:literal)+) => {
        /// A rule that a cheque breaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub(crate) enum Fault {
            $($(#[$doc])* #[error($words)] $name,)+
        }

        impl Fault {
            const fn row(self) -> FaultRow {
                match self {
                    $(Self::$name => FaultRow { code: $code, words: $words },)+
                }
            }
        }

        /// Every reason, in the order in which a cheque is judged.
        pub const FAULTS: &[FaultRow] = &[$(FaultRow { code: $code, words: $words },)+];
    };
}

faults! {
    /// The instrument is of another kind.
    NotACheque "not_an_echeque" "an e-Cheque was expected"
    /// More bytes than are read.
    TooLarge "too_large" "the file is larger than 2 MB"
    /// Not a PDF, or one that cannot be read in one way only.
    NotAPdf "not_a_pdf" "the file is not a sound PDF document"
    /// Encrypted.
    Locked "locked" "the file is protected by a password; hand over the e-Cheque as your bank issued it"
    /// More objects, streams or nesting than are read, or objects packed into streams.
    TooComplex "too_complex" "the file is built in a way that no e-Cheque is"
    /// Scripts, launch actions, forms to fill in, layers.
    Active "active_content" "the file holds scripts, actions or fields, which no e-Cheque does"
    /// Not two signatures, or of another form than the two that are read.
    Signatures "wrong_signatures" "an e-Cheque has two signatures: the payer's and the paying bank's"
    /// Byte ranges that leave something out, or bytes behind the last signature.
    Coverage "not_covered" "the signatures do not cover the whole file"
    /// The second revision does more than to sign.
    Changed "changed_after_signing" "the file was changed after it was signed"
    /// A signature that cannot be read, or with algorithms that are not taken.
    BadCms "unreadable_signature" "a signature in the file cannot be read"
    /// Digest or signature differ.
    BadSignature "bad_signature" "a signature does not fit: the file was changed"
    /// No chain to a recognised authority.
    UnknownAuthority "unknown_authority" "a signature is not under a recognised certification authority"
    /// A certificate that was not valid when it signed.
    NotValidThen "certificate_not_valid" "a certificate was not valid when it signed"
    /// A certificate that may not sign.
    NotForSigning "certificate_not_for_signing" "a certificate in the file is not one for signing"
    /// A certificate that its authority took back.
    Revoked "certificate_revoked" "a certificate in the file has been revoked by its authority"
    /// A certificate of an authority whose list is out of date.
    RevocationUnknown "revocation_unknown" "it cannot be told at present whether a certificate in the file has been revoked"
    /// A signature from the future.
    SignedLater "signed_in_future" "a signature bears a time that has not come yet"
    /// Not one payer and one bank.
    Roles "wrong_signers" "the signatures must be one of a payer and one of a bank"
    /// No data, or several.
    NoData "no_cheque_data" "the file does not hold the data of one e-Cheque"
    /// Data that break the schema.
    BadData "bad_cheque_data" "the data of the e-Cheque cannot be read"
    /// Signed by another bank than the one that is to pay.
    OtherBank "other_bank" "the bank that signed is not the bank that is to pay"
    /// To somebody else.
    Payee "wrong_payee" "the e-Cheque must be made out to the Government of the Hong Kong Special Administrative Region"
    /// Not Hong Kong dollars.
    Currency "wrong_currency" "the e-Cheque must be in Hong Kong dollars"
    /// Another amount.
    Amount "wrong_amount" "the amount of the e-Cheque must be the total of the bills"
    /// Dated later than today.
    PostDated "post_dated" "the e-Cheque bears a date that has not come yet"
    /// Older than six months.
    Stale "stale" "the e-Cheque is older than six months"
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let FaultRow { code, words } = fault.row();
        Self::BadInstrument {
            code,
            problem: words.to_owned(),
        }
    }
}
