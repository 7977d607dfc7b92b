//! Processor time of the parties, as Linux counts it: which of them a payment costs the most; and the gateways' memory.

use anyhow::{Context, Result, bail};

/// Ticks a second in `/proc/PID/stat`: fixed for programs, whatever the kernel's own clock (proc(5), `USER_HZ`).
const TICKS_A_SECOND: u64 = 100;
/// How often processes are looked at until none of the server's ends in between.
const LOOKS_MAX: usize = 1_000;

/// Processor time used so far, in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) gateway: u64,
    pub(crate) postgres: u64,
    pub(crate) client: u64,
    pub(crate) sandbox: u64,
}

/// Whose time is counted.
#[derive(Debug, Clone)]
pub(crate) struct Parties {
    pub(crate) gateways: Vec<u32>,
    pub(crate) postmaster: u32,
    /// The counterparties, where they are a process of their own.
    pub(crate) sandbox: Option<u32>,
}

impl Used {
    /// What was used between `earlier` and this.
    pub(crate) const fn since(self, earlier: Self) -> Self {
        Self {
            gateway: self.gateway.saturating_sub(earlier.gateway),
            postgres: self.postgres.saturating_sub(earlier.postgres),
            client: self.client.saturating_sub(earlier.client),
            sandbox: self.sandbox.saturating_sub(earlier.sandbox),
        }
    }

    /// Both together.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            gateway: self.gateway.saturating_add(other.gateway),
            postgres: self.postgres.saturating_add(other.postgres),
            client: self.client.saturating_add(other.client),
            sandbox: self.sandbox.saturating_add(other.sandbox),
        }
    }
}

/// Microseconds of a part for each of `count` things.
pub(crate) fn micros_each(ticks: u64, count: u64) -> u64 {
    let micros = ticks.saturating_mul(1_000_000 / TICKS_A_SECOND);
    micros.checked_div(count).unwrap_or(0)
}

impl Parties {
    /// Reads the counters: the gateways, the server with all its processes, this program, the sandbox.
    ///
    /// Whoever ends between the look at the server and the look at itself is counted by nobody, and all of its life would pass
    /// for work of what is measured next: the backends of a `pgbench` end right before a round. So the look is taken again.
    pub(crate) fn used(&self) -> Result<Used> {
        for _look in 0..LOOKS_MAX {
            let ended = self.ended()?;
            let used = self.count(ended)?;
            if self.ended()? == ended {
                return Ok(used);
            }
        }
        bail!("the server's processes end faster than they are counted")
    }

    /// The time of the server's processes that have ended.
    fn ended(&self) -> Result<u64> {
        let server = Stat::of(self.postmaster).context("the server is gone")?;
        Ok(server.ended_children)
    }

    fn count(&self, ended: u64) -> Result<Used> {
        let mut used = Used {
            postgres: ended,
            ..Used::default()
        };
        let own = std::process::id();
        for (pid, stat) in processes()? {
            let add = |to: &mut u64, ticks: u64| *to = to.saturating_add(ticks);
            if pid == own {
                used.client = stat.own;
            } else if self.gateways.contains(&pid) {
                add(&mut used.gateway, stat.own);
            } else if pid == self.postmaster || stat.parent == self.postmaster {
                add(&mut used.postgres, stat.own);
            } else if self.sandbox == Some(pid) {
                used.sandbox = stat.own;
            }
        }
        Ok(used)
    }
}

/// Every process that there is; one that ends meanwhile may be left out.
fn processes() -> Result<Vec<(u32, Stat)>> {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc").context("no /proc on this system")? {
        let name = entry?.file_name();
        let pid = name.to_str().and_then(|name| name.parse::<u32>().ok());
        if let Some((pid, stat)) = pid.and_then(|pid| Some((pid, Stat::of(pid)?))) {
            processes.push((pid, stat));
        }
    }
    Ok(processes)
}

/// The processes that one has started and that are still there.
pub(crate) fn children_of(parent: u32) -> Result<Vec<u32>> {
    let all = processes()?.into_iter();
    let children = all.filter(|(_, stat)| stat.parent == parent);
    Ok(children.map(|(pid, _)| pid).collect())
}

impl Parties {
    /// Bytes that the gateways have in memory, all of them together.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        let mut bytes = 0_u64;
        for pid in &self.gateways {
            let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
            bytes = bytes.saturating_add(resident(&text).context("no VmRSS")?);
        }
        Ok(bytes)
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Fields count from behind the name, which may hold anything (proc(5)).
    fn read(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)?.checked_add(number(12)?)?,
            ended_children: number(13)?.checked_add(number(14)?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_what_linux_says() {
        assert_eq!(
            resident("Name:\tepay\nVmRSS:\t    2048 kB\n"),
            Some(2_097_152)
        );
        assert_eq!(resident("Name:\tepay\n"), None);
    }

    #[test]
    fn a_line_of_proc_is_read_behind_the_name() {
        let line = "42 (a (b) c) S 7 42 42 0 -1 4194304 1 2 3 4 100 20 5 6 20 0 1 0 9 9 9";
        let expected = Stat {
            parent: 7,
            own: 120,
            ended_children: 11,
        };
        assert_eq!(Stat::read(line), Some(expected));
        assert_eq!(Stat::read("nothing"), None);
        assert_eq!(micros_each(3, 10), 3_000);
        assert_eq!(micros_each(3, 0), 0);
    }
}
