//! The proof that a payment's credits are in the log.

use epay_money::{BillerId, PaymentId};
use epay_proto::v1;
use epay_proto::v1::log_service_client::LogServiceClient;

use super::payments::payment_name;
use super::{ANSWER_BYTES_MAX, Failure, Gateway};

/// What there is to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Nothing arrived for this payment.
    Nothing,
    /// A credit is so new that its proof is made in this second.
    Soon,
    /// The file: the gateway's own answer as JSON, which `epay ledger verify-proof` reads.
    File(Vec<u8>),
}

impl Gateway {
    /// The proof of a payment's credits.
    pub(crate) async fn receipt_proof(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Proof, Failure> {
        let parent = payment_name(biller, id);
        let request = self
            .request(v1::ListReceiptProofsRequest { parent })
            .await?;
        let mut client =
            LogServiceClient::new(self.calls.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        let answer = client.list_receipt_proofs(request).await?.into_inner();
        if answer.unsealed > 0 {
            return Ok(Proof::Soon);
        }
        if answer.proofs.is_empty() {
            return Ok(Proof::Nothing);
        }
        let file = serde_json::to_vec_pretty(&answer);
        file.map(Proof::File)
            .map_err(|error| Failure::Broken(error.to_string()))
    }
}
