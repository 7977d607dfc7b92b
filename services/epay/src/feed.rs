//! Files for departments from the shell, and where they are brought.

mod push;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Subcommand, ValueEnum};
use epay_engine::{AcknowledgeFeed, Engine, RedeliverFeed};
use epay_feed::{ACKNOWLEDGEMENT_BYTES_MAX, Shape, read_acknowledgements};
use epay_money::{BillerId, Currency};
use epay_store::feed::{FeedFile, FeedKey, FeedVerdict};
use epay_worker::FileSigner;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};

use crate::roles::start_engine;
use crate::settings::Settings;

/// How files are signed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FeedSettings {
    /// A file with the Ed25519 private key (PKCS#8, PEM) that signs digests of files; they are not signed when unset.
    pub(crate) key_file: Option<PathBuf>,
    /// Servers that files are brought to, by department.
    pub(crate) sftp: BTreeMap<BillerId, push::SftpSettings>,
}

impl FeedSettings {
    /// What signs, where something does.
    pub(crate) fn signer(&self) -> anyhow::Result<Option<FileSigner>> {
        let Some(path) = &self.key_file else {
            return Ok(None);
        };
        let name = path.display();
        let pem =
            std::fs::read(path).with_context(|| format!("feeds.key_file {name} cannot be read"))?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(&pem)
            .with_context(|| format!("feeds.key_file {name} is no private key in PEM"))?;
        let signer = FileSigner::from_pkcs8(der.secret_pkcs8_der());
        Ok(Some(
            signer.with_context(|| format!("feeds.key_file {name}"))?,
        ))
    }
}

/// A shape, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShapeName {
    Csv,
    Camt053,
    Camt054,
    Mt940,
}

impl ShapeName {
    const fn shape(self) -> Shape {
        match self {
            Self::Csv => Shape::Csv,
            Self::Camt053 => Shape::Camt053,
            Self::Camt054 => Shape::Camt054,
            Self::Mt940 => Shape::Mt940,
        }
    }
}

/// Verbs about feeds.
#[derive(Debug, Subcommand)]
pub(crate) enum FeedCommand {
    /// Write sealed files into a folder, each with its digest and, where a key is configured, its signature. The same file
    /// is always the same bytes.
    Export {
        /// The department, for instance rvd.
        #[arg(long)]
        biller: BillerId,
        /// The currency.
        #[arg(long, default_value = "HKD")]
        currency: Currency,
        /// The first file's number.
        #[arg(long, default_value_t = 1)]
        from: i64,
        /// The last file's number; up to the last that is sealed when unset.
        #[arg(long)]
        through: Option<i64>,
        /// The shapes.
        #[arg(long, value_enum, value_delimiter = ',', default_value = "csv")]
        shape: Vec<ShapeName>,
        /// The folder.
        #[arg(long)]
        to: PathBuf,
    },
    /// Take in a department's file of acknowledgements: lines `ACK sequence count net` or `NAK sequence line reason`.
    Acknowledge {
        /// The department, for instance rvd.
        #[arg(long)]
        biller: BillerId,
        /// The currency.
        #[arg(long, default_value = "HKD")]
        currency: Currency,
        /// The file.
        file: PathBuf,
    },
    /// Show how files were brought to a department's server, newest first.
    Deliveries {
        /// The department, for instance rvd.
        #[arg(long)]
        biller: BillerId,
        /// The currency.
        #[arg(long, default_value = "HKD")]
        currency: Currency,
        /// Print JSON, one delivery a line with its last ten attempts.
        #[arg(long)]
        json: bool,
    },
    /// Bring a file to its department's server again, now. The exit code is 1 unless it lies there afterwards.
    Push {
        /// The department, for instance rvd.
        #[arg(long)]
        biller: BillerId,
        /// The currency.
        #[arg(long, default_value = "HKD")]
        currency: Currency,
        /// The file's number.
        #[arg(long)]
        sequence: i64,
        /// Only in this shape.
        #[arg(long, value_enum)]
        shape: Option<ShapeName>,
    },
    /// Show files that somebody should look at. The exit code is 1 when there are any.
    Alerts {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a verb.
pub(crate) async fn run(command: FeedCommand, settings: &Settings) -> anyhow::Result<ExitCode> {
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let done = match command {
        FeedCommand::Export {
            biller,
            currency,
            from,
            through,
            shape,
            to,
        } => {
            let key = FeedKey { biller, currency };
            let signer = settings.feeds.signer()?;
            export(&engine, &key, (from, through), &shape, (&to, signer)).await
        }
        FeedCommand::Acknowledge {
            biller,
            currency,
            file,
        } => acknowledge(&engine, &FeedKey { biller, currency }, &file).await,
        FeedCommand::Deliveries {
            biller,
            currency,
            json,
        } => push::deliveries(&engine, FeedKey { biller, currency }, json).await,
        FeedCommand::Push {
            biller,
            currency,
            sequence,
            shape,
        } => {
            let destination = settings.feeds.destination(&biller)?;
            let command = RedeliverFeed {
                key: FeedKey { biller, currency },
                sequence,
                shape: shape.map(ShapeName::shape),
                caller: "shell".to_owned(),
            };
            push::again(&engine, command, destination).await
        }
        FeedCommand::Alerts { json } => alerts(&engine, json).await,
    };
    engine.drain().await;
    done
}

async fn export(
    engine: &Engine,
    key: &FeedKey,
    (from, through): (i64, Option<i64>),
    shapes: &[ShapeName],
    (folder, signer): (&Path, Option<FileSigner>),
) -> anyhow::Result<ExitCode> {
    ensure!(folder.is_dir(), "{} is not a folder", folder.display());
    let feeds = engine.reader().feeds(Some(&key.biller)).await?;
    let last = feeds.iter().find(|feed| feed.key == *key);
    let last = last.map_or(0, |feed| feed.last_sequence);
    let through = through.unwrap_or(last);
    ensure!(through <= last, "the last file that is sealed is {last}");
    for sequence in from..=through {
        let file = engine.reader().feed_file(key, sequence).await?;
        for name in shapes {
            let of = (&file, name.shape());
            let path = epay_worker::put_feed_file(engine, of, folder, signer.as_ref()).await?;
            println!("{}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// All lines are read before any is recorded, so that a file that is cut off says nothing.
async fn acknowledge(engine: &Engine, key: &FeedKey, path: &Path) -> anyhow::Result<ExitCode> {
    let name = path.display().to_string();
    let most = u64::try_from(ACKNOWLEDGEMENT_BYTES_MAX)?.saturating_add(1);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| name.clone())?;
    file.take(most)
        .read_to_end(&mut bytes)
        .with_context(|| name.clone())?;
    let mut code = ExitCode::SUCCESS;
    for said in read_acknowledgements(&bytes).context(name)? {
        let command = AcknowledgeFeed {
            key: key.clone(),
            sequence: i64::try_from(said.sequence)?,
            verdict: said.verdict,
            caller: format!("file:{}", path.display()),
        };
        let sequence = command.sequence;
        let file = engine.acknowledge_feed(command).await;
        let file = file.with_context(|| format!("file {sequence:06}"))?;
        let word = file.acknowledged.map_or("sent", FeedVerdict::as_str);
        println!("file {sequence:06}: {word}");
        if file.acknowledged != Some(FeedVerdict::Accepted) {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

async fn alerts(engine: &Engine, json: bool) -> anyhow::Result<ExitCode> {
    let alerts = engine.feed_alerts(None).await?;
    for alert in &alerts {
        let file = &alert.file;
        let shape = alert.shape.map(Shape::as_str);
        if json {
            let line = serde_json::json!({
                "file": as_json(file), "reason": alert.reason.code(), "shape": shape, "words": alert.words,
            });
            println!("{line}");
        } else {
            println!(
                "{} {:06} of {}{}: {} ({})",
                file.key.biller,
                file.sequence,
                file.day,
                shape.map(|shape| format!(", {shape}")).unwrap_or_default(),
                alert.reason.code(),
                alert.words
            );
        }
    }
    Ok(if alerts.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A file as JSON.
pub(crate) fn as_json(file: &FeedFile) -> serde_json::Value {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let shapes: serde_json::Map<String, serde_json::Value> = file
        .shapes
        .iter()
        .map(|seal| {
            let facts = serde_json::json!({ "bytes": seal.bytes, "sha256": hex(&seal.digest) });
            (seal.shape.as_str().to_owned(), facts)
        })
        .collect();
    serde_json::json!({
        "biller": file.key.biller.as_str(), "currency": file.key.currency.code(), "sequence": file.sequence,
        "day": file.day.to_string(), "rows": file.totals.rows, "late_rows": file.totals.late_rows,
        "credits_minor": file.totals.credits_minor, "debits_minor": file.totals.debits_minor,
        "hash_total": file.totals.hash_total, "rows_sha256": hex(&file.totals.digest),
        "acknowledge_by": file.ack_due_on.to_string(), "shapes": shapes,
        "acknowledged": file.acknowledged.map(FeedVerdict::as_str),
    })
}
