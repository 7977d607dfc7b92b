//! `epay ledger heads`: what an auditor keeps.

use clap::Args;
use epay_ledger::log::SignedHead;
use epay_ledger_pg::{HEADS_PAGE_MAX, log_heads};
use tokio_postgres::Client;

use super::proto;

/// Which heads.
#[derive(Debug, Args)]
pub(crate) struct HeadsArgs {
    /// Only the latest ones, so many.
    #[arg(long)]
    last: Option<usize>,
    /// Print JSON, one object a line: what `epay ledger verify --heads` reads.
    #[arg(long)]
    json: bool,
}

/// Prints heads, the latest first.
pub(super) async fn run(arguments: &HeadsArgs, client: &Client) -> anyhow::Result<()> {
    let mut wanted = arguments.last.unwrap_or(usize::MAX);
    let mut below = None;
    while wanted > 0 {
        let heads = log_heads(client, below, wanted.min(HEADS_PAGE_MAX)).await?;
        let Some(last) = heads.last() else { break };
        below = Some(last.head.size());
        wanted = wanted.saturating_sub(heads.len());
        for signed in &heads {
            print(signed, arguments.json)?;
        }
    }
    Ok(())
}

fn print(signed: &SignedHead, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(&proto::log_head(signed))?);
    } else {
        let head = &signed.head;
        println!(
            "{:>12} {} {} {}",
            head.size(),
            head.sealed_at(),
            head.root(),
            signed.key_id
        );
    }
    Ok(())
}
