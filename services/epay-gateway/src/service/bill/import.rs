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

/// An import by whichever door its bytes come.
pub(crate) struct Upload {
    import: BillImport,
    about: About,
    taken: u64,
}

impl Upload {
    /// Begins an import for the department that `parent` names.
    ///
    /// # Errors
    /// A name that is none, or another department's.
    pub(crate) fn begin(
        engine: &Engine,
        caller: &Authorised,
        field: &str,
        parent: &str,
        format: Format,
    ) -> Result<Self, Status> {
        let biller = names::biller(field, parent)?;
        caller.over(&biller)?;
        Ok(Self {
            import: engine.import_bills(biller, format),
            about: About::write("Bill", parent),
            taken: 0,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Too many bytes, or rows that could not be confirmed.
    pub(crate) async fn feed(&mut self, bytes: &[u8]) -> Result<(), Status> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(more);
        if self.taken > FILE_BYTES_MAX {
            let words = format!("a file has at most {FILE_BYTES_MAX} bytes");
            return Err(fault::invalid_field("chunk", "FIELD_OUT_OF_RANGE", &words));
        }
        let fed = self.import.feed(bytes).await;
        fed.map_err(|error| fault::engine(error, &self.about))
    }

    /// Takes the end of the file and says what became of it.
    ///
    /// # Errors
    /// Rows that could not be confirmed.
    pub(crate) async fn end(self) -> Result<v1::ImportBillsResponse, Status> {
        let ended = self.import.end().await;
        let (done, end) = ended.map_err(|error| fault::engine(error, &self.about))?;
        Ok(answer(done, end))
    }
}

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
    let format = match header.format() {
        v1::BillFileFormat::Csv => Ok(Format::Csv),
        v1::BillFileFormat::Ndjson => Ok(Format::Ndjson),
        v1::BillFileFormat::Unspecified => {
            let words = "must be CSV or NDJSON";
            Err(fault::invalid_field(
                "header.format",
                "FIELD_REQUIRED",
                words,
            ))
        }
    };
    let parent = &header.parent;
    // Whether it is the caller's department comes before what is wrong with the request.
    let biller = names::biller("header.parent", parent)?;
    caller.over(&biller)?;
    let mut upload = Upload::begin(engine, caller, "header.parent", parent, format?)?;
    while let Some(message) = stream.message().await? {
        let Some(Part::Chunk(bytes)) = message.part else {
            let words = "every message after the first must be a chunk";
            return Err(fault::invalid_field("chunk", "FIELD_REQUIRED", words));
        };
        upload.feed(&bytes).await?;
    }
    upload.end().await
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
