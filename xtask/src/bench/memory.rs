//! Memory at rest, as Linux counts it: resident pages of each of our processes under `epay dev`.

use std::fs;

use anyhow::{Context, Result};

use super::figure::Figure;

/// One row a process: `epay dev` itself and the children whose program is ours. PostgreSQL is left
/// out: its processes share one cache, and resident pages would count it many times.
pub(super) fn at_rest(pid: u32) -> Result<Vec<Figure>> {
    let mut figures = vec![figure("epay dev", pid)?];
    for entry in fs::read_dir("/proc").context("no /proc on this system")? {
        let Some(child) = entry?
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        if field(child, "PPid:").is_some_and(|parent| parent == u64::from(pid))
            && let Ok(name) = fs::read_to_string(format!("/proc/{child}/comm"))
            && name.starts_with("epay")
        {
            figures.push(figure(name.trim(), child)?);
        }
    }
    Ok(figures)
}

fn figure(name: &str, pid: u32) -> Result<Figure> {
    let kibibytes = field(pid, "VmRSS:").with_context(|| format!("no memory figure of {name}"))?;
    Ok(Figure::new(
        &format!("{name}: resident memory at rest"),
        kibibytes,
        "KiB",
    ))
}

/// A number from `/proc/PID/status`.
fn field(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_has_a_parent() {
        let own = std::process::id();
        assert!(field(own, "VmRSS:").is_some_and(|kibibytes| kibibytes > 0));
        assert!(field(own, "PPid:").is_some());
        assert_eq!(field(own, "Nothing:"), None);
    }
}
