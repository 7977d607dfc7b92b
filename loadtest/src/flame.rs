//! A flame graph of one round: in which functions of the gateway and of PostgreSQL the processors were.
//!
//! `perf record` samples the stacks of both while a round of its own is driven, whose rate nobody is told, because sampling costs;
//! `perf script` writes them down, [`stacks`] counts them, [`picture`] draws. `perf` is Linux's own and must be there. The
//! drawing is ours because the well-kept one (`inferno`) is under a licence that this project does not take.
//!
//! Bounds: [`SAMPLES_A_SECOND`], [`STACK_BYTES`] of each stack, and what [`picture`] draws.

mod picture;
mod stacks;

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use self::stacks::Stacks;
use crate::cpu::{Parties, children_of};

/// No divisor of what a clock ticks, so that nothing that runs by the clock is always or never seen.
const SAMPLES_A_SECOND: &str = "197";
/// Of each stack so much is kept; frames further out are lost, and the stack stands by itself.
const STACK_BYTES: &str = "dwarf,16384";

/// `perf`, while it samples.
#[derive(Debug)]
pub(crate) struct Sampling {
    perf: Child,
    data: PathBuf,
    gateways: Vec<u32>,
}

impl Sampling {
    /// Begins to sample the gateways, and the server's processes that there are now.
    pub(crate) fn begin(parties: &Parties, folder: &Path) -> Result<Self> {
        let data = folder.join("perf.data");
        let mut pids = parties.gateways.clone();
        pids.extend(children_of(parties.postmaster)?);
        let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
        let perf = Command::new("perf")
            .args(["record", "--quiet", "--event", "cpu-clock"])
            .args(["--freq", SAMPLES_A_SECOND, "--call-graph", STACK_BYTES])
            .arg("--output")
            .arg(&data)
            .args(["--pid", &pids.join(",")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("perf is not there: it is Linux's own profiler, package linux-perf or perf")?;
        Ok(Self {
            perf,
            data,
            gateways: parties.gateways.clone(),
        })
    }

    /// Stops and draws.
    pub(crate) fn end(mut self, picture: &Path) -> Result<()> {
        let pid = i32::try_from(self.perf.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("no process id")?, Signal::INT)?;
        self.perf.wait()?;
        ensure!(self.data.is_file(), "perf wrote nothing: may it sample?");
        let mut script = Command::new("perf")
            .args(["script", "--no-inline", "--fields", "comm,pid,ip,sym"])
            .arg("--input")
            .arg(&self.data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let text = script.stdout.take().context("perf has no output")?;
        let stacks = Stacks::read(BufReader::new(text), &self.gateways)?;
        script.wait()?;
        ensure!(stacks.samples() > 0, "perf saw nothing");
        std::fs::write(picture, picture::svg(&stacks))
            .with_context(|| picture.display().to_string())?;
        for (party, thousandths) in stacks.shares() {
            println!(
                "{party}: {}.{} % of the samples",
                thousandths.div_euclid(10),
                thousandths.rem_euclid(10)
            );
        }
        println!("The flame graph is {}", picture.display());
        Ok(())
    }
}
