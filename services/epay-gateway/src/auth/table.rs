//! The one table of who may call what: one row an RPC, one column a role. What is not here is denied.
//!
//! Sources: the roles of the design (a department sees its own bills only, an auditor sees all and changes nothing,
//! an administrator sees no money). A test reads every RPC from the descriptor set and fails where a row is missing.

use super::Role;

/// What a role may do with an RPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Not call it.
    Nothing,
    /// Call it for the biller in its token.
    OwnBiller,
    /// Call it for every biller.
    Any,
}

use Grant::{Any, Nothing, OwnBiller};

macro_rules! table {
    ($($method:ident $path:literal $portal:ident $department:ident $finance:ident $clerk:ident $supervisor:ident
        $controller:ident $auditor:ident $administrator:ident;)+) => {
        /// An RPC of the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Method {
            $(
                #[doc = concat!("`", $path, "`")]
                $method,
            )+
        }

        impl Method {
            /// Every RPC.
            pub const ALL: &'static [Self] = &[$(Self::$method,)+];

            /// Full name: package, service and method.
            #[must_use]
            pub const fn full_name(self) -> &'static str {
                match self {
                    $(Self::$method => $path,)+
                }
            }

            /// What `role` may do with it.
            #[must_use]
            pub const fn grant(self, role: Role) -> Grant {
                let row = match self {
                    $(Self::$method => [
                        $portal,
                        $department,
                        $finance,
                        $clerk,
                        $supervisor,
                        $controller,
                        $auditor,
                        $administrator,
                    ],)+
                };
                let [
                    portal,
                    department,
                    finance,
                    clerk,
                    supervisor,
                    controller,
                    auditor,
                    administrator,
                ] = row;
                match role {
                    Role::CitizenPortal => portal,
                    Role::Department => department,
                    Role::Finance => finance,
                    Role::Clerk => clerk,
                    Role::Supervisor => supervisor,
                    Role::Controller => controller,
                    Role::Auditor => auditor,
                    Role::Administrator => administrator,
                }
            }
        }
    };
}

table! {
    // RPC                                                                  portal     department  finance   clerk     supervisor  controller  auditor   administrator
    ListBillTypes         "epay.v1.BillService/ListBillTypes"               Any        Any         Any       Any       Any         Any         Any       Nothing;
    LookupBill            "epay.v1.BillService/LookupBill"                  Any        Nothing     Any       Any       Any         Any         Any       Nothing;
    GetBill               "epay.v1.BillService/GetBill"                     Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListBills             "epay.v1.BillService/ListBills"                   Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    CreateBill            "epay.v1.BillService/CreateBill"                  Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ImportBills           "epay.v1.BillService/ImportBills"                 Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    WithdrawBill          "epay.v1.BillService/WithdrawBill"                Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ListReceipts          "epay.v1.BillService/ListReceipts"                Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListMethods           "epay.v1.PaymentService/ListMethods"              Any        OwnBiller   Any       Any       Any         Any         Any       Nothing;
    CreatePayment         "epay.v1.PaymentService/CreatePayment"            Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    GetPayment            "epay.v1.PaymentService/GetPayment"               Any        OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetPaymentRouting     "epay.v1.PaymentService/GetPaymentRouting"        Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListPayments          "epay.v1.PaymentService/ListPayments"             Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    WatchPayment          "epay.v1.PaymentService/WatchPayment"             Any        OwnBiller   Any       Any       Any         Any         Any       Nothing;
    SubmitInstrument      "epay.v1.PaymentService/SubmitInstrument"         Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    CheckPayment          "epay.v1.PaymentService/CheckPayment"             Any        Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    CapturePayment        "epay.v1.PaymentService/CapturePayment"           Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    CancelPayment         "epay.v1.PaymentService/CancelPayment"            Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ListPaymentEvents     "epay.v1.PaymentService/ListPaymentEvents"        Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    CreateRefund          "epay.v1.RefundService/CreateRefund"              Nothing    OwnBiller   Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    GetRefund             "epay.v1.RefundService/GetRefund"                 Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListRefunds           "epay.v1.RefundService/ListRefunds"               Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    RedirectRefund        "epay.v1.RefundService/RedirectRefund"            Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ProposePayoutAccount  "epay.v1.RefundService/ProposePayoutAccount"      Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ListProposals         "epay.v1.ProposalService/ListProposals"           Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetProposal           "epay.v1.ProposalService/GetProposal"             Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ApproveProposal       "epay.v1.ProposalService/ApproveProposal"         Nothing    Nothing     Nothing   Nothing   Any         Any         Nothing   Nothing;
    RejectProposal        "epay.v1.ProposalService/RejectProposal"          Nothing    Nothing     Nothing   Nothing   Any         Any         Nothing   Nothing;
    ListUnclearPayments   "epay.v1.OperationsService/ListUnclearPayments"   Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    AssignUnclearPayment  "epay.v1.OperationsService/AssignUnclearPayment"  Nothing    Nothing     Nothing   Any       Any         Nothing     Nothing   Nothing;
    ProposeResolution     "epay.v1.OperationsService/ProposeResolution"     Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ListRecalls           "epay.v1.OperationsService/ListRecalls"           Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ReturnRecall          "epay.v1.OperationsService/ReturnRecall"          Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    DeclineRecall         "epay.v1.OperationsService/DeclineRecall"         Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    RecallRefund          "epay.v1.OperationsService/RecallRefund"          Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ListBreaks            "epay.v1.ReconciliationService/ListBreaks"        Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetBreak              "epay.v1.ReconciliationService/GetBreak"          Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    AssignBreak           "epay.v1.ReconciliationService/AssignBreak"       Nothing    Nothing     Nothing   Any       Any         Nothing     Nothing   Nothing;
    ProposeBreakResolution "epay.v1.ReconciliationService/ProposeBreakResolution" Nothing Nothing  Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ReopenBreak           "epay.v1.ReconciliationService/ReopenBreak"       Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ListMatches           "epay.v1.ReconciliationService/ListMatches"       Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetReconciliationSummary "epay.v1.ReconciliationService/GetReconciliationSummary" Nothing OwnBiller Any  Any       Any         Any         Any       Nothing;
    EncodeQr              "epay.v1.QrService/EncodeQr"                      Any        Any         Any       Any       Any         Any         Any       Nothing;
    DecodeQr              "epay.v1.QrService/DecodeQr"                      Any        Any         Any       Any       Any         Any         Any       Nothing;
    ListAccounts          "epay.v1.LedgerService/ListAccounts"              Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetJournal            "epay.v1.LedgerService/GetJournal"                Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListJournals          "epay.v1.LedgerService/ListJournals"              Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetTrialBalance       "epay.v1.LedgerService/GetTrialBalance"           Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListPeriods           "epay.v1.LedgerService/ListPeriods"               Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ProposePeriodClose    "epay.v1.LedgerService/ProposePeriodClose"        Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ProposePeriodReopen   "epay.v1.LedgerService/ProposePeriodReopen"       Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    GetLogHead            "epay.v1.LogService/GetLogHead"                   Any        Any         Any       Any       Any         Any         Any       Nothing;
    ListLogHeads          "epay.v1.LogService/ListLogHeads"                 Any        Any         Any       Any       Any         Any         Any       Nothing;
    GetConsistencyProof   "epay.v1.LogService/GetConsistencyProof"          Any        Any         Any       Any       Any         Any         Any       Nothing;
    GetInclusionProof     "epay.v1.LogService/GetInclusionProof"            Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListReceiptProofs     "epay.v1.LogService/ListReceiptProofs"            Any        OwnBiller   Any       Any       Any         Any         Any       Nothing;
    UploadStatement       "epay.v1.StatementService/UploadStatement"        Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    GetStatementFile      "epay.v1.StatementService/GetStatementFile"       Nothing    Nothing     Any       Any       Any         Any         Any       Nothing;
    GetStatement          "epay.v1.StatementService/GetStatement"           Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListStatements        "epay.v1.StatementService/ListStatements"         Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListStatementEntries  "epay.v1.StatementService/ListStatementEntries"   Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListBadRows           "epay.v1.StatementService/ListBadRows"            Nothing    Nothing     Any       Any       Any         Any         Any       Nothing;
    ProposeAcceptance     "epay.v1.StatementService/ProposeAcceptance"      Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    ProposeRedrive        "epay.v1.StatementService/ProposeRedrive"         Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    UploadRailFile        "epay.v1.RailFileService/UploadRailFile"          Nothing    Nothing     Nothing   Any       Nothing     Nothing     Nothing   Nothing;
    GetRailFile           "epay.v1.RailFileService/GetRailFile"             Nothing    Nothing     Any       Any       Any         Any         Any       Nothing;
    StreamEvents          "epay.v1.EventService/StreamEvents"               Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListFeeds             "epay.v1.FeedService/ListFeeds"                   Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetFeedFile           "epay.v1.FeedService/GetFeedFile"                 Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListFeedFiles         "epay.v1.FeedService/ListFeedFiles"               Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListFeedAlerts        "epay.v1.FeedService/ListFeedAlerts"              Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListFeedDeliveries    "epay.v1.FeedService/ListFeedDeliveries"          Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    RedeliverFeedFile     "epay.v1.FeedService/RedeliverFeedFile"           Nothing    OwnBiller   Nothing   Any       Nothing     Any         Nothing   Nothing;
    StreamFeed            "epay.v1.FeedService/StreamFeed"                  Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    DownloadFeedFile      "epay.v1.FeedService/DownloadFeedFile"            Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetBusinessDay        "epay.v1.FeedService/GetBusinessDay"              Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    AcknowledgeFeedFile   "epay.v1.FeedService/AcknowledgeFeedFile"         Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    CloseDay              "epay.v1.FeedService/CloseDay"                    Nothing    Nothing     Nothing   Nothing   Nothing     Any         Nothing   Nothing;
    ListNotices           "epay.v1.NoticeService/ListNotices"               Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    GetNotice             "epay.v1.NoticeService/GetNotice"                 Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    CountNotices          "epay.v1.NoticeService/CountNotices"              Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    PreviewNotice         "epay.v1.NoticeService/PreviewNotice"             Nothing    Any         Any       Any       Any         Any         Any       Nothing;
    GetSevereWeather      "epay.v1.NoticeService/GetSevereWeather"          Nothing    Any         Any       Any       Any         Any         Any       Nothing;
    SetSevereWeather      "epay.v1.NoticeService/SetSevereWeather"          Nothing    Nothing     Nothing   Any       Any         Nothing     Nothing   Nothing;
    CreateWebhookEndpoint "epay.v1.WebhookService/CreateWebhookEndpoint"   Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    GetWebhookEndpoint    "epay.v1.WebhookService/GetWebhookEndpoint"      Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ListWebhookEndpoints  "epay.v1.WebhookService/ListWebhookEndpoints"    Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    UpdateWebhookEndpoint "epay.v1.WebhookService/UpdateWebhookEndpoint"   Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    DeleteWebhookEndpoint "epay.v1.WebhookService/DeleteWebhookEndpoint"   Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    RotateWebhookKey      "epay.v1.WebhookService/RotateWebhookKey"        Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    TestWebhookEndpoint   "epay.v1.WebhookService/TestWebhookEndpoint"     Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ListWebhookDeliveries "epay.v1.WebhookService/ListWebhookDeliveries"   Nothing    OwnBiller   Any       Any       Any         Any         Any       Nothing;
    ReplayWebhookDeliveries "epay.v1.WebhookService/ReplayWebhookDeliveries" Nothing    OwnBiller   Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    CreateSubscriber      "epay.v1.NotificationService/CreateSubscriber" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    FindSubscriber        "epay.v1.NotificationService/FindSubscriber"   Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    GetSubscriber         "epay.v1.NotificationService/GetSubscriber"    Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    UpdateSubscriber      "epay.v1.NotificationService/UpdateSubscriber" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    EraseSubscriber       "epay.v1.NotificationService/EraseSubscriber"  Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    CreateSubscription    "epay.v1.NotificationService/CreateSubscription" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ListSubscriptions     "epay.v1.NotificationService/ListSubscriptions" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    DeleteSubscription    "epay.v1.NotificationService/DeleteSubscription" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ExportSubscriber      "epay.v1.NotificationService/ExportSubscriber" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Any       Nothing;
    CreateContactForm     "epay.v1.NotificationService/CreateContactForm" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    FetchContactForm      "epay.v1.NotificationService/FetchContactForm" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    DiscardContactForm    "epay.v1.NotificationService/DiscardContactForm" Any        Nothing     Nothing   Nothing   Nothing     Nothing     Nothing   Nothing;
    ListContactReads      "epay.v1.NotificationService/ListContactReads" Nothing    Nothing     Nothing   Nothing   Nothing     Nothing     Any       Nothing;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_rpc_of_the_interface_has_exactly_one_row() {
        let set = FileDescriptorSet::decode(epay_proto::FILE_DESCRIPTOR_SET).unwrap();
        let rpcs: BTreeSet<String> = set
            .file
            .iter()
            .filter(|file| file.package().starts_with("epay."))
            .flat_map(|file| {
                file.service.iter().flat_map(|service| {
                    service.method.iter().map(|method| {
                        format!("{}.{}/{}", file.package(), service.name(), method.name())
                    })
                })
            })
            .collect();
        let rows: BTreeSet<String> = Method::ALL
            .iter()
            .map(|method| method.full_name().to_owned())
            .collect();
        assert_eq!(rows, rpcs);
        assert_eq!(rows.len(), Method::ALL.len());
    }

    /// RPCs that change something.
    const WRITES: [Method; 37] = [
        Method::CreateBill,
        Method::ImportBills,
        Method::WithdrawBill,
        Method::CreatePayment,
        Method::SubmitInstrument,
        Method::CheckPayment,
        Method::CapturePayment,
        Method::CancelPayment,
        Method::CreateRefund,
        Method::RedirectRefund,
        Method::ProposePayoutAccount,
        Method::ApproveProposal,
        Method::RejectProposal,
        Method::AssignUnclearPayment,
        Method::ProposeResolution,
        Method::ReturnRecall,
        Method::DeclineRecall,
        Method::RecallRefund,
        Method::UploadStatement,
        Method::UploadRailFile,
        Method::ProposeAcceptance,
        Method::ProposeRedrive,
        Method::AssignBreak,
        Method::ProposeBreakResolution,
        Method::ReopenBreak,
        Method::AcknowledgeFeedFile,
        Method::RedeliverFeedFile,
        Method::CloseDay,
        Method::ProposePeriodClose,
        Method::ProposePeriodReopen,
        Method::SetSevereWeather,
        Method::CreateWebhookEndpoint,
        Method::UpdateWebhookEndpoint,
        Method::DeleteWebhookEndpoint,
        Method::RotateWebhookKey,
        Method::TestWebhookEndpoint,
        Method::ReplayWebhookDeliveries,
    ];

    /// RPCs about people and where they are reached: for the pages on a person's behalf. Who looks after money needs none of them.
    const PEOPLE: [Method; 11] = [
        Method::CreateSubscriber,
        Method::FindSubscriber,
        Method::GetSubscriber,
        Method::UpdateSubscriber,
        Method::EraseSubscriber,
        Method::CreateSubscription,
        Method::ListSubscriptions,
        Method::DeleteSubscription,
        Method::CreateContactForm,
        Method::FetchContactForm,
        Method::DiscardContactForm,
    ];

    #[test]
    fn people_are_for_the_pages_and_who_looked_at_them_for_auditors() {
        for role in Role::ALL {
            for method in PEOPLE {
                let expected = if role == Role::CitizenPortal {
                    Any
                } else {
                    Nothing
                };
                assert_eq!(method.grant(role), expected, "{method:?} {role:?}");
            }
            let expected = if role == Role::Auditor { Any } else { Nothing };
            assert_eq!(Method::ListContactReads.grant(role), expected, "{role:?}");
            let pages_and_auditors = matches!(role, Role::CitizenPortal | Role::Auditor);
            let expected = if pages_and_auditors { Any } else { Nothing };
            assert_eq!(Method::ExportSubscriber.grant(role), expected, "{role:?}");
        }
    }

    #[test]
    fn auditors_and_finance_change_nothing_and_administrators_see_nothing() {
        for method in Method::ALL {
            assert_eq!(method.grant(Role::Administrator), Nothing, "{method:?}");
            let read_of_people = [Method::ListContactReads, Method::ExportSubscriber];
            if PEOPLE.contains(method) || read_of_people.contains(method) {
                continue;
            }
            for role in [Role::Auditor, Role::Finance] {
                let expected = if WRITES.contains(method) {
                    Nothing
                } else {
                    Any
                };
                assert_eq!(method.grant(role), expected, "{method:?} {role:?}");
            }
        }
    }

    #[test]
    fn no_role_both_proposes_and_decides_and_nobody_pays_but_the_pages() {
        let proposes = [
            Method::CreateRefund,
            Method::RedirectRefund,
            Method::ProposePayoutAccount,
            Method::ProposeResolution,
            Method::ReturnRecall,
            Method::DeclineRecall,
            Method::RecallRefund,
            Method::ProposeBreakResolution,
            Method::ReopenBreak,
            Method::ProposeAcceptance,
            Method::ProposeRedrive,
            Method::ProposePeriodClose,
            Method::ProposePeriodReopen,
        ];
        let decides = [Method::ApproveProposal, Method::RejectProposal];
        for role in Role::ALL {
            let may = |methods: &[Method]| methods.iter().any(|m| m.grant(role) != Nothing);
            assert!(!(may(&proposes) && may(&decides)), "{role:?}");
            let pays = may(&[Method::CreatePayment, Method::SubmitInstrument]);
            assert_eq!(pays, role == Role::CitizenPortal, "{role:?}");
        }
    }
}
