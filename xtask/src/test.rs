//! `cargo xtask test`: everything that can fail, from unit tests to a browser.
//!
//! One build makes every test and every binary, so that nothing is compiled twice with other features. While it runs,
//! Python and Node packages are fetched. Then, on one private PostgreSQL: Rust tests, doc tests, and, on a running
//! `epay dev`, the independent peers and the browser.

use std::thread::JoinHandle;

use anyhow::Result;

use crate::canary;
use crate::cluster::Server;
use crate::setup::{self, Browser, Python};
use crate::shell::{self, cargo, check};
use crate::stage;
use crate::steps::{Outcome, Steps};

pub(crate) fn run(nextest: &[String]) -> Result<bool> {
    let mut steps = Steps::new();
    if nextest.is_empty() {
        everything(&mut steps);
    } else {
        println!("with a filter only the Rust tests run");
        rust_tests(&mut steps, nextest, false);
    }
    Ok(steps.finish())
}

/// All of it, for `test` and for `ci`.
pub(crate) fn everything(steps: &mut Steps) {
    let preparing = Preparing::start();
    if rust_tests(steps, &[], true) {
        // Also after a test has failed: what strangers say may explain it.
        strangers(steps, preparing);
    } else {
        steps.skip("peers and browser", "there are no binaries to try");
    }
}

/// `cargo xtask peers`: only what comes from outside, on fresh binaries.
pub(crate) fn peers() -> Result<bool> {
    let mut steps = Steps::new();
    let preparing = Preparing::start();
    // The same build as for the tests, so that going back and forth compiles nothing.
    let built = steps.run("build: tests and binaries", || {
        setup::postgres()?;
        build()
    });
    if built {
        strangers(&mut steps, preparing);
    }
    Ok(steps.finish())
}

fn build() -> Result<Outcome> {
    check(&mut cargo(["build", "--workspace", "--bins", "--tests"]))
}

fn strangers(steps: &mut Steps, preparing: Preparing) {
    let (python, browser) = preparing.finish();
    stage::run(steps, python, browser);
}

/// Packages for peers and browser, fetched beside the build.
struct Preparing {
    python: JoinHandle<Result<Python>>,
    browser: Option<JoinHandle<Result<Browser>>>,
}

impl Preparing {
    fn start() -> Self {
        let has_browser_tests = shell::root().join("tests/browser/package.json").is_file();
        Self {
            python: std::thread::spawn(setup::python),
            browser: has_browser_tests.then(|| std::thread::spawn(setup::browser)),
        }
    }

    fn finish(self) -> (Result<Python>, Option<Result<Browser>>) {
        (shell::joined(self.python), self.browser.map(shell::joined))
    }
}

/// True when the binaries were built, whatever the tests say.
fn rust_tests(steps: &mut Steps, filter: &[String], doc_tests: bool) -> bool {
    let ready = steps.run("setup: PostgreSQL, OpenSSH, NATS, nextest", || {
        setup::postgres()?;
        setup::sshd()?;
        setup::nats_server()?;
        setup::fonts()?;
        setup::nextest()?;
        Ok(Outcome::Passed)
    });
    let built = ready && steps.run("build: tests and binaries", build);
    if !built {
        return false;
    }
    let mut server = None;
    steps.run("start: private PostgreSQL", || {
        server = Some(Server::for_tests()?);
        Ok(Outcome::Passed)
    });
    let Some(server) = server else { return true };
    let profile = match std::env::var_os("CI") {
        Some(_) => "ci",
        None => "default",
    };
    let passed = steps.run("test: Rust", || {
        let mut command = cargo(["nextest", "run", "--workspace", "--profile", profile]);
        check(server.equip(command.args(filter)))
    });
    let searched = "test: no address of a person in any log";
    if passed {
        steps.run(searched, || canary::check_output(profile));
    } else {
        // What a test that failed prints of its own may quote what it was about.
        steps.skip(searched, "a test failed");
    }
    if doc_tests {
        steps.run("test: examples in the docs", || {
            check(server.equip(&mut cargo(["test", "--doc", "--workspace", "--quiet"])))
        });
    }
    steps.run("stop: private PostgreSQL", || {
        server.remove()?;
        Ok(Outcome::Passed)
    });
    true
}
