//! Every RPC of the descriptor set, asked without a token, with a bad one, by every role, and for another department.

use std::collections::BTreeMap;

use bytes::Bytes;
use epay_gateway::{Grant, Method, Role};
use epay_proto::v1;
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::support::{Bearer, Caller, House, http_client};

const ID: &str = "01940000-0000-7000-8000-000000000001";

/// Carries messages as the bytes they are, so that one loop can ask every RPC.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_slice(buffer, &item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = bytes::Buf::remaining(buffer);
        Ok(Some(bytes::Buf::copy_to_bytes(buffer, length)))
    }
}

/// A well-formed request about `biller`'s things.
#[expect(clippy::too_many_lines, reason = "one arm an RPC")]
fn request(method: Method, biller: &str) -> Vec<u8> {
    let parent = format!("billers/{biller}");
    let bill = format!("{parent}/bills/{ID}");
    let payment = format!("{parent}/payments/{ID}");
    let key = "walk".to_owned();
    match method {
        Method::ListBillTypes => v1::ListBillTypesRequest {}.encode_to_vec(),
        Method::LookupBill => v1::LookupBillRequest {
            bill_type: "rvd-rates".to_owned(),
            number: "00000000000".to_owned(),
        }
        .encode_to_vec(),
        Method::GetBill => v1::GetBillRequest { name: bill }.encode_to_vec(),
        Method::ListBills => v1::ListBillsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::CreateBill => {
            let mut request = crate::support::new_bill("00000000000", 1);
            request.parent = parent;
            request.encode_to_vec()
        }
        Method::ImportBills => v1::ImportBillsRequest {
            part: Some(v1::import_bills_request::Part::Header(v1::ImportHeader {
                parent,
                format: v1::BillFileFormat::Csv.into(),
            })),
        }
        .encode_to_vec(),
        Method::WithdrawBill => v1::WithdrawBillRequest {
            name: bill,
            idempotency_key: key,
            reason: String::new(),
        }
        .encode_to_vec(),
        Method::ListReceipts => v1::ListReceiptsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::CreatePayment => v1::CreatePaymentRequest {
            bill,
            rail: "fps".to_owned(),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListMethods => v1::ListMethodsRequest { bill }.encode_to_vec(),
        Method::GetPaymentRouting => v1::GetPaymentRoutingRequest { payment }.encode_to_vec(),
        Method::SubmitInstrument => v1::SubmitInstrumentRequest {
            name: payment,
            kind: "echeque".to_owned(),
            content: vec![1],
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::CheckPayment => v1::CheckPaymentRequest { name: payment }.encode_to_vec(),
        Method::CapturePayment => v1::CapturePaymentRequest {
            name: payment,
            amount: None,
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ListUnclearPayments => v1::ListUnclearPaymentsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::AssignUnclearPayment => v1::AssignUnclearPaymentRequest {
            name: payment,
            owner: "somebody".to_owned(),
        }
        .encode_to_vec(),
        Method::CreateRefund => v1::CreateRefundRequest {
            receipt: format!("{parent}/receipts/{ID}"),
            reason: "paid twice".to_owned(),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetRefund => v1::GetRefundRequest {
            name: format!("{parent}/refunds/{ID}"),
        }
        .encode_to_vec(),
        Method::ListRefunds => v1::ListRefundsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::RedirectRefund => v1::RedirectRefundRequest {
            name: format!("{parent}/refunds/{ID}"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ProposePayoutAccount => v1::ProposePayoutAccountRequest {
            receipt: format!("{parent}/receipts/{ID}"),
            account: Some(v1::PayoutAccount {
                bank_code: "998".to_owned(),
                number: "000000001".to_owned(),
                holder_name: "CHAN Tai Man".to_owned(),
            }),
            reason: "the bank's letter".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ListProposals => v1::ListProposalsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetProposal => v1::GetProposalRequest {
            name: format!("{parent}/proposals/{ID}"),
        }
        .encode_to_vec(),
        Method::ApproveProposal => v1::ApproveProposalRequest {
            name: format!("{parent}/proposals/{ID}"),
            reason: String::new(),
        }
        .encode_to_vec(),
        Method::RejectProposal => v1::RejectProposalRequest {
            name: format!("{parent}/proposals/{ID}"),
            reason: "not proven".to_owned(),
        }
        .encode_to_vec(),
        Method::ProposeResolution => v1::ProposeResolutionRequest {
            name: payment,
            resolution: Some(v1::Resolution {
                outcome: Some(v1::resolution::Outcome::MoneyDidNotCome(
                    v1::MoneyDidNotCome {},
                )),
            }),
            reason: "the bank's statement".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ListRecalls => v1::ListRecallsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ReturnRecall => v1::ReturnRecallRequest {
            name: format!("{parent}/recalls/{ID}"),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::DeclineRecall => v1::DeclineRecallRequest {
            name: format!("{parent}/recalls/{ID}"),
            reason: "it was owed".to_owned(),
        }
        .encode_to_vec(),
        Method::RecallRefund => v1::RecallRefundRequest {
            name: format!("{parent}/refunds/{ID}"),
            reason: "paid to another person".to_owned(),
        }
        .encode_to_vec(),
        Method::GetPayment => v1::GetPaymentRequest { name: payment }.encode_to_vec(),
        Method::ListPayments => v1::ListPaymentsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::WatchPayment => v1::WatchPaymentRequest { name: payment }.encode_to_vec(),
        Method::CancelPayment => v1::CancelPaymentRequest {
            name: payment,
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ListPaymentEvents => {
            v1::ListPaymentEventsRequest { parent: payment }.encode_to_vec()
        }
        Method::EncodeQr => v1::EncodeQrRequest {
            fps_id: "1234567".to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::DecodeQr => v1::DecodeQrRequest {
            payload: "000201".to_owned(),
        }
        .encode_to_vec(),
        Method::ListAccounts => v1::ListAccountsRequest { parent }.encode_to_vec(),
        Method::GetJournal => v1::GetJournalRequest {
            name: format!("{parent}/journals/{ID}"),
        }
        .encode_to_vec(),
        Method::ListJournals => v1::ListJournalsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetTrialBalance => v1::GetTrialBalanceRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetLogHead => v1::GetLogHeadRequest {
            name: "logHeads/latest".to_owned(),
        }
        .encode_to_vec(),
        Method::ListLogHeads => v1::ListLogHeadsRequest::default().encode_to_vec(),
        Method::GetConsistencyProof => v1::GetConsistencyProofRequest {
            head: "logHeads/latest".to_owned(),
            first_head: "logHeads/1".to_owned(),
        }
        .encode_to_vec(),
        Method::GetInclusionProof => v1::GetInclusionProofRequest {
            journal: format!("{parent}/journals/{ID}"),
            head: String::new(),
        }
        .encode_to_vec(),
        Method::ListReceiptProofs => {
            v1::ListReceiptProofsRequest { parent: payment }.encode_to_vec()
        }
        Method::UploadStatement => v1::UploadStatementRequest {
            part: Some(v1::upload_statement_request::Part::Header(
                v1::UploadHeader {
                    size_bytes: 1,
                    sha256: vec![0; 32],
                },
            )),
        }
        .encode_to_vec(),
        Method::GetStatementFile => v1::GetStatementFileRequest {
            name: format!("statementFiles/{ID}"),
        }
        .encode_to_vec(),
        Method::GetStatement => v1::GetStatementRequest {
            name: format!("{parent}/statements/{ID}"),
        }
        .encode_to_vec(),
        Method::ListStatements => v1::ListStatementsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListStatementEntries => v1::ListStatementEntriesRequest {
            parent: format!("{parent}/statements/{ID}"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListBadRows => v1::ListBadRowsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ProposeRedrive => v1::ProposeRedriveRequest {
            name: format!("{parent}/badRows/{ID}.1"),
            reason: "the bank's letter".to_owned(),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
    }
}

/// Asks over gRPC; the answer's code and stable reason.
async fn ask(
    caller: &Caller,
    token: Option<&Bearer>,
    method: Method,
    biller: &str,
) -> (Code, String) {
    let path = format!("/{}", method.full_name()).parse().unwrap();
    let mut request = Request::new(request(method, biller));
    if let Some(bearer) = token {
        request = tonic::service::Interceptor::call(&mut bearer.clone(), Request::new(()))
            .map(|with| {
                let (metadata, extensions, ()) = with.into_parts();
                Request::from_parts(metadata, extensions, request.into_inner())
            })
            .unwrap();
    }
    let mut client = Grpc::new(caller.channel.clone());
    client.ready().await.unwrap();
    match client.unary(request, path, Raw).await {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => (
            status.code(),
            status
                .get_details_error_info()
                .map_or_else(String::new, |info| info.reason),
        ),
    }
}

/// RPCs to which a caller sends a stream: JSON over HTTP has no such thing.
const GRPC_ONLY: [Method; 2] = [Method::UploadStatement, Method::ImportBills];

const fn is_denial(code: Code) -> bool {
    matches!(code, Code::Unauthenticated | Code::PermissionDenied)
}

#[tokio::test]
async fn no_rpc_answers_without_a_token_or_to_the_wrong_role_or_for_another_department() {
    let house = House::start().await;
    let anybody = house.caller_with("garbage").await;
    for &method in Method::ALL {
        let name = method.full_name();
        assert_eq!(
            ask(&anybody, None, method, "rvd").await,
            (Code::Unauthenticated, "TOKEN_MISSING".to_owned()),
            "{name}"
        );
        let garbage = ask(&anybody, Some(&anybody.bearer), method, "rvd").await;
        assert_eq!(
            garbage,
            (Code::Unauthenticated, "TOKEN_MALFORMED".to_owned()),
            "{name}"
        );
    }
    for role in Role::ALL {
        let caller = house.caller(role).await;
        for &method in Method::ALL {
            let what = format!("{} as {role:?}", method.full_name());
            let own = ask(&caller, Some(&caller.bearer), method, "rvd").await;
            let other = ask(&caller, Some(&caller.bearer), method, "ird").await;
            match method.grant(role) {
                Grant::Nothing => {
                    let denied = (Code::PermissionDenied, "ROLE_DENIED".to_owned());
                    assert_eq!((&own, &other), (&denied, &denied), "{what}");
                }
                Grant::OwnBiller => {
                    assert!(!is_denial(own.0), "{what}: {own:?}");
                    assert_eq!(
                        other,
                        (Code::PermissionDenied, "BILLER_DENIED".to_owned()),
                        "{what}"
                    );
                }
                Grant::Any => {
                    assert!(!is_denial(own.0), "{what}: {own:?}");
                    assert!(!is_denial(other.0), "{what}: {other:?}");
                }
            }
        }
    }
    house.stop().await;
}

/// Every operation of the OpenAPI document: its method, verb and path about `biller`'s things.
fn operations(biller: &str) -> Vec<(Method, reqwest::Method, String)> {
    let by_name: BTreeMap<&str, Method> = Method::ALL
        .iter()
        .map(|method| (method.full_name().rsplit('/').next().unwrap(), *method))
        .collect();
    let document: serde_json::Value = serde_json::from_str(epay_proto::OPENAPI_JSON).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let method = by_name[operation["operationId"].as_str().unwrap()];
            let mut path = path.replace("{biller}", biller);
            for id in [
                "{bill}",
                "{payment}",
                "{journal}",
                "{receipt}",
                "{refund}",
                "{proposal}",
                "{recall}",
                "{logHead}",
                "{statement}",
                "{statementFile}",
            ] {
                path = path.replace(id, ID);
            }
            path = path.replace("{badRow}", &format!("{ID}.1"));
            operations.push((method, verb.to_uppercase().parse().unwrap(), path));
        }
    }
    operations
}

#[tokio::test]
async fn json_over_http_denies_what_grpc_denies() {
    let house = House::start().await;
    let client = http_client();
    let send = async |token: Option<&str>, verb: &reqwest::Method, path: &str| {
        let mut request = client.request(verb.clone(), house.url(path));
        if *verb == reqwest::Method::POST {
            request = request
                .header("content-type", "application/json")
                .body("{}");
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: serde_json::Value = answer.json().await.unwrap_or_default();
        (
            status,
            body["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let tokens: Vec<(Role, String)> = Role::ALL
        .into_iter()
        .map(|role| (role, house.token(role)))
        .collect();
    assert_eq!(
        operations("rvd").len(),
        Method::ALL.len() - GRPC_ONLY.len(),
        "every RPC has a path"
    );
    for (method, verb, path) in operations("rvd") {
        assert_eq!(
            send(None, &verb, &path).await,
            (401, "TOKEN_MISSING".to_owned()),
            "{path}"
        );
        assert_eq!(
            send(Some("garbage"), &verb, &path).await,
            (401, "TOKEN_MALFORMED".to_owned()),
            "{path}"
        );
        for (role, token) in &tokens {
            let (status, reason) = send(Some(token), &verb, &path).await;
            let denied = method.grant(*role) == Grant::Nothing;
            assert_eq!(
                (status, reason.as_str()) == (403, "ROLE_DENIED"),
                denied,
                "{path} as {role:?}: {status} {reason}"
            );
            assert_ne!(status, 401, "{path} as {role:?}");
        }
    }
    let department = house.token(Role::Department);
    for (method, verb, path) in operations("ird") {
        if method.grant(Role::Department) == Grant::OwnBiller && verb == reqwest::Method::GET {
            assert_eq!(
                send(Some(&department), &verb, &path).await,
                (403, "BILLER_DENIED".to_owned()),
                "{path}"
            );
        }
    }
    house.stop().await;
}
