//! An import: rows are done as their bytes come, and the answer says what became of each.
//!
//! Nothing is stored of the file itself: a broken-off import is sent again from the front, and what it did is recognised.
//! Memory is bounded by one window of rows, the faults that are kept, and one message of the stream.

use epay_bill_file::Format;
use epay_engine::{BillImport, Engine, ImportEnd, Imported, RowFault};
use epay_proto::v1;
use epay_proto::v1::import_bills_request::Part;
use tonic::{Status, Streaming};

use crate::auth::Authorised;
use crate::fault::{self, About};
use crate::names;

/// Most bytes of a file: five million rows of the usual length.
const FILE_BYTES_MAX: u64 = 2 << 30;

pub(super) async fn take(
    engine: &Engine,
    caller: &Authorised,
    mut stream: Streaming<v1::ImportBillsRequest>,
) -> Result<v1::ImportBillsResponse, Status> {
    let header = match stream.message().await?.and_then(|first| first.part) {
        Some(Part::Header(header)) => header,
        Some(Part::Chunk(_)) | None => {
            let words = "the first message of the stream must be the header";
            return Err(fault::invalid_field("header", "FIELD_REQUIRED", words));
        }
    };
    let biller = names::biller("header.parent", &header.parent)?;
    caller.over(&biller)?;
    let format = match header.format() {
        v1::BillFileFormat::Csv => Format::Csv,
        v1::BillFileFormat::Ndjson => Format::Ndjson,
        v1::BillFileFormat::Unspecified => {
            let words = "must be CSV or NDJSON";
            return Err(fault::invalid_field(
                "header.format",
                "FIELD_REQUIRED",
                words,
            ));
        }
    };
    let mut import = engine.import_bills(biller, format);
    let about = About::write("Bill", &header.parent);
    feed(&mut import, &mut stream, &about).await?;
    let ended = import.end().await;
    let (done, end) = ended.map_err(|error| fault::engine(error, &about))?;
    Ok(answer(done, end))
}

async fn feed(
    import: &mut BillImport,
    stream: &mut Streaming<v1::ImportBillsRequest>,
    about: &About,
) -> Result<(), Status> {
    let mut taken = 0_u64;
    while let Some(message) = stream.message().await? {
        let Some(Part::Chunk(bytes)) = message.part else {
            let words = "every message after the first must be a chunk";
            return Err(fault::invalid_field("chunk", "FIELD_REQUIRED", words));
        };
        taken = taken.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if taken > FILE_BYTES_MAX {
            let words = format!("a file has at most {FILE_BYTES_MAX} bytes");
            return Err(fault::invalid_field("chunk", "FIELD_OUT_OF_RANGE", &words));
        }
        let fed = import.feed(&bytes).await;
        fed.map_err(|error| fault::engine(error, about))?;
    }
    Ok(())
}

fn answer(done: Imported, end: ImportEnd) -> v1::ImportBillsResponse {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    v1::ImportBillsResponse {
        row_count: count(done.rows),
        issued_count: count(done.issued),
        revised_count: count(done.revised),
        withdrawn_count: count(done.withdrawn),
        known_count: count(done.known),
        refused_count: count(done.refused),
        faults: done.faults.into_iter().map(row_fault).collect(),
        stop: match end {
            ImportEnd::Whole => None,
            ImportEnd::Stopped { code, message } => Some(v1::ImportStop {
                code: code.to_owned(),
                message,
            }),
        },
    }
}

fn row_fault(fault: RowFault) -> v1::BillRowFault {
    v1::BillRowFault {
        line: i64::try_from(fault.line).unwrap_or(i64::MAX),
        document: fault.document.unwrap_or_default(),
        field: fault.field.to_owned(),
        code: fault.code.to_owned(),
        message: fault.message,
    }
}
