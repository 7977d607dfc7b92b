//! An upload: stored chunk by chunk as it comes, acknowledged whole, then read.
//!
//! Order: the header names the file by its digest; its bytes are stored; the file is acknowledged; it is read in a task of
//! its own, for which the call waits [`READING_WAIT`] so that a file of the usual size is answered as read. If the process
//! ends, the worker goes on.

use epay_engine::{Engine, EngineError, FileState, IngestedFile, RailFile};
use epay_proto::v1;
use epay_proto::v1::upload_statement_request::Part;
use tonic::{Status, Streaming};
use tracing::error;

use crate::convert;
use crate::fault::{self, About};
use crate::service::upload::{self, Message, READING_WAIT};

impl Message for v1::UploadStatementRequest {
    fn chunk(self) -> Option<Vec<u8>> {
        match self.part {
            Some(Part::Chunk(bytes)) => Some(bytes),
            Some(Part::Header(_)) | None => None,
        }
    }
}

pub(super) async fn take(
    engine: &Engine,
    mut stream: Streaming<v1::UploadStatementRequest>,
) -> Result<v1::StatementFile, Status> {
    let header = match stream.message().await?.and_then(|first| first.part) {
        Some(Part::Header(header)) => header,
        Some(Part::Chunk(_)) | None => return Err(upload::no_header()),
    };
    let (digest, size) = upload::announced(&header.sha256, header.size_bytes)?;
    let about = About::write("StatementFile", "");
    let failed = |error| fault::engine(error, &about);
    let begun = engine.begin_statement_file(digest, size).await;
    let mut file = begun.map_err(failed)?;
    let known_before = file.state != FileState::Arriving;
    if !known_before {
        upload::store(engine, &file, &mut stream, &about).await?;
        file = engine.file_stored(&file).await.map_err(failed)?;
    }
    let read = read(engine, &file).await.map_err(failed)?;
    Ok(convert::statement_file(&read, known_before))
}

/// Has the file read; answers with how far it is when the wait is over.
async fn read(engine: &Engine, file: &RailFile) -> Result<IngestedFile, EngineError> {
    let (reader, id) = (engine.clone(), file.id);
    let reading = tokio::spawn(async move { reader.ingest_statements(id, |_file| {}).await });
    match tokio::time::timeout(READING_WAIT, reading).await {
        Ok(Ok(read)) => read,
        Ok(Err(failure)) => {
            error!(?failure, file = %id, "The reading of a file ended early");
            engine.statement_file(id).await
        }
        Err(_still_reading) => engine.statement_file(id).await,
    }
}
