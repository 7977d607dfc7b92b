//! A real NATS server on this machine, with a folder of its own for its streams.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStderr, Command, Stdio};

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use tempfile::TempDir;

const PROGRAM: &str = "nats-server";

pub(super) struct Broker {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Broker {
    pub(super) fn open() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut broker = Self {
            folder: tempfile::tempdir().unwrap(),
            port,
            child: None,
        };
        broker.start();
        broker
    }

    /// Starts it on its folder, and comes back when it listens.
    pub(super) fn start(&mut self) {
        let mut child = Command::new(PROGRAM)
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string()])
            .arg("-sd")
            .arg(self.folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{PROGRAM} is missing ({error}): apt-get install nats-server")
            });
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut heard = String::new();
        while !heard.contains("Server is ready") {
            let read = log.read_line(&mut heard).unwrap();
            assert!(read > 0, "{PROGRAM} did not start: {heard}");
        }
        std::thread::spawn(move || show(log));
        self.child = Some(child);
    }

    /// Kills it and waits for its end.
    pub(super) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(super) async fn stream(&self, name: &str) -> Stream {
        let client = async_nats::connect(self.url()).await.unwrap();
        let context = async_nats::jetstream::new(client);
        context.get_stream(name).await.unwrap()
    }

    /// Everything that a stream holds, in its order.
    pub(super) async fn messages(&self, name: &str) -> Vec<StreamMessage> {
        let mut stream = self.stream(name).await;
        let state = stream.info().await.unwrap().state.clone();
        let mut messages = Vec::new();
        for sequence in 1..=state.last_sequence {
            messages.push(stream.get_raw_message(sequence).await.unwrap());
        }
        messages
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Its log is shown beside a test that fails.
fn show(log: BufReader<ChildStderr>) {
    for line in log.lines().map_while(Result::ok) {
        let _closed = writeln!(std::io::stderr(), "{PROGRAM}: {line}");
    }
}
