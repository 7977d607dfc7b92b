//! Fields by their names.
//!
//! A view says what a payload holds; whether that is right is for the findings. Values that cannot be read as what they should be
//! are absent here and present in [`Document::objects`].

use crate::amount::{Amount, currency_exponent};
use crate::document::Document;
use crate::object::Object;

/// Whether a code is shown to many payers or made for one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointOfInitiation {
    /// `11`: the same code for many payments.
    Static,
    /// `12`: a new code for each payment.
    Dynamic,
}

impl PointOfInitiation {
    /// The two digits of object 01.
    #[must_use]
    pub const fn digits(self) -> &'static str {
        match self {
            Self::Static => "11",
            Self::Dynamic => "12",
        }
    }
}

/// The card scheme to which EMVCo gave a plain account object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardScheme {
    /// 02 and 03.
    Visa,
    /// 04 and 05.
    Mastercard,
    /// 06 to 08 and 17 to 25: not given away yet.
    Emvco,
    /// 09 and 10.
    Discover,
    /// 11 and 12.
    Amex,
    /// 13 and 14.
    Jcb,
    /// 15 and 16.
    UnionPay,
}

/// One way to pay the merchant. A code may hold several; the payer's app takes the one that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'d, 'a> {
    /// 02 to 25: a value that only the scheme can read.
    Plain {
        /// Whose account it is.
        scheme: CardScheme,
        /// The object.
        object: &'d Object<'a>,
    },
    /// 26 to 51: a template that names its owner.
    Template(Template<'d, 'a>),
}

/// A template with a globally unique identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template<'d, 'a> {
    /// The template itself; its objects mean what the owner says.
    pub object: &'d Object<'a>,
}

impl<'a> Template<'_, 'a> {
    /// Whose template it is (object 00): an application identifier, a UUID, or a reversed domain name.
    #[must_use]
    pub fn guid(&self) -> Option<&'a str> {
        self.object.get(0).map(Object::value)
    }
}

/// What the payer is asked to add (objects 55 to 57).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tip<'a> {
    /// The app asks for a tip.
    Prompt,
    /// A fixed fee.
    Fixed(Amount<'a>),
    /// A percentage from 00.01 to 99.99, in hundredths of a percent.
    Percentage {
        /// Hundredths of a percent: `1.25` percent is 125.
        basis_points: i64,
    },
}

/// Template 62: what identifies this payment. `***` in any of them asks the payer to type it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdditionalData<'d, 'a> {
    object: &'d Object<'a>,
}

macro_rules! values {
    ($($(#[$doc:meta])+ $name:ident = $id:literal;)+) => {
        $($(#[$doc])+ #[must_use] pub fn $name(&self) -> Option<&'a str> {
            self.object.get($id).map(Object::value)
        })+
    };
}

impl<'d, 'a> AdditionalData<'d, 'a> {
    values! {
        /// 01, bill number.
        bill_number = 1;
        /// 02, mobile number.
        mobile_number = 2;
        /// 03, store label.
        store_label = 3;
        /// 04, loyalty number.
        loyalty_number = 4;
        /// 05, reference label.
        reference_label = 5;
        /// 06, customer label.
        customer_label = 6;
        /// 07, terminal label.
        terminal_label = 7;
        /// 08, purpose of transaction.
        purpose = 8;
        /// 09, what the app should send along: any of `A` address, `M` mobile number, `E` email.
        consumer_data_request = 9;
        /// 10, the merchant's tax number (version 1.1).
        merchant_tax_id = 10;
        /// 11, where and how the code is shown: three digits (version 1.1).
        merchant_channel = 11;
    }

    /// 50 to 99, templates of payment systems.
    pub fn templates(&self) -> impl Iterator<Item = Template<'d, 'a>> + use<'d, 'a> {
        self.object
            .objects()
            .iter()
            .filter(|object| object.id().number() >= 50)
            .map(|object| Template { object })
    }
}

/// Template 64: the merchant in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language<'d, 'a> {
    object: &'d Object<'a>,
}

impl<'a> Language<'_, 'a> {
    values! {
        /// 00, the language, two letters (ISO 639).
        language = 0;
        /// 01, the merchant's name in it.
        merchant_name = 1;
        /// 02, the merchant's city in it.
        merchant_city = 2;
    }
}

impl<'a> Document<'a> {
    fn value(&self, id: u8) -> Option<&'a str> {
        self.get(id).map(Object::value)
    }

    /// 01, static or dynamic.
    #[must_use]
    pub fn point_of_initiation(&self) -> Option<PointOfInitiation> {
        match self.value(1)? {
            "11" => Some(PointOfInitiation::Static),
            "12" => Some(PointOfInitiation::Dynamic),
            _ => None,
        }
    }

    /// 02 to 51, every account in the order of the text.
    pub fn accounts(&self) -> impl Iterator<Item = Account<'_, 'a>> {
        self.objects().iter().filter_map(|object| {
            let scheme = match object.id().number() {
                2 | 3 => CardScheme::Visa,
                4 | 5 => CardScheme::Mastercard,
                6..=8 | 17..=25 => CardScheme::Emvco,
                9 | 10 => CardScheme::Discover,
                11 | 12 => CardScheme::Amex,
                13 | 14 => CardScheme::Jcb,
                15 | 16 => CardScheme::UnionPay,
                26..=51 => return Some(Account::Template(Template { object })),
                _ => return None,
            };
            Some(Account::Plain { scheme, object })
        })
    }

    /// 52, the kind of merchant (ISO 18245).
    #[must_use]
    pub fn merchant_category_code(&self) -> Option<&'a str> {
        self.value(52)
    }

    /// 53, the currency's numeric code (ISO 4217).
    #[must_use]
    pub fn currency(&self) -> Option<&'a str> {
        self.value(53)
    }

    /// 54, the amount; absent when the payer is to type it.
    #[must_use]
    pub fn amount(&self) -> Option<Amount<'a>> {
        self.value(54).and_then(|text| Amount::parse(text).ok())
    }

    /// 54 in the smallest unit of the currency in 53.
    #[must_use]
    pub fn amount_minor_units(&self) -> Option<i64> {
        self.amount()?
            .minor_units(currency_exponent(self.currency()?))
            .ok()
    }

    /// 55 to 57, the tip or convenience fee.
    #[must_use]
    pub fn tip(&self) -> Option<Tip<'a>> {
        match self.value(55)? {
            "01" => Some(Tip::Prompt),
            "02" => Amount::parse(self.value(56)?).ok().map(Tip::Fixed),
            "03" => {
                let basis_points = Amount::parse(self.value(57)?).ok()?.minor_units(2).ok()?;
                Some(Tip::Percentage { basis_points })
            }
            _ => None,
        }
    }

    /// 58, the country, two letters (ISO 3166-1).
    #[must_use]
    pub fn country(&self) -> Option<&'a str> {
        self.value(58)
    }

    /// 59, the merchant's name.
    #[must_use]
    pub fn merchant_name(&self) -> Option<&'a str> {
        self.value(59)
    }

    /// 60, the merchant's city.
    #[must_use]
    pub fn merchant_city(&self) -> Option<&'a str> {
        self.value(60)
    }

    /// 61, the postal code.
    #[must_use]
    pub fn postal_code(&self) -> Option<&'a str> {
        self.value(61)
    }

    /// 62, what identifies this payment.
    #[must_use]
    pub fn additional_data(&self) -> Option<AdditionalData<'_, 'a>> {
        self.get(62).map(|object| AdditionalData { object })
    }

    /// 64, the merchant in another language.
    #[must_use]
    pub fn language(&self) -> Option<Language<'_, 'a>> {
        self.get(64).map(|object| Language { object })
    }

    /// 80 to 99, private templates in the order of the text.
    pub fn private_templates(&self) -> impl Iterator<Item = Template<'_, 'a>> {
        self.objects()
            .iter()
            .filter(|object| object.id().number() >= 80)
            .map(|object| Template { object })
    }
}
