//! Debian packages.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::shell;

/// The server programs of PostgreSQL; a system cluster that the package may create is never used.
pub(crate) fn postgres() -> Result<()> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .any(|version| version.path().join("bin/postgres").is_file());
    if debian
        || shell::find("postgres").is_some()
        || std::env::var_os("EPAY_POSTGRES_BIN").is_some()
    {
        return Ok(());
    }
    match install(&["postgresql"])? {
        Installed::Yes => Ok(()),
        Installed::No(hint) => bail!("PostgreSQL is missing; install it with: {hint}"),
    }
}

/// OpenSSH's server, to which the tests bring files of feeds. They run it themselves, for this user, on a port of its own
/// and with its own configuration; a service that the package may start is never used.
pub(crate) fn sshd() -> Result<()> {
    if std::path::Path::new("/usr/sbin/sshd").is_file() {
        return Ok(());
    }
    match install(&["openssh-server"])? {
        Installed::Yes => Ok(()),
        Installed::No(hint) => bail!("OpenSSH's server is missing; install it with: {hint}"),
    }
}

/// The message broker to which the tests relay events. They run it themselves, like OpenSSH's server.
pub(crate) fn nats_server() -> Result<()> {
    if shell::find("nats-server").is_some() {
        return Ok(());
    }
    match install(&["nats-server"])? {
        Installed::Yes => Ok(()),
        Installed::No(hint) => bail!("NATS is missing; install it with: {hint}"),
    }
}

/// Faces with Chinese characters, in which bills are printed.
pub(crate) fn fonts() -> Result<()> {
    let folder = std::path::Path::new("/usr/share/fonts/opentype/noto");
    let names = ["NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"];
    if names.iter().all(|name| folder.join(name).is_file()) {
        return Ok(());
    }
    match install(&["fonts-noto-cjk"])? {
        Installed::Yes => Ok(()),
        Installed::No(hint) => {
            bail!("the font of printed bills is missing; install it with: {hint}")
        }
    }
}

/// Programs that give the peers a second opinion, and the packages that they come in.
const JUDGES: [(&str, &str); 2] = [("xmllint", "libxml2-utils"), ("pdfsig", "poppler-utils")];

/// The judges that are programs of the system. A peer test does without one that is missing, and says so.
pub(crate) fn judges() -> Result<()> {
    let missing: Vec<&str> = JUDGES
        .iter()
        .filter(|(program, _)| shell::find(program).is_none())
        .map(|&(_, package)| package)
        .collect();
    if !missing.is_empty()
        && let Installed::No(hint) = install(&missing)?
    {
        println!("    fewer peers judge; they come with: {hint}");
    }
    Ok(())
}

/// Apt serves one caller at a time, and what is set up side by side may need it at once.
static APT: Mutex<()> = Mutex::new(());

/// Whether packages could be installed.
#[derive(Debug)]
pub(crate) enum Installed {
    Yes,
    /// What a person has to type.
    No(String),
}

pub(crate) fn install(packages: &[&str]) -> Result<Installed> {
    let hint = format!("sudo apt-get install -y {}", packages.join(" "));
    if !shell::is_root() || shell::find("apt-get").is_none() {
        return Ok(Installed::No(hint));
    }
    let _alone = APT.lock().unwrap_or_else(PoisonError::into_inner);
    println!("    installing {} by apt", packages.join(", "));
    let mut update = apt();
    update.arg("update");
    shell::quietly(&mut update)?;
    let mut install = apt();
    install.args(["install", "-y", "--no-install-recommends"]);
    shell::quietly(install.args(packages))?;
    Ok(Installed::Yes)
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
