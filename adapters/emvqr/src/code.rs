//! Every kind of finding, with the name that other programs may rely on.

use std::fmt;

/// What a finding is about, coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The text cannot be split into objects here.
    Structure,
    /// The checksum is absent, misplaced or wrong.
    Integrity,
    /// The objects are there, but one of them breaks a rule of the specification.
    Schema,
    /// A rule of the Hong Kong FPS profile is broken.
    Fps,
    /// Nothing is wrong; a reader may still want to know.
    Advice,
}

macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal, $class:ident;)+) => {
        /// The kind of a finding. [`Code::as_str`] is stable: programs may match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, in snake case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What this code is about.
            #[must_use]
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$variant => Class::$class,)+
                }
            }
        }
    };
}

codes! {
    /// The input is longer than [`INPUT_BYTES_MAX`](crate::INPUT_BYTES_MAX); nothing of it was read.
    InputTooLong = "input_too_long", Structure;
    /// The input is not UTF-8; nothing of it was read.
    NotUtf8 = "not_utf8", Structure;
    /// The input does not begin with `000201`: a web address or something else.
    NotEmv = "not_emv", Structure;
    /// One to three characters are left where an object should begin.
    TruncatedHeader = "truncated_header", Structure;
    /// An identifier is not two ASCII digits.
    BadId = "bad_id", Structure;
    /// A length is not two ASCII digits.
    BadLength = "bad_length", Structure;
    /// A value is shorter than its length says.
    ValueOverrun = "value_overrun", Structure;

    /// There is no checksum object.
    CrcMissing = "crc_missing", Integrity;
    /// Something follows the checksum object.
    CrcNotLast = "crc_not_last", Integrity;
    /// The checksum is not four hexadecimal digits.
    CrcMalformed = "crc_malformed", Integrity;
    /// The checksum does not belong to this text.
    CrcMismatch = "crc_mismatch", Integrity;

    /// The first object is not the payload format indicator.
    FormatIndicatorNotFirst = "format_indicator_not_first", Schema;
    /// The payload format indicator is not `01`.
    FormatIndicatorValue = "format_indicator_value", Schema;
    /// An identifier occurs twice in the same place.
    DuplicateObject = "duplicate_object", Schema;
    /// An object that must be there is not.
    MissingMandatory = "missing_mandatory", Schema;
    /// There is no merchant account (02 to 51).
    MissingAccount = "missing_account", Schema;
    /// An object has no value; it should have been left out.
    ZeroLength = "zero_length", Schema;
    /// A value has too few or too many characters.
    WrongLength = "wrong_length", Schema;
    /// A value does not have the shape its field asks for.
    WrongFormat = "wrong_format", Schema;
    /// A character is outside the set its field allows.
    BadCharacter = "bad_character", Schema;
    /// The point of initiation is neither `11` nor `12`.
    PointOfInitiationValue = "point_of_initiation_value", Schema;
    /// An amount or fee is not digits with at most one point.
    AmountMalformed = "amount_malformed", Schema;
    /// An amount or fee is zero; it should have been left out.
    AmountZero = "amount_zero", Schema;
    /// The tip indicator is none of `01`, `02`, `03`.
    TipIndicatorValue = "tip_indicator_value", Schema;
    /// The convenience fee objects do not fit the tip indicator.
    TipInconsistent = "tip_inconsistent", Schema;
    /// The percentage is not between 00.01 and 99.99.
    FeePercentageRange = "fee_percentage_range", Schema;
    /// The consumer data request is not a choice of `A`, `M`, `E`, each once.
    DataRequestValue = "data_request_value", Schema;
    /// A template does not say whose it is.
    MissingGuid = "missing_guid", Schema;
    /// A globally unique identifier has more than 32 characters.
    GuidTooLong = "guid_too_long", Schema;

    /// There is neither an FPS identifier nor a mobile number nor an email address.
    FpsProxyMissing = "fps_proxy_missing", Fps;
    /// There are two or three proxies where exactly one is allowed.
    FpsProxyAmbiguous = "fps_proxy_ambiguous", Fps;
    /// The clearing code is not three digits.
    FpsClearingCode = "fps_clearing_code", Fps;
    /// The FPS identifier has something else than digits.
    FpsIdFormat = "fps_id_format", Fps;
    /// The FPS identifier has neither 7 nor 9 digits (longer ones may be issued one day, so this is a warning).
    FpsIdLength = "fps_id_length", Fps;
    /// The mobile number does not have the shape `+852-91234567`.
    FpsMobileFormat = "fps_mobile_format", Fps;
    /// The mobile number lacks the hyphen after the country code (seen in real codes, so a warning).
    FpsMobileHyphen = "fps_mobile_hyphen", Fps;
    /// The email address does not look like one.
    FpsEmailFormat = "fps_email_format", Fps;
    /// The time-out is not a moment written `YYMMDDhhmmss`.
    FpsTimeOutFormat = "fps_time_out_format", Fps;
    /// The time-out is over.
    FpsTimeOutPast = "fps_time_out_past", Fps;
    /// The edit flag is not `1`, or stands without an amount.
    FpsEditableFlag = "fps_editable_flag", Fps;
    /// The currency is neither 344 (HKD) nor 156 (CNY).
    FpsCurrency = "fps_currency", Fps;
    /// The amount has more than two decimals.
    FpsAmountDecimals = "fps_amount_decimals", Fps;
    /// The identifier of the scheme is not in lower case (seen in early codes, so a warning).
    FpsGuidCase = "fps_guid_case", Fps;
    /// Both a bill number and a reference label are given (seen in real codes, so a warning).
    FpsBillAndReference = "fps_bill_and_reference", Fps;

    /// An object is reserved for EMVCo; it was kept as it is.
    ReservedObject = "reserved_object", Advice;
    /// An object is known only to version 1.1 of the specification.
    NewerObject = "newer_object", Advice;
    /// An object has no meaning in the specification; it was kept as it is.
    UndefinedObject = "undefined_object", Advice;
    /// The payload is longer than the 512 characters that the specification advises.
    PayloadLong = "payload_long", Advice;
    /// The checksum is written in lower case.
    CrcLowerCase = "crc_lower_case", Advice;
    /// Line ends after the payload were set aside.
    TrailingNewline = "trailing_newline", Advice;
    /// A value holds a control character.
    ControlCharacter = "control_character", Advice;
}

impl Code {
    /// Whether the lenient profile lets this pass as a warning: the text is whole, nothing about the account or the amount is
    /// in doubt, and real codes are known to have it.
    #[must_use]
    pub const fn is_tolerable(self) -> bool {
        matches!(
            self,
            Self::MissingMandatory
                | Self::ZeroLength
                | Self::WrongLength
                | Self::WrongFormat
                | Self::BadCharacter
                | Self::PointOfInitiationValue
                | Self::DataRequestValue
                | Self::MissingGuid
                | Self::GuidTooLong
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
