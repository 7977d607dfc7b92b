//! `epay qr encode`: writes the payload of a code that asks for a payment through FPS.

use clap::{ArgGroup, Args, ValueEnum};
use emvqr::fps::{Currency, FpsError, FpsRequest, Proxy, TimeOut};
use emvqr::{Amount, PointOfInitiation};
use serde_json::json;

use super::{Answer, complain, say};

/// Write the payload of a code that asks for a payment through FPS.
///
/// Exit code: 0 written, 1 refused by the rules of FPS or EMV, 2 the command was not understood.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("payee").required(true).args(["fps_id", "mobile", "email"])))]
pub(crate) struct EncodeArgs {
    /// Pay this FPS identifier: 7 or 9 digits.
    #[arg(long, value_name = "DIGITS", value_parser = Proxy::fps_id)]
    fps_id: Option<Proxy>,
    /// Pay this mobile number, for instance +852-91234567.
    #[arg(long, value_name = "NUMBER", value_parser = Proxy::mobile)]
    mobile: Option<Proxy>,
    /// Pay this email address.
    #[arg(long, value_name = "ADDRESS", value_parser = Proxy::email)]
    email: Option<Proxy>,
    /// The bank to pay to, where a mobile number or email address is registered with several: 3 digits.
    #[arg(long, value_name = "DIGITS", conflicts_with = "fps_id")]
    clearing_code: Option<String>,
    /// The amount, for instance 1234.50; without it the payer types one.
    #[arg(long, value_name = "AMOUNT", value_parser = minor_units, allow_negative_numbers = true)]
    amount: Option<i64>,
    /// The currency.
    #[arg(long, value_enum, default_value_t = CurrencyArg::Hkd, ignore_case = true)]
    currency: CurrencyArg,
    /// The bill number, at most 25 characters.
    #[arg(long, value_name = "NUMBER", conflicts_with = "reference")]
    bill_number: Option<String>,
    /// The payee's own reference, at most 25 characters.
    #[arg(long, value_name = "LABEL")]
    reference: Option<String>,
    /// Let the payer change the amount.
    #[arg(long, requires = "amount")]
    editable: bool,
    /// When the code ends, Hong Kong time: `YYMMDDhhmmss`.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    expires: Option<TimeOut>,
    /// One code for many payments, even with an amount.
    #[arg(long = "static", conflicts_with = "is_dynamic")]
    is_static: bool,
    /// A code for one payment, even without an amount.
    #[arg(long = "dynamic")]
    is_dynamic: bool,
    /// The payee's name, printable ASCII, at most 25 characters.
    #[arg(long, value_name = "NAME", default_value = "NA")]
    merchant_name: String,
    /// The payee's city, printable ASCII, at most 15 characters.
    #[arg(long, value_name = "CITY", default_value = "HK")]
    merchant_city: String,
    /// The payee's name in another language, for instance ZH=水務署.
    #[arg(long, value_name = "LANGUAGE=NAME", value_parser = language)]
    name_in: Option<(String, String)>,
    /// Print a JSON object with the payload.
    #[arg(long)]
    json: bool,
}

/// The currencies of FPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CurrencyArg {
    /// Hong Kong dollar.
    #[value(name = "HKD")]
    Hkd,
    /// Renminbi.
    #[value(name = "CNY")]
    Cny,
}

impl From<CurrencyArg> for Currency {
    fn from(currency: CurrencyArg) -> Self {
        match currency {
            CurrencyArg::Hkd => Self::Hkd,
            CurrencyArg::Cny => Self::Cny,
        }
    }
}

fn minor_units(text: &str) -> Result<i64, emvqr::AmountError> {
    Amount::parse(text)?.minor_units(Currency::EXPONENT)
}

fn moment(digits: &str) -> Result<TimeOut, &'static str> {
    TimeOut::parse(digits).ok_or("a moment is written YYMMDDhhmmss")
}

fn language(text: &str) -> Result<(String, String), &'static str> {
    let (language, name) = text
        .split_once('=')
        .ok_or("a name is written LANGUAGE=NAME, for instance ZH=水務署")?;
    Ok((language.to_owned(), name.to_owned()))
}

pub(super) fn run(arguments: &EncodeArgs) -> anyhow::Result<Answer> {
    let payload = match request(arguments).map(|request| request.build()) {
        Some(Ok(payload)) => payload,
        Some(Err(refusal)) => {
            complain(&reason(&refusal));
            return Ok(Answer::Refused);
        }
        None => anyhow::bail!("give --fps-id, --mobile or --email"),
    };
    let text = if arguments.json {
        let characters = payload.chars().count();
        format!(
            "{}\n",
            json!({ "payload": payload, "characters": characters, "bytes": payload.len() })
        )
    } else {
        format!("{payload}\n")
    };
    say(text.as_bytes())?;
    Ok(Answer::Yes)
}

/// The whole chain of causes: which character of which object, not only that something was refused.
fn reason(refusal: &FpsError) -> String {
    let mut reason = refusal.to_string();
    let mut cause = std::error::Error::source(refusal);
    while let Some(error) = cause {
        reason.push_str(": ");
        reason.push_str(&error.to_string());
        cause = error.source();
    }
    reason
}

fn request(arguments: &EncodeArgs) -> Option<FpsRequest> {
    let proxy = arguments
        .fps_id
        .as_ref()
        .or(arguments.mobile.as_ref())
        .or(arguments.email.as_ref())?;
    let mut request = FpsRequest::new(proxy.clone())
        .currency(arguments.currency.into())
        .editable(arguments.editable)
        .merchant(&arguments.merchant_name, &arguments.merchant_city);
    if let Some(code) = &arguments.clearing_code {
        request = request.clearing_code(code);
    }
    if let Some(minor_units) = arguments.amount {
        request = request.amount(arguments.currency.into(), minor_units);
    }
    if let Some(number) = &arguments.bill_number {
        request = request.bill_number(number);
    }
    if let Some(label) = &arguments.reference {
        request = request.reference(label);
    }
    if let Some(moment) = arguments.expires {
        request = request.time_out(moment);
    }
    if arguments.is_static {
        request = request.point_of_initiation(PointOfInitiation::Static);
    }
    if arguments.is_dynamic {
        request = request.point_of_initiation(PointOfInitiation::Dynamic);
    }
    if let Some((language, name)) = &arguments.name_in {
        request = request.merchant_in(language, name);
    }
    Some(request)
}
