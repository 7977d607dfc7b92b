//! `epay ledger verify`: the books against themselves, and against what an auditor brings.

use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use epay_ledger::log::SignedHead;
use epay_ledger_pg::{Evidence, Step, VerifyReport, log_head, verify_against};
use epay_proto::v1;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_postgres::Client;

use super::proto;
use crate::log::read_public_keys;

/// Most heads that a file may hold: a year of one a minute, twice.
const HEADS_MAX: usize = 1_000_000;
/// Between two drawings of the bar.
const DRAW_EVERY: Duration = Duration::from_millis(200);

/// What is verified, and by what.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A JWKS with every key that ever signed a head: heads of other keys are findings.
    #[arg(long)]
    public_key: Option<PathBuf>,
    /// Heads that were kept from before, one JSON object a line, as `epay ledger heads --json` prints them.
    #[arg(long)]
    heads: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Whether the books are sound.
pub(super) async fn run(arguments: &VerifyArgs, client: &mut Client) -> anyhow::Result<bool> {
    let keys = arguments.public_key.as_deref().map(read_public_keys);
    let evidence = Evidence {
        keys: keys.transpose()?,
        heads: match &arguments.heads {
            Some(path) => read_heads(path)?,
            None => Vec::new(),
        },
    };
    let leaves = log_head(&*client, None).await?;
    let mut bar = Bar::new(leaves.map_or(0, |signed| signed.head.size()));
    let report = verify_against(client, &evidence, |step| bar.step(step)).await?;
    bar.finish();
    print(&report, &evidence, arguments.json)?;
    Ok(report.is_sound())
}

fn print(report: &VerifyReport, evidence: &Evidence, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
        return Ok(());
    }
    println!("{report}");
    match (&evidence.keys, evidence.heads.len()) {
        (None, 0) => println!(
            "Without --public-key and --heads the log was only compared with itself; a tail that was cut off \
             everywhere would not be seen."
        ),
        (Some(_), 0) => println!(
            "Without --heads a tail that was cut off everywhere would not be seen: keep `epay ledger heads --json`."
        ),
        (keys, count) => println!(
            "{count} heads that were kept from before were compared{}.",
            match keys {
                Some(_) => ", with their signatures",
                None => "",
            }
        ),
    }
    Ok(())
}

/// Heads as they were printed: objects one after the other, empty lines between them allowed.
fn read_heads(path: &Path) -> anyhow::Result<Vec<SignedHead>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let mut heads = Vec::new();
    for (line, number) in BufReader::new(file).lines().zip(1_u64..) {
        let line = line.with_context(|| format!("{shown} cannot be read"))?;
        if line.trim().is_empty() {
            continue;
        }
        ensure!(
            heads.len() < HEADS_MAX,
            "{shown} has more than {HEADS_MAX} heads"
        );
        let head: v1::LogHead = serde_json::from_str(&line)
            .with_context(|| format!("{shown}, line {number}: no head of the log"))?;
        let head = proto::signed_head(&head);
        heads.push(head.with_context(|| format!("{shown}, line {number}"))?);
    }
    Ok(heads)
}

/// A bar, where somebody watches.
struct Bar {
    bar: ProgressBar,
    leaves: u64,
}

impl Bar {
    fn new(leaves: u64) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(style("{spinner} {human_pos} entries read, {elapsed}"));
        bar.enable_steady_tick(DRAW_EVERY);
        Self { bar, leaves }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Entries(entries) => self.bar.set_position(entries),
            Step::Leaves(leaves) => {
                if self.bar.length().is_none() {
                    self.bar.set_length(self.leaves);
                    let bar = "{bar:30} {human_pos} of {human_len} journals of the log, {eta} left";
                    self.bar.set_style(style(bar));
                }
                self.bar.set_position(leaves);
            }
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The templates are ours; one that were wrong would show the usual bar.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_wrong| ProgressStyle::default_bar())
}
