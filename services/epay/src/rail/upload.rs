//! Uploading a rail's file to a gateway, with what its sender signed.
//!
//! Order: the signature beside the file is read, then the file once for its digest; then the gateway is called, and the file
//! read again, a piece at a time, as fast as the gateway takes it.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use epay_money::RailId;
use epay_proto::v1;
use epay_proto::v1::rail_file_service_client::RailFileServiceClient;
use epay_proto::v1::upload_rail_file_request::Part;
use epay_rail_kit::channel::{KEY_HEADER, MESSAGE_ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

/// Bytes of a message of the upload.
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces that wait for the gateway.
const PIECES_WAITING_MAX: usize = 4;

/// A file, its signature, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct Upload {
    /// The rail, for instance pps.
    #[arg(long)]
    rail: RailId,
    /// The gateway, for instance <https://epay.example>.
    #[arg(long)]
    gateway: String,
    /// A file with the token of a clerk.
    #[arg(long)]
    token_file: PathBuf,
    /// A file with the certificate that signed the gateway's.
    #[arg(long)]
    authority_file: Option<PathBuf>,
    /// The sender's signature: a file with the four headers of the bank channel, `name: value` a line.
    #[arg(long)]
    signature: PathBuf,
    /// The file.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Uploads; answers with the file as the gateway has it.
pub(super) async fn upload(upload: &Upload) -> anyhow::Result<v1::RailFile> {
    let text = read(&upload.signature)?;
    let signature = signature(&text).with_context(|| format!("{}", upload.signature.display()))?;
    let token = read(&upload.token_file)?;
    let (sha256, size_bytes) = digest(&upload.file).await?;
    let header = Part::Header(v1::RailFileHeader {
        rail: upload.rail.as_str().to_owned(),
        size_bytes,
        sha256: sha256.to_vec(),
        signature: Some(signature),
    });
    let mut client = RailFileServiceClient::new(connect(upload).await?);
    let (pieces, messages) = mpsc::channel(PIECES_WAITING_MAX);
    let mut request = Request::new(ReceiverStream::new(messages));
    let bearer = format!("Bearer {}", token.trim()).parse();
    let bearer = bearer.context("the token is not one")?;
    request.metadata_mut().insert("authorization", bearer);
    let sent = send(&upload.file, header, pieces);
    let (sent, answer) = tokio::join!(sent, client.upload_rail_file(request));
    match answer {
        Ok(answer) => sent.map(|()| answer.into_inner()),
        Err(status) => {
            let info = status.get_details_error_info();
            let cause = info.and_then(|mut info| info.metadata.remove("cause"));
            let cause = cause.map_or_else(String::new, |cause| format!(" ({cause})"));
            ensure!(
                status.code() != Code::Unavailable,
                "the gateway does not answer; upload the file again: {}",
                status.message()
            );
            anyhow::bail!("{}{cause}", status.message())
        }
    }
}

/// The header, then the bytes. A gateway that wants no more of them has its reason in its answer.
async fn send(
    path: &Path,
    header: Part,
    pieces: mpsc::Sender<v1::UploadRailFileRequest>,
) -> anyhow::Result<()> {
    let message = |part| v1::UploadRailFileRequest { part: Some(part) };
    if pieces.send(message(header)).await.is_err() {
        return Ok(());
    }
    let mut file = open(path).await?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let limit = u64::try_from(PIECE_BYTES)?;
        let taken = (&mut file).take(limit).read_to_end(&mut piece).await;
        if taken.with_context(|| path.display().to_string())? == 0 {
            return Ok(());
        }
        if pieces.send(message(Part::Chunk(piece))).await.is_err() {
            return Ok(());
        }
    }
}

async fn connect(upload: &Upload) -> anyhow::Result<Channel> {
    let endpoint = Channel::from_shared(upload.gateway.clone()).context("--gateway")?;
    let endpoint = match &upload.authority_file {
        Some(path) => {
            let certificate = Certificate::from_pem(read(path)?);
            endpoint.tls_config(ClientTlsConfig::new().ca_certificate(certificate))?
        }
        None => {
            let plain = !upload.gateway.starts_with("https:");
            ensure!(plain, "an https gateway needs --authority-file");
            endpoint
        }
    };
    endpoint
        .connect()
        .await
        .context("the gateway cannot be reached")
}

async fn open(path: &Path) -> anyhow::Result<File> {
    let file = File::open(path).await;
    file.with_context(|| path.display().to_string())
}

async fn digest(path: &Path) -> anyhow::Result<([u8; 32], i64)> {
    let mut file = open(path).await?;
    let (mut digest, mut size) = (Sha256::new(), 0_i64);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece).await;
        let read = read.with_context(|| path.display().to_string())?;
        if read == 0 {
            return Ok((digest.finalize().into(), size));
        }
        digest.update(piece.get(..read).unwrap_or_default());
        size = size.saturating_add(i64::try_from(read)?);
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The four headers, each exactly once, in any order; what else stands there is not ours.
fn signature(text: &str) -> anyhow::Result<v1::ChannelSignature> {
    let value = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(given, _value)| given.trim().eq_ignore_ascii_case(name));
        let value = values
            .next()
            .with_context(|| format!("{name} is missing"))?;
        ensure!(values.next().is_none(), "{name} is there twice");
        Ok(value.1.trim().to_owned())
    };
    let seconds = value(TIMESTAMP_HEADER)?;
    let seconds = seconds.parse();
    Ok(v1::ChannelSignature {
        key_id: value(KEY_HEADER)?,
        timestamp_seconds: seconds.with_context(|| format!("{TIMESTAMP_HEADER} is no number"))?,
        message_id: value(MESSAGE_ID_HEADER)?,
        signature: value(SIGNATURE_HEADER)?,
    })
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn a_signature_is_four_headers_each_once() {
        let whole = "epay-channel-key: k\nEpay-Channel-Timestamp:7\r\nepay-channel-message-id: M-1\n\
            epay-channel-signature: v1=00 v1=11\nX-Else: no\n";
        let read = signature(whole).unwrap();
        assert_eq!(
            (
                &*read.key_id,
                read.timestamp_seconds,
                &*read.message_id,
                &*read.signature
            ),
            ("k", 7, "M-1", "v1=00 v1=11")
        );
        let table = [
            (
                whole.replace("key: k", "kex: k"),
                "epay-channel-key is missing",
            ),
            (
                whole.replace(":7", ":x"),
                "epay-channel-timestamp is no number",
            ),
            (
                format!("{whole}epay-channel-key: other"),
                "epay-channel-key is there twice",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(signature(&text).unwrap_err().to_string(), expected);
        }
    }
}
