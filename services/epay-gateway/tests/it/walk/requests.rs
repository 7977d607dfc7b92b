//! A request for every RPC, about things of one department.

use epay_gateway::Method;
use epay_proto::v1;
use prost::Message as _;

use super::{DAY, ID, people, review};

/// A well-formed request about `biller`'s things.
#[expect(clippy::too_many_lines, reason = "one arm an RPC")]
pub(super) fn request(method: Method, biller: &str) -> Vec<u8> {
    let parent = format!("billers/{biller}");
    let bill = format!("{parent}/bills/{ID}");
    let payment = format!("{parent}/payments/{ID}");
    let endpoint = format!("{parent}/webhookEndpoints/{ID}");
    let key = "walk".to_owned();
    match method {
        Method::ListBillTypes => v1::ListBillTypesRequest {}.encode_to_vec(),
        Method::LookupBill => v1::LookupBillRequest {
            bill_type: "rvd-rates".to_owned(),
            number: "00000000000".to_owned(),
            ..v1::LookupBillRequest::default()
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
        Method::ListMethods => v1::ListMethodsRequest {
            bill,
            ..v1::ListMethodsRequest::default()
        }
        .encode_to_vec(),
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
        Method::UploadRailFile => v1::UploadRailFileRequest {
            part: Some(v1::upload_rail_file_request::Part::Header(
                v1::RailFileHeader {
                    rail: crate::support::RAIL.to_owned(),
                    size_bytes: 1,
                    sha256: vec![0; 32],
                    signature: None,
                },
            )),
        }
        .encode_to_vec(),
        Method::GetRailFile => v1::GetRailFileRequest {
            name: format!("railFiles/{ID}"),
        }
        .encode_to_vec(),
        Method::StreamEvents => v1::StreamEventsRequest {
            parent,
            ..Default::default()
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
        Method::ListBreaks
        | Method::GetBreak
        | Method::AssignBreak
        | Method::ProposeBreakResolution
        | Method::ReopenBreak
        | Method::ListMatches
        | Method::GetReconciliationSummary
        | Method::ProposeAcceptance
        | Method::ProposeRedrive => review::request(method, &parent),
        Method::ListPeriods => v1::ListPeriodsRequest { parent }.encode_to_vec(),
        Method::ProposePeriodClose => v1::ProposePeriodCloseRequest {
            name: format!("{parent}/periods/2026-01"),
            reason: "the month has ended".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::ProposePeriodReopen => v1::ProposePeriodReopenRequest {
            name: format!("{parent}/periods/2026-01"),
            reason: "a correction".to_owned(),
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::CloseDay => v1::CloseDayRequest {
            name: format!("{parent}/businessDays/{DAY}"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetBusinessDay => v1::GetBusinessDayRequest {
            name: format!("{parent}/businessDays/{DAY}"),
        }
        .encode_to_vec(),
        Method::ListFeeds => v1::ListFeedsRequest { parent }.encode_to_vec(),
        Method::ListFeedAlerts => v1::ListFeedAlertsRequest { parent }.encode_to_vec(),
        Method::ListFeedFiles => v1::ListFeedFilesRequest {
            parent: format!("{parent}/feeds/hkd"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListFeedDeliveries => v1::ListFeedDeliveriesRequest {
            parent: format!("{parent}/feeds/hkd"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::RedeliverFeedFile => v1::RedeliverFeedFileRequest {
            name: format!("{parent}/feeds/hkd/files/1"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::StreamFeed => v1::StreamFeedRequest {
            parent: format!("{parent}/feeds/hkd"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetFeedFile => v1::GetFeedFileRequest {
            name: format!("{parent}/feeds/hkd/files/1"),
        }
        .encode_to_vec(),
        Method::DownloadFeedFile => v1::DownloadFeedFileRequest {
            name: format!("{parent}/feeds/hkd/files/1"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::AcknowledgeFeedFile => v1::AcknowledgeFeedFileRequest {
            name: format!("{parent}/feeds/hkd/files/1"),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListNotices => v1::ListNoticesRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetNotice => v1::GetNoticeRequest {
            name: format!("{parent}/notices/{ID}"),
        }
        .encode_to_vec(),
        Method::CountNotices => {
            let day = Some(v1::Date {
                iso: DAY.to_owned(),
            });
            v1::CountNoticesRequest {
                parent,
                first_day: day.clone(),
                last_day: day,
            }
            .encode_to_vec()
        }
        Method::PreviewNotice => v1::PreviewNoticeRequest {
            kind: v1::NoticeKind::BillReady.into(),
            channel: v1::NoticeChannel::Sms.into(),
            language: String::new(),
        }
        .encode_to_vec(),
        Method::GetSevereWeather => v1::GetSevereWeatherRequest {
            name: format!("weatherDays/{DAY}"),
        }
        .encode_to_vec(),
        Method::SetSevereWeather => v1::SetSevereWeatherRequest {
            name: format!("weatherDays/{DAY}"),
            severe: true,
        }
        .encode_to_vec(),
        Method::CreateSubscriber
        | Method::FindSubscriber
        | Method::GetSubscriber
        | Method::UpdateSubscriber
        | Method::EraseSubscriber
        | Method::ExportSubscriber
        | Method::CreateSubscription
        | Method::ListSubscriptions
        | Method::DeleteSubscription
        | Method::CreateContactForm
        | Method::FetchContactForm
        | Method::DiscardContactForm
        | Method::ListContactReads => people::request(method),
        Method::CreateWebhookEndpoint => v1::CreateWebhookEndpointRequest {
            parent,
            url: "https://hooks.example/epay".to_owned(),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListWebhookEndpoints => v1::ListWebhookEndpointsRequest {
            parent,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::GetWebhookEndpoint => {
            v1::GetWebhookEndpointRequest { name: endpoint }.encode_to_vec()
        }
        Method::UpdateWebhookEndpoint => v1::UpdateWebhookEndpointRequest {
            name: endpoint,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::DeleteWebhookEndpoint => {
            v1::DeleteWebhookEndpointRequest { name: endpoint }.encode_to_vec()
        }
        Method::RotateWebhookKey => v1::RotateWebhookKeyRequest {
            name: endpoint,
            overlap: None,
            idempotency_key: key,
        }
        .encode_to_vec(),
        Method::TestWebhookEndpoint => {
            v1::TestWebhookEndpointRequest { name: endpoint }.encode_to_vec()
        }
        Method::ListWebhookDeliveries => v1::ListWebhookDeliveriesRequest {
            parent: endpoint,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ReplayWebhookDeliveries => v1::ReplayWebhookDeliveriesRequest {
            parent: endpoint,
            start_time: Some(epay_proto::pbjson_types::Timestamp::default()),
            end_time: Some(epay_proto::pbjson_types::Timestamp {
                seconds: 1,
                nanos: 0,
            }),
            idempotency_key: key,
            ..Default::default()
        }
        .encode_to_vec(),
    }
}
