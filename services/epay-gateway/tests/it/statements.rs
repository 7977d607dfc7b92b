//! Statements over gRPC: uploaded as a stream, shown, and rows that could not be read read again by two people.

use epay_gateway::Role;
use epay_proto::v1;
use epay_proto::v1::upload_statement_request::Part;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{ACCOUNT, Caller, House};

/// A camt.053 with two entries; `amount` is the first one's as written.
fn statement(amount: &str) -> String {
    let entry = |amount: &str, reference: &str| {
        format!(
            "<Ntry><Amt Ccy=\"HKD\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-01-21</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef></Ntry>"
        )
    };
    let balance = |code: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-21</Dt></Dt></Bal>"
        )
    };
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>S1</Id>\
         <ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm>\
         <Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>HKD</Ccy></Acct>{}{}{}{}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", "0"),
        balance("CLBD", "3.00"),
        entry(amount, "B1"),
        entry("2.00", "B2"),
    )
}

fn parts(body: &[u8], piece: usize) -> Vec<v1::UploadStatementRequest> {
    let header = Part::Header(v1::UploadHeader {
        size_bytes: i64::try_from(body.len()).unwrap(),
        sha256: Sha256::digest(body).to_vec(),
    });
    let chunks = body.chunks(piece).map(|bytes| Part::Chunk(bytes.to_vec()));
    std::iter::once(header)
        .chain(chunks)
        .map(|part| v1::UploadStatementRequest { part: Some(part) })
        .collect()
}

async fn upload(
    caller: &Caller,
    messages: Vec<v1::UploadStatementRequest>,
) -> Result<v1::StatementFile, Status> {
    let stream = tokio_stream::iter(messages);
    let answer = caller.statements().upload_statement(stream).await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn an_uploaded_statement_is_shown_with_its_entries_and_known_again() {
    let house = House::start().await;
    let clerk = house.caller(Role::Clerk).await;
    let body = statement("1.00");
    let file = upload(&clerk, parts(body.as_bytes(), 100)).await.unwrap();
    assert_eq!(file.state(), v1::StatementFileState::Read);
    assert_eq!(
        (file.known_before, file.entry_count, file.bad_row_count),
        (false, 2, 0)
    );
    let [shown] = &file.statements[..] else {
        unreachable!("{file:?}");
    };
    assert_eq!(shown.findings, []);
    let again = upload(&clerk, parts(body.as_bytes(), 1_000)).await.unwrap();
    assert!(again.known_before && again.name == file.name);

    let department = house.caller(Role::Department).await;
    let listed = department
        .statements()
        .list_statements(v1::ListStatementsRequest {
            parent: "billers/rvd".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.statements, std::slice::from_ref(shown));
    let mut token = String::new();
    let mut references = Vec::new();
    for _page in 0..2 {
        let page = department
            .statements()
            .list_statement_entries(v1::ListStatementEntriesRequest {
                parent: shown.name.clone(),
                page_size: 1,
                page_token: token,
            })
            .await
            .unwrap()
            .into_inner();
        references.extend(
            page.entries
                .into_iter()
                .map(|entry| (entry.bank_reference, entry.standing)),
        );
        token = page.next_page_token;
    }
    let counts = |reference: &str| (reference.to_owned(), "counts".to_owned());
    assert_eq!(references, [counts("B1"), counts("B2")]);
    assert_eq!(token, "");
    house.stop().await;
}

#[tokio::test]
async fn a_bad_row_is_shown_with_its_bytes_and_read_again_when_two_people_agree() {
    let house = House::start().await;
    let clerk = house.caller(Role::Clerk).await;
    let body = statement("1,00");
    let file = upload(&clerk, parts(body.as_bytes(), 100)).await.unwrap();
    assert_eq!((file.entry_count, file.bad_row_count), (1, 1));
    let rows = clerk
        .statements()
        .list_bad_rows(v1::ListBadRowsRequest {
            parent: "billers/rvd".to_owned(),
            statement: file.statements[0].name.clone(),
            source: "statement".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .bad_rows;
    let [row] = &rows[..] else {
        unreachable!("{rows:?}");
    };
    let raw = String::from_utf8(row.raw.clone()).unwrap();
    assert_eq!((row.code.as_str(), row.row), ("bad_amount", 1));
    let correction = raw.replace("1,00", "1.00");
    let proposal = clerk
        .statements()
        .propose_redrive(v1::ProposeRedriveRequest {
            name: row.name.clone(),
            correction: correction.clone(),
            reason: "the bank confirmed one dollar".to_owned(),
            idempotency_key: "k1".to_owned(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (proposal.kind.as_str(), &proposal.subject),
        ("redrive_row", &row.name)
    );
    assert_eq!(
        proposal.correction, correction,
        "the second person sees the words"
    );
    let approve = v1::ApproveProposalRequest {
        name: proposal.name.clone(),
        reason: "seen".to_owned(),
    };
    // A row that is written by hand may be of any sum: that is beyond a supervisor.
    let supervisor = house.caller(Role::Supervisor).await;
    let mut proposals = supervisor.proposals();
    let refused = proposals.approve_proposal(approve.clone()).await;
    let status = refused.unwrap_err();
    let reason = status.get_details_error_info().unwrap().reason;
    assert_eq!(reason, "MAY_NOT_DECIDE");
    let controller = house.caller(Role::Controller).await;
    let decided = controller.proposals().approve_proposal(approve).await;
    let decided = decided.unwrap().into_inner();
    assert_eq!(decided.state(), v1::ProposalState::Approved);
    house.engine.carry_out_proposals().await.unwrap();
    let whole = clerk
        .statements()
        .get_statement(v1::GetStatementRequest {
            name: file.statements[0].name.clone(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (whole.entry_count, whole.bad_row_count, whole.findings),
        (2, 0, vec![])
    );
    house.stop().await;
}

#[tokio::test]
async fn an_upload_that_is_not_what_its_header_says_is_refused() {
    let house = House::start().await;
    let clerk = house.caller(Role::Clerk).await;
    let body = statement("1.00");
    let good = parts(body.as_bytes(), 100);
    let no_header = good[1..].to_vec();
    let cut = good[..good.len() - 1].to_vec();
    let mut twice = good.clone();
    twice.push(good[0].clone());
    let table = [
        (vec![], "FIELD_REQUIRED"),
        (no_header, "FIELD_REQUIRED"),
        (cut, "SIZE_DIFFERS"),
        (twice, "FIELD_REQUIRED"),
    ];
    for (messages, reason) in table {
        let status = upload(&clerk, messages).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        let details = status.get_details_bad_request().unwrap();
        assert_eq!(details.field_violations[0].reason, reason);
    }
    // What was stored of it stays, and the whole of it goes on there.
    let file = upload(&clerk, good).await.unwrap();
    assert_eq!(file.state(), v1::StatementFileState::Read);
    house.stop().await;
}
