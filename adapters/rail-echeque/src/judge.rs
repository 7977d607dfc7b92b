//! Whether a cheque can be taken: the file, the signatures, what it says. The first broken rule is the answer.

use aws_lc_rs::digest;
use epay_rail::{Collect, Instrument, Order, Refusal};

use crate::cheque::{self, Cheque};
use crate::cms::{self, Role, Signer};
use crate::config::Config;
use crate::fault::Fault;
use crate::pdf::Pdf;
use crate::{INSTRUMENT, pdf};

/// A cheque that can be taken.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// What it says.
    pub(crate) cheque: Cheque,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub(crate) file_sha256: String,
}

/// Judges what was handed over for an order.
///
/// # Errors
/// [`Refusal::BadInstrument`] with the code of the first rule that it breaks.
pub(crate) fn judge(
    config: &Config,
    order: &Order,
    instrument: &Instrument,
) -> Result<Accepted, Refusal> {
    if instrument.kind != INSTRUMENT {
        return Err(Fault::NotACheque.into());
    }
    let bytes = instrument.bytes.as_slice();
    let file = Pdf::open(bytes)?;
    let signatures = pdf::signatures(&file)?;
    let signed = pdf::unchanged_since_first(&file, &signatures)?;
    let mut signers = Vec::with_capacity(signatures.len());
    for signature in &signatures {
        signers.push(cms::verify(signature, &config.trust, order.header.at)?);
    }
    let (_payer, bank) = roles(&signers)?;
    let data = pdf::attachment(&signed)?;
    let cheque = cheque::read(&data)?;
    let paying = config.trust.banks.get(&cheque.bank);
    if paying.is_none() || paying != bank.organization.as_ref() {
        return Err(Fault::OtherBank.into());
    }
    cheque::check(&cheque, config, order, &signers)?;
    Ok(Accepted {
        cheque,
        file_sha256: hex::encode(digest::digest(&digest::SHA256, bytes)),
    })
}

/// One payer and one bank, in whichever order they signed.
fn roles(signers: &[Signer]) -> Result<(&Signer, &Signer), Fault> {
    match signers {
        [one, other] if one.role == Role::Payer && other.role == Role::Bank => Ok((one, other)),
        [one, other] if one.role == Role::Bank && other.role == Role::Payer => Ok((other, one)),
        _ => Err(Fault::Roles),
    }
}

/// What the payer writes on the cheque, for whoever shows it, as JSON.
pub(crate) fn request(config: &Config, collect: &Collect) -> String {
    serde_json::json!({
        "payee": config.payee_names.first(),
        "currency": collect.amount.currency().code(),
        "amount": collect.amount.to_decimal().to_string(),
        "reference": collect.reference,
    })
    .to_string()
}
