//! An e-Cheque: the payer's bank signs it, the payer hands it in at the gateway's own door.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use epay_proto::v1::next_action::Action;
use tonic::Code;

use super::{Person, other};

/// The payer's account at the bank that issues cheques.
const PAYER: &str = "998000000001";
const PDF: &[u8] = b"%PDF-";
/// How often a gateway that is too busy is asked to take it: under its key it is one cheque.
const TRIES_MAX: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);

/// Has a cheque signed for the whole amount, and hands it in. It is honoured on the clearing's next business day.
pub(super) async fn pay(person: Person<'_>) -> Result<()> {
    let what = match person.action()? {
        Action::Handover(asked) => &asked.what,
        action => return other(action),
    };
    let minor = person.bill.amount_minor;
    let amount = format!("{}.{:02}", minor.div_euclid(100), minor.rem_euclid(100));
    let form = [("payer", PAYER), ("amount", amount.as_str())];
    let cheque = person.sandbox.download("/echeque/issue", &form).await?;
    ensure!(cheque.starts_with(PDF), "the bank signed no cheque");
    for _ in 0..TRIES_MAX {
        let (number, payment) = (person.bill.number, person.payment);
        let handed = person
            .caller
            .hand_in(number, &payment.name, what, cheque.clone());
        match handed.await {
            Ok(()) => return Ok(()),
            Err(status) if matches!(status.code(), Code::ResourceExhausted | Code::Unavailable) => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(status) => bail!("the cheque was refused: {status}"),
        }
    }
    bail!("the gateway was too busy {TRIES_MAX} times")
}
