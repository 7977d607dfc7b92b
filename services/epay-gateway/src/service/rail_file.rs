//! `RailFileService`: files that people carry because a rail's line is down.
//!
//! Order of an upload: who sent the file is verified by the signature in its header, over the digest that the header
//! announces; only then is anything kept. The bytes are stored, the file is acknowledged, and whoever reads it holds its
//! bytes against that digest before a row counts. So a clerk alone makes no receipt: without the sender's signature
//! nothing is stored, and with it only what was signed is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use epay_engine::{Engine, EngineError, FileState, RailFile};
use epay_money::RailId;
use epay_proto::v1;
use epay_proto::v1::rail_file_service_server::RailFileService;
use epay_proto::v1::upload_rail_file_request::Part;
use epay_rail_kit::channel::{self, ChannelError, Verified};
use jiff::Timestamp;
use tonic::{Request, Response, Status, Streaming};
use tracing::{error, info, warn};

use super::upload::{self, Message, READING_WAIT};
use crate::auth::{Method, authorise};
use crate::config::RailDoor;
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;

/// Takes files of rails and shows how far they are.
#[derive(Debug, Clone)]
pub(crate) struct RailFiles {
    engine: Engine,
    doors: Arc<BTreeMap<RailId, RailDoor>>,
}

impl Message for v1::UploadRailFileRequest {
    fn chunk(self) -> Option<Vec<u8>> {
        match self.part {
            Some(Part::Chunk(bytes)) => Some(bytes),
            Some(Part::Header(_)) | None => None,
        }
    }
}

impl RailFiles {
    pub(crate) const fn new(engine: Engine, doors: Arc<BTreeMap<RailId, RailDoor>>) -> Self {
        Self { engine, doors }
    }

    async fn take(
        &self,
        mut stream: Streaming<v1::UploadRailFileRequest>,
    ) -> Result<v1::RailFile, Status> {
        let header = match stream.message().await?.and_then(|first| first.part) {
            Some(Part::Header(header)) => header,
            Some(Part::Chunk(_)) | None => return Err(upload::no_header()),
        };
        let rail: RailId = names::id("header.rail", &header.rail)?;
        let (digest, size) = upload::announced(&header.sha256, header.size_bytes)?;
        let signature = header.signature.unwrap_or_default();
        let verified = self.verify(&rail, &digest, &signature)?;
        let about = About::write("Rail", format!("rails/{rail}"));
        let failed = |error| fault::engine(error, &about);
        let begun = self.engine.begin_file(&rail, digest, size).await;
        let mut file = begun.map_err(failed)?;
        let known_before = file.state != FileState::Arriving;
        if !known_before {
            upload::store(&self.engine, &file, &mut stream, &about).await?;
            file = self.engine.file_stored(&file).await.map_err(failed)?;
            let (key, message) = (verified.key_id, verified.message_id);
            info!(%rail, file = %file.id, key, message, "A file came by hand, signed by its sender");
        }
        let booked = self.book(&file).await.map_err(failed)?;
        Ok(convert::rail_file(&booked, known_before))
    }

    /// Whose file it is. The fact that one was refused is in the log; nothing else of it is kept.
    fn verify(
        &self,
        rail: &RailId,
        digest: &[u8; 32],
        signature: &v1::ChannelSignature,
    ) -> Result<Verified, Status> {
        let name = format!("rails/{rail}");
        let door = self.doors.get(rail);
        let door = door.ok_or_else(|| fault::not_found("Rail", &name))?;
        let Some(keys) = &door.keys else {
            let words = "this rail has no channel keys, so that nobody can vouch for a file of it";
            return Err(fault::refused(
                "RAIL_HAS_NO_CHANNEL",
                &name,
                words,
                [].into(),
            ));
        };
        let at = signature.timestamp_seconds.to_string();
        let header = |header: &str| match header {
            channel::KEY_HEADER => Some(&*signature.key_id),
            channel::TIMESTAMP_HEADER => Some(&*at),
            channel::MESSAGE_ID_HEADER => Some(&*signature.message_id),
            channel::SIGNATURE_HEADER => Some(&*signature.signature),
            _ => None,
        };
        let of = (rail.as_str(), digest);
        let verified = channel::verify_file(&keys.load(), header, of, Timestamp::now());
        verified.map_err(|error| not_genuine(rail, &name, &error))
    }

    /// Has the file booked in a task of its own, so that it goes on when the caller has gone; answers with how far it is
    /// when the wait is over.
    async fn book(&self, file: &RailFile) -> Result<RailFile, EngineError> {
        let (engine, id) = (self.engine.clone(), file.id);
        let booking = tokio::spawn(async move { engine.book_file(id, |_file| {}).await });
        match tokio::time::timeout(READING_WAIT, booking).await {
            Ok(Ok(booked)) => booked,
            Ok(Err(failure)) => {
                error!(?failure, file = %id, "The booking of a file ended early");
                self.engine.rail_file(id).await
            }
            Err(_still_booking) => self.engine.rail_file(id).await,
        }
    }
}

fn not_genuine(rail: &RailId, name: &str, error: &ChannelError) -> Status {
    let code = error.code();
    warn!(%rail, code, "A file that came by hand was refused: it is not proven to be genuine");
    let words = format!("the file is not proven to be the rail's: {error}. Nothing was stored");
    let facts = [("cause".to_owned(), code.to_owned())];
    fault::refused("FILE_SIGNATURE", name, &words, facts.into())
}

#[tonic::async_trait]
impl RailFileService for RailFiles {
    async fn upload_rail_file(
        &self,
        request: Request<Streaming<v1::UploadRailFileRequest>>,
    ) -> Result<Response<v1::RailFile>, Status> {
        authorise(&request, Method::UploadRailFile)?;
        let file = Box::pin(self.take(request.into_inner())).await?;
        Ok(Response::new(file))
    }

    async fn get_rail_file(
        &self,
        request: Request<v1::GetRailFileRequest>,
    ) -> Result<Response<v1::RailFile>, Status> {
        authorise(&request, Method::GetRailFile)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let file = names::rail_file("name", &asked.name)?;
        let found = self.engine.rail_file(file).await;
        let found =
            found.map_err(|error| fault::engine(error, &About::read("RailFile", &asked.name)))?;
        Ok(Response::new(convert::rail_file(&found, true)))
    }
}
