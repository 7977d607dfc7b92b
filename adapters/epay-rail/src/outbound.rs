//! What an order became: something for the payer, or a request to the rail.

use core::fmt;

use serde::{Deserialize, Serialize};

/// What an order became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outbound {
    /// Nothing leaves for the rail: the payer is shown something and acts on it.
    Present(Presentation),
    /// A request to the rail. What it answers goes to [`Rail::decode`](crate::Rail::decode) as a
    /// [`Origin::Reply`](crate::Origin::Reply).
    Call(Call),
}

/// A request over HTTP, complete to the last byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: HttpMethod,
    /// The address, with its query.
    pub url: String,
    /// Headers in order; names in lower case. May hold secrets: hidden from `Debug`.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Who puts the last signature on it.
    pub seal: Seal,
    /// What may be used once only, ever, on this rail: a token's transaction, a cheque's number, a file's digest. The
    /// caller notes each before the call leaves and refuses the order if one was noted for another.
    pub uses_once: Vec<String>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("body_bytes", &self.body.len())
            .field("seal", &self.seal)
            .finish()
    }
}

/// The methods that rails are called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpMethod {
    /// Reads.
    Get,
    /// Makes or asks.
    Post,
    /// Makes under a name that we chose.
    Put,
    /// Takes away.
    Delete,
}

impl HttpMethod {
    /// In capitals, as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Who puts the last signature on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seal {
    /// Nobody: the rail's own words hold whatever proof there is.
    None,
    /// The transport, with the key of our own bank channel (`docs/bank-channel.md`); the message id is the order's key.
    Channel,
}

/// What the payer is shown, or asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Presentation {
    /// A QR code.
    Qr {
        /// The text inside the symbol, exactly; the caller draws it.
        payload: String,
        /// A link that opens the payer's app on the same phone, where the rail has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app_link: Option<String>,
    },
    /// The payer's browser goes to a page of the rail.
    Redirect {
        /// The address.
        url: String,
    },
    /// The payer's browser posts a form to a page of the rail.
    Form {
        /// Where to.
        action: String,
        /// Its fields, in order.
        fields: Vec<(String, String)>,
    },
    /// The payer pays elsewhere, by hand, with these.
    Instructions {
        /// What to type: a stable word for the label (`merchant_code`, `bill_number`), and the value.
        fields: Vec<(String, String)>,
    },
    /// The payer hands something over to us: [`Ask::Tender`](crate::Ask::Tender) follows.
    Handover {
        /// A stable word for what: `echeque`, `apple_pay`, `google_pay`.
        what: String,
        /// Its media type.
        media_type: String,
        /// Most bytes.
        bytes_max: u32,
        /// What the payer's device needs to know to make it, as JSON; empty when nothing.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        request_json: String,
    },
}
