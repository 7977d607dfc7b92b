//! What is tested from outside: `epay dev` runs on ports of its own choice, and strangers come to it.
//!
//! `epay dev --data-dir DIR --ready-file FILE` writes the file once everything answers: a JSON object whose members
//! are the environment that a peer needs (`EPAY_GATEWAY_ADDR`, `EPAY_TOKEN`, `EPAY_PORTAL_URL`, `EPAY_SANDBOX_URL`,
//! `EPAY_DEMO_BILLS`). Each script of `tests/peers` and the browser run get exactly that, and the paths of the
//! binaries. A script that exits with 77 has skipped itself and says why in its last line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::setup::{Browser, Python};
use crate::shell::{self, built, check};
use crate::steps::{Outcome, Steps};

/// First start: initdb, migrations, demo data, four services, unoptimised, on a busy machine.
const READY_WAIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Exit code of a script that skipped itself, as in automake.
const SKIPPED: i32 = 77;

pub(crate) fn run(steps: &mut Steps, python: Result<Python>, browser: Option<Result<Browser>>) {
    let mut stage = None;
    let stands = steps.run("start: epay dev", || {
        stage = Some(Stage::start("peers-demo")?);
        Ok(Outcome::Passed)
    });
    if !stands {
        return;
    }
    let Some(stage) = stage else { return };
    match python {
        Ok(Python::Ready(programs)) => peers(steps, &stage, &programs),
        Ok(Python::Missing(why)) => steps.skip("peers", &why),
        Err(error) => {
            steps.run("setup: Python packages", || Err(error));
        }
    }
    match browser {
        Some(Ok(Browser::Ready(program))) => {
            steps.run("browser", || browse(&stage, &program));
        }
        Some(Ok(Browser::Missing(why))) => steps.skip("browser", &why),
        Some(Err(error)) => {
            steps.run("setup: browser packages", || Err(error));
        }
        None => {}
    }
    steps.run("stop: epay dev", || stage.stop());
}

fn peers(steps: &mut Steps, stage: &Stage, programs: &Path) {
    let scripts = match scripts() {
        Ok(scripts) => scripts,
        Err(error) => {
            steps.run("peers", || Err(error));
            return;
        }
    };
    for script in scripts {
        let name = script.file_name().unwrap_or_default().to_string_lossy();
        steps.run(&format!("peer: {name}"), || {
            let mut command = Command::new(programs.join("python"));
            command.arg(&script).env("PYTHONDONTWRITEBYTECODE", "1");
            peer(stage.equip(&mut command))
        });
    }
}

/// Every script of the folder, so that none can be forgotten; a leading underscore marks a helper.
fn scripts() -> Result<Vec<PathBuf>> {
    let folder = shell::root().join("tests/peers");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default();
            !name.to_string_lossy().starts_with('_')
        })
        .collect();
    scripts.sort();
    Ok(scripts)
}

fn peer(command: &mut Command) -> Result<Outcome> {
    println!("    {}", shell::shown(command));
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {}", shell::shown(command)))?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    let last = said.lines().next_back().unwrap_or_default().to_owned();
    Ok(match output.status.code() {
        Some(0) => Outcome::Passed,
        Some(SKIPPED) => Outcome::Skipped(last),
        _ => Outcome::Failed(output.status.to_string()),
    })
}

fn browse(stage: &Stage, program: &Path) -> Result<Outcome> {
    let screenshots = shell::target().join("screenshots");
    fs::create_dir_all(&screenshots)?;
    let mut command = Command::new("node");
    command
        .arg("run.mjs")
        .current_dir(shell::root().join("tests/browser"))
        .env("EPAY_CHROMIUM", program)
        .env("EPAY_SCREENSHOTS", screenshots);
    check(stage.equip(&mut command))
}

/// A running `epay dev` with an empty data folder.
#[derive(Debug)]
pub(crate) struct Stage {
    child: Child,
    environment: Vec<(String, String)>,
    log: PathBuf,
}

impl Stage {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(name: &str) -> Result<Self> {
        Self::start_program(&built("epay"), name)
    }

    pub(crate) fn start_program(program: &Path, name: &str) -> Result<Self> {
        let folder = shell::target().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let ready = folder.join("ready.json");
        let log = folder.join("epay.log");
        let file = fs::File::create(&log)?;
        let child = Command::new(program)
            .arg("dev")
            .arg("--data-dir")
            .arg(folder.join("data"))
            .arg("--ready-file")
            .arg(&ready)
            .current_dir(shell::root())
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let mut stage = Self {
            child,
            environment: Vec::new(),
            log,
        };
        match stage.becomes_ready(&ready) {
            Ok(environment) => {
                stage.environment = environment;
                Ok(stage)
            }
            Err(error) => {
                let said = stage.last_words();
                stage.stop()?;
                Err(error.context(said))
            }
        }
    }

    fn becomes_ready(&mut self, ready: &Path) -> Result<Vec<(String, String)>> {
        let started = Instant::now();
        while !ready.exists() {
            if let Some(status) = self.child.try_wait()? {
                bail!("epay dev ended with {status}");
            }
            if started.elapsed() > READY_WAIT {
                bail!("epay dev was not ready within {} s", READY_WAIT.as_secs());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        read_environment(&fs::read_to_string(ready)?)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Gives a command what it needs to find the stage and its binaries.
    pub(crate) fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        shell::with_binaries(command)
            .env("EPAY_ROOT", shell::root())
            .envs(self.environment.iter().cloned())
    }

    fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let from = lines.len().saturating_sub(20);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    /// Ctrl-C, then waits: a clean end is part of the test.
    pub(crate) fn stop(mut self) -> Result<Outcome> {
        if self.child.try_wait()?.is_none() {
            let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
            kill_process(pid.ok_or_else(|| anyhow!("no process id"))?, Signal::INT)?;
        }
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(if status.success() {
                    Outcome::Passed
                } else {
                    Outcome::Failed(format!("{status}\n{}", self.last_words()))
                });
            }
            if started.elapsed() > READY_WAIT {
                self.child.kill()?;
                self.child.wait()?;
                return Ok(Outcome::Failed("it did not end by itself".to_owned()));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// A member that is no string is passed on as JSON text.
fn read_environment(text: &str) -> Result<Vec<(String, String)>> {
    let value: serde_json::Value =
        serde_json::from_str(text).context("the ready file is no JSON")?;
    let members = value
        .as_object()
        .ok_or_else(|| anyhow!("the ready file is no JSON object"))?;
    Ok(members
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_file_becomes_an_environment() {
        let text = r#"{"EPAY_TOKEN":"t","EPAY_DEMO_BILLS":[{"number":"1"}]}"#;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read_environment(text).expect("reads"),
            [
                pair("EPAY_DEMO_BILLS", r#"[{"number":"1"}]"#),
                pair("EPAY_TOKEN", "t"),
            ]
        );
        assert!(read_environment("[]").is_err());
    }
}
